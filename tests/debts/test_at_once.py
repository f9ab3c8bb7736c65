"""The cycle runs while payments come: no case is left open that was paid, none is opened twice."""

import pytest

from okno.debts import cycle
from okno.debts.definition import on_day
from okno.debts.models import Case
from okno.ledger.models import Balance
from okno.ledger.verify import verify
from tests.ledger.book import Book, bill, pay
from tests.ledger.test_at_once import at_once


@pytest.fixture
def lasting_book(transactional_db, organisation) -> Book:
    return Book.begin(organisation, accounts=40)


def test_a_payment_and_the_cycle_at_once_agree(lasting_book, moment, stopped_clock, monkeypatch):
    monkeypatch.setattr(cycle, "AT_ONCE", 7)
    organisation, accounts = lasting_book.organisation, lasting_book.accounts
    on_day(organisation, moment.date())
    lasting_book.post(*(bill(account, "2026-09", 300_00) for account in accounts))

    def pay_all() -> None:
        for account in reversed(accounts):
            lasting_book.post(pay(account, "2026-11-18", 300_00), kind="payments")

    def count() -> None:
        for _ in range(6):
            cycle.run(organisation, moment.date(), moment)

    assert at_once(count, pay_all, count) == [None, None, None]
    assert not Balance.objects.filter(open_minor__gt=0).exists()
    assert not Case.objects.filter(state="open").exists()
    assert verify(organisation).is_true
