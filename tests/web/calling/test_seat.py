"""The place of whoever talks: free or away, the call that came, the next number, a result kept once, call-backs."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from okno.common import clock
from okno.debts.models import CaseHold, Promise
from okno.dialogs import dialler
from okno.dialogs.live import agents, call_backs, operators
from okno.dialogs.live.operators import Standing
from okno.dialogs.models import Agent, Call, CallAction, CallBack, CallCampaign, CallTurn
from okno.outreach.models import Contact
from okno.web.desk.calling.seat import OFFERED
from tests.conftest import _member
from tests.web.accounts.conftest import enter
from tests.web.calling.test_campaigns import DEBT, form

pytestmark = pytest.mark.django_db

SEAT = "/desk/seat/"


@pytest.fixture
def dispatcher(street, organisation):
    return _member(organisation, "dispatcher", "dispatcher@example.org", "Дина Диспетчерова")


@pytest.fixture
def seat(dispatcher) -> Client:
    client = enter(dispatcher)
    client.post(f"{SEAT}place/", {"address": "sip:dina@127.0.0.1"})
    return client


def incoming(street, number: str = "1", **more) -> Call:
    told = {
        "organisation": street.organisation,
        "uid": uuid.uuid4(),
        "direction": "in",
        "account": street.accounts[number],
        "person": street.people[number],
        "house": street.house,
        "address": "+79123450001",
        "language": "ru",
        "scenario": "debt_notice",
        "state": "with_person",
        "started_at": street.noon,
        "answered_at": street.noon,
    }
    return Call.objects.create(**{**told, **more})


def taken(street, seat, number: str = "1", **more) -> Call:
    """A call that a robot has handed over to the free dispatcher."""
    seat.post(f"{SEAT}place/", {"do": "free"})
    call = incoming(street, number, **more)
    assert agents.take_free(street.organisation.pk, call) is not None
    return call


def over(call: Call) -> None:
    Call.objects.filter(pk=call.pk).update(
        state="ended", outcome="answered", ended_at=call.started_at + timedelta(minutes=2), seconds=120
    )
    agents.release(Agent.objects.get())


def written(street, **more):
    return {"result": "promised", "on": street.day + timedelta(days=3), "minor": "2 000", "words": "С зарплаты", **more}


def test_a_place_without_a_phone_asks_for_one(dispatcher):
    client = enter(dispatcher)
    assert "Куда приходят ваши звонки?" in client.get(SEAT).content.decode()
    page = client.post(f"{SEAT}place/", {"do": "free"}, follow=True).content.decode()
    assert "Укажите телефон" in page
    assert not Agent.objects.exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("не телефон", "Не похоже на телефон"),
        ("sip:дина", "SIP-адрес выглядит так"),
        ("", "Укажите телефон, на который приходят звонки"),
    ],
)
def test_a_wrong_address_is_said_at_its_field_and_what_was_typed_and_kept_stays(seat, typed, said):
    page = seat.post(f"{SEAT}place/", {"address": typed})
    field = page.context["place_form"]["address"]
    assert page.status_code == 422
    assert said in field.errors[0]
    assert field.value() == typed
    assert 'aria-invalid="true"' in page.content.decode()
    assert Agent.objects.get().address == "sip:dina@127.0.0.1"


def test_a_phone_is_kept_as_it_is_dialled_and_the_person_comes_and_goes(seat):
    seat.post(f"{SEAT}place/", {"address": "8 (912) 345-67-89", "do": "free"})
    agent = Agent.objects.get()
    assert (agent.address, agent.state) == ("+79123456789", "free")
    seat.post(f"{SEAT}place/", {"do": "away"})
    agent.refresh_from_db()
    assert agent.state == "away"


def test_a_call_that_comes_makes_the_page_anew_and_shows_the_account(street, seat):
    seat.post(f"{SEAT}place/", {"do": "free"})
    seen = seat.get(SEAT).context["seen"]
    assert "HX-Refresh" not in seat.get(f"{SEAT}live/", {"seen": seen}).headers
    call = taken(street, seat)
    CallTurn.objects.create(call=call, number=1, who="robot", at_ms=0, text="Здравствуйте! Это робот.")
    CallTurn.objects.create(call=call, number=2, who="person", at_ms=10, heard="Дайте человека")
    assert seat.get(f"{SEAT}live/", {"seen": seen}).headers["HX-Refresh"] == "true"
    text = seat.get(SEAT).content.decode()
    for part in (street.people["1"].full_name, "Дайте человека", "Чем кончилось"):
        assert part in text
    beside = seat.get(f"{SEAT}accounts/{call.account_id}/", {"phone": call.address}).content.decode()
    for part in (street.accounts["1"].number, 'data-tone="late"', "на линии"):
        assert part in beside


def test_whoever_did_not_answer_their_own_phone_is_told_why_they_are_away(street, seat, dispatcher):
    assert "Ваш телефон не ответил" not in seat.get(SEAT).content.decode()
    agent = Agent.objects.get()
    call = incoming(street, direction="out", agent=dispatcher.user, result="nobody_free")
    Call.objects.filter(pk=call.pk).update(state="ended", outcome="answered", ended_at=agent.changed_at)
    assert "Ваш телефон не ответил" in seat.get(SEAT).content.decode()
    seat.post(f"{SEAT}place/", {"do": "free"})
    assert "Ваш телефон не ответил" not in seat.get(SEAT).content.decode()


def test_a_page_is_not_made_anew_under_the_hands_of_whoever_fills_in_the_card(street, seat):
    call = taken(street, seat)
    seen = seat.get(SEAT).context["seen"]
    over(call)
    state = seat.get(f"{SEAT}live/", {"seen": seen})
    assert "HX-Refresh" not in state.headers
    assert "заполняет карточку" in state.content.decode()


def test_a_result_is_kept_once_and_what_follows_is_done(street, seat):
    call = taken(street, seat)
    over(call)
    for _twice in range(2):
        seat.post(f"{SEAT}calls/{call.pk}/result/", written(street))
    call.refresh_from_db()
    made = Promise.objects.get()
    assert (call.result, made.minor, made.on) == ("promised", 200_000, street.day + timedelta(days=3))
    assert CallAction.objects.filter(call=call).count() == 2
    agent = Agent.objects.get()
    assert (agent.state, agent.call) == ("free", None)


def test_a_result_may_be_written_while_the_talk_goes_on(street, seat):
    call = taken(street, seat)
    seat.post(f"{SEAT}calls/{call.pk}/result/", {"result": "dispute", "words": "Не согласен с отоплением"})
    assert "Результат записан" in seat.get(SEAT).content.decode()
    assert Agent.objects.get().state == "busy"
    over(call)
    assert "Готов к следующему" in seat.get(SEAT).content.decode()
    seat.post(f"{SEAT}place/", {"do": "free"})
    assert Agent.objects.get().state == "free"
    assert CaseHold.objects.get().reason == "dispute"


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ({"result": ""}, "Выберите, чем кончился разговор"),
        ({"on": ""}, "Назовите день"),
        ({"minor": ""}, "Назовите сумму больше нуля"),
        ({"minor": "много"}, "Это не сумма"),
    ],
)
def test_a_wrong_result_keeps_what_was_typed(street, seat, told, wrong):
    call = taken(street, seat)
    page = seat.post(f"{SEAT}calls/{call.pk}/result/", written(street, **told))
    text = page.content.decode()
    assert page.status_code == 422
    assert wrong in text
    assert "С зарплаты" in text
    assert not CallAction.objects.exists()


def test_nobody_writes_the_result_of_anothers_call(street, seat, desk):
    call = taken(street, seat)
    page = desk.post(f"{SEAT}calls/{call.pk}/result/", written(street), follow=True)
    assert "Этот разговор не ваш" in page.content.decode()
    assert not Promise.objects.exists()


def test_whoever_leaves_in_the_middle_keeps_the_card_to_fill_in(street, seat):
    call = taken(street, seat)
    seat.post(f"{SEAT}place/", {"do": "away"})
    over(call)
    assert "Чем кончилось" in seat.get(SEAT).content.decode()
    seat.post(f"{SEAT}calls/{call.pk}/result/", written(street))
    assert Agent.objects.get().state == "away"


def test_nobody_takes_the_next_call_before_the_card_of_the_last_is_filled_in(street, seat):
    call = taken(street, seat)
    over(call)
    page = seat.post(f"{SEAT}place/", {"do": "free"}, follow=True).content.decode()
    assert "Сначала запишите" in page
    seat.post(f"{SEAT}calls/{call.pk}/result/", {"result": "talked"})
    assert Agent.objects.get().state == "free"


@pytest.fixture
def by_hand(street, desk, manager):
    """A running campaign in which people call themselves."""
    desk.post(DEBT, form(mode="preview"))
    calling = CallCampaign.objects.get()
    desk.post(f"/desk/calling/{calling.pk}/start/")
    Contact.objects.update(not_before=street.noon)
    calling.campaign.start_after = street.noon
    calling.campaign.save()
    return calling


def test_the_next_number_is_looked_at_called_and_answered(street, seat, by_hand):
    seat.post(f"{SEAT}place/", {"do": "free"})
    assert "Следующий номер" in seat.get(SEAT).content.decode()
    seat.post(f"{SEAT}next/", {"campaign": by_hand.pk})
    page = seat.get(SEAT)
    offered = page.context["offered"]
    assert "Посмотрите карточку" in page.content.decode()
    page = seat.post(f"{SEAT}contacts/{offered.pk}/call/", follow=True).content.decode()
    assert "Программа звонков не запущена" in page
    operators.tell(Standing(name="here:1", at=datetime.now(UTC).timestamp(), trunk=True, lines=2))
    seat.post(f"{SEAT}contacts/{offered.pk}/call/")
    call = Call.objects.get()
    assert (call.state, call.agent.email, Agent.objects.get().call) == ("dialling", "dispatcher@example.org", call)


@pytest.fixture
def rung(street, seat, by_hand) -> Call:
    """The dispatcher has looked at the card and pressed the button; their own phone rings."""
    operators.tell(Standing(name="here:1", at=datetime.now(UTC).timestamp(), trunk=True, lines=2))
    seat.post(f"{SEAT}place/", {"do": "free"})
    seat.post(f"{SEAT}next/", {"campaign": by_hand.pk})
    seat.post(f"{SEAT}contacts/{seat.get(SEAT).context['offered'].pk}/call/")
    Call.objects.update(state="to_agent")
    return Call.objects.get()


def not_made(call: Call, outcome: str, words: str = "") -> None:
    Call.objects.filter(pk=call.pk).update(state="ended", outcome=outcome, words=words, ended_at=clock.now())
    dialler.finished(call.pk, clock.now())


def test_whose_phone_rings_is_said_and_there_is_nothing_to_fill_in_before_an_answer(seat, rung):
    page = seat.get(SEAT)
    assert "Звонит ваш телефон" in page.content.decode()
    assert "Чем кончилось" not in page.content.decode()
    seen = page.context["seen"]
    assert "HX-Refresh" not in seat.get(f"{SEAT}call/", {"seen": seen}).headers
    Call.objects.update(state="with_person")
    assert seat.get(f"{SEAT}call/", {"seen": seen}).headers["HX-Refresh"] == "true"
    assert "Чем кончилось" in seat.get(SEAT).content.decode()


@pytest.mark.parametrize(
    ("words", "said", "state"),
    [
        ("no_agent", "Ваш телефон не ответил, жителю не звонили", "away"),
        ("agent_declined", "Ваш телефон занят", "free"),
    ],
)
def test_the_card_stays_with_whoever_did_not_answer_their_own_phone(street, seat, rung, words, said, state):
    not_made(rung, "cancelled", words)
    page = seat.get(SEAT)
    assert said in page.content.decode()
    assert page.context["offered"] == rung.contact
    assert Agent.objects.get().state == state
    seat.post(f"{SEAT}place/", {"do": "free"})
    seat.post(f"{SEAT}contacts/{rung.contact_id}/call/")
    assert Call.objects.filter(contact=rung.contact, state="dialling").exists()


def test_a_person_who_did_not_answer_is_no_longer_on_the_card_and_it_is_said_when_again(seat, rung):
    not_made(rung, "no_answer")
    page = seat.get(SEAT)
    text = page.content.decode()
    assert page.context["offered"] is None
    assert f"{rung.person.full_name}: не берут трубку" in text
    assert "Снова — не раньше" in text


def test_a_number_that_was_put_off_is_not_offered_at_once(street, seat, by_hand):
    seat.post(f"{SEAT}place/", {"do": "free"})
    seat.post(f"{SEAT}next/", {"campaign": by_hand.pk})
    first = seat.get(SEAT).context["offered"]
    seat.post(f"{SEAT}contacts/{first.pk}/later/")
    assert seat.get(SEAT).context["offered"] is None
    seat.post(f"{SEAT}next/", {"campaign": by_hand.pk})
    assert seat.get(SEAT).context["offered"] != first


def test_who_has_paid_meanwhile_is_not_called(street, seat, by_hand):
    seat.post(f"{SEAT}place/", {"do": "free"})
    seat.post(f"{SEAT}next/", {"campaign": by_hand.pk})
    offered = seat.get(SEAT).context["offered"]
    number = next(key for key, account in street.accounts.items() if account.pk == offered.account_id)
    street.pay(number, street.day, 5_000_000)
    page = seat.post(f"{SEAT}contacts/{offered.pk}/call/", follow=True).content.decode()
    assert "возьмите следующего" in page
    assert not Call.objects.exists()


def test_call_backs_stand_by_their_term_and_are_done_once(street, seat):
    now = street.noon
    late = call_backs.owe(incoming(street, "2"), now - timedelta(minutes=30), words="Про отопление")
    fresh = call_backs.owe(incoming(street, "3", address="+79123450003"), now)
    page = seat.get("/desk/call-backs/")
    assert [line.key for line in page.context["page"].lines] == [late.pk, fresh.pk]
    assert [line.tone for line in page.context["page"].lines] == ["late", ""]
    assert "Про отопление" in seat.get(f"/desk/call-backs/{late.pk}/").content.decode()
    for told in ("Договорились", "Ещё раз"):
        seat.post(f"/desk/call-backs/{late.pk}/done/", {"result": told})
    late.refresh_from_db()
    assert (late.result, late.done_by.email) == ("Договорились", "dispatcher@example.org")
    assert [line.key for line in seat.get("/desk/call-backs/", {"pile": "owed"}).context["page"].lines] == [fresh.pk]


def test_another_organisation_has_no_such_call_back(street, outsider):
    owed = call_backs.owe(incoming(street), street.noon)
    client = enter(outsider)
    assert client.get(f"/desk/call-backs/{owed.pk}/").status_code in {403, 404}
    assert client.post(f"/desk/call-backs/{owed.pk}/done/").status_code in {403, 404}
    assert CallBack.objects.get().done_at is None


def test_an_accountant_has_no_place_at_the_phone(organisation, street):
    client = enter(_member(organisation, "accountant", "accountant@example.org", "Борис Бухгалтеров"))
    assert client.get(SEAT).status_code == 403
    assert client.get("/desk/call-backs/").status_code == 403


def test_the_place_asks_the_database_few_times(street, seat):
    taken(street, seat)
    with CaptureQueriesContext(connection) as asked:
        seat.get(SEAT)
    assert len(asked) <= 15, "\n".join(one["sql"][:110] for one in asked)
    with CaptureQueriesContext(connection) as asked:
        seat.get(f"{SEAT}live/", headers={"HX-Request": "true"})
    assert len(asked) <= 6
    with CaptureQueriesContext(connection) as asked:
        seat.get(f"{SEAT}accounts/{street.accounts['1'].pk}/", headers={"HX-Request": "true"})
    assert len(asked) <= 15


def test_every_result_that_may_be_chosen_is_done_without_a_failure(street, seat):
    numbers = [number for number in street.accounts if number not in ("5", "6", "8-1", "8-2")]
    for place, code in enumerate(OFFERED):
        call = taken(street, seat, number=numbers[place % len(numbers)], address=f"+791234599{place:02}")
        over(call)
        seat.post(f"{SEAT}calls/{call.pk}/result/", written(street, result=code))
        call.refresh_from_db()
        undone = CallAction.objects.filter(call=call).exclude(failed="", done_at__isnull=False)
        assert call.result == code
        assert list(undone.values_list("kind", "failed")) == [], code
