"""The only door by which money moves.

`post` takes any number of bills, payments and reversals as one entry and writes, in one transaction: the rows, the
allocations, the open and free remainders, the balances, and what follows from it (`effects`). The same entry key or
the same source key twice changes nothing. Balances are locked first, in the order of their ids, so that postings never
deadlock and a permit of the gate stands wholly before or wholly after a posting.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial

import psycopg
from django.db import connection, transaction
from django.utils.translation import gettext as _

from okno.access.models import Organisation, User
from okno.common.days import add_months
from okno.jobs import signals
from okno.ledger import effects
from okno.ledger.allocation import Barred, allocate
from okno.ledger.limitation import is_barred
from okno.ledger.reading import Standing, standing
from okno.ledger.reallocation import EVERYTHING, reallocate
from okno.ledger.reversing import reverse
from okno.ledger.rows import Cursor, NewBill, NewPayment, Work, take_bills, take_payments
from okno.ledger.writing import write

AT_ONCE = 20_000
"""Accounts worked on at a time: bounds the memory of a posting of any size."""


class PostingRefused(Exception):
    """The posting cannot be made; the message says why. Nothing was written."""


@dataclass(kw_only=True)
class Posted:
    """What a posting did. `repeated` means that the entry had been posted before and nothing was done now."""

    entry_id: int
    bills: int = 0
    payments: int = 0
    reversed: int = 0
    shares: int = 0
    repeated: bool = False
    known_bills: list[NewBill] = field(default_factory=list)
    known_payments: list[NewPayment] = field(default_factory=list)
    payment_ids: dict[str, int] = field(default_factory=dict)


def post(
    *,
    organisation: Organisation,
    key: str,
    kind: str,
    reason: str,
    user: User | None = None,
    source: str = "",
    bills: Sequence[NewBill] = (),
    payments: Sequence[NewPayment] = (),
    reverse_bills: Sequence[int] = (),
    reverse_payments: Sequence[int] = (),
) -> Posted:
    """Post everything given as one entry, or nothing.

    `key` makes the entry itself repeatable without harm. Bills already there (same account, month and regime, or the
    same source key) and payments already there (same source key) are left out and returned as known.
    Raises PostingRefused (amount out of range, unknown account, a row already reversed).
    """
    _check(bills, payments)
    attempt = partial(
        _post, organisation, key, kind, reason, user, source, bills, payments, reverse_bills, reverse_payments
    )
    try:
        return attempt()
    except psycopg.errors.UniqueViolation as lost:
        if lost.diag.constraint_name != "a_payment_source_once":
            raise
        # The same line was posted to another account in this very moment; now it is there to be known.
        return attempt()


def _post(
    organisation: Organisation,
    key: str,
    kind: str,
    reason: str,
    user: User | None,
    source: str,
    bills: Sequence[NewBill],
    payments: Sequence[NewPayment],
    reverse_bills: Sequence[int],
    reverse_payments: Sequence[int],
) -> Posted:
    with transaction.atomic():
        cursor = _cursor()
        reversals = _reversals(cursor, organisation.pk, reverse_bills, reverse_payments)
        accounts = sorted(
            {row.account_id for row in bills} | {row.account_id for row in payments} | {row[1] for row in reversals}
        )
        # Both leave in one trip; the entry's moment is still later than the locks, so than any permit it could meet.
        with cursor.connection.pipeline():
            locked = _lock(cursor, organisation.pk, accounts)
            entered = _enter(cursor, organisation.pk, key, kind, reason, user, source)
        versions = _versions(locked, accounts)
        entry_id = _entry_id(entered)
        if entry_id is None:
            return Posted(entry_id=_entry_of(cursor, organisation.pk, key), repeated=True)
        _refuse_reversed(cursor, reversals)
        posted = Posted(entry_id=entry_id)
        barred = partial(is_barred, organisation.country)
        by_account = _by_account(bills, payments, reversals)
        for chunk in _chunks(accounts):
            _post_chunk(cursor, organisation.pk, entry_id, versions, chunk, by_account, barred, posted)
        effects.follow(
            cursor,
            effects.Moved(
                organisation_id=organisation.pk,
                entry_id=entry_id,
                kind=kind,
                account_ids=accounts,
                reversed_ids=sorted({row[1] for row in reversals}),
                earliest=_earliest(bills, payments),
            ),
        )
        topics = [f"account:{pk}" for pk in accounts[:20]]
        signals.send(organisation.pk, ["ledger", *topics])
    return posted


def _cursor() -> Cursor:
    """A cursor that binds on the server, inside Django's transaction: plans are reused and arrays travel as such."""
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)


LIMIT = 10**15


def _check(bills: Sequence[NewBill], payments: Sequence[NewPayment]) -> None:
    for bill in bills:
        if not 0 <= bill.amount_minor <= LIMIT:
            raise PostingRefused(_("Начисление %(minor)d вне допустимых пределов") % {"minor": bill.amount_minor})
        if sum(bill.lines.values()) != bill.amount_minor:
            raise PostingRefused(_("Строки услуг не сходятся с суммой начисления"))
    for payment in payments:
        if not 0 < payment.amount_minor <= LIMIT:
            raise PostingRefused(_("Сумма платежа %(minor)d вне допустимых пределов") % {"minor": payment.amount_minor})


def _reversals(
    cursor: Cursor, organisation_id: int, bill_ids: Sequence[int], payment_ids: Sequence[int]
) -> list[tuple[str, int, int, int]]:
    """(side, account, row, amount) of every row to reverse."""
    rows: list[tuple[str, int, int, int]] = []
    for side, ids in (("bill", bill_ids), ("payment", payment_ids)):
        if not ids:
            continue
        cursor.execute(
            f"SELECT account_id, id, amount_minor FROM ledger_{side}"
            " WHERE organisation_id = %s AND id = ANY(%s) ORDER BY id",
            (organisation_id, list(ids)),
        )
        found = cursor.fetchall()
        if len(found) != len(set(ids)):
            raise PostingRefused(_("Строки для сторно не найдены в этой организации"))
        rows += [(side, *row) for row in found]
    return rows


def _refuse_reversed(cursor: Cursor, reversals: Sequence[tuple[str, int, int, int]]) -> None:
    """Asked under the balances' locks, so that of two who reverse the same row at once the second hears why not."""
    for side in {row[0] for row in reversals}:
        cursor.execute(
            f"SELECT 1 FROM ledger_{side} WHERE id = ANY(%s) AND reversed_by_id IS NOT NULL LIMIT 1",
            ([row[2] for row in reversals if row[0] == side],),
        )
        if cursor.fetchone() is not None:
            raise PostingRefused(_("Строка уже сторнирована: второй раз сторно не проводится"))


def _lock(cursor: Cursor, organisation_id: int, accounts: Sequence[int]) -> Cursor:
    """Lock the balances in the order of ids."""
    return psycopg.Cursor(cursor.connection).execute(
        "SELECT account_id, version FROM ledger_balance WHERE account_id = ANY(%s) AND organisation_id = %s"
        " ORDER BY account_id FOR UPDATE",
        (list(accounts), organisation_id),
        prepare=True,
    )


def _versions(locked: Cursor, accounts: Sequence[int]) -> dict[int, int]:
    """Each locked account's next version."""
    versions = {row[0]: row[1] + 1 for row in locked.fetchall()}
    if len(versions) != len(accounts):
        missing = sorted(set(accounts) - set(versions))[:3]
        raise PostingRefused(
            _("Лицевые счета не найдены в этой организации: %(ids)s") % {"ids": ", ".join(map(str, missing))}
        )
    return versions


def _enter(
    cursor: Cursor, organisation_id: int, key: str, kind: str, reason: str, user: User | None, source: str
) -> Cursor:
    """Write the entry's row unless the key was posted before; one who posts the same key now is waited for."""
    return psycopg.Cursor(cursor.connection).execute(
        "INSERT INTO ledger_entry (organisation_id, key, kind, posted_at, user_id, reason, source)"
        " VALUES (%s, %s, %s, clock_timestamp(), %s, %s, %s)"
        " ON CONFLICT (organisation_id, key) DO NOTHING RETURNING id",
        (organisation_id, key, kind, user.pk if user else None, reason, source),
        prepare=True,
    )


def _entry_id(entered: Cursor) -> int | None:
    row = entered.fetchone()
    return None if row is None else int(row[0])


def _entry_of(cursor: Cursor, organisation_id: int, key: str) -> int:
    cursor.execute("SELECT id FROM ledger_entry WHERE organisation_id = %s AND key = %s", (organisation_id, key))
    row = cursor.fetchone()
    assert row is not None
    return int(row[0])


_Grouped = tuple[dict[int, list[NewBill]], dict[int, list[NewPayment]], dict[int, list[tuple[str, int, int]]]]


def _by_account(
    bills: Iterable[NewBill], payments: Iterable[NewPayment], reversals: Iterable[tuple[str, int, int, int]]
) -> _Grouped:
    bills_of: dict[int, list[NewBill]] = defaultdict(list)
    payments_of: dict[int, list[NewPayment]] = defaultdict(list)
    reversals_of: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    for bill in bills:
        bills_of[bill.account_id].append(bill)
    for payment in payments:
        payments_of[payment.account_id].append(payment)
    for side, account, row, amount in reversals:
        reversals_of[account].append((side, row, amount))
    return bills_of, payments_of, reversals_of


def _earliest(bills: Iterable[NewBill], payments: Iterable[NewPayment]) -> dict[int, date]:
    days: dict[int, date] = {}
    for bill in bills:
        if bill.kind != "penalty":
            days[bill.account_id] = min(bill.due_on, days.get(bill.account_id, bill.due_on))
    for payment in payments:
        days[payment.account_id] = min(payment.value_on, days.get(payment.account_id, payment.value_on))
    return days


def _chunks(accounts: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(accounts), AT_ONCE):
        yield accounts[start : start + AT_ONCE]


def _post_chunk(
    cursor: Cursor,
    organisation_id: int,
    entry_id: int,
    versions: dict[int, int],
    accounts: Sequence[int],
    grouped: _Grouped,
    barred: Barred,
    posted: Posted,
) -> None:
    bills_of, payments_of, reversals_of = grouped
    bills = [bill for account in accounts for bill in bills_of.get(account, ())]
    payments = [payment for account in accounts for payment in payments_of.get(account, ())]
    work = Work(organisation_id=organisation_id, entry_id=entry_id, versions=versions)
    since = reverse(cursor, work, {pk: reversals_of[pk] for pk in accounts if pk in reversals_of})
    # After the reversals: a row reversed by this entry may be replaced by it, under the same month or source key.
    found = standing(cursor, organisation_id, accounts, bills, payments)
    posted.known_bills += found.known_bills
    posted.known_payments += found.known_payments
    work.bills, work.money, work.places = found.bills, found.money, found.places
    work.rows = {bill.id for rows in found.bills.values() for bill in rows}
    take_bills(work, found.new_bills)
    take_payments(work, found.new_payments)
    posted.payment_ids.update({row.source_key: pk for pk, row in work.new_payments})
    _note_backdated(work, found, since)
    for account in work.delta:
        if account not in since and work.bills.get(account) and work.money.get(account):
            shares = allocate(work.bills[account], work.money[account], barred)
            work.moves += [(account, share) for share in shares]
    if since:
        reallocate(cursor, work, since, barred)
    write(cursor, work)
    posted.bills += len(work.new_bills)
    posted.payments += len(work.new_payments)
    posted.reversed += sum(len(reversals_of[pk]) for pk in accounts if pk in reversals_of)
    posted.shares += sum(share.amount_minor > 0 for _, share in work.moves)


def _note_backdated(work: Work, found: Standing, since: dict[int, date]) -> None:
    """Add the accounts on which something comes before what is allocated already, with the day it begins at."""
    backdated: list[tuple[int, date]] = []
    for pk, bill in work.new_bills:
        asked_on = add_months(bill.month, 1)
        is_penalty = bill.kind == "penalty"
        if pk in work.places or (is_penalty and bill.month < found.newest.get(bill.account_id, EVERYTHING)):
            backdated.append((bill.account_id, EVERYTHING))
        elif is_penalty and asked_on <= found.latest.get(bill.account_id, EVERYTHING):
            backdated.append((bill.account_id, asked_on))
    for _pk, payment in work.new_payments:
        if payment.value_on < found.latest.get(payment.account_id, EVERYTHING):
            backdated.append((payment.account_id, payment.value_on))
    for account, day in backdated:
        since[account] = min(day, since.get(account, day))
