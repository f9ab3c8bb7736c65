"""Money that comes late in a file but early in its day: the end is what it would have been had it come on time."""

from collections.abc import Sequence
from datetime import date

import pytest
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from okno.common.days import add_months
from okno.ledger.models import Allocation, Bill, LateShare, Payment
from okno.ledger.rows import NewBill, NewPayment
from okno.ledger.verify import verify
from tests.ledger.book import Book, advance, bill, month, opens, pay, shares, sums_hold


def standing_shares(account: int) -> dict[tuple[str, str], int]:
    """What stands allocated: (source of the payment, month and kind of the bill) → minor units."""
    rows = Allocation.objects.filter(account=account).values_list("payment__source_key", "bill__month", "bill__kind")
    return {
        (key, f"{when:%Y-%m} {kind}"): minor
        for key, when, kind, minor in rows.annotate(minor=Sum("amount_minor"))
        if minor
    }


def late(account: int) -> dict[tuple[str, str], int]:
    """What is noted as paid late, pair by pair."""
    rows = LateShare.objects.filter(account=account).values_list("payment__source_key", "bill__month")
    return {
        (key, f"{when:%Y-%m}"): minor
        for key, when, minor in rows.order_by().annotate(minor=Sum("amount_minor"))
        if minor
    }


def test_a_late_line_takes_its_place_before_later_days(book):
    account = book.accounts[0]
    book.post(bill(account, "2026-01", 100_00), bill(account, "2026-02", 100_00))
    book.post(pay(account, "2026-03-20", 100_00, key="later"))
    book.post(pay(account, "2026-02-05", 60_00, key="earlier"))
    assert standing_shares(account) == {
        ("earlier", "2026-01 month"): 60_00,
        ("later", "2026-01 month"): 40_00,
        ("later", "2026-02 month"): 60_00,
    }
    assert opens(account) == {"2026-01": 0, "2026-02": 40_00}
    assert late(account) == {("later", "2026-01"): 40_00, ("later", "2026-02"): 60_00}
    assert sums_hold(account)
    assert verify(book.organisation).is_true


def test_only_what_moves_is_written(book):
    account = book.accounts[0]
    book.post(*(bill(account, f"2026-0{number}", 100_00) for number in range(1, 5)))
    book.post(pay(account, "2026-03-20", 100_00))
    book.post(pay(account, "2026-05-20", 100_00))
    book.post(pay(account, "2026-04-20", 100_00))
    assert shares(account)[2:] == [("2026-02", -100_00), ("2026-02", 100_00), ("2026-03", 100_00)]


def test_when_nothing_is_later_nothing_is_taken_back(book):
    account = book.accounts[0]
    book.post(*(bill(account, f"2026-0{number}", 100_00) for number in range(1, 5)))
    for day in ("2026-03-20", "2026-04-20", "2026-04-20", "2026-05-01"):
        book.post(pay(account, day, 70_00))
    assert all(minor > 0 for _, minor in shares(account))


def test_a_bill_posted_since_is_not_paid_before_what_stood_when_the_money_should_have_come(book):
    """Principal goes before penalty, but not a principal nobody had asked for yet."""
    account = book.accounts[0]
    book.post(bill(account, "2026-01", 100_00), bill(account, "2026-01", 5_00, kind="penalty", due="2026-03-01"))
    book.post(pay(account, "2026-03-20", 40_00, key="later"))
    book.post(bill(account, "2026-02", 100_00))
    book.post(pay(account, "2026-03-10", 65_00, key="earlier"))
    assert standing_shares(account) == {
        ("earlier", "2026-01 month"): 65_00,
        ("later", "2026-01 month"): 35_00,
        ("later", "2026-01 penalty"): 5_00,
    }
    assert advance(account) == 0


def test_a_charge_taken_off_from_an_earlier_day_lets_later_money_go_on(book):
    account = book.accounts[0]
    book.post(bill(account, "2026-01", 100_00), bill(account, "2026-02", 100_00))
    book.post(pay(account, "2026-03-20", 150_00, key="money"))
    book.post(
        pay(account, "2026-01-31", 30_00, stated="2026-01", regime="housing", kind="recalculation", key="taken off")
    )
    assert standing_shares(account) == {
        ("taken off", "2026-01 month"): 30_00,
        ("money", "2026-01 month"): 70_00,
        ("money", "2026-02 month"): 80_00,
    }
    assert late(account) == {("money", "2026-01"): 70_00, ("money", "2026-02"): 80_00}


def test_what_a_reversed_payment_had_paid_is_taken_by_the_next_day(book):
    account = book.accounts[0]
    book.post(bill(account, "2026-01", 100_00), bill(account, "2026-02", 100_00))
    first = book.post(pay(account, "2026-03-01", 100_00, key="first")).payment_ids["first"]
    book.post(pay(account, "2026-03-02", 100_00, key="second"))
    book.reverse(payments=[first])
    assert standing_shares(account) == {("second", "2026-01 month"): 100_00}
    assert opens(account) == {"2026-01": 0, "2026-02": 100_00}
    assert late(account) == {("second", "2026-01"): 100_00}


def test_without_the_later_day_an_earlier_one_stands_where_it_came(book):
    """The line of the 10th had gone before the bill of February only because a line of the 20th had."""
    account = book.accounts[0]
    book.post(bill(account, "2026-01", 5_00, kind="penalty", due="2026-03-01"))
    later = book.post(pay(account, "2026-03-20", 1_00, key="later")).payment_ids["later"]
    book.post(bill(account, "2026-02", 100_00))
    book.post(pay(account, "2026-03-10", 50_00, key="earlier"))
    assert standing_shares(account) == {
        ("earlier", "2026-01 penalty"): 5_00,
        ("earlier", "2026-02 month"): 45_00,
        ("later", "2026-02 month"): 1_00,
    }
    book.reverse(payments=[later])
    assert standing_shares(account) == {("earlier", "2026-02 month"): 50_00}


def test_a_corrected_bill_stands_where_the_first_one_stood(book):
    """The money that had paid it pays it again, and no younger month instead."""
    account = book.accounts[0]
    book.post(bill(account, "2026-01", 100_00))
    book.post(pay(account, "2026-02-05", 100_00, key="january"))
    book.post(bill(account, "2026-02", 100_00))
    wrong = Bill.objects.get(account=account, month=month("2026-01")).pk
    book.post(bill(account, "2026-01", 90_00), reverse_bills=[wrong], kind="bills")
    assert standing_shares(account) == {("january", "2026-01 month"): 90_00, ("january", "2026-02 month"): 10_00}
    assert opens(account) == {"2026-01": 0, "2026-02": 90_00}


def test_a_bill_taken_back_and_billed_again_later_stands_in_its_place_too(book):
    account = book.accounts[0]
    book.post(bill(account, "2026-01", 100_00))
    book.post(pay(account, "2026-02-05", 100_00, key="january"))
    book.post(bill(account, "2026-02", 100_00))
    book.reverse(bills=[Bill.objects.get(account=account, month=month("2026-01")).pk])
    assert standing_shares(account) == {("january", "2026-02 month"): 100_00}
    book.post(bill(account, "2026-01", 100_00))
    assert standing_shares(account) == {("january", "2026-01 month"): 100_00}
    assert verify(book.organisation).is_true


def test_the_named_month_waits_for_no_bill_that_came_after(book):
    """One who paid in November naming November, when only October was billed, paid October, and still has."""
    account = book.accounts[0]
    book.post(bill(account, "2026-10", 100_00))
    book.post(pay(account, "2026-11-10", 100_00, stated="2026-11", key="november"))
    book.post(bill(account, "2026-11", 100_00))
    book.post(pay(account, "2026-12-10", 100_00, stated="2026-12", key="december"))
    book.post(pay(account, "2026-11-05", 1_00, key="late line"))
    assert standing_shares(account) == {
        ("late line", "2026-10 month"): 1_00,
        ("november", "2026-10 month"): 99_00,
        ("november", "2026-11 month"): 1_00,
        ("december", "2026-11 month"): 99_00,
    }


def test_a_late_penalty_is_paid_by_older_money_that_lay_free(book):
    """August's penalty stands before September's money; what lay free then pays it, not a bill posted since."""
    account = book.accounts[0]
    book.post(pay(account, "2026-01-01", 1_00, key="old"))
    book.post(pay(account, "2026-09-14", 5_00, regime="housing", key="september"))
    book.post(bill(account, "2026-05", 88_00, due="2026-06-10", regime="other"))
    book.post(bill(account, "2026-08", 63_00, kind="penalty", due="2026-09-05", source_key="penalty:2026-08"))
    assert standing_shares(account) == {("old", "2026-08 penalty"): 1_00, ("september", "2026-08 penalty"): 5_00}
    assert verify(book.organisation).is_true


# Any sequence at all, beside the same facts posted in the order of their days.

MONTHS = st.integers(0, 11).map(lambda index: f"2026-{index + 1:02}")
MINOR = st.integers(1, 900)
KINDS = {"month": 10, "opening": 11, "recalculation": 12, "penalty": 5}
"""No two bills of a regime are due on one day, so that none is told from another by its number alone."""


def asked(account: int, when: str, kind: str, regime: str, minor: int) -> NewBill:
    first = month(when)
    due = date(first.year + first.month // 12, first.month % 12 + 1, KINDS[kind])
    key = None if kind == "month" else f"{kind}:{when}:{regime}"
    return bill(account, when, minor, due=due.isoformat(), kind=kind, regime=regime, source_key=key)


class AnyOrder(RuleBasedStateMachine):
    """One account lives any life; after every step another one lives the same life in the order of the days."""

    book: Book

    @initialize()
    def begin(self) -> None:
        (self.account,) = self.book.open(1)
        self.keys = 0

    @rule(when=MONTHS, kind=st.sampled_from(list(KINDS)), regime=st.sampled_from(["housing", "other"]), minor=MINOR)
    def ask(self, when: str, kind: str, regime: str, minor: int) -> None:
        self.book.post(asked(self.account, when, kind, regime, minor))

    @rule(
        rows=st.lists(
            st.tuples(
                st.dates(date(2026, 1, 1), date(2026, 12, 31)),
                MINOR,
                st.none() | MONTHS,
                st.sampled_from(["", "housing"]),
                st.sampled_from(["payment", "recalculation"]),
            ),
            min_size=1,
            max_size=3,
        )
    )
    def give(self, rows: list[tuple[date, int, str | None, str, str]]) -> None:
        payments = []
        for on, minor, stated, regime, kind in rows:
            self.keys += 1
            key = f"{self.account}:{self.keys}"
            payments.append(pay(self.account, on.isoformat(), minor, stated=stated, regime=regime, kind=kind, key=key))
        self.book.post(*payments)

    @rule(index=st.integers(0, 50))
    def take_a_bill_back(self, index: int) -> None:
        if row := self._one(Bill, index):
            self.book.reverse(bills=[row.pk])

    @rule(index=st.integers(0, 50))
    def take_a_payment_back(self, index: int) -> None:
        if row := self._one(Payment, index):
            self.book.reverse(payments=[row.pk])

    @rule(index=st.integers(0, 50), minor=MINOR)
    def correct_a_bill(self, index: int, minor: int) -> None:
        if row := self._one(Bill, index):
            better = asked(self.account, f"{row.month:%Y-%m}", row.kind, row.regime, minor)
            self.book.post(better, reverse_bills=[row.pk])

    def _one(self, model, index: int):
        standing = list(model.objects.filter(account=self.account, reversed_by=None).order_by("id"))
        return standing[index % len(standing)] if standing else None

    @invariant()
    def the_end_is_the_same_as_in_the_order_of_the_days(self) -> None:
        if not hasattr(self, "account"):
            return
        assert sums_hold(self.account)
        (twin,) = self.book.open(1)
        for rows in in_their_order(self.account, twin):
            self.book.post(*rows)
        assert what_stands(self.account) == what_stands(twin)
        assert all(minor > 0 for _, minor in shares(twin)), "the twin never had to take anything back"

    def teardown(self) -> None:
        differences = verify(self.book.organisation).differences
        assert not differences, [difference.sentence for difference in differences]


def in_their_order(account: int, twin: int) -> list[Sequence[NewBill | NewPayment]]:
    """The account's standing rows for its twin, one posting after another: each payment comes before whatever was
    posted of a later day, each bill where the first bill of its month, kind and regime was posted, a penalty also
    before the money of days after its month."""
    bills = list(Bill.objects.filter(account=account))
    payments = list(Payment.objects.filter(account=account, reversed_by=None))
    steps: list[tuple[tuple[int, int, date, int], NewBill | NewPayment]] = []
    for row in bills:
        if row.reversed_by_id is None:
            first = min(same.version for same in bills if name(same) == name(row))
            again = asked(twin, f"{row.month:%Y-%m}", row.kind, row.regime, row.amount_minor)
            if row.kind == "penalty":
                after = add_months(row.month, 1)
                first = min([first, *(other.version for other in payments if other.value_on >= after)])
            steps.append(((first, 0, row.due_on, row.pk), again))
    for row in payments:
        place = min(other.version for other in payments if (other.value_on, other.pk) >= (row.value_on, row.pk))
        again = NewPayment(
            twin, row.kind, row.value_on, row.amount_minor, f"twin:{twin}:{row.source_key}",
            stated_month=row.stated_month, regime=row.regime,
        )  # fmt: skip
        steps.append(((place, 1, row.value_on, row.pk), again))
    found: list[Sequence[NewBill | NewPayment]] = []
    bills_of: dict[int, list[NewBill]] = {}
    for (place, side, _, _), new in sorted(steps, key=lambda step: step[0]):
        if side == 0:
            if place not in bills_of:
                found.append(bills_of.setdefault(place, []))
            bills_of[place].append(new)
        else:
            found.append([new])
    return found


def name(row: Bill) -> tuple[date, str, str]:
    return row.month, row.kind, row.regime


def what_stands(account: int) -> tuple[object, ...]:
    """Allocations by their sums, what is open and free, what was late; payments by the last part of their source."""
    pairs = Allocation.objects.filter(account=account).values_list(
        "payment__source_key", "bill__month", "bill__kind", "bill__regime"
    )
    lates = LateShare.objects.filter(account=account).values_list(
        "payment__source_key", "bill__month", "bill__kind", "bill__regime"
    )
    free = Payment.objects.filter(account=account, free_minor__gt=0).values_list("source_key", "free_minor")
    return (
        {(key.split(":")[-1], *rest): minor for key, *rest, minor in pairs.annotate(Sum("amount_minor")) if minor},
        {(key.split(":")[-1], *rest): minor for key, *rest, minor in lates.annotate(Sum("amount_minor")) if minor},
        sorted(
            Bill.objects.filter(account=account, still_open__isnull=False).values_list(
                "month", "kind", "regime", "still_open__open_minor"
            )
        ),
        sorted((key.split(":")[-1], minor) for key, minor in free),
        advance(account),
    )


@pytest.mark.slow
def test_any_sequence_ends_as_in_the_order_of_its_days(book):
    class OnThisBook(AnyOrder):
        pass

    OnThisBook.book = book
    run_state_machine_as_test(
        OnThisBook,
        settings=settings(
            max_examples=25,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
