"""What was said in a whole talk holds afterwards: whoever is not to be called is not, what was promised comes."""

from datetime import UTC, date, datetime, timedelta

import pytest

from okno.debts.models import CaseHold, Promise
from okno.dialogs import dialler, facts, performing
from okno.dialogs.dialler import promises
from okno.dialogs.models import Call, CallAction, CallBack
from okno.dialogs.scenario import shipped
from okno.dialogs.turn import Said, start, step
from okno.dialogs.values import plain
from okno.outreach.models import Contact
from tests.outreach.town import permit_of

NEXT_WEEK = timedelta(days=8)


def talk(town, call: Call, *answers: str) -> Contact:
    """The scenario spoken with these answers, everything decided in it done, and the call over."""
    scenario, told = shipped(call.scenario), facts.of_call(call, town.now.date())
    turn = start(scenario, "ru", told, mode="text")
    decided = list(turn.actions)
    for answer in answers:
        turn = step(scenario, turn.state, Said(answer.replace("КВАРТИРА", str(told["flat"]))))
        decided += turn.actions
    assert turn.ends, turn.state.node
    slots = {name: plain(value) for name, value in turn.state.slots.items()}
    Call.objects.filter(pk=call.pk).update(slots=slots)
    for number, action in enumerate(decided, start=1):
        data = {name: value for name, value in action.items() if name != "do"}
        CallAction.objects.create(call=call, number=number, kind=action["do"], data=data, created_at=town.now)
    performing.perform(call.pk)
    assert not CallAction.objects.filter(call=call).exclude(failed="").exists()
    return town.end(call, result=turn.state.ended, slots=slots)


@pytest.fixture
def call(town) -> Call:
    town.calling()
    (one, *others) = town.take()
    for other in others:
        town.end(other)
    return one


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (["вы не туда попали"], {"wrong_address", "no_address"}),
        (["не звоните мне больше"], {"do_not_call"}),
        (["я давно продал эту квартиру"], {"do_not_call"}),
        (["теперь другой хозяин"], {"do_not_call"}),
        (["он умер весной"], {"vulnerable"}),
        (["да", "КВАРТИРА", "отстаньте"], {"do_not_call"}),
    ],
)
def test_who_is_not_to_be_called_is_not_called_by_any_later_campaign(town, call, answers, reason):
    """A week later too, when every pause made by the talk itself is over."""
    talk(town, call, *answers)
    later = town.now + NEXT_WEEK
    town.now = later
    town.calling(name="Другая")
    promises.forget()
    town.feed(later)
    made = town.take(now=later)
    assert made
    assert call.account_id not in {one.account_id for one in made}
    newest = Contact.objects.filter(account=call.account_id).order_by("-pk").first()
    if newest is not None and newest.pk != call.contact_id:
        assert reason & set(permit_of(call.account_id).reasons)


def test_a_promise_has_its_second_call_on_its_day(town, call):
    talk(town, call, "да", "КВАРТИРА", "заплачу в пятницу", "да", "нет")
    promise = Promise.objects.get(account=call.account_id)
    assert (promise.on, promise.state, promise.words) == (date(2026, 11, 20), "open", "заплачу в пятницу")
    noon = datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert dialler.plan_reminders(town.organisation, promise.on, noon) == 1
    town.feed(noon)
    assert [(one.account_id, one.contact.cause) for one in town.take(now=noon)] == [(call.account_id, "promise")]


def test_a_promise_that_was_thought_over_in_the_talk_stands_as_it_was_said_last(town, call):
    talk(town, call, "да", "КВАРТИРА", "завтра", "да", "нет, лучше в пятницу", "да", "нет")
    open_ones = Promise.objects.filter(account=call.account_id, state="open")
    assert [one.on for one in open_ones] == [date(2026, 11, 20)]
    noon = datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert dialler.plan_reminders(town.organisation, noon.date(), noon) == 1


def test_the_link_that_was_asked_for_is_written_for_the_gate(town, call):
    talk(town, call, "да", "КВАРТИРА", "заплачу в пятницу", "да", "да")
    link = Contact.objects.get(cause="payment_link")
    assert (link.account_id, link.person_id, link.channel, link.state) == (
        call.account_id, call.person_id, "sms", "waiting",
    )  # fmt: skip


@pytest.mark.parametrize(("answer", "words"), [("да", "Согласен на рассрочку"), ("нет", "потерял работу")])
def test_hardship_pauses_reminders_and_owes_a_specialists_call_with_the_story(town, call, answer, words):
    talk(town, call, "да", "КВАРТИРА", "потерял работу", answer)
    hold = CaseHold.objects.get(account=call.account_id)
    owed = CallBack.objects.get(call=call)
    assert (hold.reason, owed.account_id, owed.done_at) == ("hardship", call.account_id, None)
    assert words in owed.words
    assert "потерял работу" in owed.words


@pytest.mark.parametrize(
    ("words", "when"),
    [
        ("перезвоните через час", datetime(2026, 11, 18, 10, tzinfo=UTC)),
        ("перезвоните вечером", datetime(2026, 11, 18, 15, tzinfo=UTC)),
        ("перезвоните завтра в семь вечера", datetime(2026, 11, 19, 16, tzinfo=UTC)),
    ],
)
def test_whoever_named_an_hour_is_called_at_it(town, call, words, when):
    contact = talk(town, call, words)
    assert (contact.state, contact.state_why, contact.not_before) == ("waiting", "call_later", when)
