"""A month that is killed in the middle, and money that comes while it is posted."""

import os
import signal
import subprocess
import sys
import textwrap
from threading import Event

import pytest

from okno.ledger.models import Bill
from okno.ledger.penalties import piece as pieces
from okno.ledger.penalties.models import MonthState, PenaltyMonth, PenaltyStanding
from okno.ledger.penalties.posting import MonthRefused
from okno.ledger.verify import verify
from tests.ledger.book import bill, pay, sums_hold
from tests.ledger.penalties.penalty_book import housing, post_month, set_terms, three_hundredths
from tests.ledger.test_at_once import PROJECT, address_of_the_test_database, at_once

KILLED = """
import django, os, signal
django.setup()
from datetime import date
from okno.access.actor import process
from okno.access.models import Organisation
from okno.ledger.penalties import piece, posting

posting.AT_ONCE = 1
real, calls = piece.{step}, []

def killed(*args, **kwargs):
    calls.append(None)
    if len(calls) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*args, **kwargs)

piece.{step} = killed
organisation = Organisation.objects.get(pk={organisation})
posting.post_month(process(organisation, "проверка"), date(2026, 3, 1), today=date(2026, 11, 18))
"""

MARCH = three_hundredths(10_000_00, 19)


def everybody_owes(book) -> None:
    set_terms(book)
    book.post(*(bill(account, "2026-01", 10_000_00) for account in book.accounts))
    book.post(pay(book.accounts[0], "2026-03-20", 4_000_00), kind="payments")


@pytest.mark.parametrize("step", ["penalty_bill", "write_standings"])
def test_a_month_killed_in_the_middle_is_finished_and_nothing_is_doubled(lasting_book, step):
    everybody_owes(lasting_book)
    script = KILLED.format(organisation=lasting_book.organisation.pk, step=step)
    environment = {**os.environ, "OKNO_DATABASE_URL": address_of_the_test_database(), "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], env=environment, cwd=PROJECT, capture_output=True, timeout=120
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    run = PenaltyMonth.objects.get()
    assert (run.state, run.progress_done, run.bills) == (MonthState.POSTING, 1, 1)
    finished = post_month(lasting_book, "2026-03")
    assert (finished.state, finished.attempt) == (MonthState.POSTED, 2)
    first, *others = lasting_book.accounts
    assert housing(first) == {"2026-03": three_hundredths(4_000_00 * 8 + 6_000_00 * 19, 1)}
    assert [housing(account) for account in others] == [{"2026-03": MARCH}] * 2
    assert Bill.objects.filter(kind="penalty").count() == 3
    assert verify(lasting_book.organisation).is_true


def test_money_that_comes_while_the_month_is_posted_is_counted_once(lasting_book, monkeypatch):
    """The payment waits for the piece that holds its account, and then finds the month posted."""
    everybody_owes(lasting_book)
    account = lasting_book.accounts[1]
    holding, real = Event(), pieces.write_standings

    def slowly(*arguments) -> None:
        holding.set()
        real(*arguments)

    monkeypatch.setattr(pieces, "write_standings", slowly)

    def come() -> None:
        holding.wait(30)
        lasting_book.post(pay(account, "2026-03-20", 10_000_00), kind="payments")

    results = at_once(lambda: post_month(lasting_book, "2026-03"), come)
    assert not [result for result in results if isinstance(result, Exception)]
    assert housing(account) == {"2026-03": three_hundredths(10_000_00, 8)}
    assert PenaltyStanding.objects.get(account=account).posted_minor == three_hundredths(10_000_00, 8)
    assert verify(lasting_book.organisation).is_true


def test_money_and_months_in_any_order_end_alike(lasting_book):
    everybody_owes(lasting_book)
    _first, early, late = lasting_book.accounts
    results = at_once(
        lambda: post_month(lasting_book, "2026-03"),
        lambda: lasting_book.post(pay(early, "2026-03-15", 5_000_00), kind="payments"),
        lambda: lasting_book.post(pay(late, "2026-03-16", 5_000_00), kind="payments"),
        lambda: lasting_book.post(pay(early, "2026-03-25", 5_000_00), kind="payments"),
    )
    assert not [result for result in results if isinstance(result, Exception)]
    assert housing(early) == {"2026-03": three_hundredths(5_000_00 * 3 + 5_000_00 * 13, 1)}
    assert housing(late) == {"2026-03": three_hundredths(5_000_00 * 4 + 5_000_00 * 19, 1)}
    assert all(sums_hold(account) for account in lasting_book.accounts)


def test_a_reversal_while_the_month_is_begun_misses_no_month(lasting_book):
    """Whoever is second sees the other: the account gets its month from the run or from the reversal."""
    set_terms(lasting_book)
    account = lasting_book.accounts[0]
    lasting_book.post(bill(account, "2026-01", 10_000_00))
    paid = lasting_book.post(pay(account, "2026-02-09", 10_000_00, key="bounced"), kind="payments")
    results = at_once(
        lambda: post_month(lasting_book, "2026-03"),
        lambda: lasting_book.reverse(payments=[paid.payment_ids["bounced"]]),
    )
    assert not [result for result in results if isinstance(result, Exception)]
    assert housing(account) == {"2026-03": MARCH}


def test_two_who_post_the_same_month_post_it_once(lasting_book):
    everybody_owes(lasting_book)
    results = at_once(*[lambda: post_month(lasting_book, "2026-03")] * 3)
    refused = [result for result in results if isinstance(result, Exception)]
    assert all(isinstance(refusal, MonthRefused) and "уже проводятся" in str(refusal) for refusal in refused)
    assert len(refused) < 3
    assert Bill.objects.filter(kind="penalty").count() == 3
