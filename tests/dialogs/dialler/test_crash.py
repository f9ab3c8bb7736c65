"""An operator that died in the middle: its calls are lost, nobody is called about a debt again that day."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from okno.dialogs import dialler
from okno.dialogs.dialler import CampaignPlan, Recovered
from okno.dialogs.models import Agent, Call, CallBack, CallCampaign, CallState
from okno.outreach import steering
from okno.outreach.models import Contact, ContactPolicy, Message
from tests.outreach.town import permit_of


def died(call: Call, **more) -> None:
    """The operator's last sign of life is half a minute old."""
    Call.objects.filter(pk=call.pk).update(**more)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE dialogs_call SET alive_at = clock_timestamp() - interval '30 s' WHERE id = %s", [call.pk]
        )


def test_a_call_of_a_living_operator_is_left_alone(town):
    town.calling()
    town.take()
    assert dialler.recover(town.now) == Recovered()


@pytest.mark.parametrize("state", ["dialling", "ringing", "talking", "with_person"])
def test_calls_of_a_dead_operator_are_lost_and_their_contacts_unknown(town, state):
    town.calling()
    (call, *others) = town.take()
    died(call, state=state, answered_at=town.now if state in ("talking", "with_person") else None)
    assert dialler.recover(town.now) == Recovered(lost=1, unknown=1)
    kept = Call.objects.get(pk=call.pk)
    assert (kept.state, kept.ended_by) == ("lost", "fault")
    assert kept.outcome == ("answered" if kept.answered_at else "failed")
    contact = Contact.objects.get(pk=call.contact_id)
    assert (contact.state, contact.state_why) == ("unknown", "lost_call")
    assert Message.objects.get(contact=contact).word == "unknown"
    assert {Call.objects.get(pk=one.pk).state for one in others} == {"dialling"}
    assert dialler.recover(town.now) == Recovered()


def test_a_call_that_had_only_rung_the_agents_own_phone_is_made_again_the_same_day(town):
    """The person was not rung, so nothing was lost that they could have heard."""
    campaign = town.calling(mode="preview")
    anna = town.agent("Анна")
    call = dialler.dial(anna, dialler.offer(anna, campaign, town.now).contact.pk, "here:1:1", town.now)
    died(call, state="to_agent")
    assert dialler.recover(town.now) == Recovered(lost=1, again=1)
    call.refresh_from_db()
    anna.refresh_from_db()
    assert (call.state, call.outcome, anna.state) == ("ended", "cancelled", "free")
    contact = Contact.objects.get(pk=call.contact_id)
    assert (contact.state, contact.attempts) == ("waiting", 0)
    assert dialler.dial(anna, contact.pk, "here:2:1", town.now + timedelta(minutes=1)).permit.allowed


def generous(town) -> None:
    """A policy that would allow nine calls a day."""
    ContactPolicy.objects.filter(organisation=town.organisation).delete()
    ContactPolicy.objects.create(
        organisation=town.organisation,
        workday_since="09:00",
        workday_until="20:00",
        messages_a_day=9,
        messages_a_week=9,
        messages_a_month=9,
        calls_a_day=9,
        calls_a_week=9,
        calls_a_month=9,
    )


def test_after_a_lost_call_nobody_is_called_about_a_debt_that_day_though_the_policy_would_allow(town):
    generous(town)
    town.calling(name="Первая")
    (call, *others) = town.take()
    for other in others:
        town.end(other)
    died(call, state="ringing")
    dialler.recover(town.now)
    steering.repeat(call.contact_id, town.actor, "разберёмся")
    town.calling(name="Вторая")
    made = town.take(now=town.now + timedelta(hours=3))
    assert call.account_id not in {one.account_id for one in made}
    assert permit_of(call.account_id).reasons == ["serious_request"]
    assert permit_of(call.account_id).checks[3]["input"]["why"].startswith("Сегодня разговор прервал наш сбой")
    tomorrow = town.now + timedelta(days=1)
    town.feed(tomorrow)
    assert call.account_id in {one.account_id for one in town.take(now=tomorrow)}


def test_the_persons_other_flat_rests_that_day_too(town):
    generous(town)
    first, second = town.accounts[:2]
    owner = town.owner(first)
    town.calling(name="Первая")
    calls = {call.account_id: call for call in town.take()}
    flat = town.contact(second).account.flat
    flat.occupancies.update(person=owner)
    for account in town.accounts[1:]:
        town.end(calls[account], "no_answer", sip_status=480)
    died(calls[first])
    dialler.recover(town.now)
    Contact.objects.filter(account=second).update(person=owner, address=owner.phones.get().number)
    assert second not in {call.account_id for call in town.take(now=town.now + timedelta(hours=3))}
    assert "serious_request" in permit_of(second).reasons


def announced(town) -> Call:
    plan = CampaignPlan(name="Отключение", scenario="announcement", params={"text": {"ru": "Завтра не будет воды."}})
    campaign = dialler.draft(town.actor, plan)
    dialler.launch(campaign, town.actor, "авария", town.now - timedelta(minutes=1))
    (call, *_others) = town.take()
    return call


def came_in(town, **more) -> Call:
    told = {"direction": "in", "address": "+79120000000", "language": "ru", "scenario": "incoming", "state": "ringing"}
    return Call.objects.create(
        organisation=town.organisation, uid=uuid4(), started_at=town.now, operator="gone", **{**told, **more}
    )


def test_a_service_that_nobody_answered_yet_is_tried_again_and_nobody_is_called_back(town):
    call = announced(town)
    died(call, state="ringing")
    assert dialler.recover(town.now) == Recovered(lost=1, again=1)
    assert not CallBack.objects.exists()
    contact = Contact.objects.get(pk=call.contact_id)
    assert (contact.state, contact.not_before) == ("waiting", town.now + timedelta(minutes=10))


@pytest.mark.parametrize("state", ["ringing", "talking", "with_person"])
def test_a_caller_who_was_cut_off_is_called_back_within_ten_minutes_once(town, state):
    call = came_in(town, state=state, answered_at=None if state == "ringing" else town.now)
    died(call)
    dialler.recover(town.now)
    dialler.recover(town.now)
    owed = CallBack.objects.get()
    assert (owed.call, owed.phone, owed.due_at) == (call, "+79120000000", town.now + timedelta(minutes=10))
    assert owed.words == "Программа, которая вела разговор, прервалась"


def test_whoever_was_cut_off_in_an_answered_call_about_a_service_is_called_back_within_the_hours(town):
    call = announced(town)
    died(call, state="talking", answered_at=town.now)
    dialler.recover(town.now)
    owed = CallBack.objects.get()
    assert (owed.call, owed.phone, owed.due_at) == (call, call.address, town.now + timedelta(hours=1))


@pytest.mark.parametrize("answered", [False, True])
def test_nobody_is_called_back_after_a_lost_call_about_a_debt(town, answered):
    town.calling()
    (call, *_others) = town.take()
    died(call, state="talking" if answered else "ringing", answered_at=town.now if answered else None)
    dialler.recover(town.now)
    assert not CallBack.objects.exists()


def test_a_call_nobody_took_up_is_nobodys(town):
    town.calling()
    (call, *_others) = town.take()
    Call.objects.filter(pk=call.pk).update(alive_at=None)
    assert dialler.recover(town.now + timedelta(minutes=1)).lost == 0
    assert dialler.recover(town.now + timedelta(minutes=3)).lost == 1


def test_the_agent_of_a_lost_call_is_free_again(town):
    town.agent("Анна")
    town.calling(mode="progressive")
    (call,) = town.take()
    died(call)
    dialler.recover(town.now)
    assert Agent.objects.get().state == "free"


def test_lines_of_lost_calls_are_free_again(town):
    campaign: CallCampaign = town.calling(lines=1)
    (call,) = town.take()
    died(call)
    later = town.now + timedelta(seconds=30)
    assert town.take(now=later) == []
    dialler.recover(later)
    assert len(town.take(now=later)) == 1
    assert campaign.calls.filter(state=CallState.LOST).count() == 1


def test_a_permitted_contact_whose_operator_died_before_the_claim_is_asked_again(lasting_town):
    from okno.outreach import gate

    town = lasting_town
    campaign = town.calling()
    (decision,) = gate.decide_due(
        town.organisation.pk, campaign.campaign_id, channels=["robot_call"], now=town.now, limit=1
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(2.05)")
    dialler.recover(town.now)
    contact = Contact.objects.get(pk=decision.contact_id)
    assert (contact.state, contact.state_why) == ("waiting", "permit_expired")
    assert len(town.take()) == len(town.accounts)
