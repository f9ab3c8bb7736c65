"""The second call: on the promised day, from noon, only while nothing was paid."""

from datetime import UTC, date, datetime, timedelta

import pytest

from okno.debts.models import Promise
from okno.debts.promises import promise
from okno.dialogs import dialler
from okno.dialogs.dialler import promises
from okno.dialogs.models import Call
from okno.outreach.models import Contact
from tests.outreach.town import permit_of

DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture
def promised(town) -> Call:
    """A call in which the person promised to pay on Friday; the rest of the campaign is over."""
    town.calling()
    (call, *others) = town.take()
    for other in others:
        town.end(other)
    town.end(call, result="promised")
    promise(call.account_id, call.person_id, DAY, 3_000_00, f"call:{call.uid}", town.now)
    return call


def reminders(call: Call):
    return Contact.objects.filter(cause="promise", account=call.account_id)


def test_before_the_day_nobody_is_called_and_on_it_from_noon(town, promised):
    assert dialler.plan_reminders(town.organisation, DAY - timedelta(days=1), NOON - timedelta(days=1)) == 0
    assert dialler.plan_reminders(town.organisation, DAY, NOON - timedelta(hours=4)) == 1
    contact = reminders(promised).get()
    assert contact.not_before == NOON
    town.feed(NOON)
    (call,) = town.take(now=NOON)
    assert (call.account_id, call.scenario, call.contact.cause) == (promised.account_id, "debt_notice", "promise")


def test_planned_twice_it_is_planned_once(town, promised):
    assert [dialler.plan_reminders(town.organisation, DAY, NOON) for _again in range(3)] == [1, 0, 0]
    assert reminders(promised).count() == 1


def test_the_operator_plans_the_reminders_of_the_day_by_itself(town, promised):
    promises.forget()
    town.feed(NOON)
    (call,) = town.take(now=NOON)
    assert call.account_id == promised.account_id


def test_a_promise_that_was_paid_is_not_asked_about(town, promised):
    dialler.plan_reminders(town.organisation, DAY, NOON)
    town.pay_all(promised.account_id)
    town.feed(NOON)
    assert town.take(now=NOON) == []
    assert permit_of(promised.account_id).reasons == ["paid"]


def test_a_finished_campaign_runs_again_for_it_and_a_stopped_one_does_not(town, promised):
    campaign = promised.campaign
    campaign.campaign.refresh_from_db()
    assert campaign.campaign.state == "finished"
    dialler.plan_reminders(town.organisation, DAY, NOON)
    campaign.campaign.refresh_from_db()
    assert campaign.campaign.state == "running"
    Contact.objects.filter(cause="promise").update(state="withdrawn")
    Contact.objects.filter(cause="promise").update(key="other")
    dialler.stop(campaign, town.actor, "хватит")
    assert dialler.plan_reminders(town.organisation, DAY, NOON) == 0


def test_other_reminders_of_the_debt_wait_while_the_promise_holds(town, promised):
    """The promise's own pause binds every campaign but the call of its own day."""
    town.calling(name="Другая")
    promises.forget()
    town.feed(NOON)
    made = town.take(now=NOON)
    about = [call.contact.cause for call in made if call.account_id == promised.account_id]
    assert about == ["promise"]


@pytest.mark.parametrize("made_by", ["user:1:form", "call:00000000-0000-0000-0000-000000000000"])
def test_a_promise_made_elsewhere_has_no_campaign_to_call_from(town, promised, made_by):
    Promise.objects.update(made_by=made_by)
    assert dialler.plan_reminders(town.organisation, DAY, NOON) == 0


def test_whoever_promised_for_today_is_not_called_again_today(town, promised):
    Promise.objects.update(made_at=NOON - timedelta(hours=2))
    assert dialler.plan_reminders(town.organisation, DAY, NOON) == 0


def test_who_sold_the_flat_meanwhile_is_not_told_its_debt(town, promised):
    town.owner(promised.account_id).occupancies.update(until=date(2026, 11, 19))
    assert dialler.plan_reminders(town.organisation, DAY, NOON) == 0
