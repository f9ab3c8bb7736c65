"""What one account's allocations would be, had every payment come in the order of its day.

A payment stands no later than any payment of a later day, wherever it came in truth; a bill stands where it was
posted, and one that replaces a reversed bill stands in its place; a penalty stands before the money of days after its
month, whenever it was posted. What was reversed never was. Place by place bills stand up, then payments come, and what
is free pays what is open by the one rule of `allocation`. Pure: no database.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from okno.ledger.allocation import Barred, FreeMoney, OpenBill, Share, allocate, money_order

Row = TypeVar("Row", OpenBill, FreeMoney)


@dataclass(frozen=True, slots=True)
class Placed(Generic[Row]):
    """A bill or a payment and the account's version at which it was posted (a bill: or the one it replaces)."""

    version: int
    row: Row


def in_value_order(
    bills: Iterable[Placed[OpenBill]], money: Iterable[Placed[FreeMoney]], barred: Barred
) -> list[Share]:
    """Spread the money over the bills as if it had come in the order of its days; changes both as `allocate` does."""
    coming = _arrivals(money)
    standing_up: dict[int, list[OpenBill]] = defaultdict(list)
    for bill in bills:
        standing_up[_place(bill, coming)].append(bill.row)
    open_bills: list[OpenBill] = []
    free: list[FreeMoney] = []
    shares: list[Share] = []
    for place in sorted({*standing_up, *coming}):
        open_bills += standing_up.get(place, ())
        free += coming.get(place, ())
        shares += allocate(open_bills, free, barred)
        open_bills = [bill for bill in open_bills if bill.open_minor]
        free = [payment for payment in free if payment.free_minor]
    return shares


def _place(bill: Placed[OpenBill], coming: Mapping[int, Sequence[FreeMoney]]) -> int:
    if bill.row.kind != "penalty":
        return bill.version
    asked_on = bill.row.asked_on
    return min(
        [bill.version, *(place for place, money in coming.items() if any(row.value_on >= asked_on for row in money))]
    )


def _arrivals(money: Iterable[Placed[FreeMoney]]) -> dict[int, list[FreeMoney]]:
    """Payments by the place they should have come at: before whatever was posted of a later day."""
    coming: dict[int, list[FreeMoney]] = defaultdict(list)
    place: int | None = None
    for payment in sorted(money, key=lambda placed: money_order(placed.row), reverse=True):
        place = payment.version if place is None else min(place, payment.version)
        coming[place].append(payment.row)
    return coming
