"""The only door by which money moves.

`post` takes any number of bills, payments and reversals as one entry and writes, in one transaction: the rows, the
allocations, the open and free remainders, the balances, and what follows from it (`effects`). The same entry key or
the same source key twice changes nothing. Balances are locked first, in the order of their ids, so that postings never
deadlock and a permit of the gate stands wholly before or wholly after a posting. An entry belongs to one month
(`months.days`); a closed one is never posted to, what comes late is dated on the first open day.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import date
from functools import partial

import psycopg
from django.db import connection, transaction
from django.utils.translation import gettext as _

from okno.access.models import Organisation, User
from okno.common.days import add_months
from okno.database import trips
from okno.jobs import signals
from okno.ledger import effects
from okno.ledger.allocation import Barred, allocate
from okno.ledger.limitation import is_barred
from okno.ledger.months.days import own_day
from okno.ledger.reading import Asked, Standing, ask, standing
from okno.ledger.reallocation import EVERYTHING, first_touched, reallocate
from okno.ledger.reversing import reverse
from okno.ledger.rows import Cursor, NewBill, NewPayment, Work, take_bills, take_payments
from okno.ledger.writing import FEW, write

AT_ONCE = 20_000
"""Accounts worked on at a time: bounds the memory of a posting of any size."""


class PostingRefused(Exception):
    """The posting cannot be made; the message says why. Nothing was written."""


@dataclass(kw_only=True)
class Posted:
    """What a posting did. `repeated` means that the entry had been posted before and nothing was done now.

    `accounted_on` is the entry's accounting day: the one asked for, or the first open day when that month is closed.
    """

    entry_id: int
    accounted_on: date
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
    accounted_on: date | None = None,
) -> Posted:
    """Post everything given as one entry, or nothing.

    `accounted_on` is the accounting day (None: the latest that the rows name, `months.days`); what is reversed is never
    reversed in an earlier month than its own, and nothing falls into a closed one.
    `key` makes the entry itself repeatable without harm. Bills already there (same account, month and regime, or the
    same source key) and payments already there (same source key) are left out and returned as known.
    Raises PostingRefused (amount out of range, unknown account, a row already reversed).
    """
    _check(bills, payments)
    attempt = partial(
        _post,
        organisation,
        key,
        kind,
        reason,
        user,
        source,
        bills,
        payments,
        reverse_bills,
        reverse_payments,
        accounted_on or own_day(bills, payments),
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
    day: date | None,
) -> Posted:
    rows = len(bills) + len(payments) + len(reverse_bills) + len(reverse_payments)
    with _transaction(few=rows <= FEW) as cursor:
        reversals = _reversals(cursor, organisation.pk, reverse_bills, reverse_payments)
        accounts = sorted(
            {row.account_id for row in bills} | {row.account_id for row in payments} | {row[1] for row in reversals}
        )
        grouped = _by_account(bills, payments, reversals)
        coming = effects.Coming(
            organisation_id=organisation.pk,
            kind=kind,
            account_ids=accounts,
            reversed_ids=sorted({row[1] for row in reversals}),
            earliest=_earliest(bills, payments),
        )
        # The entry's moment is later than the locks, so than any permit it could meet.
        locked = _lock(cursor, organisation.pk, accounts)
        entered = _enter(cursor, organisation.pk, key, kind, reason, user, source, _latest(day, reversals))
        follows = effects.ask(cursor, coming)
        chunks = [_Chunk.of(piece, grouped) for piece in _pieces(accounts)]
        if chunks and not reversals:
            chunks[0].ask(cursor, organisation.pk)
        versions = _versions(locked, accounts)
        row = entered.fetchone()
        if row is None:
            entry_id, accounted_on = _entry_of(cursor, organisation.pk, key)
            return Posted(entry_id=entry_id, accounted_on=accounted_on, repeated=True)
        entry_id, accounted_on = row
        _refuse_reversed(cursor, reversals)
        posted = Posted(entry_id=entry_id, accounted_on=accounted_on)
        barred = partial(is_barred, organisation.country)
        for chunk in chunks:
            work = Work(organisation_id=organisation.pk, entry_id=entry_id, versions=versions)
            _post_chunk(cursor, work, chunk, barred, posted)
        effects.follow(cursor, effects.Moved(**vars(coming), entry_id=entry_id), follows)
        topics = [f"account:{pk}" for pk in accounts[:20]]
        signals.send(organisation.pk, ["ledger", *topics])
    return posted


@contextmanager
def _transaction(*, few: bool) -> Iterator[Cursor]:
    """The posting's transaction, or its savepoint, and a cursor in it that binds on the server: plans are reused and
    arrays travel as such.

    Of a few rows everything is gathered: BEGIN leaves with the first questions, COMMIT with the last rows, and Django,
    whose transaction it is, finds nothing left to commit.
    """
    inside = connection.in_atomic_block
    connection.ensure_connection()
    server = connection.connection
    with transaction.atomic(), trips.together(server) if few else nullcontext():
        cursor = psycopg.Cursor(server)
        if not few:
            yield cursor
            return
        try:
            cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan", prepare=True)
            yield cursor
            if not inside and not connection.needs_rollback:
                server.commit()
        except BaseException:
            # What the failed trip has left is taken off the line, for the rollback to get through.
            with suppress(psycopg.Error):
                trips.settle(server)
            raise


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


_Reversal = tuple[str, int, int, int, date]
"""(side, account, row, amount, accounting day) of a row to reverse."""


def _reversals(
    cursor: Cursor, organisation_id: int, bill_ids: Sequence[int], payment_ids: Sequence[int]
) -> list[_Reversal]:
    """Every row to reverse."""
    rows: list[_Reversal] = []
    for side, ids in (("bill", bill_ids), ("payment", payment_ids)):
        if not ids:
            continue
        cursor.execute(
            f"SELECT row.account_id, row.id, row.amount_minor, entry.accounted_on FROM ledger_{side} AS row"
            " JOIN ledger_entry AS entry ON entry.id = row.entry_id"
            " WHERE row.organisation_id = %s AND row.id = ANY(%s) ORDER BY row.id",
            (organisation_id, list(ids)),
        )
        found = cursor.fetchall()
        if len(found) != len(set(ids)):
            raise PostingRefused(_("Строки для сторно не найдены в этой организации"))
        rows += [(side, *row) for row in found]
    return rows


def _latest(day: date | None, reversals: Sequence[_Reversal]) -> date | None:
    """The day asked for, or a later one of a row to reverse."""
    return max([row[4] for row in reversals] + ([day] if day is not None else []), default=None)


def _refuse_reversed(cursor: Cursor, reversals: Sequence[_Reversal]) -> None:
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
    cursor: Cursor,
    organisation_id: int,
    key: str,
    kind: str,
    reason: str,
    user: User | None,
    source: str,
    day: date | None,
) -> Cursor:
    """Write the entry's row unless the key was posted before; one who posts the same key now is waited for.

    Its month stays open until the transaction ends.
    """
    return psycopg.Cursor(cursor.connection).execute(
        "INSERT INTO ledger_entry (organisation_id, key, kind, posted_at, accounted_on, user_id, reason, source)"
        " VALUES (%s, %s, %s, clock_timestamp(), ledger_open_day(%s, %s::date), %s, %s, %s)"
        " ON CONFLICT (organisation_id, key) DO NOTHING RETURNING id, accounted_on",
        (organisation_id, key, kind, organisation_id, day, user.pk if user else None, reason, source),
        prepare=True,
    )


def _entry_of(cursor: Cursor, organisation_id: int, key: str) -> tuple[int, date]:
    cursor.execute(
        "SELECT id, accounted_on FROM ledger_entry WHERE organisation_id = %s AND key = %s", (organisation_id, key)
    )
    row = cursor.fetchone()
    assert row is not None
    return row[0], row[1]


_Grouped = tuple[dict[int, list[NewBill]], dict[int, list[NewPayment]], dict[int, list[tuple[str, int, int]]]]


def _by_account(bills: Iterable[NewBill], payments: Iterable[NewPayment], reversals: Iterable[_Reversal]) -> _Grouped:
    bills_of: dict[int, list[NewBill]] = defaultdict(list)
    payments_of: dict[int, list[NewPayment]] = defaultdict(list)
    reversals_of: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    for bill in bills:
        bills_of[bill.account_id].append(bill)
    for payment in payments:
        payments_of[payment.account_id].append(payment)
    for side, account, row, amount, _day in reversals:
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


def _pieces(accounts: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(accounts), AT_ONCE):
        yield accounts[start : start + AT_ONCE]


@dataclass(kw_only=True)
class _Chunk:
    """What is posted to some of the accounts."""

    accounts: Sequence[int]
    bills: list[NewBill]
    payments: list[NewPayment]
    reversals: dict[int, list[tuple[str, int, int]]]
    asked: Asked | None = None

    @classmethod
    def of(cls, accounts: Sequence[int], grouped: _Grouped) -> "_Chunk":
        bills_of, payments_of, reversals_of = grouped
        return cls(
            accounts=accounts,
            bills=[bill for account in accounts for bill in bills_of.get(account, ())],
            payments=[payment for account in accounts for payment in payments_of.get(account, ())],
            reversals={account: reversals_of[account] for account in accounts if account in reversals_of},
        )

    def ask(self, cursor: Cursor, organisation_id: int) -> Asked:
        """Send the questions about its accounts, once."""
        if self.asked is None:
            self.asked = ask(cursor, organisation_id, self.accounts, self.bills, self.payments)
        return self.asked


def _post_chunk(cursor: Cursor, work: Work, chunk: _Chunk, barred: Barred, posted: Posted) -> None:
    since = reverse(cursor, work, chunk.reversals)
    # After the reversals: a row reversed by this entry may be replaced by it, under the same month or source key.
    found = standing(chunk.ask(cursor, work.organisation_id))
    posted.known_bills += found.known_bills
    posted.known_payments += found.known_payments
    work.bills, work.money, work.places = found.bills, found.money, found.places
    work.rows = {bill.id for rows in found.bills.values() for bill in rows}
    take_bills(work, found.new_bills)
    take_payments(work, found.new_payments)
    posted.payment_ids.update({row.source_key: pk for pk, row in work.new_payments})
    _note_backdated(cursor, work, found, since)
    for account in work.delta:
        if account not in since and work.bills.get(account) and work.money.get(account):
            shares = allocate(work.bills[account], work.money[account], barred)
            work.moves += [(account, share) for share in shares]
    if since:
        reallocate(cursor, work, since, barred)
    write(cursor, work)
    posted.bills += len(work.new_bills)
    posted.payments += len(work.new_payments)
    posted.reversed += sum(len(rows) for rows in chunk.reversals.values())
    posted.shares += sum(share.amount_minor > 0 for _, share in work.moves)


def _note_backdated(cursor: Cursor, work: Work, found: Standing, since: dict[int, date]) -> None:
    """Add the accounts on which something comes before what is allocated already, with the day it begins at."""
    backdated: list[tuple[int, date]] = []
    penalties: dict[int, date] = {}
    for pk, bill in work.new_bills:
        asked_on = add_months(bill.month, 1)
        if pk in work.places:
            backdated.append((bill.account_id, EVERYTHING))
        elif bill.kind == "penalty" and asked_on <= found.latest.get(bill.account_id, EVERYTHING):
            penalties[bill.account_id] = min(asked_on, penalties.get(bill.account_id, asked_on))
    backdated += first_touched(cursor, penalties)
    for _pk, payment in work.new_payments:
        if payment.value_on < found.latest.get(payment.account_id, EVERYTHING):
            backdated.append((payment.account_id, payment.value_on))
    for account, day in backdated:
        since[account] = min(day, since.get(account, day))
