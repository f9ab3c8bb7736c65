"""How an account was paid month by month: in time, late or not at all."""

from dataclasses import dataclass
from datetime import date

from django.db import connection


@dataclass(frozen=True, slots=True)
class MonthHabit:
    """A month's bills together: `due_on` is the latest of their due days, `in_time_minor` came on or before its own."""

    month: date
    due_on: date
    amount_minor: int
    open_minor: int
    in_time_minor: int


def months_paid(account_id: int, *, since: date) -> list[MonthHabit]:
    """The account's months from `since` (a first day, included) on, oldest first; reversed bills are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_HABITS, {"account": account_id, "since": since})
        return [MonthHabit(*row) for row in cursor.fetchall()]


_HABITS = """
SELECT bill.month, max(bill.due_on), sum(bill.amount_minor)::bigint, coalesce(sum(still.open_minor), 0)::bigint,
       coalesce(sum(paid.minor), 0)::bigint
FROM ledger_bill AS bill
LEFT JOIN ledger_openbill AS still ON still.bill_id = bill.id
LEFT JOIN (
    SELECT move.bill_id, sum(move.amount_minor) AS minor
    FROM ledger_allocation AS move
    JOIN ledger_payment AS payment ON payment.id = move.payment_id
    JOIN ledger_bill AS due ON due.id = move.bill_id
    WHERE move.account_id = %(account)s AND payment.value_on <= due.due_on
    GROUP BY move.bill_id
) AS paid ON paid.bill_id = bill.id
WHERE bill.account_id = %(account)s AND bill.reversed_by_id IS NULL AND bill.amount_minor > 0
  AND bill.month >= %(since)s
GROUP BY bill.month ORDER BY bill.month
"""
