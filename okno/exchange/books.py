"""What the ledger already holds for some accounts and a month, read in four statements for any number of them."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NamedTuple

from okno.common.days import add_months, last_day
from okno.exchange.staging import Cursor


class Posted(NamedTuple):
    """A bill or a payment of the month that stands: its id, sum and lines."""

    id: int
    amount_minor: int
    lines: dict[str, int]


@dataclass
class Books:
    """Accounts as they stand. Every dictionary goes by account; who has nothing is not in it."""

    month: date
    billed: dict[int, int] = field(default_factory=dict)
    paid: dict[int, int] = field(default_factory=dict)
    #: Bills of this month or later, payments of its first day or later: what the balance had not yet at its start.
    billed_since: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    paid_since: dict[int, int] = field(default_factory=dict)
    #: Payments of residents valued within the month.
    paid_within: dict[int, int] = field(default_factory=dict)
    bills: dict[int, dict[str, Posted]] = field(default_factory=dict)
    penalties: dict[int, dict[str, Posted]] = field(default_factory=dict)
    added: dict[int, Posted] = field(default_factory=dict)
    taken_off: dict[int, Posted] = field(default_factory=dict)
    #: Accounts whose balance at the start of Okno's books is of this month or later: it holds the month already.
    opened_later: set[int] = field(default_factory=set)

    @cached_property
    def at_month(self) -> frozenset[int]:
        """Accounts for which something of the month stands already."""
        return frozenset((*self.bills, *self.penalties, *self.added, *self.taken_off))

    def openings(self) -> int:
        """What all of them together owed when the month began."""
        before = sum(self.billed.values()) - sum(self.paid.values())
        return before - sum(self.billed_since.values()) + sum(self.paid_since.values())

    def opening(self, account_id: int) -> int:
        """What the account owed (minus: had in advance) when the month began."""
        return (
            self.billed.get(account_id, 0)
            - self.paid.get(account_id, 0)
            - self.billed_since.get(account_id, 0)
            + self.paid_since.get(account_id, 0)
        )


def recalculation_key(month: date) -> str:
    """The source key of the month's recalculation upwards; one an account."""
    return f"recalculation:{month:%Y-%m}"


def credit_key(account_id: int, month: date) -> str:
    """The source key of the month's recalculation downwards; one in the organisation."""
    return f"recalculation:{account_id}:{month:%Y-%m}"


def sheet_penalty_key(regime: str, month: date) -> str:
    """The source key of a penalty that a sheet brings; one an account and regime."""
    return f"sheet-penalty:{regime}:{month:%Y-%m}"


def read_books(cursor: Cursor, account_ids: Sequence[int], month: date, *, lock: bool) -> Books:
    """The books of these accounts for `month` (its first day).

    With `lock` the balances are locked first, in the order of ids as every posting does, so that nothing moves until
    the transaction ends.
    """
    books = Books(month=month)
    accounts = sorted(account_ids)
    cursor.execute(
        "SELECT account_id, billed_minor, paid_minor FROM ledger_balance WHERE account_id = ANY(%s)"
        " ORDER BY account_id" + (" FOR UPDATE" if lock else ""),
        (accounts,),
    )
    for account, billed, paid in cursor.fetchall():
        books.billed[account], books.paid[account] = billed, paid
    _read_bills(cursor, books, accounts)
    _read_payments(cursor, books, accounts)
    return books


def _read_bills(cursor: Cursor, books: Books, accounts: list[int]) -> None:
    cursor.execute(
        "SELECT account_id, id, kind, regime, month, amount_minor, lines, source_key FROM ledger_bill"
        " WHERE account_id = ANY(%s) AND month >= %s AND reversed_by_id IS NULL",
        (accounts, books.month),
    )
    key = recalculation_key(books.month)
    # Django's connection gives JSON as text.
    for account, pk, kind, regime, month, amount, lines, source_key in cursor.fetchall():
        books.billed_since[account] += amount
        if kind == "opening":
            books.opened_later.add(account)
        if month != books.month:
            continue
        if kind == "month":
            books.bills.setdefault(account, {})[regime] = Posted(pk, amount, json.loads(lines))
        elif source_key == sheet_penalty_key(regime, month):
            books.penalties.setdefault(account, {})[regime] = Posted(pk, amount, json.loads(lines))
        elif source_key == key:
            books.added[account] = Posted(pk, amount, json.loads(lines))


def _read_payments(cursor: Cursor, books: Books, accounts: list[int]) -> None:
    until = add_months(books.month, 1)
    cursor.execute(
        "SELECT account_id, sum(amount_minor)::bigint,"
        " coalesce(sum(amount_minor) FILTER (WHERE kind = 'payment' AND value_on < %s), 0)::bigint"
        " FROM ledger_payment WHERE account_id = ANY(%s) AND value_on >= %s AND reversed_by_id IS NULL"
        " GROUP BY 1",
        (until, accounts, books.month),
    )
    for account, since, within in cursor.fetchall():
        books.paid_since[account], books.paid_within[account] = since, within
    if not books.paid_since:
        return
    cursor.execute(
        "SELECT account_id, id, amount_minor, source_key FROM ledger_payment WHERE account_id = ANY(%s)"
        " AND value_on = %s AND kind = 'recalculation' AND reversed_by_id IS NULL",
        (accounts, last_day(books.month)),
    )
    for account, pk, amount, source_key in cursor.fetchall():
        if source_key == credit_key(account, books.month):
            books.taken_off[account] = Posted(pk, amount, {})
