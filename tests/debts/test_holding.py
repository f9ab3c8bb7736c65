"""What a person told us makes reminders wait, never for ever; the gate asks at every decision."""

from datetime import date, timedelta

import pytest

from okno.access.actor import process
from okno.access.models import Action
from okno.common import journal
from okno.common.journal import Subject
from okno.debts import cycle, holding, promises
from okno.debts.holding import HoldRefused
from okno.outreach import holds
from okno.outreach.facts import open_cursor
from tests.ledger.book import bill


@pytest.fixture
def account(book) -> int:
    return book.accounts[0]


@pytest.fixture
def held(organisation, account, moment):
    def ask(day: date | None = None, passes: frozenset[str] = frozenset()):
        asked = {"organisation_id": organisation.pk, "account_ids": [account], "day": day or moment.date()}
        return holds.held(open_cursor(), **asked, passes=passes).get(account)

    return ask


@pytest.mark.parametrize("reason", sorted(holding.LASTS))
def test_a_hold_lasts_to_its_last_day_and_no_longer(account, moment, held, reason):
    made = holding.hold(account, reason, "call:1", moment, "слова")
    assert held(made.until) is not None
    assert held(made.until).until == made.until + timedelta(days=1)
    assert held(made.until + timedelta(days=1)) is None


def test_told_twice_by_the_same_call_it_is_one(account, moment):
    first = holding.hold(account, "dispute", "call:1", moment)
    assert holding.hold(account, "dispute", "call:1", moment).pk == first.pk


def test_ended_by_a_person_with_a_reason_reminders_go_on(account, moment, held, organisation):
    made = holding.hold(account, "dispute", "call:1", moment)
    actor = process(organisation, "Анна")
    with pytest.raises(HoldRefused):
        holding.end(actor, made.pk, " ", now=moment)
    holding.end(actor, made.pk, "пересчитали", now=moment)
    assert held() is None
    assert Action.objects.get(verb="debts.hold_ended").reason == "пересчитали"


def test_nobody_ends_a_hold_of_another_organisation(account, moment, other_organisation):
    made = holding.hold(account, "dispute", "call:1", moment)
    with pytest.raises(HoldRefused):
        holding.end(process(other_organisation, "чужой"), made.pk, "так", now=moment)


@pytest.mark.parametrize("days", [-1, 93])
def test_a_hold_neither_begins_in_the_past_nor_lasts_for_ever(account, moment, days):
    with pytest.raises(HoldRefused):
        holding.hold(account, "person", "user:1", moment, until=moment.date() + timedelta(days=days))


def test_an_open_promise_holds_through_its_last_day(account, book, organisation, moment, stopped_clock, held):
    book.post(bill(account, "2026-09", 300_00))
    cycle.run(organisation, moment.date(), moment)
    promises.promise(account, None, date(2026, 11, 20), 300_00, "call:1", moment)
    assert held(date(2026, 11, 20)).until == date(2026, 11, 21)
    assert held(date(2026, 11, 21)) is None
    assert held(date(2026, 11, 20), passes=frozenset({holding.PROMISES})) is None


def test_the_journal_tells_why_reminders_wait(account, moment, organisation):
    holding.hold(account, "paid", "call:1", moment, "оплатил вчера")
    (told,) = journal.read(Subject("account", organisation.pk, account), kinds={"hold.made"})
    assert told.title == "Напоминания ждут до 23.11.2026: говорит, что оплатил"
    assert told.detail == {"words": "оплатил вчера"}
