"""A request taken by the robot: the number it says aloud is the one that stands in the register."""

import time

import pytest

from okno.dialogs import performing
from okno.dialogs.models import Call
from okno.requests.models import Request
from okno.speech import spoken
from tests.dialogs.live.conftest import Person, Stage, until
from tests.dialogs.live.test_conversation import asked, lead, phrases, told

pytestmark = pytest.mark.django_db(transaction=True)
really_perform = performing.perform


@pytest.fixture
def request_call(debt_call: Call) -> Call:
    """A call in which a resident tells what has happened."""
    debt_call.scenario = "intake"
    debt_call.save()
    return debt_call


def tells_of_a_tap(call: Call, ends_with: str):
    async def part(person: Person) -> None:
        await person.picks_up()
        for phrase, words in (
            ("hello", "течёт кран"),
            ("place_ask", "на кухне"),
            ("request_read_back", "да"),
            ("more_ask", "нет"),
        ):
            await until(asked(call, phrase))
            person.says(words)
        await until(asked(call, ends_with))

    return part


def test_the_caller_hears_the_number_of_their_request(stage: Stage, request_call: Call, monkeypatch):
    monkeypatch.setattr(performing, "perform", really_perform)
    call = lead(stage, request_call, tells_of_a_tap(request_call, "bye"))
    made = Request.objects.get()
    assert (made.text, made.place) == ("течёт кран", "на кухне")
    assert f"под номером {spoken.cardinal(made.number, 'ru')} и передал" in told(call)
    assert call.actions.get(kind="request").made == f"request:{made.pk}"


def test_a_register_that_keeps_the_caller_waiting_costs_the_number_and_not_the_request(
    stage: Stage, request_call: Call, monkeypatch
):
    def late(call_id: int) -> None:
        time.sleep(2)
        really_perform(call_id)

    monkeypatch.setattr(performing, "perform", late)
    call = lead(stage, request_call, tells_of_a_tap(request_call, "bye"))
    assert "request_saved" in phrases(call)
    assert "request_numbered" not in phrases(call)
    assert Request.objects.get().text == "течёт кран"
