"""What a penalty follows from: an account's bills with the days they were paid on, pauses, waivers.

Parts are by value day, in minor units: what of a bill was paid by money of that day, whatever payment it came with.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from okno.law.penalty import Arrear, Days, Paid

Parts = Mapping[date, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A bill that stands and is no penalty. `due_on` is the last day to pay without delay."""

    id: int
    regime: str
    due_on: date
    amount_minor: int
    parts: Parts = field(default_factory=dict)

    def paid_through(self, day: date) -> int:
        """What was paid of it by `day`, inclusive."""
        return sum(minor for on, minor in self.parts.items() if on <= day)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedPenalty:
    """A penalty bill that stands; `parts` are of real money, not of waivers."""

    id: int
    source_key: str
    amount_minor: int
    parts: Parts = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedWaiver:
    """What a waiver has taken off a penalty bill, as a payment that stands."""

    id: int
    source_key: str
    on: date
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Days not counted (both inclusive) of one bill, or of all (`bill_id` None)."""

    since: date
    until: date
    bill_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A waiver that was not taken back: `sum_minor` (None: all) of what accrued through `until`.

    With `pay_by` it counts from the day on which everything overdue on `given_on` is paid, if that is not later.
    """

    id: int
    regime: str
    until: date
    given_on: date
    sum_minor: int | None = None
    pay_by: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One account as penalties see it, in any order."""

    bills: Sequence[Principal] = ()
    penalties: Sequence[PostedPenalty] = ()
    taken_off: Sequence[PostedWaiver] = ()
    pauses: Sequence[Pause] = ()
    waivers: Sequence[Waiver] = ()

    def arrears(self, regime: str, day: date, *, closed_only: bool = False) -> list[Arrear]:
        """The regime's bills that cost something by `day`; of each only what is paid by then with `closed_only`."""
        return list(self._arrears(regime, day, closed_only))

    def _arrears(self, regime: str, day: date, closed_only: bool) -> Iterator[Arrear]:
        for bill in self.bills:
            if bill.regime != regime or bill.due_on >= day:
                continue
            amount = bill.paid_through(day) if closed_only else bill.amount_minor
            if amount <= bill.paid_through(bill.due_on):
                continue
            yield Arrear(
                ref=str(bill.id),
                due_on=bill.due_on,
                amount_minor=amount,
                paid=tuple(Paid(on=on, amount_minor=minor) for on, minor in sorted(bill.parts.items()) if on <= day),
                regime=regime,
                paused=tuple(
                    Days(since=pause.since, until=pause.until)
                    for pause in self.pauses
                    if pause.bill_id in (None, bill.id)
                ),
            )

    def paying_days(self, regime: str) -> set[date]:
        """Days on which something of the regime was paid late."""
        return {on for bill in self.bills if bill.regime == regime for on in bill.parts if on > bill.due_on}

    def kept_on(self, waiver: Waiver) -> date | None:
        """From which day a waiver counts: the day it was given, or the one on which its condition was met; or never.

        The condition: all bills of the regime that were overdue on the day it was given are paid by `pay_by`.
        """
        if waiver.pay_by is None:
            return waiver.given_on
        met_on = waiver.given_on
        for bill in self.bills:
            promised = bill.regime == waiver.regime and bill.due_on < waiver.given_on
            if not promised or bill.paid_through(waiver.given_on) >= bill.amount_minor:
                continue
            if bill.paid_through(waiver.pay_by) < bill.amount_minor:
                return None
            met_on = max(met_on, *(on for on in bill.parts if on <= waiver.pay_by))
        return met_on
