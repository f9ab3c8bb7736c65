"""An account from month to month, as its statement tells it: what was owed before, every row, what is owed after."""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db import connection


class PeriodRow(NamedTuple):
    """A bill (above zero) or money (below zero) that stands; `on` is the last day of the month, or the value day."""

    on: date
    kind: str
    regime: str
    month: date | None
    minor: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPeriod:
    """Opening and closing are not counted from the rows: one from the rows before, one back from today's balance."""

    opening_minor: int
    closing_minor: int
    rows: tuple[PeriodRow, ...]


def read(account_id: int, first: date, last: date, until: date) -> AccountPeriod:
    """Bills of the months from `first` to `last` (first days, inclusive), money from the first day up to `until`.

    Raises LookupError for an account that is not there.
    """
    asked: dict[str, Any] = {"account": account_id, "first": first, "last": last, "until": until}
    with connection.cursor() as cursor:
        cursor.execute(_ENDS, asked)
        ends = cursor.fetchone()
        if ends is None:
            raise LookupError(f"no account {account_id}")
        cursor.execute(_ROWS, asked)
        rows = tuple(PeriodRow(*row) for row in cursor.fetchall())
    return AccountPeriod(opening_minor=ends[0], closing_minor=ends[1], rows=rows)


_ENDS = """
SELECT (coalesce(before.billed, 0) - coalesce(before.paid, 0))::bigint,
       (balance.open_minor - balance.advance_minor - coalesce(later.billed, 0) + coalesce(later.paid, 0))::bigint
FROM ledger_balance AS balance
CROSS JOIN LATERAL (
    SELECT (SELECT sum(amount_minor) FROM ledger_bill
            WHERE account_id = balance.account_id AND month < %(first)s AND reversed_by_id IS NULL),
           (SELECT sum(amount_minor) FROM ledger_payment
            WHERE account_id = balance.account_id AND value_on < %(first)s AND reversed_by_id IS NULL)
) AS before(billed, paid)
CROSS JOIN LATERAL (
    SELECT (SELECT sum(amount_minor) FROM ledger_bill
            WHERE account_id = balance.account_id AND month > %(last)s AND reversed_by_id IS NULL),
           (SELECT sum(amount_minor) FROM ledger_payment
            WHERE account_id = balance.account_id AND value_on > %(until)s AND reversed_by_id IS NULL)
) AS later(billed, paid)
WHERE balance.account_id = %(account)s
"""

_ROWS = """
SELECT * FROM (
    SELECT (bill.month + interval '1 month - 1 day')::date AS day, bill.kind, bill.regime, bill.month,
           bill.amount_minor, CASE WHEN entry.kind = 'bills' THEN '' ELSE entry.reason END
    FROM ledger_bill AS bill JOIN ledger_entry AS entry ON entry.id = bill.entry_id
    WHERE bill.account_id = %(account)s AND bill.month BETWEEN %(first)s AND %(last)s AND bill.reversed_by_id IS NULL
    UNION ALL
    SELECT payment.value_on, payment.kind, payment.regime, payment.stated_month, -payment.amount_minor,
           CASE WHEN entry.kind IN ('bills', 'payments') THEN '' ELSE entry.reason END
    FROM ledger_payment AS payment JOIN ledger_entry AS entry ON entry.id = payment.entry_id
    WHERE payment.account_id = %(account)s AND payment.value_on BETWEEN %(first)s AND %(until)s
      AND payment.reversed_by_id IS NULL
) AS moved ORDER BY day, (amount_minor < 0), kind, regime
"""
