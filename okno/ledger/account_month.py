"""What happened to accounts in a month, as their bills and statements tell it: many accounts in four queries.

The sums are told backwards from the balance of today, so that they cost what the last rows do and not the history.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection


class MonthBill(NamedTuple):
    """A bill of the month under one regime; `lines` are service code → minor units."""

    regime: str
    due_on: date
    lines: Mapping[str, int]


class Change(NamedTuple):
    """A recalculation: what it changed, by how much (above zero asks for more), and the words of whoever made it."""

    month: date | None
    reason: str
    minor: int


class Money(NamedTuple):
    """A payment by its value day."""

    on: date
    minor: int


class StillOpen(NamedTuple):
    """What is open of the bills of a month and regime, penalties included; how much of it is penalties."""

    month: date
    regime: str
    minor: int
    penalty_minor: int


@dataclass(slots=True)
class AccountMonth:
    """An account's month, with everything valued up to the day it was asked for; minor units.

    opening + bills + changes + penalties − money = closing: what was owed before the month began (below zero: paid in
    advance), what the month added, and what is owed now.
    """

    closing_minor: int = 0
    penalties_minor: int = 0
    bills: list[MonthBill] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    money: list[Money] = field(default_factory=list)
    still_open: list[StillOpen] = field(default_factory=list)

    @property
    def opening_minor(self) -> int:
        asked = sum(sum(bill.lines.values()) for bill in self.bills) + self.penalties_minor
        changed = sum(change.minor for change in self.changes)
        return self.closing_minor - asked - changed + sum(money.minor for money in self.money)


def read(accounts: Sequence[int], month: date, day: date, *, began_at: datetime) -> dict[int, AccountMonth]:
    """Accounts in `month` (a first day) as their bill says it on `day`, the organisation's.

    Bills of later months and money valued later are left out, and so is what was reversed. A recalculation belongs to
    the month it changes or, when a person posted it after `began_at` (the month's first moment), to this one.
    """
    asked = {"accounts": list(accounts), "month": month, "day": day, "began_at": began_at}
    found = {account: AccountMonth() for account in accounts}
    for account, closing in _rows(_CLOSING, asked):
        found[account].closing_minor = closing
    for account, kind, regime, billed, due_on, minor, lines, reason in _rows(_BILLS, asked):
        told = found[account]
        if kind == "month":
            told.bills.append(MonthBill(regime, due_on, json.loads(lines)))
        elif kind == "penalty":
            told.penalties_minor += minor
        elif kind == "recalculation":
            told.changes.append(Change(billed, reason, minor))
    for account, kind, value_on, minor, stated, reason in _rows(_MONEY, asked):
        if kind == "payment":
            found[account].money.append(Money(value_on, minor))
        elif kind == "recalculation":
            found[account].changes.append(Change(stated, reason, -minor))
    for account, *still_open in _rows(_STILL_OPEN, asked):
        found[account].still_open.append(StillOpen(*still_open))
    return found


def _rows(query: str, asked: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, asked)
        return list(cursor.fetchall())


_CLOSING = """
SELECT balance.account_id,
       (balance.open_minor - balance.advance_minor - coalesce(later.billed, 0) + coalesce(later.paid, 0))::bigint
FROM ledger_balance AS balance
CROSS JOIN LATERAL (
    SELECT (SELECT sum(bill.amount_minor) FROM ledger_bill AS bill
            WHERE bill.account_id = balance.account_id AND bill.month > %(month)s AND bill.reversed_by_id IS NULL),
           (SELECT sum(payment.amount_minor) FROM ledger_payment AS payment
            WHERE payment.account_id = balance.account_id AND payment.value_on > %(day)s
              AND payment.reversed_by_id IS NULL)
) AS later(billed, paid)
WHERE balance.account_id = ANY(%(accounts)s)
"""

# A recalculation out of a file has a reason that says which file: nothing for a resident.
_BILLS = """
SELECT bill.account_id, bill.kind, bill.regime, bill.month, bill.due_on, bill.amount_minor, bill.lines,
       CASE WHEN entry.kind IN ('recalculation', 'penalties') THEN entry.reason ELSE '' END
FROM ledger_bill AS bill JOIN ledger_entry AS entry ON entry.id = bill.entry_id
WHERE bill.account_id = ANY(%(accounts)s) AND bill.month = %(month)s AND bill.reversed_by_id IS NULL
UNION ALL
SELECT bill.account_id, bill.kind, bill.regime, bill.month, bill.due_on, bill.amount_minor, bill.lines, entry.reason
FROM ledger_bill AS bill JOIN ledger_entry AS entry ON entry.id = bill.entry_id
WHERE bill.account_id = ANY(%(accounts)s) AND bill.month < %(month)s AND bill.reversed_by_id IS NULL
  AND bill.kind = 'recalculation' AND entry.kind = 'recalculation' AND entry.posted_at >= %(began_at)s
ORDER BY 1, 4, 3
"""

_MONEY = """
SELECT payment.account_id, payment.kind, payment.value_on, payment.amount_minor, payment.stated_month,
       CASE WHEN entry.kind IN ('recalculation', 'penalties') THEN entry.reason ELSE '' END
FROM ledger_payment AS payment JOIN ledger_entry AS entry ON entry.id = payment.entry_id
WHERE payment.account_id = ANY(%(accounts)s) AND payment.value_on BETWEEN %(month)s AND %(day)s
  AND payment.reversed_by_id IS NULL
ORDER BY payment.account_id, payment.value_on, payment.id
"""

_STILL_OPEN = """
SELECT account_id, month, regime, sum(open_minor)::bigint,
       coalesce(sum(open_minor) FILTER (WHERE kind = 'penalty'), 0)::bigint
FROM ledger_openbill WHERE account_id = ANY(%(accounts)s) AND month <= %(month)s
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
