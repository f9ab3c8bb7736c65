"""Rates that all countries ask for alike: a dated parameter as stretches of days, and a rate somebody supposes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from okno.common.days import parse_day
from okno.law.dated import NotInForce, Parameter, Rule
from okno.law.explained import Reading, gettext_noop
from okno.law.penalty_spans import Stretch, not_entered


@dataclass(frozen=True, slots=True)
class Assumed:
    """A rate (percent a year) that somebody supposes from a day on, to see what would be."""

    percent: Fraction
    since: date

    def stretch(self, since: date, until: date) -> Stretch:
        """The supposed rate through these days, which says that it is supposed."""
        reading = Reading(
            since=since,
            until=until,
            why=gettext_noop("Предположение: ставка %(rate)s с %(day)s."),
            params={"rate": percent(self.percent), "day": f"{self.since:%d.%m.%Y}"},
            norm="Предположение в настройках расчёта",
            edition=self.since,
            verified=False,
            basis="policy",
        )
        return Stretch(since=since, until=until, value=self.percent / 100, readings=(reading,))


def bank_stretch(
    which: Rule[[], Parameter],
    since: date,
    until: date,
    *,
    assumed: Sequence[Assumed],
    known_as_of: date | None,
    why: Callable[[Parameter], str],
) -> Stretch:
    """A bank's rate through days between two changes: assumed, known, or missing.

    `which` says by day whose rate the law means; `why` is the reason with a place for %(rate)s.
    """
    supposed = [one for one in assumed if one.since <= since]
    if supposed:
        return supposed[-1].stretch(since, until)
    try:
        entered = which.at(since)()
    except NotInForce:
        return Stretch(since=since, until=until, value=None, missing=not_entered(which))
    unknown = Stretch(since=since, until=until, value=None, missing=not_entered(entered, known_as_of))
    if known_as_of is not None and since > known_as_of:
        # A rate holds until the bank changes it: nobody knew on a day what it would be on a later one.
        return unknown
    try:
        value = entered.at(since, known_as_of=known_as_of)
    except NotInForce:
        return unknown
    reading = value.reading(why(entered), since=since, until=until, params={"rate": percent(value.value)})
    return Stretch(since=since, until=until, value=Fraction(value.value) / 100, readings=(reading,))


def assumed_rates(text: str) -> tuple[Assumed, ...]:
    """Read "14.00@2027-01-01;13.50@2027-04-01" or "14,00 с 01.01.2027". Raises `ValueError` in Russian."""
    found: list[Assumed] = []
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        rate_text, _, day = (entry if "@" in entry else entry.replace(" с ", "@")).partition("@")
        try:
            rate, since = typed_number(rate_text.replace("%", "")), parse_day(day)
        except ValueError as error:
            raise ValueError(
                f"«{entry}»: нужна ставка и день, с которого она взята: 14.00@2027-01-01 или 14,00 с 01.01.2027"
            ) from error
        if not (0 < rate <= 100 and rate == rate.quantize(Decimal("0.01"))):
            raise ValueError(f"«{entry}»: ставка должна быть от 0,01 до 100 процентов, не больше двух знаков")
        if any(one.since == since for one in found):
            raise ValueError(f"«{entry}»: ставка с этого дня указана дважды")
        found.append(Assumed(Fraction(rate), since))
    return tuple(sorted(found, key=lambda one: one.since))


def typed_number(text: str) -> Decimal:
    """Read "14,25" or "14.25". Raises `ValueError`; "NaN" and "Infinity" are no numbers of anybody's contract."""
    try:
        number = Decimal(text.strip().replace(",", "."))
    except InvalidOperation as error:
        raise ValueError(f"«{text}» не число") from error
    if not number.is_finite():
        raise ValueError(f"«{text}» не число")
    return number


def percent(number: Fraction | Decimal | int) -> str:
    """A rate for people: 9.50 → "9,5 %"."""
    return f"{float(number):.4f}".rstrip("0").rstrip(".").replace(".", ",") + " %"
