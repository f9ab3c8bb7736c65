"""The proof finds what it is there to find."""

from contextlib import contextmanager

import pytest
from django.db import connection

from okno.ledger.models import Balance, Bill, Payment
from okno.ledger.verify import verify
from tests.ledger.book import bill, number_of, pay


@contextmanager
def guards_put_aside():
    """Do as the owner of the tables could: without the triggers, and without the checks that would catch a kopeck."""
    tables = ("ledger_bill", "ledger_openbill", "ledger_payment", "ledger_allocation", "ledger_balance", "ledger_entry")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE ledger_balance DROP CONSTRAINT no_kopeck_appears_or_disappears")
        cursor.execute("ALTER TABLE ledger_bill DROP CONSTRAINT bill_lines_sum_up")
        yield cursor
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.fixture
def account(book) -> int:
    account = book.accounts[1]
    book.post(bill(account, "2026-01", 100_00), bill(account, "2026-02", 100_00))
    book.post(pay(account, "2026-03-01", 150_00))
    book.post(pay(account, "2026-03-02", 80_00))
    return account


FAULTS = {
    "UPDATE ledger_payment SET free_minor = free_minor - 1 WHERE value_on = '2026-03-02'": {
        ("payment.free", 29_99, 30_00)
    },
    "UPDATE ledger_balance SET billed_minor = billed_minor + 1": {("balance.billed", 200_01, 200_00)},
    "UPDATE ledger_balance SET paid_minor = paid_minor - 1": {("balance.paid", 229_99, 230_00)},
    "UPDATE ledger_balance SET open_minor = 1": {("balance.open", 1, 0)},
    "UPDATE ledger_balance SET advance_minor = advance_minor + 1": {("balance.advance", 30_01, 30_00)},
    "UPDATE ledger_balance SET version = version + 1": {("versions", 4, 3)},
    "UPDATE ledger_bill SET amount_minor = 10001 WHERE month = '2026-01-01'": {
        ("bill.open", 0, 1),
        ("balance.billed", 200_00, 200_01),
        ("balance.open", 0, 1),
    },
    "UPDATE ledger_allocation SET amount_minor = amount_minor - 1 WHERE amount_minor = 10000": {
        ("bill.open", 0, 1),
        ("bill.late", 100_00, 99_99),
        ("payment.free", 0, 1),
        ("balance.open", 0, 1),
        ("balance.advance", 30_00, 30_01),
    },
    "DELETE FROM ledger_allocation WHERE version = 3": {
        ("bill.open", 0, 50_00),
        ("payment.free", 30_00, 80_00),
        ("balance.open", 0, 50_00),
        ("balance.advance", 30_00, 80_00),
    },
    "UPDATE ledger_bill SET reversed_by_id = entry_id, reversed_version = 3 WHERE month = '2026-01-01'": {
        ("bill.reversed", 100_00, 0),
        ("balance.billed", 200_00, 100_00),
        ("balance.open", 0, -100_00),
        ("versions", 3, 4),
    },
    "DELETE FROM ledger_balance": {("balance.missing", 0, 0)},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_changed_kopeck_is_found(book, account, fault):
    assert verify(book.organisation).is_true
    where = f" WHERE account_id = {account}" if " WHERE " not in fault else f" AND account_id = {account}"
    with guards_put_aside() as cursor:
        cursor.execute(fault + where)
        assert cursor.rowcount == 1
        found = verify(book.organisation).differences
    assert {(row.what, row.kept, row.counted) for row in found} == FAULTS[fault]
    assert {row.account_id for row in found} == {account}


OPEN_FAULTS = {
    "UPDATE ledger_openbill SET open_minor = open_minor - 1": {("bill.open", 49_99, 50_00)},
    "DELETE FROM ledger_openbill": {("bill.open", 0, 50_00)},
    "UPDATE ledger_openbill SET due_on = due_on + 1": {("bill.copied", 100_00, 100_00)},
    "UPDATE ledger_openbill SET bill_id = bill_id - 1": {
        ("bill.open", 50_00, 0),
        ("bill.open", 0, 50_00),
        ("bill.copied", 100_00, 90_00),
    },
    "DELETE FROM ledger_lateshare": {("bill.late", 0, 90_00)},
    "UPDATE ledger_lateshare SET amount_minor = amount_minor + 1": {("bill.late", 90_01, 90_00)},
    "UPDATE ledger_lateshare SET bill_id = bill_id + 1": {("bill.late", 90_00, 0), ("bill.late", 0, 90_00)},
}


@pytest.mark.parametrize("fault", OPEN_FAULTS)
def test_what_is_kept_of_open_and_late_is_proved_too(book, fault):
    account = book.accounts[0]
    book.post(bill(account, "2026-01", 90_00), bill(account, "2026-02", 100_00))
    book.post(pay(account, "2026-03-01", 140_00))
    assert verify(book.organisation).is_true
    with guards_put_aside() as cursor:
        cursor.execute(fault)
        assert cursor.rowcount == 1
        found = verify(book.organisation).differences
    assert {(row.what, row.kept, row.counted) for row in found} == OPEN_FAULTS[fault]


def test_money_set_against_a_neighbours_bill_is_found(book, account):
    other = book.accounts[0]
    book.post(bill(other, "2026-01", 100_00))
    strange = Bill.objects.get(account=other).pk
    with guards_put_aside() as cursor:
        cursor.execute("UPDATE ledger_allocation SET bill_id = %s WHERE amount_minor = 10000", [strange])
        found = verify(book.organisation).differences
    assert ("allocation.foreign", account) in {(row.what, row.account_id) for row in found}


def test_a_difference_is_told_in_words(book, account):
    with guards_put_aside() as cursor:
        cursor.execute("UPDATE ledger_balance SET paid_minor = paid_minor - 1 WHERE account_id = %s", [account])
        (found,) = verify(book.organisation).differences
    assert found.sentence == (f"Лицевой счёт {number_of(account)}, оплачено всего: записано 229.99, по истории 230.00")


def test_one_organisation_is_counted_without_the_other(book, account, neighbours_book):
    with guards_put_aside() as cursor:
        cursor.execute("UPDATE ledger_balance SET version = version + 1 WHERE account_id = %s", [account])
        assert verify(neighbours_book.organisation).is_true
        assert not verify(book.organisation).is_true
        assert not verify().is_true


def test_the_way_is_told(book, account):
    told: list[tuple[int, int]] = []
    assert verify(book.organisation, lambda done, total: told.append((done, total))).accounts == 3
    assert told == [(3, 3)]


def test_nothing_is_changed(book, account):
    before = list(Balance.objects.values()), list(Bill.objects.values()), list(Payment.objects.values())
    verify()
    assert before == (list(Balance.objects.values()), list(Bill.objects.values()), list(Payment.objects.values()))
