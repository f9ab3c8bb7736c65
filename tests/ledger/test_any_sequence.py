"""Whatever is posted in whatever order: no kopeck appears or disappears, and batches are the same as single rows."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from okno.ledger.models import Balance, Bill, Payment
from okno.ledger.rows import NewBill, NewPayment
from okno.ledger.verify import verify
from tests.ledger.book import REST, Book, bill, pay, sums_hold

ACCOUNTS = 3
MONTHS = st.integers(0, 71).map(lambda index: f"{2021 + index // 12}-{index % 12 + 1:02}")
MINOR = st.integers(1, 90_000)
REGIMES = st.sampled_from(["housing", "capital_repair"])
PLACES = st.integers(0, ACCOUNTS - 1)
DAYS = st.dates(date(2021, 1, 1), date(2026, 12, 31))


class AnySequence(RuleBasedStateMachine):
    """Two sets of accounts live the same life: `together` in batches, `singly` row by row."""

    book: Book

    @initialize()
    def begin(self) -> None:
        opened = self.book.open(2 * ACCOUNTS)
        self.together, self.singly = opened[:ACCOUNTS], opened[ACCOUNTS:]
        self.paid: list[tuple[int, int]] = []
        self.keys = 0

    def post(self, rows: Sequence[tuple[int, NewBill | NewPayment]]) -> None:
        """`rows` are (place, row for the account 0): once as one posting, once as one each."""
        self.book.post(*(self._moved(row, self.together[place], "a") for place, row in rows))
        for place, row in rows:
            self.book.post(self._moved(row, self.singly[place], "b"))

    @staticmethod
    def _moved(row: NewBill | NewPayment, account: int, world: str) -> NewBill | NewPayment:
        fields = {name: getattr(row, name) for name in row.__slots__}
        if fields["source_key"] is not None:
            fields["source_key"] = f"{world}:{account}:{fields['source_key']}"
        return type(row)(**fields | {"account_id": account})

    @rule(when=MONTHS, regime=REGIMES, sums=st.lists(st.integers(0, 90_000), min_size=ACCOUNTS, max_size=ACCOUNTS))
    def bill_everybody(self, when: str, regime: str, sums: list[int]) -> None:
        self.post([(place, bill(0, when, minor, regime=regime)) for place, minor in enumerate(sums)])

    @rule(place=PLACES, when=MONTHS, minor=MINOR, kind=st.sampled_from(["opening", "recalculation", "penalty"]))
    def bill_more(self, place: int, when: str, minor: int, kind: str) -> None:
        self.post([(place, bill(0, when, minor, kind=kind))])

    @rule(
        since=DAYS,
        rows=st.lists(
            st.tuples(PLACES, st.integers(0, 20), MINOR, st.none() | MONTHS, st.sampled_from(["", "housing"])),
            min_size=1,
            max_size=6,
        ),
    )
    def pay_register(self, since: date, rows: list[tuple[int, int, int, str | None, str]]) -> None:
        register = []
        for place, later, minor, stated, regime in sorted(rows, key=lambda row: row[1]):
            self.keys += 1
            on = (since + timedelta(days=later)).isoformat()
            register.append((place, pay(0, on, minor, stated=stated, regime=regime, key=f"{self.keys}")))
        self.post(register)
        self.register = register

    @rule()
    def deliver_the_last_register_again(self) -> None:
        if hasattr(self, "register"):
            self.post(self.register)

    @rule(place=PLACES, when=MONTHS, minor=MINOR, on=DAYS)
    def take_off(self, place: int, when: str, minor: int, on: date) -> None:
        self.keys += 1
        row = pay(0, on.isoformat(), minor, stated=when, regime="housing", key=f"{self.keys}", kind="recalculation")
        self.post([(place, row)])

    @rule(place=PLACES, index=st.integers(0, 50))
    def reverse_a_bill(self, place: int, index: int) -> None:
        for account in (self.together[place], self.singly[place]):
            standing = list(Bill.objects.filter(account=account, reversed_by=None).order_by("id"))
            if standing:
                self.book.reverse(bills=[standing[index % len(standing)].pk])

    @rule(place=PLACES, index=st.integers(0, 50))
    def reverse_a_payment(self, place: int, index: int) -> None:
        for account in (self.together[place], self.singly[place]):
            standing = list(Payment.objects.filter(account=account, reversed_by=None).order_by("id"))
            if standing:
                self.book.reverse(payments=[standing[index % len(standing)].pk])

    @invariant()
    def no_kopeck_appears_or_disappears(self) -> None:
        for account in [*self.together, *self.singly]:
            assert sums_hold(account)

    @invariant()
    def the_batch_is_the_same_as_the_rows(self) -> None:
        for one, other in zip(self.together, self.singly, strict=True):
            assert picture(one) == picture(other)

    def teardown(self) -> None:
        differences = verify(self.book.organisation).differences
        assert not differences, [difference.sentence for difference in differences]


def picture(account: int) -> tuple[object, ...]:
    bills = Bill.objects.filter(account=account, reversed_by=None).order_by("month", "kind", "regime", "id")
    payments = Payment.objects.filter(account=account, reversed_by=None).order_by("value_on", "id")
    balance = Balance.objects.get(account=account)
    return (
        list(bills.values_list("month", "kind", "regime", "amount_minor", REST)),
        list(payments.values_list("value_on", "amount_minor", "free_minor")),
        balance.open_minor,
        balance.advance_minor,
    )


@pytest.mark.slow
def test_any_sequence_keeps_every_kopeck(book):
    class OnThisBook(AnySequence):
        pass

    OnThisBook.book = book
    run_state_machine_as_test(
        OnThisBook,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
