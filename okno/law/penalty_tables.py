"""Spans summed up into a table: what one minor unit costs by paying day, in whole numbers of 1/denominator.

The shares of a due day are summed day by day (a prefix table). Where the rate is that of the payment, the cost of a
paying day is its prefix times its rate; where each day has its own rate, the products are summed instead. Either way a
day costs an addition and a multiplication of integers, and nothing is rounded.
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import accumulate, chain, repeat
from math import lcm
from operator import add, mul, or_

from okno.law.penalty_spans import ONE_DAY, Ceiling, Rates, Share, Stretch

#: The mark of a cost that cannot be told because a value is missing.
MISSING = -1


class Inexact(ArithmeticError):
    """The country's denominator does not fit a share × rate: a mistake in the country's law, not in the data."""


@dataclass(frozen=True, slots=True)
class _Late:
    """The days of delay of one due day, and the whole numbers they are counted in."""

    since: date
    until: date
    denominator: int
    #: Put before what is summed up by days, so that a paying day has the sum of the days before it.
    shift: tuple[int, ...] = ()

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    def spread(self, stretches: Iterable[tuple[Stretch, int]]) -> list[int]:
        """One number a day: that of its stretch, 0 on days of none."""
        numbers = [0] * self.days
        for stretch, number in stretches:
            begin = max(0, (stretch.since - self.since).days)
            end = (min(stretch.until, self.until) - self.since).days + 1
            numbers[begin:end] = repeat(number, max(0, end - begin))
        return numbers


def costs(
    shares: Sequence[Share],
    due_on: date,
    first: date,
    until: date,
    denominator: int,
    ceiling: Ceiling | None,
    *,
    last_day_counts: bool = True,
) -> "array[int]":
    """What one minor unit due on `due_on` costs when paid on each day from `first` to `until` (both inclusive).

    `shares` reach from the day after `due_on` to `until`, see `spans`. 0 while not late, -1 where a value is missing.
    Raises `Inexact`.
    """
    late = _Late(due_on + ONE_DAY, until, denominator, () if last_day_counts else (0,))
    lead = (late.since - first).days
    if late.days <= 0:
        return array("q", repeat(0, (until - first).days + 1))
    cost = [0] * late.days
    unknown = [*late.shift, *accumulate(late.spread((share, int(share.value is None)) for share in shares), or_)]
    for rates in dict.fromkeys(share.rates for share in shares):
        counted, gone = _of_rates(rates, [share for share in shares if share.rates is rates and share.value], late)
        cost = list(map(add, cost, counted))
        unknown = list(map(or_, unknown, gone))
    if ceiling is not None:
        most = _whole(ceiling.most * denominator)
        cost = [min(daily, most) for daily in cost]
    if any(unknown):
        cost = [MISSING if gone else daily for daily, gone in zip(cost, unknown[: late.days], strict=True)]
    return array("q", chain(repeat(0, lead), cost) if lead >= 0 else cost[-lead:])


def _of_rates(rates: Rates, shares: Sequence[Share], late: _Late) -> tuple[Iterable[int], Iterable[int]]:
    """By paying day: what the shares of one rate cost, and whether it is unknown (not 0) there."""
    scale = lcm(*((share.value or Fraction(0)).denominator for share in shares))
    counted = late.spread((share, _whole((share.value or Fraction(0)) * scale)) for share in shares)
    known = list(rates.between(late.since, late.until))
    unit = Fraction(late.denominator, scale)
    rate = late.spread((stretch, _whole((stretch.value or Fraction(0)) * unit)) for stretch in known)
    gone = late.spread((stretch, int(stretch.value is None)) for stretch in known)
    if rates.of == "each_day":
        known_costs, unknown = accumulate(map(mul, counted, rate)), accumulate(map(mul, counted, gone), or_)
        return chain(late.shift, known_costs), chain(late.shift, unknown)
    summed = [*late.shift, *accumulate(counted)]
    return map(mul, summed, rate), map(mul, summed, gone)


def _whole(number: Fraction) -> int:
    if number.denominator != 1:
        raise Inexact(f"{number} is not whole.")
    return number.numerator
