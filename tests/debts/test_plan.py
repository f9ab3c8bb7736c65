"""The plan of a day: who is asked for by the step and has not been spoken to since."""

from datetime import datetime, timedelta

import pytest

from okno.debts import cycle, plan
from okno.debts.cause import DebtCause, UnknownFilter
from okno.debts.models import Case
from okno.outreach.models import Contact
from tests.ledger.book import bill


@pytest.fixture
def cases(book, organisation, today, moment, stopped_clock):
    """Three debtors: of yesterday (reminder), of two months (demand), of four months (court)."""
    fresh, older, oldest = book.accounts
    book.post(bill(fresh, "2026-10", 300_00, due="2026-11-17"), bill(older, "2026-09", 300_00, due="2026-10-10"))
    book.post(*(bill(oldest, month, 300_00) for month in ("2026-06", "2026-07", "2026-08")))
    cycle.run(organisation, today, moment)
    return [Case.objects.get(account=account) for account in book.accounts]


def told(case: Case, at: datetime, *, channel: str = "sms", state: str = "waiting") -> Contact:
    return Contact.objects.create(
        organisation=case.organisation,
        key=f"plan:{case.pk}:{at}",
        cause="debt",
        cause_id=case.pk,
        account=case.account,
        channel=channel,
        address="+79990000000",
        language="ru",
        state=state,
        not_before=at,
        created_at=at,
        changed_at=at,
    )


def asked(organisation, day, family: str) -> list[int]:
    return list(plan.asked(organisation, day, family).order_by("id").values_list("pk", flat=True))


def test_each_step_asks_by_its_own_families(cases, organisation, today):
    fresh, older, _court = cases
    assert asked(organisation, today, "message") == [fresh.pk, older.pk]
    assert asked(organisation, today, "call") == [older.pk]
    assert asked(organisation, today, "meeting") == []


def test_a_contact_made_fulfils_the_plan_of_its_family_only(cases, organisation, today, moment):
    fresh, older, _court = cases
    told(older, moment)
    assert asked(organisation, today, "message") == [fresh.pk]
    assert asked(organisation, today, "call") == [older.pk]


@pytest.mark.parametrize("state", ["refused", "withdrawn"])
def test_a_contact_that_never_left_fulfils_nothing(cases, organisation, today, moment, state):
    fresh, older, _court = cases
    told(older, moment, state=state)
    assert asked(organisation, today, "message") == [fresh.pk, older.pk]


def test_a_contact_of_before_the_step_fulfils_nothing(cases, organisation, today, moment):
    fresh, older, _court = cases
    told(older, moment - timedelta(days=1))
    assert asked(organisation, today, "message") == [fresh.pk, older.pk]


def test_a_day_without_a_campaign_loses_nothing_and_the_step_asks_again(cases, organisation, today, moment):
    fresh, _older, _court = cases
    assert fresh.pk in asked(organisation, today + timedelta(days=3), "message")
    told(fresh, moment)
    cycle.run(organisation, today + timedelta(days=6), moment)
    assert fresh.pk not in asked(organisation, today + timedelta(days=6), "message")
    cycle.run(organisation, today + timedelta(days=7), moment)
    assert fresh.pk in asked(organisation, today + timedelta(days=7), "message")


def test_a_campaign_takes_the_plan_for_its_audience(cases, organisation, today):
    def audience(**filters) -> list[int]:
        return [case for case, _ in DebtCause().audience(organisation=organisation, filter=filters, day=today)]

    fresh, older, _court = cases
    assert sorted(audience(plan="message")) == [fresh.pk, older.pk]
    assert audience(plan="call", least_minor=900_00) == []
    with pytest.raises(UnknownFilter):
        audience(plan="fax")
