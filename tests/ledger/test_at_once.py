"""Two who post at the same moment, and one who is killed in the middle."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connection

from okno.ledger.models import Allocation, Balance, Bill, Entry, Payment
from okno.ledger.posting import PostingRefused
from okno.ledger.verify import verify
from tests.ledger.book import bill, pay, sums_hold

PROJECT = Path(__file__).resolve().parents[2]


def at_once(*actions: Callable[[], object]) -> list[object]:
    """Run the actions in threads that start together; an error is returned in place of the result."""
    barrier = Barrier(len(actions))

    def run(action: Callable[[], object]) -> object:
        try:
            barrier.wait()
            return action()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def test_the_same_entry_posted_by_two_at_once_is_posted_once(lasting_book):
    account = lasting_book.accounts[0]
    results = at_once(*[lambda: lasting_book.post(pay(account, "2026-03-01", 5_00), key="register:1")] * 4)
    assert sorted(result.repeated for result in results) == [False, True, True, True]
    assert Payment.objects.count() == 1


def test_the_same_source_line_posted_by_two_at_once_counts_once(lasting_book):
    account = lasting_book.accounts[0]
    results = at_once(*[lambda: lasting_book.post(pay(account, "2026-03-01", 5_00, key="bank:7"))] * 4)
    assert sorted(result.payments for result in results) == [0, 0, 0, 1]
    assert Balance.objects.get(account=account).advance_minor == 5_00
    assert verify(lasting_book.organisation).is_true


def test_the_same_line_for_two_accounts_at_once_counts_once(lasting_book):
    one, other = lasting_book.accounts[:2]
    results = at_once(
        lambda: lasting_book.post(pay(one, "2026-03-01", 5_00, key="bank:7")),
        lambda: lasting_book.post(pay(other, "2026-03-01", 5_00, key="bank:7")),
    )
    assert Payment.objects.count() == 1
    assert not [result for result in results if isinstance(result, Exception)]
    assert verify(lasting_book.organisation).is_true


def test_two_who_reverse_the_same_payment_reverse_it_once(lasting_book):
    account = lasting_book.accounts[0]
    lasting_book.post(bill(account, "2026-01", 3_00))
    payment = lasting_book.post(pay(account, "2026-03-01", 5_00, key="bank:7")).payment_ids["bank:7"]
    results = at_once(*[lambda: lasting_book.reverse(payments=[payment])] * 3)
    assert sorted(type(result) is PostingRefused for result in results) == [False, True, True]
    assert verify(lasting_book.organisation).is_true


def test_postings_over_the_same_accounts_never_deadlock(lasting_book):
    accounts = lasting_book.open(12)

    def post_all(turn: int) -> Callable[[], object]:
        order = accounts[turn:] + accounts[:turn]
        order = order[::-1] if turn % 2 else order

        def act() -> None:
            for number in range(8):
                rows = [pay(account, f"2026-03-{number + 1:02}", 1_00 + turn) for account in order]
                bills = [bill(account, f"2025-{number + 1:02}", 7_00) for account in order]
                lasting_book.post(*rows, *bills)

        return act

    assert at_once(*(post_all(turn) for turn in range(6))) == [None] * 6
    assert all(sums_hold(account) for account in accounts)
    assert Payment.objects.count() == 6 * 8 * 12
    assert Bill.objects.count() == 8 * 12
    assert verify(lasting_book.organisation).is_true


KILLED = """
import django, os, signal
django.setup()
from datetime import date
from okno.access.models import Organisation
from okno.ledger import posting, writing
from okno.ledger.rows import NewPayment

organisation = Organisation.objects.get(pk={organisation})
real = getattr(writing if "{step}" != "follow" else posting.effects, "{step}")

def killed(*args, **kwargs):
    real(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(writing if "{step}" != "follow" else posting.effects, "{step}", killed)
posting.post(
    organisation=organisation, key="killed", kind="payments", reason="проверка",
    payments=[NewPayment(pk, "payment", date(2026, 3, 1), 4_00, f"bank:{{pk}}") for pk in {accounts}],
)
"""


@pytest.mark.parametrize("step", ["_write_payments", "write_allocations", "_write_open", "_write_balances", "follow"])
def test_a_posting_killed_in_the_middle_leaves_nothing(lasting_book, step):
    lasting_book.post(*(bill(account, "2026-01", 10_00) for account in lasting_book.accounts))
    before = rows_of_the_ledger()
    script = KILLED.format(organisation=lasting_book.organisation.pk, step=step, accounts=lasting_book.accounts)
    environment = {**os.environ, "OKNO_DATABASE_URL": address_of_the_test_database(), "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], env=environment, cwd=PROJECT, capture_output=True, timeout=60
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert rows_of_the_ledger() == before
    posted = lasting_book.post(*(pay(account, "2026-03-01", 4_00) for account in lasting_book.accounts), key="killed")
    assert posted.payments == 3
    assert verify(lasting_book.organisation).is_true


def rows_of_the_ledger() -> tuple[object, ...]:
    tables = (Entry, Bill, Payment, Allocation, Balance)
    return tuple(list(table.objects.order_by("pk").values()) for table in tables)


def address_of_the_test_database() -> str:
    settings = connection.settings_dict
    host = settings["HOST"]
    user = settings["USER"] + (f":{settings['PASSWORD']}" if settings["PASSWORD"] else "")
    if host.startswith("/"):
        return f"postgresql://{user}@/{settings['NAME']}?host={host}&port={settings['PORT']}"
    return f"postgresql://{user}@{host}:{settings['PORT']}/{settings['NAME']}"
