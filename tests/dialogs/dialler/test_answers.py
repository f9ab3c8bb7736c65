"""The hours people answered at, read from their calls, place the first try and the next ones."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from okno.dialogs import dialler
from okno.dialogs.dialler import answers
from okno.dialogs.dialler.hours import Slot, Tally
from okno.dialogs.models import Call, CallState
from okno.outreach.models import Contact


def called(town, account: int, hour: int, outcomes: list[str], *, day: int = 4) -> None:
    """Calls of the owner at this hour by the house's clock, on days in November."""
    at = datetime(2026, 11, day, hour - 3, 30, tzinfo=UTC)
    Call.objects.bulk_create(
        Call(
            organisation=town.organisation,
            uid=uuid4(),
            direction="out",
            house=town.house,
            person=town.owner(account),
            address="+79010000000",
            language="ru",
            scenario="debt_notice",
            state=CallState.ENDED,
            started_at=at,
            ended_at=at,
            outcome="answered" if outcome in ("person", "machine") else outcome,
            picked_up=outcome if outcome in ("person", "machine") else "",
        )
        for outcome in outcomes
    )


def test_habits_are_read_by_the_houses_clock_and_machines_are_no_answers(town):
    account = town.accounts[0]
    called(town, account, 18, ["person", "no_answer", "machine", "busy", "failed"])
    called(town, account, 18, ["person"], day=8)
    person = town.owner(account).pk
    found = answers.of_person(person, town.organisation.pk, town.now)
    assert found.by_slot == {Slot(18): Tally(3, 1), Slot(18, day_off=True): Tally(1, 1)}
    assert answers.of_everybody(town.organisation.pk, town.now).all == Tally(4, 2)


def test_a_person_known_to_answer_in_the_evening_waits_for_it_and_others_do_not(town):
    account = town.accounts[0]
    called(town, account, 12, ["no_answer"] * 5)
    called(town, account, 18, ["person"] * 3)
    called(town, town.accounts[1], 12, ["no_answer"] * 2)
    town.calling()
    assert town.contact(account).not_before == datetime(2026, 11, 18, 15, tzinfo=UTC)
    for other in town.accounts[1:]:
        assert town.contact(other).not_before <= town.now


def test_calls_of_half_a_year_ago_are_forgotten(town):
    account = town.accounts[0]
    called(town, account, 18, ["person"] * 9)
    person = town.owner(account).pk
    assert answers.of_person(person, town.organisation.pk, town.now + timedelta(days=200)).all == Tally()


@pytest.mark.parametrize(("since", "until", "hour"), [(None, None, 18), ("10:00", "17:00", 12)])
def test_a_better_hour_outside_the_campaigns_own_hours_is_none(town, since, until, hour):
    account = town.accounts[0]
    called(town, account, 12, ["no_answer"] * 5)
    called(town, account, 18, ["person"] * 5)
    campaign = town.calling(launched=False)
    campaign.since, campaign.until = since, until
    campaign.save()
    dialler.launch(campaign, town.actor, "проверка", town.now)
    contact = Contact.objects.get(account=account)
    local = contact.not_before + timedelta(hours=3)
    # Where six in the evening is closed, the other hours are all alike but noon, at which nobody answered.
    assert local.hour == hour or (hour == 12 and 10 <= local.hour < 17)
