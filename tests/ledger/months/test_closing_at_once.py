"""Months are closed while others post, by two at once, and by one who is killed in the middle."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import psycopg
import pytest
from django.db import connection, transaction

from okno.access.actor import process
from okno.ledger.models import Payment
from okno.ledger.months import turnover
from okno.ledger.months.models import ClosedHouse, ClosedLine, ClosedMonth
from tests.ledger.book import Book, bill, pay
from tests.ledger.months.test_closing import NOVEMBER, OCTOBER, counted, kept, shut
from tests.ledger.test_at_once import PROJECT, address_of_the_test_database, rows_of_the_ledger


def wait_until_somebody_waits() -> None:
    """Until a session waits for an advisory lock."""
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.01)")


def in_a_thread(pool: ThreadPoolExecutor, action):
    def run():
        try:
            return action()
        finally:
            connection.close()

    return pool.submit(run)


@pytest.fixture
def lasting_autumn(lasting_book) -> Book:
    lasting_book.post(bill(lasting_book.accounts[0], "2026-09", 1_000_00))
    lasting_book.post(bill(lasting_book.accounts[1], "2026-10", 5_00))
    return lasting_book


def test_closing_waits_for_a_posting_that_came_first(lasting_organisation, lasting_autumn):
    accountant = process(lasting_organisation, "closing")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            posted = lasting_autumn.post(pay(lasting_autumn.accounts[0], "2026-10-30", 50_00))
            closed = in_a_thread(pool, lambda: shut(accountant))
            wait_until_somebody_waits()
        assert posted.accounted_on == date(2026, 10, 30)
        assert closed.result().paid_minor == 50_00
    assert kept(lasting_organisation) == counted(lasting_organisation)


def test_a_posting_that_came_second_is_the_next_months(lasting_organisation, lasting_autumn):
    accountant = process(lasting_organisation, "closing")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            closed = shut(accountant)
            late = in_a_thread(pool, lambda: lasting_autumn.post(pay(lasting_autumn.accounts[0], "2026-10-30", 50_00)))
            wait_until_somebody_waits()
        assert late.result().accounted_on == NOVEMBER
    assert closed.paid_minor == 0
    assert kept(lasting_organisation) == counted(lasting_organisation)
    assert turnover.by_house(lasting_organisation.pk, NOVEMBER)[lasting_autumn.house.pk].paid_minor == 50_00


def test_a_posting_in_the_next_month_does_not_wait(lasting_organisation, lasting_autumn):
    accountant = process(lasting_organisation, "closing")
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        shut(accountant)
        later = in_a_thread(pool, lambda: lasting_autumn.post(pay(lasting_autumn.accounts[0], "2026-11-02", 50_00)))
        assert later.result(timeout=60).accounted_on == date(2026, 11, 2)


def test_two_who_close_at_once_close_once(lasting_organisation, lasting_autumn):
    accountant = process(lasting_organisation, "closing")
    ready = threading.Barrier(3)

    def both():
        ready.wait(timeout=60)
        return shut(accountant)

    with ThreadPoolExecutor(3) as pool:
        closed = [one.result().pk for one in [in_a_thread(pool, both) for _ in range(3)]]
    assert len(set(closed)) == 1
    assert ClosedMonth.objects.count() == 1


def test_many_postings_while_months_close_are_all_in_and_each_in_an_open_month(lasting_organisation, lasting_autumn):
    accountant = process(lasting_organisation, "closing")
    account = lasting_autumn.accounts[2]

    def post(number: int):
        return lasting_autumn.post(pay(account, f"2026-{9 + number % 2:02}-2{number % 5}", 1_00 + number))

    with ThreadPoolExecutor(3) as pool:
        posted = [in_a_thread(pool, lambda number=number: post(number)) for number in range(24)]
        shut(accountant, date(2026, 9, 1))
        shut(accountant)
        entries = [one.result().entry_id for one in posted]
    assert Payment.objects.filter(entry__in=entries).count() == 24
    for month in (date(2026, 9, 1), OCTOBER):
        assert kept(lasting_organisation, month) == counted(lasting_organisation, month)
    months = [
        turnover.by_house(lasting_organisation.pk, month)[lasting_autumn.house.pk]
        for month in (date(2026, 9, 1), OCTOBER, NOVEMBER)
    ]
    assert turnover.total(months).paid_minor == sum(1_00 + number for number in range(24))


def test_a_transaction_that_cannot_see_a_closing_may_not_post(lasting_organisation, lasting_autumn):
    late = pay(lasting_autumn.accounts[0], "2026-10-30", 50_00)

    def post_as_of_the_past():
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            lasting_autumn.post(late)

    with pytest.raises(psycopg.errors.InvalidTransactionState, match="read committed"):
        post_as_of_the_past()


KILLED = """
import django, os, signal
django.setup()
from datetime import date
from okno.access.actor import process
from okno.access.models import Organisation
from okno.ledger.months import closing

def killed(*args, **kwargs):
    real(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)

real = closing.{step}
closing.{step} = killed
closing.close(process(Organisation.objects.get(pk={organisation}), "x"), date(2026, 10, 1), today=date(2026, 11, 18))
"""


@pytest.mark.parametrize("step", ["prove", "_pack", "trail.record"])
def test_a_closing_killed_in_the_middle_leaves_nothing(lasting_organisation, lasting_autumn, step):
    before = rows_of_the_ledger()
    script = KILLED.format(organisation=lasting_organisation.pk, step=step)
    environment = {**os.environ, "OKNO_DATABASE_URL": address_of_the_test_database(), "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], env=environment, cwd=PROJECT, capture_output=True, timeout=60
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert rows_of_the_ledger() == before
    assert not ClosedMonth.objects.exists()
    assert not ClosedLine.objects.exists()
    assert not ClosedHouse.objects.exists()
    assert lasting_autumn.post(pay(lasting_autumn.accounts[0], "2026-10-30", 50_00)).accounted_on.month == 10
    shut(process(lasting_organisation, "closing"))
    assert kept(lasting_organisation) == counted(lasting_organisation)
