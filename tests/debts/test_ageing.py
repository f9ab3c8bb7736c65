"""How old a debt is, and whether SQL and Python count it alike."""

from datetime import date, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okno.debts.ageing import debt_of, debts_of, yardstick
from okno.ledger.ages import age, days_past
from okno.ledger.allocation import OpenBill
from okno.ledger.rows import NewBill

DAY = date(2026, 11, 18)


def by(day: date = DAY, *, allowed: int = 0, least: int = 0, regimes=("housing",), country: str = "ru"):
    return yardstick(
        definition_id=1, country=country, day=day, regimes=regimes, days_allowed=allowed, least_minor=least
    )


def owing(days: int, minor: int = 100, *, regime: str = "housing") -> OpenBill:
    due_on = DAY - timedelta(days=days)
    return OpenBill(days, "month", regime, due_on.replace(day=1), due_on, minor)


@pytest.mark.parametrize(
    ("days", "name"),
    [
        (-1, None),
        (0, None),
        (1, "age_30"),
        (30, "age_30"),
        (31, "age_60"),
        (60, "age_60"),
        (61, "age_90"),
        (90, "age_90"),
        (91, "age_over"),
        (1000, "age_over"),
    ],
)
def test_the_bounds_of_the_ages(days, name):
    assert age(days) == name


def test_the_due_day_itself_is_in_time():
    assert days_past(DAY, DAY) == 0
    assert debt_of(1, [owing(0)], by()).debt_minor == 0
    assert debt_of(1, [owing(1)], by()).debt_minor == 100


@pytest.mark.parametrize(("days", "debt"), [(5, 0), (6, 100)])
def test_the_days_allowed_are_still_no_debt(days, debt):
    assert debt_of(1, [owing(days)], by(allowed=5)).debt_minor == debt


def test_a_regime_that_is_not_named_is_no_debt():
    assert debt_of(1, [owing(40, regime="capital_repair")], by()).debt_minor == 0


@pytest.mark.parametrize(("minor", "met"), [(99_99, False), (100_00, True)])
def test_the_least_sum_is_a_debt_itself(minor, met):
    rule = by(least=100_00)
    assert rule.met_by(debt_of(1, [owing(40, minor)], rule).debt_minor) is met


def test_nothing_is_never_a_debt():
    assert not by(least=0).met_by(0)


def test_a_time_barred_bill_is_told_apart():
    last_free, first_barred = DAY - timedelta(days=1), DAY.replace(year=2023) - timedelta(days=1)
    found = debt_of(
        1,
        [
            OpenBill(1, "month", "housing", date(2023, 10, 1), first_barred, 70),
            OpenBill(2, "month", "housing", date(2023, 10, 1), first_barred + timedelta(days=1), 20),
            OpenBill(3, "month", "housing", date(2026, 10, 1), last_free, 5),
        ],
        by(),
    )
    assert (found.debt_minor, found.barred_minor, found.bills) == (25, 70, 2)
    assert found.overdue_since == first_barred + timedelta(days=1)


def test_in_kazakhstan_nothing_is_time_barred():
    old = OpenBill(1, "month", "housing", date(2012, 10, 1), date(2012, 11, 25), 70)
    assert debt_of(1, [old], by(country="kz")).age_over_minor == 70


def test_months_are_counted_once():
    rows = [owing(40), owing(40, regime="capital_repair"), owing(100)]
    found = debt_of(1, rows, by(regimes=("housing", "capital_repair")))
    assert (found.months_owed, found.bills, found.debt_minor) == (2, 3, 300)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(
        st.tuples(st.integers(-40, 1300), st.integers(0, 90_000), st.sampled_from(["housing", "capital_repair"])),
        max_size=12,
    ),
    allowed=st.integers(0, 70),
    regimes=st.sampled_from([("housing",), ("capital_repair",), ("housing", "capital_repair")]),
)
def test_sql_and_python_count_alike(book, rows, allowed, regimes):
    (account,) = book.open(1)
    new = [_recalculation(account, number, *row) for number, row in enumerate(rows)]
    book.post(*new)
    rule = by(allowed=allowed, regimes=regimes)
    with connection.cursor() as cursor:
        found = debts_of(cursor.cursor, [account], rule).get(account)
    bills = [OpenBill(0, row.kind, row.regime, row.month, row.due_on, row.amount_minor) for row in new]
    pure = debt_of(account, bills, rule)
    assert (found or debt_of(account, [], rule)) == pure


def _recalculation(account: int, number: int, days: int, minor: int, regime: str) -> NewBill:
    due_on = DAY - timedelta(days=days)
    month = (due_on.replace(day=1) - timedelta(days=1)).replace(day=1)
    return NewBill(account, "recalculation", regime, month, due_on, minor, {"x": minor}, f"r:{account}:{number}")
