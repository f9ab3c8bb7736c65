"""Three per cent a year in Ukraine, owed besides the penalty on the creditor's demand (ЦК України ст. 625 ч. 2).

Counted by days, a 365th of the rate a day and in a leap year a 366th, from the day after the due day. The contract may
set another rate. The quarantine did not forbid it, ordinance 206 does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import lcm
from pathlib import Path

from okno.common.days import last_day
from okno.law.dated import NotInForce
from okno.law.explained import Reading, gettext_noop
from okno.law.penalty_rates import percent, typed_number
from okno.law.penalty_spans import (
    FOREVER,
    ONE_DAY,
    Rates,
    Share,
    Stretch,
    change_days,
    not_entered,
    timeline,
    without,
)
from okno.law.sheets import load
from okno.law.ua.bans import TERRITORY, Protection

PERCENT = load(Path(__file__).with_suffix(".yaml"))["percent"]
#: A 365th and a 366th of a rate of two decimals.
DENOMINATOR = lcm(365, 366) * 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class YearlyShares:
    """A day's share of the yearly rate; see `okno.law.penalty_accrual.Shares`."""

    rates: Rates
    protection: Protection
    #: Divide by 365 in leap years too.
    always_365: bool

    def __call__(self, due_on: date, until: date) -> Sequence[Share]:
        """Through `until`, inclusive."""
        years = {date(year, 1, 1) for year in range(due_on.year, until.year + 1)}
        shares = timeline(due_on + ONE_DAY, until, years | change_days(PERCENT, TERRITORY), self._share)
        return without(shares, self.protection.of_article_625())

    def _share(self, since: date, until: date) -> Share:
        leap = last_day(date(since.year, 2, 1)).day == 29 and not self.always_365
        return Share(
            since=since,
            until=until,
            value=Fraction(1, 366 if leap else 365),
            readings=self.protection.unsure(since, until),
            rates=self.rates,
        )


def yearly_rates(agreed: str, known_as_of: date | None) -> Rates:
    """The rate of the law by day, or the one the contract has agreed on."""
    if agreed:
        rate = agreed_percent(agreed)
        row = Reading(
            since=date.min,
            until=FOREVER,
            why=gettext_noop("Договор назначает другой размер: %(rate)s годовых."),
            params={"rate": percent(rate)},
            norm="ЦК України ст. 625 ч. 2; договор",
            edition=PERCENT.written[0].since,
            verified=True,
        )
        return Rates(of="each_day", stretches=(Stretch(since=date.min, value=rate / 100, readings=(row,)),))

    def by_law(since: date, until: date) -> Stretch:
        try:
            value = PERCENT.at(since, known_as_of=known_as_of)
        except NotInForce:
            return Stretch(since=since, until=until, value=None, missing=not_entered(PERCENT, known_as_of))
        why = gettext_noop("Требование кредитора: %(rate)s годовых с просроченной суммы.")
        row = value.reading(why, since=since, until=until, params={"rate": percent(value.value)})
        return Stretch(since=since, until=until, value=Fraction(value.value) / 100, readings=(row,))

    return Rates(of="each_day", stretches=timeline(date.min, FOREVER, change_days(PERCENT), by_law))


def agreed_percent(text: str) -> Fraction:
    """Read "6" or "4.5" per cent a year. Raises `ValueError` in Russian."""
    try:
        rate = typed_number(text)
    except ValueError as error:
        raise ValueError(f"«{text}»: нужны проценты годовых, например 3") from error
    if not (0 < rate <= 100 and rate == rate.quantize(Decimal("0.01"))):
        raise ValueError(f"«{text}»: нужно от 0,01 до 100 процентов годовых, не больше двух знаков")
    return Fraction(rate)
