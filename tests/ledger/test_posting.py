"""The only door by which money moves."""

from dataclasses import replace
from datetime import date

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from okno.ledger.models import Allocation, Balance, Bill, Entry, OpenBill, Payment
from okno.ledger.posting import PostingRefused
from okno.ledger.rows import NewBill
from okno.ledger.verify import verify
from tests.ledger.book import advance, bill, month, opens, pay, shares, sums_hold


def test_a_payment_pays_the_oldest_bill_and_the_rest_is_an_advance(book):
    account = book.accounts[0]
    book.post(bill(account, "2026-01", 100_00), bill(account, "2026-02", 50_00))
    posted = book.post(pay(account, "2026-03-01", 180_00), kind="payments")
    assert (posted.payments, posted.shares) == (1, 2)
    assert opens(account) == {"2026-01": 0, "2026-02": 0}
    assert advance(account) == 30_00
    assert sums_hold(account)


def test_the_next_bill_takes_the_advance(book):
    account = book.accounts[0]
    book.post(pay(account, "2026-03-01", 30_00))
    book.post(bill(account, "2026-03", 100_00))
    assert opens(account) == {"2026-03": 70_00}
    assert advance(account) == 0


def test_the_same_key_twice_is_one_entry(book):
    account = book.accounts[0]
    first = book.post(bill(account, "2026-01", 100_00), key="file:1")
    again = book.post(bill(account, "2026-02", 900_00), key="file:1")
    assert again.repeated
    assert again.entry_id == first.entry_id
    assert Bill.objects.filter(account=account).count() == 1


def test_the_same_month_and_regime_is_billed_once(book):
    account = book.accounts[0]
    book.post(bill(account, "2026-01", 100_00))
    again = book.post(bill(account, "2026-01", 100_00), bill(account, "2026-01", 9_00, regime="capital_repair"))
    assert len(again.known_bills) == 1
    assert again.bills == 1
    assert sums_hold(account)


def test_the_same_source_line_is_paid_once(book):
    account = book.accounts[0]
    first = book.post(pay(account, "2026-03-01", 10_00, key="bank:1"), pay(account, "2026-03-01", 10_00, key="bank:1"))
    again = book.post(pay(account, "2026-03-01", 10_00, key="bank:1"))
    assert (first.payments, len(first.known_payments)) == (1, 1)
    assert (again.payments, len(again.known_payments)) == (0, 1)
    assert advance(account) == 10_00


def test_nothing_new_leaves_the_version_as_it_was(book):
    account = book.accounts[0]
    book.post(pay(account, "2026-03-01", 10_00, key="bank:1"))
    book.post(pay(account, "2026-03-01", 10_00, key="bank:1"))
    assert Balance.objects.get(account=account).version == 1


def test_a_reversed_payment_opens_what_it_paid(book):
    account = book.accounts[0]
    book.post(bill(account, "2026-01", 100_00))
    posted = book.post(pay(account, "2026-02-01", 130_00, key="bank:1"))
    book.reverse(payments=[posted.payment_ids["bank:1"]])
    assert opens(account) == {"2026-01": 100_00}
    assert advance(account) == 0
    assert shares(account) == [("2026-01", 100_00), ("2026-01", -100_00)]
    assert sums_hold(account)
    assert verify(book.organisation).is_true


def test_a_reversed_bill_frees_the_money_for_the_next(book):
    account = book.accounts[0]
    book.post(bill(account, "2026-01", 100_00))
    book.post(pay(account, "2026-02-01", 100_00), bill(account, "2026-02", 40_00))
    book.reverse(bills=[Bill.objects.get(account=account, month=month("2026-01")).pk])
    assert opens(account) == {"2026-02": 0}
    assert advance(account) == 60_00
    assert verify(book.organisation).is_true


def test_a_reversed_bill_may_be_billed_again(book):
    account = book.accounts[0]
    book.post(bill(account, "2026-01", 100_00, source_key="t:1"))
    book.reverse(bills=[Bill.objects.get(account=account).pk])
    again = book.post(bill(account, "2026-01", 90_00, source_key="t:1"))
    assert again.bills == 1
    assert opens(account) == {"2026-01": 90_00}


def test_reversing_what_nobody_paid_is_seen_in_the_history_too(book):
    account = book.accounts[0]
    book.post(bill(account, "2026-01", 100_00))
    book.reverse(bills=[Bill.objects.get(account=account).pk])
    row = Bill.objects.get(account=account)
    assert (row.version, row.reversed_version) == (1, 2)
    assert not OpenBill.objects.filter(account=account).exists()
    assert verify(book.organisation).is_true


def test_a_row_is_reversed_only_once(book):
    posted = book.post(pay(book.accounts[0], "2026-02-01", 130_00, key="bank:1"))
    book.reverse(payments=[posted.payment_ids["bank:1"]])
    with pytest.raises(PostingRefused, match="второй раз"):
        book.reverse(payments=[posted.payment_ids["bank:1"]])


def test_a_recalculation_downwards_stays_with_its_month_and_purse(book):
    account = book.accounts[0]
    book.post(
        bill(account, "2026-01", 100_00),
        bill(account, "2026-02", 100_00),
        bill(account, "2026-02", 20_00, regime="capital_repair"),
    )
    book.post(pay(account, "2026-03-01", 130_00, stated="2026-02", regime="housing", kind="recalculation"))
    assert shares(account) == [("2026-02", 100_00), ("2026-01", 30_00)]


def test_a_time_barred_month_gets_no_unaddressed_payment(book):
    account = book.accounts[0]
    book.post(bill(account, "2022-01", 100_00), bill(account, "2026-01", 100_00))
    book.post(pay(account, "2026-03-01", 150_00))
    assert opens(account) == {"2022-01": 100_00, "2026-01": 0}
    assert advance(account) == 50_00
    book.post(pay(account, "2026-03-02", 10_00, stated="2022-01"))
    assert opens(account) == {"2022-01": 90_00, "2026-01": 0}
    assert sums_hold(account)


def test_in_kazakhstan_the_oldest_month_is_paid_however_old(neighbours_book):
    account = neighbours_book.accounts[0]
    neighbours_book.post(bill(account, "2012-01", 100_00), bill(account, "2026-01", 100_00))
    neighbours_book.post(pay(account, "2026-03-01", 150_00))
    assert opens(account) == {"2012-01": 0, "2026-01": 50_00}


def test_a_bill_of_nothing_is_kept_and_asks_nothing(book):
    account = book.accounts[0]
    book.post(bill(account, "2026-01", 0))
    assert opens(account) == {"2026-01": 0}
    assert verify(book.organisation).is_true


def test_another_organisations_account_is_refused(book, neighbours_book):
    with pytest.raises(PostingRefused, match="не найдены"):
        book.post(pay(neighbours_book.accounts[0], "2026-03-01", 1))
    assert not Entry.objects.exists()


def test_another_organisations_payment_is_not_reversed(book, neighbours_book):
    posted = neighbours_book.post(pay(neighbours_book.accounts[0], "2026-03-01", 1, key="bank:1"))
    with pytest.raises(PostingRefused, match="не найдены"):
        book.reverse(payments=[posted.payment_ids["bank:1"]])


@pytest.mark.parametrize("minor", [0, -1, 10**15 + 1])
def test_a_payment_out_of_range_is_refused(book, minor):
    with pytest.raises(PostingRefused, match="вне допустимых"):
        book.post(pay(book.accounts[0], "2026-03-01", minor))


def test_a_negative_bill_is_refused(book):
    with pytest.raises(PostingRefused, match="вне допустимых"):
        book.post(bill(book.accounts[0], "2026-03", -1))


def test_lines_that_do_not_sum_up_are_refused(book):
    row = bill(book.accounts[0], "2026-03", 100)
    uneven = NewBill(row.account_id, row.kind, row.regime, row.month, row.due_on, 100, {"maintenance": 99})
    with pytest.raises(PostingRefused, match="не сходятся"):
        book.post(uneven)


def test_one_bad_row_takes_the_whole_posting_back(book):
    account = book.accounts[0]
    not_a_first_day = replace(bill(account, "2026-02", 1), month=date(2026, 2, 2))
    with pytest.raises(psycopg.errors.CheckViolation):
        book.post(bill(account, "2026-01", 100_00), pay(account, "2026-03-01", 5), not_a_first_day)
    assert not Bill.objects.exists()
    assert not Payment.objects.exists()
    assert Balance.objects.get(account=account).version == 0


TAMPERING = [
    "UPDATE ledger_bill SET amount_minor = amount_minor + 1, lines = '{\"maintenance\": 10001}'",
    "UPDATE ledger_bill SET id = id + 1000",
    "UPDATE ledger_bill SET reversed_by_id = entry_id, reversed_version = 2",
    "UPDATE ledger_openbill SET open_minor = amount_minor + 1",
    "UPDATE ledger_openbill SET open_minor = 0",
    "UPDATE ledger_openbill SET amount_minor = amount_minor + 1",
    "UPDATE ledger_openbill SET due_on = due_on - 1",
    "WITH gone AS (DELETE FROM ledger_openbill RETURNING *) INSERT INTO ledger_openbill (bill_id, organisation_id,"
    " account_id, kind, regime, month, due_on, amount_minor, open_minor) SELECT bill_id + 1, organisation_id,"
    " account_id, kind, regime, month, due_on, amount_minor, open_minor FROM gone",
    "UPDATE ledger_bill SET lines = '{}'",
    "UPDATE ledger_payment SET amount_minor = amount_minor + 1",
    "UPDATE ledger_payment SET value_on = value_on - 1",
    "UPDATE ledger_payment SET free_minor = amount_minor + 1",
    "UPDATE ledger_payment SET source_key = 'other'",
    "UPDATE ledger_payment SET reversed_by_id = entry_id",
    "UPDATE ledger_allocation SET amount_minor = 1",
    "UPDATE ledger_entry SET reason = 'другая'",
    "UPDATE ledger_balance SET open_minor = open_minor + 1",
    "UPDATE ledger_balance SET paid_minor = paid_minor - 1",
    "DELETE FROM ledger_allocation",
    "DELETE FROM ledger_bill",
    "DELETE FROM ledger_payment",
    "DELETE FROM ledger_entry",
    "TRUNCATE ledger_allocation",
    "TRUNCATE ledger_bill CASCADE",
    "TRUNCATE ledger_payment CASCADE",
    "TRUNCATE ledger_entry CASCADE",
    "UPDATE ledger_balance SET account_id = account_id + 1000",
    "DELETE FROM ledger_balance",
    "TRUNCATE ledger_balance",
]

COPIED_BILL = (
    "INSERT INTO ledger_bill (organisation_id, account_id, entry_id, version, kind, regime, month, due_on,"
    " amount_minor, lines) SELECT {organisation}, {account}, {entry}, version + 1, kind, regime, '2027-01-01', due_on,"
    " amount_minor, lines FROM ledger_bill WHERE account_id = %(account)s"
)
COPIED_PAYMENT = (
    "INSERT INTO ledger_payment (organisation_id, account_id, entry_id, version, kind, value_on, amount_minor,"
    " free_minor, regime, purpose, payer, source_key) SELECT {organisation}, {account}, {entry}, version + 1, kind,"
    " value_on, amount_minor, 0, regime, purpose, payer, 'copied' FROM ledger_payment WHERE account_id = %(account)s"
)
COPIED_SHARE = (
    "INSERT INTO ledger_allocation (organisation_id, account_id, entry_id, version, payment_id, bill_id, amount_minor)"
    " SELECT organisation_id, {account}, {entry}, version, {payment}, {bill}, 1 FROM ledger_allocation"
    " WHERE account_id = %(account)s LIMIT 1"
)
OWN = {
    "organisation": "organisation_id",
    "account": "account_id",
    "entry": "entry_id",
    "payment": "payment_id",
    "bill": "bill_id",
}
STRANGERS = [
    (COPIED_BILL, {"account": "0"}),
    (COPIED_BILL, {"entry": "0"}),
    (COPIED_BILL, {"account": "%(neighbour)s"}),
    (COPIED_BILL, {"organisation": "%(others)s"}),
    (COPIED_PAYMENT, {"account": "0"}),
    (COPIED_PAYMENT, {"entry": "0"}),
    (COPIED_PAYMENT, {"account": "%(neighbour)s"}),
    (COPIED_PAYMENT, {"organisation": "%(others)s"}),
    (COPIED_SHARE, {"entry": "0"}),
    (COPIED_SHARE, {"bill": "0"}),
    (COPIED_SHARE, {"payment": "0"}),
    (COPIED_SHARE, {"account": "%(other)s"}),
]


@pytest.mark.parametrize("statement", TAMPERING)
def test_the_database_refuses_to_be_tampered_with(book, statement):
    account = book.accounts[0]
    book.post(bill(account, "2026-01", 100_00))
    book.post(pay(account, "2026-02-01", 60_00))
    # A table with foreign keys still to check cannot be emptied either, but that is not the refusal meant.
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    refused = pytest.raises(DatabaseError, match=r"okno: |violates check constraint")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert sums_hold(account)


@pytest.mark.parametrize(("statement", "strange"), STRANGERS)
def test_no_row_belongs_to_nobody_or_to_somebody_else(book, neighbours_book, statement, strange):
    account, other, *_ = book.accounts
    for one in (account, other):
        book.post(bill(one, "2026-01", 100_00))
        book.post(pay(one, "2026-02-01", 60_00))
    values = {
        "account": account,
        "other": other,
        "neighbour": neighbours_book.accounts[0],
        "others": neighbours_book.organisation.pk,
    }

    def insert(columns):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(**OWN | columns), values)
            transaction.set_rollback(True)

    insert({})
    with pytest.raises(IntegrityError, match="okno: "):
        insert(strange)


def test_an_account_that_was_billed_or_paid_is_not_removed_and_another_is(book):
    billed, paid, untouched = book.accounts
    book.post(bill(billed, "2026-01", 100_00))
    book.post(pay(paid, "2026-02-01", 60_00))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for account in (billed, paid):
            for table, key in (("balance", "account_id"), ("account", "id")):
                with pytest.raises(IntegrityError), transaction.atomic():
                    cursor.execute(f"DELETE FROM ledger_{table} WHERE {key} = %s", [account])
        cursor.execute("DELETE FROM ledger_balance WHERE account_id = %s", [untouched])
        cursor.execute("DELETE FROM ledger_account WHERE id = %s", [untouched])


def test_a_reversal_is_final(book):
    account = book.accounts[0]
    posted = book.post(pay(account, "2026-02-01", 60_00, key="bank:1"))
    book.reverse(payments=[posted.payment_ids["bank:1"]])
    with pytest.raises(DatabaseError, match="final"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_payment SET reversed_by_id = NULL, reversed_version = NULL, free_minor = 6000")


def test_allocations_name_the_entry_that_made_them(book):
    account = book.accounts[0]
    book.post(bill(account, "2026-01", 100_00))
    posted = book.post(pay(account, "2026-02-01", 60_00))
    assert Allocation.objects.get(account=account).entry_id == posted.entry_id
