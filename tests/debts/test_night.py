"""A night over columns says of each account what is said of it alone, whatever happens to it or beside it meanwhile."""

import os
import signal
import subprocess
import sys
import textwrap
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okno.access.actor import process
from okno.access.models import Organisation
from okno.debts import cycle, ladder
from okno.debts.ageing import debt_of
from okno.debts.definition import on_day
from okno.debts.models import Case
from okno.debts.segments import segment
from okno.law.countries import pack
from okno.ledger.allocation import OpenBill as Open
from okno.ledger.models import OpenBill
from okno.ledger.penalties import pauses
from okno.ledger.penalties.accrual import accrued_of
from okno.ledger.penalties.models import PenaltyWaiver, Posting
from tests.ledger.book import Book, bill, pay
from tests.ledger.penalties.penalty_book import post_month, set_terms
from tests.ledger.penalties.test_bulk import KZ, LIVES, RU, UA, begin, live
from tests.ledger.test_at_once import PROJECT, address_of_the_test_database, at_once

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)


def singly(organisation: Organisation, accounts: list[int], day: date) -> dict[int, tuple]:
    """What each account's open case should say, by the rules of one account."""
    by, steps = on_day(organisation, day), ladder.in_force(organisation, day)
    penalties = accrued_of(organisation, accounts, day)
    found = {}
    for account in accounts:
        rows = OpenBill.objects.filter(account=account).values_list(
            "bill_id", "kind", "regime", "month", "due_on", "open_minor"
        )
        debt = debt_of(account, (Open(*row) for row in rows), by)
        if not by.met_by(debt.debt_minor):
            continue
        days = (day - debt.overdue_since).days
        court = pack(organisation.country).first_court_day(debt.overdue_since).value <= day
        place = int(ladder.placed(steps, days, debt.months_owed, debt.debt_minor, court))
        found[account] = (
            debt.debt_minor,
            debt.overdue_since,
            debt.months_owed,
            (debt.age_30_minor, debt.age_60_minor, debt.age_90_minor, debt.age_over_minor),
            day,
            segment(debt.months_owed, days, 0),
            penalties[account].due_minor,
            bool(penalties[account].due_minor) and not penalties[account].verified,
            steps[place].code if place >= 0 else "",
        )
    return found


def kept(organisation: Organisation) -> dict[int, tuple]:
    """What the open cases say."""
    return {
        case.account_id: (
            case.debt_minor,
            case.overdue_since,
            case.months_owed,
            (case.age_30_minor, case.age_60_minor, case.age_90_minor, case.age_over_minor),
            case.aged_on,
            case.segment,
            case.penalty_minor,
            case.penalty_doubted,
            case.step,
        )
        for case in Case.objects.filter(organisation=organisation, state="open")
    }


@pytest.mark.slow
@pytest.mark.parametrize("posting", [Posting.FIGURES, Posting.MONTHLY, Posting.AT_PAYMENT])
@pytest.mark.parametrize("land", [RU, KZ, UA], ids=lambda land: land.country)
def test_the_night_is_the_rule_of_one_account(db, land, posting):
    @settings(max_examples=5, suppress_health_check=list(HealthCheck))
    @given(lives=st.lists(LIVES, min_size=3, max_size=3), posted=st.booleans(), later=st.integers(0, 40))
    def check(lives: list, posted: bool, later: int) -> None:
        book = begin(land)
        set_terms(book, posting, regimes=land.regimes, **dict(land.settings))
        live(book, land, lives)
        if posted:
            post_month(book, "2025-08")
            book.post(pay(book.accounts[0], "2025-09-20", 1_000_00), kind="payments")
        for day in (date(2025, 10, 1), date(2025, 10, 1) + timedelta(days=later)):
            cycle.run(book.organisation, day, NOW)
            assert kept(book.organisation) == singly(book.organisation, book.accounts, day)

    check()


def test_accounts_decided_upon_by_hand_are_counted_singly(book, today, moment, organisation):
    paused, waived, _plain = book.accounts
    set_terms(book, Posting.FIGURES)
    book.post(*(bill(account, "2026-05", 5_000_00) for account in book.accounts))
    rest = pauses.Rest(account_id=paused, since=date(2026, 8, 1), until=date(2026, 8, 31), cause="dispute")
    pauses.begin(process(organisation, "проверка"), rest, reason="спор", today=today)
    PenaltyWaiver.objects.create(
        organisation=organisation,
        account_id=waived,
        regime="housing",
        until=date(2026, 9, 30),
        given_on=date(2026, 10, 1),
        reason="так решили",
        author="проверка",
    )
    cycle.run(organisation, today, moment)
    found = {case.account_id: case.penalty_minor for case in Case.objects.all()}
    told = {pk: one.due_minor for pk, one in accrued_of(organisation, book.accounts, today).items()}
    assert found == told
    assert len(set(found.values())) == 3


def test_a_penalty_whose_value_is_missing_is_left_empty(db, moment):
    organisation = Organisation.objects.create(
        name="УК", country="kz", currency="KZT", time_zone="Asia/Almaty", languages=["ru"], default_language="ru"
    )
    book = Book.begin(organisation, 1)
    book.post(bill(book.accounts[0], "2026-08", 5_000_00))
    cycle.run(organisation, date(2026, 11, 18), moment)
    case = Case.objects.get()
    assert accrued_of(organisation, book.accounts, date(2026, 11, 18))[book.accounts[0]].due_minor is None
    assert (case.penalty_minor, case.penalty_on) == (None, None)


def test_what_forgetfulness_is_known_by(book, today, moment, organisation):
    account = book.accounts[0]
    book.post(bill(account, "2026-07", 300_00))
    cycle.run(organisation, date(2026, 9, 1), moment)
    book.post(pay(account, "2026-09-02", 300_00), kind="payments")
    Case.objects.update(closed_on=date(2026, 9, 2))
    book.post(bill(account, "2026-09", 300_00))
    cycle.run(organisation, today, moment)
    again = Case.objects.get(state="open")
    assert (again.earlier_debts, again.segment) == (1, "forgetful")
    book.post(pay(account, "2026-11-18", 300_00), kind="payments")
    Case.objects.filter(state="closed").update(closed_on=date(2025, 11, 10))
    book.post(bill(account, "2026-10", 300_00, due="2026-11-10"))
    cycle.run(organisation, today, moment)
    assert Case.objects.get(state="open").segment == "new"


# What happens meanwhile


@pytest.fixture
def lasting_book(transactional_db, organisation) -> Book:
    return Book.begin(organisation, accounts=30)


@pytest.fixture
def meanwhile(monkeypatch):
    """Have something happen between the counting of a night and its writing, once."""

    def plan(action) -> None:
        look, left = cycle.look, [action]

        def look_and_let_it_happen(*arguments, **more):
            night = look(*arguments, **more)
            if left:
                at_once(left.pop())
            return night

        monkeypatch.setattr(cycle, "look", look_and_let_it_happen)

    return plan


def test_a_payment_between_counting_and_writing_is_not_overwritten(lasting_book, moment, meanwhile, stopped_clock):
    organisation, accounts = lasting_book.organisation, lasting_book.accounts
    lasting_book.post(*(bill(account, "2026-08", 300_00) for account in accounts))
    lasting_book.post(*(bill(account, "2026-09", 300_00) for account in accounts))
    cycle.run(organisation, moment.date() - timedelta(days=1), moment)
    paid, part, untouched = accounts[:10], accounts[10:20], accounts[20:]

    def pay_some() -> None:
        for account in paid:
            lasting_book.post(pay(account, "2026-11-18", 600_00), kind="payments")
        for account in part:
            lasting_book.post(pay(account, "2026-11-18", 450_00), kind="payments")

    meanwhile(pay_some)
    cycle.run(organisation, moment.date(), moment)
    assert not Case.objects.filter(account__in=paid, state="open").exists()
    assert set(Case.objects.filter(account__in=part).values_list("debt_minor", "aged_on")) == {(150_00, moment.date())}
    assert kept(organisation) == singly(organisation, accounts, moment.date())
    assert set(kept(organisation)) == {*part, *untouched}


def test_a_debt_paid_before_its_case_was_written_opens_none(lasting_book, moment, meanwhile, stopped_clock):
    organisation, accounts = lasting_book.organisation, lasting_book.accounts
    lasting_book.post(*(bill(account, "2026-09", 300_00) for account in accounts))
    meanwhile(lambda: lasting_book.post(*(pay(account, "2026-11-18", 300_00) for account in accounts[:20])))
    assert cycle.run(organisation, moment.date(), moment).opened == 10
    assert set(kept(organisation)) == set(accounts[20:])


def test_a_case_that_ended_and_came_back_meanwhile_stays(lasting_book, moment, meanwhile, stopped_clock):
    organisation, account = lasting_book.organisation, lasting_book.accounts[0]
    lasting_book.post(bill(account, "2023-09", 300_00, due="2023-10-10"))
    cycle.run(organisation, date(2026, 10, 10), moment)
    assert Case.objects.get().state == "open"
    meanwhile(lambda: lasting_book.post(bill(account, "2026-08", 300_00)))
    assert cycle.run(organisation, date(2026, 10, 11), moment).closed == 0
    assert Case.objects.get().debt_minor == 300_00


def test_two_nights_at_once_are_one(lasting_book, moment, stopped_clock, monkeypatch):
    monkeypatch.setattr(cycle, "AT_ONCE", 7)
    monkeypatch.setattr(cycle, "WRITTEN_AT_ONCE", 3)
    organisation, accounts = lasting_book.organisation, lasting_book.accounts
    lasting_book.post(*(bill(account, "2026-09", 300_00) for account in accounts))
    results = at_once(*[lambda: cycle.run(organisation, moment.date(), moment)] * 3)
    assert sorted(result.opened for result in results) == [0, 0, 30]
    assert kept(organisation) == singly(organisation, accounts, moment.date())


KILLED = """
import os, signal
import django
django.setup()
from datetime import UTC, date, datetime
from okno.access.actor import process
from okno.access.models import Organisation
from okno.debts import cycle

cycle.AT_ONCE, cycle.WRITTEN_AT_ONCE = 10, 4
write, left = cycle._write_piece, [{pieces}]

def write_until_killed(*arguments):
    done = write(*arguments)
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    return done

cycle._write_piece = write_until_killed
cycle.run(Organisation.objects.get(pk={organisation}), date(2026, 11, 18), datetime(2026, 11, 18, 9, tzinfo=UTC))
"""


def all_cases() -> list[dict]:
    """Every case whole but for its own number."""
    return [{**row, "id": None} for row in Case.objects.order_by("account_id", "id").values()]


@pytest.mark.parametrize("pieces", [1, 4, 8])
def test_a_night_killed_in_the_middle_and_run_again_is_a_night_undisturbed(lasting_book, pieces, stopped_clock):
    organisation, accounts = lasting_book.organisation, lasting_book.accounts
    lasting_book.post(*(bill(account, "2026-08", 300_00) for account in accounts[5:]))
    cycle.run(organisation, date(2026, 11, 1), NOW)
    lasting_book.post(*(bill(account, "2026-09", 200_00) for account in accounts[:20]))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE evening AS TABLE debts_case")
        cycle.run(organisation, date(2026, 11, 18), NOW)
        undisturbed = all_cases()
        cursor.execute("DELETE FROM debts_case; INSERT INTO debts_case TABLE evening; DROP TABLE evening")
    script = KILLED.format(organisation=organisation.pk, pieces=pieces)
    environment = {**os.environ, "OKNO_DATABASE_URL": address_of_the_test_database(), "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], env=environment, cwd=PROJECT, capture_output=True, timeout=60
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert Case.objects.filter(aged_on=date(2026, 11, 18)).count() < 30
    assert all_cases() != undisturbed
    cycle.run(organisation, date(2026, 11, 18), NOW)
    assert all_cases() == undisturbed
    assert kept(organisation) == singly(organisation, accounts, date(2026, 11, 18))
