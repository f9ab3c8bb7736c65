"""Which penalty is posted for which month: a pure function of an account's history.

What a month asks for is the figure through its last day, rounded once, less what the months before have asked for, and
never below nothing. So the months always sum up to the figure, and kopecks lost by rounding a month come with the next.
A waiver takes off what is posted and not paid on its day by a recalculation of its own, and the rest before it is
posted.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from okno.law.penalty import Arrear
from okno.ledger.penalties.facts import Facts, Waiver
from okno.ledger.penalties.keys import last_day, penalty_key, waiver_key
from okno.ledger.penalties.models import Posting


class Rules(Protocol):
    """What an organisation's terms and its country's law answer about one account."""

    @property
    def regimes(self) -> Sequence[str]:
        """Regimes that bear a penalty."""

    def posting(self, regime: str, day: date) -> Posting:
        """When penalties of the regime are posted by the terms of `day`."""

    def least_minor(self, regime: str, day: date) -> int:
        """The smallest sum that is posted by the terms of `day`."""

    def figure(self, regime: str, day: date, arrears: Sequence[Arrear]) -> int:
        """What the arrears cost through `day`, rounded. Raises PenaltyUnknown where a value of the law is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """A penalty bill: what is asked for the days through `through` that nothing has asked for before."""

    regime: str
    through: date
    at_payment: bool
    amount_minor: int

    @property
    def month(self) -> date:
        """The month billed, by its first day."""
        return self.through.replace(day=1)

    @property
    def source_key(self) -> str:
        """What the bill is known by, once an account."""
        return penalty_key(self.regime, self.through, at_payment=self.at_payment)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOff:
    """What a waiver takes off a penalty bill that is posted."""

    waiver_id: int
    charge: Charge
    on: date
    amount_minor: int

    @property
    def source_key(self) -> str:
        """What the recalculation is known by."""
        return waiver_key(self.waiver_id, self.charge.source_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What should stand on the account; `not_posted` is what each waiver took off before it was posted."""

    charges: tuple[Charge, ...]
    taken_off: tuple[TakenOff, ...]
    not_posted: dict[int, int]
    #: From which day each waiver counts; None: its condition is not met.
    kept: dict[int, date | None]

    def takes_off(self, waiver_id: int) -> int:
        """What a waiver takes off in all."""
        posted = sum(row.amount_minor for row in self.taken_off if row.waiver_id == waiver_id)
        return posted + self.not_posted.get(waiver_id, 0)

    def spared(self, regime: str, waivers: Sequence[Waiver]) -> int:
        """What the waivers of a regime took off before it was posted."""
        return sum(self.not_posted.get(waiver.id, 0) for waiver in waivers if waiver.regime == regime)


def penalty_months(facts: Facts, rules: Rules, *, months: Sequence[date], as_of: date | None = None) -> Foreseen:
    """The penalty bills of an account for the `months` (first days) that were posted, and what waivers take off.

    Regimes posted at payment have a bill for every day on which something late was paid, whatever the months. Nothing
    after `as_of` is looked at. Raises PenaltyUnknown.
    """
    ends = {last_day(month) for month in months}
    account = _Account(facts, rules)
    for day in sorted(ends | account.stops):
        if as_of is None or day <= as_of:
            account.live_through(day, is_month_posted=day in ends)
    return account.foreseen()


class _Account:
    """One account taken from stop to stop."""

    def __init__(self, facts: Facts, rules: Rules) -> None:
        self._facts = facts
        self._rules = rules
        self._kept = {waiver.id: facts.kept_on(waiver) for waiver in facts.waivers}
        self._paying = {
            regime: {
                day for day in facts.paying_days(regime) if rules.posting(regime, day) == Posting.AT_PAYMENT
            }
            for regime in rules.regimes
        }  # fmt: skip
        self._parts = {penalty.source_key: penalty.parts for penalty in facts.penalties}
        self._charges: list[Charge] = []
        self._asked: dict[str, int] = defaultdict(int)
        self._taken_off: list[TakenOff] = []
        self._taken: dict[str, int] = defaultdict(int)
        self._not_posted: dict[int, int] = {}
        self._spared: dict[str, int] = defaultdict(int)

    @property
    def stops(self) -> set[date]:
        """Days, besides the ends of months, on which something may be charged or waived."""
        kept = {day for day in self._kept.values() if day is not None}
        return kept.union(*self._paying.values())

    def live_through(self, day: date, *, is_month_posted: bool) -> None:
        """Waive and then charge what this day brings."""
        for waiver in sorted(self._facts.waivers, key=lambda waiver: (waiver.given_on, waiver.id)):
            if self._kept[waiver.id] == day:
                self._waive(waiver, day)
        for regime in self._rules.regimes:
            if day in self._paying[regime]:
                self._charge(regime, day, at_payment=True)
            elif is_month_posted and self._rules.posting(regime, day) == Posting.MONTHLY:
                self._charge(regime, day, at_payment=False)

    def foreseen(self) -> Foreseen:
        """What came of it."""
        return Foreseen(
            charges=tuple(self._charges),
            taken_off=tuple(self._taken_off),
            not_posted=self._not_posted,
            kept=self._kept,
        )

    def _waive(self, waiver: Waiver, day: date) -> None:
        """Take off what is posted and not paid, the oldest first, then what has accrued and is not posted."""
        regime = waiver.regime
        accrued = self._rules.figure(regime, waiver.until, self._facts.arrears(regime, waiver.until))
        left = accrued if waiver.sum_minor is None else min(waiver.sum_minor, accrued)
        asked_before = 0
        for charge in self._charges:
            if charge.regime != regime:
                continue
            within = accrued - self._spared[regime] - asked_before
            asked_before += charge.amount_minor
            still_open = self._open(charge, day)
            amount = min(left, still_open if charge.through <= waiver.until else min(still_open, max(0, within)))
            if amount > 0:
                left -= amount
                self._taken[charge.source_key] += amount
                self._taken_off.append(TakenOff(waiver_id=waiver.id, charge=charge, on=day, amount_minor=amount))
        amount = min(left, max(0, accrued - self._spared[regime] - self._asked[regime]))
        if amount > 0:
            self._spared[regime] += amount
            self._not_posted[waiver.id] = amount

    def _open(self, charge: Charge, day: date) -> int:
        paid = sum(minor for on, minor in self._parts.get(charge.source_key, {}).items() if on <= day)
        return max(0, charge.amount_minor - paid - self._taken[charge.source_key])

    def _charge(self, regime: str, day: date, *, at_payment: bool) -> None:
        figure = self._rules.figure(regime, day, self._facts.arrears(regime, day, closed_only=at_payment))
        amount = figure - self._spared[regime] - self._asked[regime]
        if amount > 0 and amount >= self._rules.least_minor(regime, day):
            self._asked[regime] += amount
            self._charges.append(Charge(regime=regime, through=day, at_payment=at_payment, amount_minor=amount))
