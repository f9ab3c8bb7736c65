"""On which day an entry is accounted: the rule in words, and how the day is found.

An entry has one accounting day and all its rows belong to that day's month. It is the day the rows name themselves:
the last day of a month billed, the day money counts as paid; a reversal belongs to the month of what it reverses, so
that a mistake leaves no trace in a month still open. Whoever posts may name another day: a recalculation made in
November belongs to November whatever month it mends. Where that month is closed the first open day takes its place
(`ledger_open_day` in the database); the day money counts as paid, and with it every penalty, stays as it is.
"""

from collections.abc import Iterable
from datetime import date

from okno.common.days import last_day
from okno.ledger.rows import NewBill, NewPayment


def own_day(bills: Iterable[NewBill], payments: Iterable[NewPayment]) -> date | None:
    """The latest day that the rows name; None for no rows. Rows of different months are better posted apart."""
    days = {last_day(month) for month in {bill.month for bill in bills}}
    days |= {payment.value_on for payment in payments}
    return max(days, default=None)
