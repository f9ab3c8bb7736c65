"""What the ledger keeps beside its history can be lost or spoilt: a rebuild brings it back to the kopeck."""

import os
import signal
import subprocess
import sys
from datetime import date

import pytest
from django.db import connection

from okno.access.actor import process
from okno.access.models import Action
from okno.ledger import rebuild as rebuilding
from okno.ledger.models import Allocation, Bill, LateShare
from okno.ledger.penalties.accrual import accrued_of
from okno.ledger.penalties.models import PenaltyTerms
from okno.ledger.penalties.posting import post_month
from okno.ledger.rebuild import rebuild
from okno.ledger.verify import verify
from tests.ledger.book import Book, bill, pay
from tests.ledger.test_at_once import PROJECT, address_of_the_test_database, at_once

KEPT = {
    "ledger_openbill": "SELECT * FROM ledger_openbill ORDER BY bill_id",
    "ledger_balance": "SELECT * FROM ledger_balance ORDER BY account_id",
    # What was given and taken back is the same as nothing.
    "ledger_lateshare": "SELECT account_id, regime, bill_id, payment_id, due_on, value_on, sum(amount_minor)"
    " FROM ledger_lateshare GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(amount_minor) <> 0 ORDER BY 3, 4",
    "ledger_penaltystanding": "SELECT account_id, regime, sealed_on, settled_whole, settled_rest, denominator,"
    " readings, posted_minor, CASE WHEN posted_minor > 0 THEN posted_through END"
    " FROM ledger_penaltystanding ORDER BY account_id, regime",
    "ledger_payment": "SELECT id, free_minor FROM ledger_payment ORDER BY id",
}
TODAY = date(2026, 11, 18)


@pytest.fixture(params=["figures", "monthly"])
def town(book, request):
    """Three accounts with everything: late payments before and after a month of penalties, an advance, reversals."""
    one, other, third = book.accounts
    PenaltyTerms.objects.create(
        organisation=book.organisation, regime="housing", since=date(2026, 1, 1), posting=request.param
    )
    for month in ("2026-04", "2026-05", "2026-06", "2026-07", "2026-08", "2026-09"):
        book.post(*(bill(account, month, 4_321_17 + account % 7) for account in book.accounts))
    book.post(pay(one, "2026-09-20", 9_000_00), pay(other, "2026-06-10", 4_000_00), pay(third, "2026-05-10", 99_999_99))
    book.post(bill(other, "2026-05", 1_000_33, regime="capital_repair"), pay(other, "2026-10-05", 500_00))
    post_month(process(book.organisation, "проверка"), date(2026, 10, 1), today=TODAY)
    gone = book.post(pay(one, "2026-11-02", 3_000_01, key="bank:gone")).payment_ids["bank:gone"]
    book.post(pay(one, "2026-11-03", 2_000_00), pay(other, "2026-11-10", 6_000_00))
    book.reverse(payments=[gone])
    book.reverse(bills=[Bill.objects.get(account=third, month="2026-07-01", kind="month").pk])
    return book


def kept() -> dict[str, list[tuple]]:
    """All that stands beside the history, without the rows' own numbers."""
    found = {}
    with connection.cursor() as cursor:
        for table, statement in KEPT.items():
            cursor.execute(statement)
            found[table] = cursor.fetchall()
    return found


def places() -> list[tuple]:
    """Where every row lies: a row that was written again lies elsewhere."""
    found = []
    with connection.cursor() as cursor:
        for table in KEPT:
            cursor.execute(f"SELECT '{table}', ctid::text, xmin::text FROM {table} ORDER BY 2")
            found += cursor.fetchall()
    return found


def spoil(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_true_ledger_is_not_written_to(town):
    before = places()
    found = rebuild(town.organisation)
    assert (found.was_true, found.accounts, found.mended) == (True, 3, 0)
    assert found.rows > 30
    assert places() == before
    assert not Action.objects.filter(verb="ledger.rebuilt").exists()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM ledger_openbill",
        "DELETE FROM ledger_openbill WHERE bill_id IN (SELECT min(bill_id) FROM ledger_openbill)",
        "UPDATE ledger_openbill SET open_minor = open_minor - 1",
        "UPDATE ledger_balance SET open_minor = open_minor + 1, billed_minor = billed_minor + 1",
        "UPDATE ledger_balance SET billed_minor = 0, paid_minor = 0, open_minor = 0, advance_minor = 0",
        "UPDATE ledger_payment SET free_minor = 0",
        "UPDATE ledger_payment SET free_minor = 1 WHERE reversed_by_id IS NULL",
        "UPDATE ledger_penaltystanding SET settled_whole = settled_whole + 1",
        "UPDATE ledger_penaltystanding SET settled_rest = (settled_rest + 1) % denominator",
        "DELETE FROM ledger_penaltystanding",
        "DELETE FROM ledger_lateshare",
        "DELETE FROM ledger_openbill; DELETE FROM ledger_lateshare; DELETE FROM ledger_penaltystanding;"
        " UPDATE ledger_payment SET free_minor = 0;"
        " UPDATE ledger_balance SET billed_minor = 0, paid_minor = 0, open_minor = 0, advance_minor = 0",
    ],
)
def test_what_is_spoilt_comes_back_to_the_kopeck(town, statement):
    penalties = {pk: one.due_minor for pk, one in accrued_of(town.organisation, town.accounts, TODAY).items()}
    before = kept()
    spoil(statement)
    assert kept() != before
    found = rebuild(town.organisation)
    assert found.mended > 0
    assert not found.broken
    assert kept() == before
    assert verify(town.organisation).is_true
    assert rebuild(town.organisation).was_true
    assert {pk: one.due_minor for pk, one in accrued_of(town.organisation, town.accounts, TODAY).items()} == penalties
    assert Action.objects.get(verb="ledger.rebuilt").sentence.startswith("Пересобрано по истории")


def test_an_open_bill_that_was_paid_is_taken_away(town):
    before = kept()
    spoil(
        "INSERT INTO ledger_openbill (bill_id, organisation_id, account_id, kind, regime, month, due_on, amount_minor,"
        " open_minor) SELECT id, organisation_id, account_id, kind, regime, month, due_on, amount_minor, 1"
        " FROM ledger_bill WHERE reversed_by_id IS NULL AND id NOT IN (SELECT bill_id FROM ledger_openbill) LIMIT 1"
    )
    assert rebuild(town.organisation).mended == 1
    assert kept() == before


def test_a_history_that_contradicts_itself_is_named_and_left_alone(town):
    before = kept()
    columns = "organisation_id, account_id, entry_id, version, payment_id, bill_id, amount_minor"
    spoil(
        f"INSERT INTO ledger_allocation ({columns}) SELECT {columns} FROM ledger_allocation"
        " WHERE amount_minor > 0 ORDER BY id LIMIT 1"
    )
    found = rebuild(town.organisation)
    assert list(found.broken) == [Allocation.objects.order_by("-id")[0].account_id]
    assert (found.mended, kept()) == (0, before)


def test_the_neighbours_are_neither_read_nor_written(town, neighbours_book):
    neighbours_book.post(bill(neighbours_book.accounts[0], "2026-09", 300_00))
    spoil("DELETE FROM ledger_openbill")
    assert rebuild(town.organisation).accounts == 3
    assert not verify(neighbours_book.organisation).is_true
    assert rebuild().accounts == 6
    assert verify().is_true


def test_pieces_give_the_same_as_one(town, monkeypatch):
    before = kept()
    monkeypatch.setattr("okno.ledger.rebuild.AT_ONCE", 1)
    monkeypatch.setattr("okno.ledger.kernel.slices.PAGES", 1)
    spoil("DELETE FROM ledger_openbill")
    seen = []
    assert rebuild(town.organisation, lambda done, total: seen.append((done, total))).mended == 2
    assert kept() == before
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1]


# In a database that really commits: two connections read, others post, a process dies


SPOILT = (
    "DELETE FROM ledger_openbill; DELETE FROM ledger_lateshare;"
    " UPDATE ledger_balance SET billed_minor = 0, paid_minor = 0, open_minor = 0, advance_minor = 0"
)


@pytest.fixture
def lasting_town(transactional_db, organisation):
    book = Book.begin(organisation, accounts=30)
    for month in ("2026-06", "2026-07", "2026-08"):
        book.post(*(bill(account, month, 300_00 + account) for account in book.accounts))
    book.post(*(pay(account, "2026-08-20", 400_00) for account in book.accounts[:20]))
    return book


def test_two_connections_read_the_same_as_one(lasting_town, monkeypatch):
    monkeypatch.setattr("okno.ledger.kernel.slices.PAGES", 1)
    before = kept()
    assert rebuild(lasting_town.organisation).was_true
    spoil(SPOILT)
    found = rebuild(lasting_town.organisation)
    assert (found.mended, found.broken, kept()) == (30, (), before)


def test_a_payment_between_counting_and_mending_is_not_overwritten(lasting_town, monkeypatch):
    spoil("DELETE FROM ledger_lateshare")
    look = rebuilding.look

    def look_and_pay(*arguments):
        found = look(*arguments)
        late = (pay(account, "2026-09-20", 100_00) for account in lasting_town.accounts)
        assert at_once(lambda: lasting_town.post(*late))[0].payments == 30
        return found

    monkeypatch.setattr(rebuilding, "look", look_and_pay)
    assert rebuild(lasting_town.organisation).mended == 20
    assert verify(lasting_town.organisation).is_true
    assert LateShare.objects.filter(value_on="2026-09-20").count() >= 30


KILLED = """
import os, signal
import django
django.setup()
from okno.ledger import rebuild

rebuild.AT_ONCE = 7
mend, left = rebuild._mend, [{pieces}]

def mend_until_killed(*arguments):
    left[0] -= 1
    mend(*arguments)
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)

rebuild._mend = mend_until_killed
rebuild.rebuild()
"""


@pytest.mark.parametrize("pieces", [1, 3])
def test_a_rebuild_killed_in_the_middle_is_begun_again(lasting_town, pieces):
    before = kept()
    spoil(SPOILT)
    environment = {**os.environ, "OKNO_DATABASE_URL": address_of_the_test_database(), "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        [sys.executable, "-c", KILLED.format(pieces=pieces)],
        env=environment,
        cwd=PROJECT,
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert rebuild().mended == 30 - 7 * (pieces - 1)
    assert kept() == before
    assert verify().is_true
