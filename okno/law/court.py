"""Going to court: what it costs, what the bailiff adds, and from which day it may be done.

A fee is a scale: a fixed sum and a share of what lies above a threshold, never less than the least fee. Sums are minor
units; what the country rounds to (a kopeck, a whole tenge) is its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from okno.common.days import add_months, day_in_month, month_of
from okno.law.dated import Parameter, Value
from okno.law.explained import Explained, Reading, gettext_noop

#: A claim to the court, or an order (writ) without a hearing.
Way = Literal["claim", "order"]
Who = Literal["person", "entity"]

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeQuestion:
    """What is claimed (minor units, above zero), on which day, in which way and by whom."""

    claim_minor: int
    day: date
    way: Way = "claim"
    claimant: Who = "entity"

    def __post_init__(self) -> None:
        if self.claim_minor <= 0:
            raise ValueError("Сумма требования должна быть больше нуля.")


@dataclass(frozen=True, slots=True, kw_only=True)
class EnforcementRules:
    """What the bailiff takes when the debtor does not pay in time: a share of the debt, no less than the least."""

    percent: Parameter
    least_person: Parameter
    least_entity: Parameter

    def fee(self, debt_minor: int, day: date, debtor: Who) -> Explained[int]:
        """The fee in minor units for a debt enforced on `day`. Raises `NotInForce`."""
        percent = self.percent.at(day)
        least = (self.least_person if debtor == "person" else self.least_entity).at(day)
        share = half_up(Fraction(percent.value) / 100 * debt_minor)
        why = gettext_noop("Исполнительский сбор, %% долга: %(percent)s, но не меньше %(least)s.")
        row = percent.reading(why, since=day, until=day, params={"percent": percent.value, "least": least.value})
        floor = least.reading(gettext_noop("Наименьший исполнительский сбор."), since=day, until=day)
        return Explained(max(share, minor(least.value)), (row, floor))


@dataclass(frozen=True, slots=True, kw_only=True)
class CourtRules:
    """One country's rules of going to court."""

    fee: Callable[[FeeQuestion], Explained[int]]
    #: Whole months that must pass after the due day.
    wait_months: Parameter
    enforcement: EnforcementRules | None = None

    def first_day(self, due_on: date) -> Explained[date]:
        """The first day on which a debt due on `due_on` may be taken to a notary or a court. Raises `NotInForce`.

        The wait ends with the day of the same number (due 25.02, two months: 25.04), the next day is the first.
        """
        months = self.wait_months.at(due_on)
        ends = day_in_month(add_months(month_of(due_on), months.value), due_on.day)
        why = (
            gettext_noop("После срока оплаты должно пройти месяцев: %(months)s.")
            if months.value
            else gettext_noop("Ждать не нужно: требовать можно со дня после срока оплаты.")
        )
        row = months.reading(why, since=due_on, until=ends, params={"months": months.value})
        return Explained(ends + _ONE_DAY, (row,))


def by_scale(scale: Value, claim_minor: int) -> Fraction:
    """The fee, not rounded, by the highest step whose threshold the claim exceeds: fixed sum + share of the rest.

    `scale` has the unit "steps of a fee", of which the first is above zero: every claim has a step.
    """
    steps: list[dict[str, Any]] = scale.value
    step = max((step for step in steps if minor(step["above"]) < claim_minor), key=lambda step: minor(step["above"]))
    rest = claim_minor - minor(step["above"])
    fee = minor(step["fixed"]) + Fraction(step["percent"]) / 100 * rest
    return min(fee, Fraction(minor(step["most"]))) if "most" in step else fee


def scale_told(scale: Value, question: FeeQuestion) -> Reading:
    """The row of an explanation for a fee by a scale."""
    return scale.reading(gettext_noop("Пошлина по шкале от суммы требования."), since=question.day, until=question.day)


def minor(value: int | Decimal) -> int:
    """A sum of a sheet (roubles, tenge, hryvnias) in minor units."""
    return int(value * 100)


def half_up(exact: Fraction, *, to: int = 1) -> int:
    """The nearest multiple of `to` minor units, a half upwards."""
    return int((exact / to + Fraction(1, 2)) // 1) * to
