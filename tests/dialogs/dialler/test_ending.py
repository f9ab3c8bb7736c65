"""How a call ends for its contact: spoken with, tried again by cause, given up; and for its campaign."""

from datetime import UTC, date, datetime, timedelta

import pytest

from okno.access.models import Action
from okno.common import clock
from okno.dialogs import dialler
from okno.dialogs.dialler import answers
from okno.dialogs.models import Agent, Call, CallState
from okno.ledger import feeds
from okno.outreach.models import Contact, Message
from okno.people.models import Phone


def test_a_talk_settles_the_contact(town):
    town.calling()
    (call, *_others) = town.take()
    contact = town.end(call, result="promised")
    assert (contact.state, contact.state_why) == ("delivered", "talked")
    assert Message.objects.get(contact=contact).word == "delivered"


def test_a_call_was_sent_at_the_moment_it_began_by_our_clock_and_not_by_the_databases(town):
    town.calling()
    (call, *_others) = town.take()
    contact = town.end(call, now=town.now + timedelta(minutes=2), result="promised")
    assert Message.objects.get(contact=contact).sent_at == town.now


@pytest.mark.parametrize(
    ("outcome", "minutes", "why"), [("busy", 20, "busy_line"), ("no_answer", 90, "no_answer"), ("failed", 7, "trunk")]
)
def test_a_call_that_found_nobody_is_tried_again_after_the_campaigns_pause(town, outcome, minutes, why):
    town.calling(pauses={"busy": 20, "no_answer": 90, "failed": 7})
    (call, *_others) = town.take()
    contact = town.end(call, outcome, sip_status=None if outcome == "failed" else 486)
    assert (contact.state, contact.state_why) == ("waiting", why)
    assert contact.not_before == town.now + timedelta(minutes=minutes)
    again = [one for one in town.take(now=contact.not_before) if one.contact_id == contact.pk]
    assert len(again) == 1


def test_the_tries_of_the_campaign_are_all(town):
    town.calling(tries=2, pauses={"busy": 1})
    (call, *_others) = town.take()
    contact = town.end(call, "busy", sip_status=486)
    later = contact.not_before
    (second,) = [one for one in town.take(now=later) if one.contact_id == contact.pk]
    contact = town.end(second, "busy", now=later, sip_status=486)
    assert (contact.state, contact.state_why) == ("failed", "tries")


def test_our_own_fault_is_no_try(town):
    town.calling(tries=1, pauses={"failed": 5})
    (call, *_others) = town.take()
    contact = town.end(call, "failed")
    assert (contact.state, contact.attempts) == ("waiting", 0)


def test_a_campaign_stopped_during_the_call_tries_nobody_again(town):
    campaign = town.calling()
    (call, *_others) = town.take()
    dialler.stop(campaign, town.actor, "хватит")
    assert town.end(call, "busy", sip_status=486).state == "withdrawn"


def test_a_call_settled_twice_is_settled_once(town):
    town.calling()
    (call, *_others) = town.take()
    town.end(call, "busy", sip_status=486)
    before = Contact.objects.values().get(pk=call.contact_id)
    dialler.finished(call.pk, town.now + timedelta(hours=1))
    assert Contact.objects.values().get(pk=call.contact_id) == before


def test_a_call_that_goes_on_is_not_settled(town):
    town.calling()
    (call, *_others) = town.take()
    with pytest.raises(ValueError, match="still dialling"):
        dialler.finished(call.pk, town.now)


def test_a_person_who_asked_for_a_day_is_called_on_it(town):
    town.calling()
    (call, *_others) = town.take()
    contact = town.end(call, result="call_later", slots={"later_on": "2026-11-25"})
    assert contact.not_before == datetime(2026, 11, 24, 21, tzinfo=UTC)
    assert contact.state_why == "call_later"


def test_a_number_that_is_not_there_is_marked_and_the_next_one_is_tried(town):
    town.calling()
    calls = {call.account_id: call for call in town.take()}
    call = calls[town.accounts[0]]
    other = Phone.objects.create(organisation=town.organisation, person_id=call.person_id, number="+79019990000")
    contact = town.end(call, "invalid_number", sip_status=404)
    assert Phone.objects.get(number=call.address).is_wrong
    assert Action.objects.filter(verb="person.phone_marked").exists()
    assert (contact.state, contact.address) == ("waiting", other.number)
    assert contact.state_why == "wrong_address"
    alone = town.end(calls[town.accounts[1]], "invalid_number", sip_status=404)
    assert (alone.state, alone.state_why) == ("failed", "invalid_number")


def test_a_strangers_number_gives_way_to_the_persons_next_one_tomorrow(town):
    """The talk with a stranger was a contact of that day: the other number waits for the next."""
    town.calling()
    (call, *_others) = town.take()
    other = Phone.objects.create(organisation=town.organisation, person_id=call.person_id, number="+79019990000")
    contact = town.end(call, result="wrong_number")
    assert (contact.state, contact.address) == ("waiting", other.number)
    assert town.take(now=town.now + timedelta(hours=1)) == []
    tomorrow = town.now + timedelta(days=1)
    town.feed(tomorrow)
    assert [one.address for one in town.take(now=tomorrow) if one.contact_id == contact.pk] == [other.number]


def test_a_strangers_number_without_another_is_the_end(town):
    town.calling()
    (call, *_others) = town.take()
    assert town.end(call, result="wrong_number").state == "delivered"


def test_a_call_taken_back_by_a_payment_while_it_rang_is_withdrawn(town):
    town.calling()
    (call, *_others) = town.take()
    contact = town.end(call, "cancelled", words="paid")
    assert (contact.state, contact.state_why, contact.attempts) == ("withdrawn", "paid", 0)


def test_nobody_at_noon_waits_for_the_hour_at_which_people_answer(town):
    """A hundred neighbours answer at six in the evening and hardly at noon."""
    town.calling(pauses={"no_answer": 60}, name="Сегодня")
    (call, *_others) = town.take()
    history(town, call, hour=12, calls=100, answered=5)
    history(town, call, hour=18, calls=100, answered=70)
    contact = town.end(call, "no_answer", sip_status=480)
    assert contact.not_before == datetime(2026, 11, 18, 15, tzinfo=UTC)


def test_a_busy_line_is_called_again_soon_whatever_the_hour(town):
    town.calling(pauses={"busy": 15})
    (call, *_others) = town.take()
    history(town, call, hour=18, calls=100, answered=70)
    assert town.end(call, "busy", sip_status=486).not_before == town.now + timedelta(minutes=15)


def history(town, like: Call, *, hour: int, calls: int, answered: int) -> None:
    """Calls of the weeks before, to people nobody remembers."""
    begun = datetime(2026, 10, 14, hour - 3, tzinfo=UTC)
    Call.objects.bulk_create(
        Call(
            organisation=town.organisation,
            uid=f"00000000-0000-0000-{hour:04}-{number:012}",
            direction="out",
            house=town.house,
            address=like.address,
            language="ru",
            scenario="debt_notice",
            state=CallState.ENDED,
            started_at=begun,
            ended_at=begun,
            outcome="answered" if number < answered else "no_answer",
            picked_up="person" if number < answered else "",
        )
        for number in range(calls)
    )
    answers.forget()


@pytest.mark.parametrize(
    ("result", "on", "state", "why"),
    [
        ("talked", None, "delivered", "talked"),
        ("promised", None, "delivered", "talked"),
        ("not_home", None, "waiting", "not_now_home"),
        ("call_later", date(2026, 11, 25), "waiting", "call_later"),
    ],
)
def test_what_an_agent_writes_after_the_talk_is_followed(town, result, on, state, why):
    town.agent("Анна")
    campaign = town.calling(mode="progressive")
    Contact.objects.exclude(account=town.accounts[0]).delete()
    (call,) = town.take()
    assert town.end(call).state == "delivered"
    Call.objects.filter(pk=call.pk).update(result=result)
    dialler.written(call.pk, on, town.now)
    contact = Contact.objects.get(pk=call.contact_id)
    assert (contact.state, contact.state_why) == (state, why)
    if on:
        assert contact.not_before == datetime(2026, 11, 24, 21, tzinfo=UTC)
    campaign.campaign.refresh_from_db()
    assert campaign.campaign.state == ("running" if state == "waiting" else "finished")


def test_a_day_written_during_the_talk_is_kept_for_its_end(town):
    town.agent("Анна")
    town.calling(mode="progressive")
    (call,) = town.take()
    dialler.written(call.pk, date(2026, 11, 25), town.now)
    assert town.end(call, result="call_later").not_before == datetime(2026, 11, 24, 21, tzinfo=UTC)


# -- the campaign --


def test_faults_of_our_own_in_a_row_pause_the_campaign_and_say_so(town):
    town.open(5)
    town.settle(town.accounts[3:])
    campaign = town.calling()
    for call in town.take():
        town.end(call, "failed", words="503 Service Unavailable")
    campaign.campaign.refresh_from_db()
    assert campaign.campaign.state == "paused"
    assert "503 Service Unavailable" in campaign.campaign.state_why
    assert Action.objects.filter(verb="campaign.paused", subject_id=campaign.campaign_id).count() == 1
    assert town.take(now=town.now + timedelta(hours=1)) == []


def test_after_a_person_has_resumed_it_the_old_faults_are_forgotten(town, monkeypatch):
    town.open(5)
    town.settle(town.accounts[3:])
    campaign = town.calling(pauses={"failed": 1})
    for call in town.take():
        town.end(call, "failed")
    campaign.campaign.refresh_from_db()
    later = town.now + timedelta(minutes=30)
    monkeypatch.setattr(clock, "now", lambda: later)
    dialler.resume(campaign, town.actor, "линию починили")
    (call, *_others) = town.take(now=later)
    town.end(call, "failed", now=later)
    campaign.campaign.refresh_from_db()
    assert campaign.campaign.state == "running"


def test_many_who_ask_for_silence_pause_the_campaign(town):
    town.open(20)
    town.settle(town.accounts[3:])
    campaign = town.calling(lines=30, calls_a_second=50)
    for number, call in enumerate(town.take(30)):
        town.end(call, result="do_not_call" if number < 3 else "promised")
    campaign.campaign.refresh_from_db()
    assert campaign.campaign.state == "paused"
    assert "просят не звонить" in campaign.campaign.state_why


def test_old_payment_data_pause_a_campaign_of_debts_and_not_one_of_readings(town):
    campaign = town.calling()
    feeds.received(town.organisation, "Банк", town.now - timedelta(days=9), town.now)
    later = town.now + timedelta(days=3)
    assert town.take(now=later) == []
    campaign.campaign.refresh_from_db()
    assert campaign.campaign.state == "paused"
    assert "оплате" in campaign.campaign.state_why


def test_a_campaign_with_nobody_left_is_finished(town):
    campaign = town.calling()
    for call in town.take():
        town.end(call)
    campaign.campaign.refresh_from_db()
    assert campaign.campaign.state == "finished"


@pytest.mark.parametrize(("outcome", "state"), [("no_answer", "free"), ("answered", "after_call")])
def test_the_agent_of_a_call_is_free_again_or_at_its_card(town, outcome, state):
    town.agent("Анна")
    town.calling(mode="progressive")
    (call,) = town.take()
    assert Agent.objects.get().state == "busy"
    assert call.agent_id == Agent.objects.get().user_id
    town.end(call, outcome)
    assert Agent.objects.get().state == state
