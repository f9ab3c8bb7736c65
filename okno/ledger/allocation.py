"""Which bill a payment pays: one rule for a single payment and for a million.

The order (ГК РФ 319, 319.1; постановление Пленума ВС РФ № 22 от 27.06.2017, п. 32; the same order is used for
Ukraine, and for Kazakhstan, where no limitation bars a period):

1. the month the payer named;
2. what is left: the oldest bills that are not time-barred on the day of the payment, principal before penalty;
3. what is still left stays free: an advance, taken by the next bill.

A time-barred bill is paid only when the payer names its month. Principal goes before penalty among what is asked for on
the day of the money: a penalty that waited for it is not passed over for the bill of a month to come (`asked_on`).
Pure: no database, no clock.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from okno.common.days import add_months

Barred = Callable[[date, date], bool]
"""(due day of the bill, day of the payment) → the limitation has expired."""

REGIME_ORDER = {"housing": 0, "capital_repair": 1, "target": 2, "other": 3}
RANK = {"month": 0, "opening": 0, "recalculation": 0, "penalty": 1}


@dataclass(slots=True)
class OpenBill:
    """A bill with something still open; `open_minor` goes down as it is paid."""

    id: int
    kind: str
    regime: str
    month: date
    due_on: date
    open_minor: int

    @property
    def asked_on(self) -> date:
        """From which day money is for it: the first of the month it is due in; a penalty: when its month is over."""
        return add_months(self.month, 1) if self.kind == "penalty" else self.due_on.replace(day=1)


@dataclass(slots=True)
class FreeMoney:
    """A payment with something still free; `free_minor` goes down as it is used.

    `regime` narrows it to one purse ("" is any); `waives` a recalculation that takes off a penalty to the penalty of
    its month and purse.
    """

    id: int
    value_on: date
    free_minor: int
    stated_month: date | None = None
    regime: str = ""
    waives: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """So many minor units of a payment go to a bill; below zero they are taken back from it."""

    payment: FreeMoney
    bill: OpenBill
    amount_minor: int

    @property
    def payment_id(self) -> int:
        return self.payment.id

    @property
    def bill_id(self) -> int:
        return self.bill.id

    @property
    def is_late(self) -> bool:
        """Whether principal was paid after its due day, so that a penalty may follow."""
        return RANK[self.bill.kind] == 0 and self.payment.value_on > self.bill.due_on


def bill_order(bill: OpenBill) -> tuple[int, date, int, int]:
    """Principal before penalty, older before younger, housing before the rest, first posted first."""
    return RANK[bill.kind], bill.due_on, REGIME_ORDER[bill.regime], bill.id


def money_order(payment: FreeMoney) -> tuple[date, int]:
    """By the day the money counts as paid; of one day, first posted first."""
    return payment.value_on, payment.id


def allocate(bills: Sequence[OpenBill], money: Sequence[FreeMoney], barred: Barred) -> list[Share]:
    """Spread the free money of one account over its open bills, in the order of the days it came.

    Changes `open_minor` and `free_minor` of what it is given and returns what went where, in order. Several payments
    of one day are taken as they were posted. The result for a list is the same as for its payments one after another.
    """
    shares: list[Share] = []
    queue = sorted(bills, key=bill_order)
    for payment in sorted(money, key=money_order):
        for day in _days(queue, payment):
            asked = [bill for bill in queue if bill.asked_on <= day] if day < LATER else queue
            _spread(payment, queue, asked, barred, shares)
    return shares


LATER = date.max


def _days(queue: Sequence[OpenBill], payment: FreeMoney) -> Sequence[date]:
    """The days the money waits through, and the end. Nearly always the end is enough: only a penalty that waits beside
    a bill of later days makes a day differ."""
    later = {bill.asked_on for bill in queue if bill.asked_on > payment.value_on}
    if not later or not any(bill.kind == "penalty" for bill in queue):
        return (LATER,)
    return sorted({*later, payment.value_on, LATER})


def _spread(
    payment: FreeMoney, queue: Sequence[OpenBill], asked: Sequence[OpenBill], barred: Barred, shares: list[Share]
) -> None:
    if payment.free_minor and payment.stated_month is not None:
        for bill in queue:
            if bill.month == payment.stated_month and _in_purse(bill, payment):
                _pay(payment, bill, shares)
    for bill in asked:
        if payment.free_minor == 0:
            break
        if bill.open_minor and _in_purse(bill, payment) and not barred(bill.due_on, payment.value_on):
            _pay(payment, bill, shares)


def _in_purse(bill: OpenBill, payment: FreeMoney) -> bool:
    if payment.waives and (bill.kind != "penalty" or bill.month != payment.stated_month):
        return False
    return not payment.regime or bill.regime == payment.regime


def _pay(payment: FreeMoney, bill: OpenBill, shares: list[Share]) -> None:
    amount = min(payment.free_minor, bill.open_minor)
    if amount > 0:
        payment.free_minor -= amount
        bill.open_minor -= amount
        shares.append(Share(payment, bill, amount))
