"""What a bill says is what the ledger holds."""

from datetime import date

import pytest

from okno.exchange.paper.contents import PrintedBill
from okno.exchange.paper.gathering import Gatherer, Refused
from okno.ledger.models import Balance
from tests.exchange.paper.conftest import ISSUED, OCTOBER
from tests.ledger.book import Book, bill, pay

pytestmark = pytest.mark.django_db


def printed(book: Book, account: int, *, month: date = OCTOBER, day: date = ISSUED) -> PrintedBill:
    (found,) = Gatherer(book.organisation, month, day).bills([account])
    assert isinstance(found, PrintedBill), found
    return found


def refused(book: Book, account: int, *, month: date = OCTOBER) -> str:
    (found,) = Gatherer(book.organisation, month, ISSUED).bills([account])
    assert isinstance(found, Refused)
    return found.why


def saldo(account: int) -> int:
    balance = Balance.objects.get(account=account)
    return balance.open_minor - balance.advance_minor


def test_the_sum_is_the_balance_and_foots_from_the_debt_before_the_month(book, details):
    account = book.accounts[0]
    book.post(bill(account, "2026-09", 300_000), bill(account, "2026-10", 345_678))
    book.post(pay(account, "2026-10-12", 250_000), kind="payments")
    told = printed(book, account)
    assert told.opening_minor == 300_000
    assert told.charged_minor == 345_678
    assert [(row.on, row.minor) for row in told.received] == [(date(2026, 10, 12), 250_000)]
    assert told.closing_minor == saldo(account) == 395_678
    assert [part.minor for part in told.parts] == [395_678]
