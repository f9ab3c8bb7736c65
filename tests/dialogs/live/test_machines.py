"""An answering machine at the end of a real line."""

from dataclasses import replace

import pytest

from okno.dialogs import facts
from okno.dialogs.models import Call
from okno.speech.answering import Verdict
from tests.dialogs.live.conftest import Person, Stage
from tests.dialogs.live.doubles import FirstSound, sound
from tests.dialogs.live.test_conversation import lead, phrases, told

pytestmark = pytest.mark.django_db(transaction=True)


class Tone(FirstSound):
    """The machine's greeting ends with the tone after which it records."""

    def feed(self, frame: bytes) -> Verdict | None:
        verdict = super().feed(frame)
        return replace(verdict, beeped=True) if verdict else None


def test_a_machine_records_the_word_that_was_chosen_after_its_tone(stage: Stage, debt_call: Call, monkeypatch):
    monkeypatch.setattr("tests.dialogs.live.conftest.FirstSound", Tone)
    known = facts.of_call
    monkeypatch.setattr(facts, "of_call", lambda c, day: {**known(c, day), "leave_word": "neutral"})

    async def part(person: Person) -> None:
        await person.picks_up(None)
        person.makes(sound(900, 4.0))
        await person.phone.until("closed")

    call = lead(stage, debt_call, part)
    assert (call.result, phrases(call)) == ("machine", ["neutral"])
    assert "долг" not in told(call)
