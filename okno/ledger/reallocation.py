"""Accounts whose past a posting touches: later allocations are unwound and everything is allocated again in order.

Only payments from a day on are taken apart. What earlier ones paid stays: an earlier payment had the first choice of
every bill, so nothing that comes after it moves it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from okno.ledger.allocation import Barred, FreeMoney, OpenBill, Share
from okno.ledger.order import Placed, in_value_order
from okno.ledger.rows import WAIVER, Cursor, Work

EVERYTHING = date(1, 1, 1)
"""Since the account's first payment."""


@dataclass(kw_only=True)
class Past:
    """One account taken apart: open and free as they would be without its allocations from a day on."""

    bills: dict[int, Placed[OpenBill]] = field(default_factory=dict)
    money: dict[int, Placed[FreeMoney]] = field(default_factory=dict)
    pairs: dict[tuple[int, int], int] = field(default_factory=dict)


def reallocate(cursor: Cursor, work: Work, since: Mapping[int, date], barred: Barred) -> None:
    """Allocate these accounts (id → the first day whose payments are taken apart) anew and note only what moves.

    The bills and the money to post stand beside the old ones in `work` already.
    """
    for account, past in _taken_apart(cursor, work, since).items():
        shares = in_value_order(past.bills.values(), past.money.values(), barred)
        work.bills[account] = [placed.row for placed in past.bills.values() if placed.row.open_minor]
        work.money[account] = [placed.row for placed in past.money.values() if placed.row.free_minor]
        work.moves += [(account, share) for share in _differences(past, shares)]


def first_touched(cursor: Cursor, penalties: Mapping[int, date]) -> list[tuple[int, date]]:
    """From which day payments must be taken apart for a penalty (account → the day money is for it) that comes late.

    It stands before the first posting of money of that day or a later one. What was allocated since then may have been
    older money, which lay free at that place and would have paid it.
    """
    if not penalties:
        return []
    accounts, days = list(penalties), list(penalties.values())
    cursor.execute(_TOUCHED, (accounts, days), prepare=True)
    earliest: dict[int, date] = dict(cursor.fetchall())
    return [(account, min(day, earliest.get(account, day))) for account, day in penalties.items()]


def _differences(past: Past, shares: Iterable[Share]) -> list[Share]:
    """What to take back, then what to give, so that the old allocations become these."""
    moved: dict[tuple[int, int], int] = defaultdict(int)
    for share in shares:
        moved[share.payment_id, share.bill_id] += share.amount_minor
    for pair, minor in past.pairs.items():
        moved[pair] -= minor
    found = [
        Share(past.money[payment].row, past.bills[bill].row, minor) for (payment, bill), minor in moved.items() if minor
    ]
    return sorted(found, key=lambda share: share.amount_minor > 0)


def _taken_apart(cursor: Cursor, work: Work, since: Mapping[int, date]) -> dict[int, Past]:
    accounts, days = list(since), list(since.values())
    pasts = {account: Past() for account in accounts}
    cursor.execute(_PAYMENTS, (accounts, days), prepare=True)
    for account, version, *row in cursor.fetchall():
        payment = FreeMoney(*row)
        pasts[account].money[payment.id] = Placed(version, payment)
    cursor.execute(_PAIRS, (accounts, days, accounts), prepare=True)
    for account, payment_id, bill_id, minor in cursor.fetchall():
        pasts[account].pairs[payment_id, bill_id] = minor
    _stand_bills_up(cursor, work, pasts)
    new_payments = {pk for pk, _ in work.new_payments}
    for account, past in pasts.items():
        for payment in work.money.get(account, ()):
            # One of an earlier day is there from the start: of what was open before, it could pay nothing.
            version = work.versions[account] if payment.id in new_payments else 0
            past.money.setdefault(payment.id, Placed(version, payment))
        for (payment_id, bill_id), minor in past.pairs.items():
            past.money[payment_id].row.free_minor += minor
            past.bills[bill_id].row.open_minor += minor
    return pasts


def _stand_bills_up(cursor: Cursor, work: Work, pasts: Mapping[int, Past]) -> None:
    """The open bills, the new ones, and those that the taken payments had paid, each in its place."""
    still_open = {bill.id: bill for account in pasts for bill in work.bills.get(account, ())}
    paid = {bill_id for past in pasts.values() for _, bill_id in past.pairs}
    cursor.execute(_BILLS, (list(still_open.keys() | paid),), prepare=True)
    for account, place, pk, kind, regime, month, due_on in cursor.fetchall():
        bill = still_open.get(pk) or OpenBill(pk, kind, regime, month, due_on, 0)
        pasts[account].bills[pk] = Placed(place, bill)
    for pk, new in work.new_bills:
        if new.account_id in pasts and pk in still_open:
            place = work.places.get(pk, work.versions[new.account_id])
            pasts[new.account_id].bills[pk] = Placed(place, still_open[pk])


# What a waiver took off a penalty stays with it: it is counted anew, when it must be, by the penalties themselves.
_WINDOW = (
    "unnest(%s::bigint[], %s::date[]) AS asked(account_id, since) JOIN ledger_payment AS payment"
    " ON payment.account_id = asked.account_id AND payment.value_on >= asked.since AND payment.reversed_by_id IS NULL"
    f" AND payment.source_key NOT LIKE '{WAIVER}%%'"
)
_PAYMENTS = (
    "SELECT payment.account_id, payment.version, payment.id, payment.value_on, payment.free_minor,"
    f" payment.stated_month, payment.regime FROM {_WINDOW}"
)
_PAIRS = (
    "SELECT move.account_id, move.payment_id, move.bill_id, sum(move.amount_minor)::bigint"
    f" FROM {_WINDOW} JOIN ledger_allocation AS move ON move.payment_id = payment.id"
    " WHERE move.account_id = ANY(%s) GROUP BY 1, 2, 3 HAVING sum(move.amount_minor) <> 0"
)
_TOUCHED = """
SELECT asked.account_id, min(payment.value_on)
FROM unnest(%s::bigint[], %s::date[]) AS asked(account_id, day)
CROSS JOIN LATERAL (
    SELECT min(money.version) AS place FROM ledger_payment AS money
    WHERE money.account_id = asked.account_id AND money.value_on >= asked.day AND money.reversed_by_id IS NULL
) AS first
JOIN ledger_allocation AS move ON move.account_id = asked.account_id AND move.version >= first.place
JOIN ledger_payment AS payment ON payment.id = move.payment_id AND payment.reversed_by_id IS NULL
GROUP BY asked.account_id
"""
_BILLS = """
SELECT bill.account_id, (
    SELECT min(first.version) FROM ledger_bill AS first
    WHERE first.account_id = bill.account_id AND first.month = bill.month AND first.kind = bill.kind
      AND first.regime = bill.regime AND first.source_key IS NOT DISTINCT FROM bill.source_key
), bill.id, bill.kind, bill.regime, bill.month, bill.due_on
FROM ledger_bill AS bill WHERE bill.id = ANY(%s)
"""
