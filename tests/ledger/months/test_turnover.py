"""Whatever was posted, the trial balance is what history says, and every way of adding it up gives the same."""

from datetime import date

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okno.common.days import month_range
from okno.ledger.models import Balance, Bill, Payment
from okno.ledger.months import turnover
from okno.ledger.rows import NewBill
from tests.ledger.book import Book, bill, pay
from tests.ledger.months.naive import History

FIRST, LAST = date(2026, 1, 1), date(2026, 6, 1)
MONTHS = st.sampled_from([f"2026-0{number}" for number in range(1, 7)])
DAYS = st.dates(FIRST, date(2026, 6, 30))
LINES = st.dictionaries(
    st.sampled_from(["heating", "waste", "maintenance", "hot_water"]), st.integers(1, 9_999), min_size=1
)
PLACES = st.integers(0, 3)

charges = st.tuples(
    st.just("bill"), PLACES, MONTHS, LINES, st.sampled_from(["month", "month", "opening", "recalculation", "penalty"]),
    st.sampled_from(["housing", "capital_repair"]), st.none() | DAYS,
)  # fmt: skip
money = st.tuples(
    st.just("pay"), PLACES, DAYS, st.integers(1, 30_000),
    st.sampled_from(["payment", "payment", "opening", "recalculation"]), st.none() | MONTHS, st.none() | DAYS,
)  # fmt: skip
reversals = st.tuples(st.sampled_from(["unbill", "unpay"]), st.integers(0, 30), st.none() | DAYS)
histories = st.lists(st.one_of(charges, money, reversals), min_size=1, max_size=14)


def live(book: Book, history) -> None:
    """Post a history row by row."""
    for what, *told in history:
        if what == "bill":
            place, month, lines, kind, regime, on = told
            row = bill(book.accounts[place], month, sum(lines.values()), kind=kind, regime=regime)
            fields = {name: getattr(row, name) for name in row.__slots__} | {"lines": lines}
            book.post(NewBill(**fields), accounted_on=on)
        elif what == "pay":
            place, day, minor, kind, stated, on = told
            book.post(pay(book.accounts[place], day.isoformat(), minor, kind=kind, stated=stated), accounted_on=on)
        else:
            index, on = told
            model = Bill if what == "unbill" else Payment
            rows = list(model.objects.filter(account__in=book.accounts, reversed_by=None).order_by("pk"))
            if rows:
                side = "bills" if what == "unbill" else "payments"
                book.reverse(**{side: [rows[index % len(rows)].pk]}, accounted_on=on)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories)
def test_every_month_is_what_history_says_and_adds_up(organisation, history) -> None:
    with transaction.atomic():
        book, other = Book.begin(organisation, 2), Book.begin(organisation, 2)
        both = Book(organisation, book.house, book.accounts + other.accounts)
        live(both, history)
        told = History(organisation.pk)
        houses = [book.house.pk, other.house.pk]
        before = None
        for month in month_range(date(2025, 12, 1), date(2026, 7, 1)):
            accounts = {row.account_id: row.sums for row in turnover.by_account(organisation.pk, month, houses=houses)}
            assert accounts == {pk: sums for pk, sums in told.by_account(month).items() if pk in both.accounts}
            by_house = turnover.by_house(organisation.pk, month, houses=houses)
            assert turnover.total(by_house.values()) == turnover.total(accounts.values())
            lines = {(row.key, row.line): row.sums for row in turnover.by_line(organisation.pk, month, houses=houses)}
            assert lines == {key: sums for key, sums in told.by_line(month).items() if key[0] in houses}
            for house in houses:
                assert turnover.total(sums for key, sums in lines.items() if key[0] == house) == by_house[house]
            assert all(sums.foots for sums in (*accounts.values(), *by_house.values(), *lines.values()))
            closing = {key: sums.closing_minor for key, sums in lines.items() if sums.closing_minor}
            assert before is None or before == {
                key: sums.opening_minor for key, sums in lines.items() if sums.opening_minor
            }
            before = closing
        owed = {
            row.account_id: row.open_minor - row.advance_minor
            for row in Balance.objects.filter(account__in=both.accounts)
        }
        assert {pk: sums.closing_minor for pk, sums in accounts.items()} == owed
        transaction.set_rollback(True)
