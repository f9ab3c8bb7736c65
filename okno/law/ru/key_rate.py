"""The rate behind a Russian penalty, by day: the Bank's rate, and in 2022–2026 a fixed or a capped one in its place.

The Bank's rate is the refinancing rate until 2015 and the key rate since 2016. ПП РФ 474 put 9.5 % in its place from
28.02.2022; from 01.08.2022 it is the lower of 9.5 % and the key rate, now by ПП РФ 329 to 31.12.2026.

Where the key rate is not known but the cap is in force, and the last known key rate stood at or above it, the cap is
used and the row says so: it would take a fall below the cap to change the figure. Without a cap there is no figure.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Literal

from okno.law.dated import NotInForce, Parameter, Rule, Value
from okno.law.explained import Reading, gettext_noop
from okno.law.penalty_rates import Assumed, bank_stretch, percent
from okno.law.penalty_spans import FOREVER, ONE_DAY, RateOf, Rates, Stretch, change_days, timeline
from okno.law.sheets import load

Debtor = Literal["resident", "association", "management_company", "other"]

KEY = load(Path(__file__).with_suffix(".yaml"))["percent"]
REFINANCING = load(Path(__file__).with_name("refinancing_rate.yaml"))["percent"]
CAPS = load(Path(__file__).with_name("penalty.yaml"))
FIXED, CAP = CAPS["rate_fixed"], CAPS["rate_cap"]
#: "до 1 января 2027" (ПП РФ 329): from this day only a prolongation keeps the cap.
AFTER_THE_CAP = date(2027, 1, 1)

bank_rate: Rule[[], Parameter] = Rule(
    "ru.key_rate.bank_rate", title="Какую ставку Банка России берут для пени", checked_on="2026-11-21"
)


@bank_rate.in_force(
    since="2005-03-01", until="2015-12-31", source="ЖК РФ ст. 155 ч. 14: ставка рефинансирования", verified=True
)
def refinancing_rate() -> Parameter:
    """Of the refinancing rate of the Central Bank of the Russian Federation."""
    return REFINANCING


@bank_rate.in_force(since="2016-01-01", source="Указание Банка России 3894-У от 11.12.2015", verified=True)
def key_rate() -> Parameter:
    """From 01.01.2016 the refinancing rate equals the key rate. (The number of the act is from memory.)"""
    return KEY


cap_covers: Rule[[Debtor], bool] = Rule(
    "ru.key_rate.cap_covers", title="На чьи долги распространяется предел ставки", checked_on="2026-11-21"
)


@cap_covers.in_force(
    since="2022-02-28",
    until="2024-12-31",
    source="ПП РФ № 474 от 26.03.2022",
    verified=False,
    note="О долгах организаций по договорам снабжения сказано в одном источнике; о 2023–2024 годах по аналогии.",
)
def every_debtor(debtor: Debtor) -> bool:
    """Citizens' debts for housing and repair, and debts of legal entities under contracts of supply."""
    return True


@cap_covers.in_force(
    since="2025-01-01",
    source="ПП РФ № 329 от 18.03.2025",
    verified=False,
    note="Круг организаций взят из одного расчёта в открытом коде, текст постановления не прочитан.",
)
def housing_debtors(debtor: Debtor) -> bool:
    """Owners of premises, associations and managing organisations; not others."""
    return debtor != "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateTerms:
    """Under what the rate is asked for."""

    of: RateOf
    debtor: Debtor
    known_as_of: date | None
    assumed: tuple[Assumed, ...] = ()
    #: Suppose that the cap is prolonged after 2026.
    prolonged: bool = False

    def changes(self) -> set[date]:
        """Days on which the rate may change."""
        known = {self.known_as_of + ONE_DAY} if self.known_as_of else set()
        return known | cap_changes() | change_days(KEY, REFINANCING, bank_rate) | {one.since for one in self.assumed}


@dataclass(frozen=True, slots=True)
class _Limit:
    """What stands in place of the Bank's rate or above it on a day; `value` is None where nothing does."""

    kind: Literal["none", "fixed", "cap"] = "none"
    value: Value | None = None
    #: Why, besides the value itself, and whether that is certain.
    readings: tuple[Reading, ...] = ()


def cap_changes() -> set[date]:
    """Days on which what stands in place of the Bank's rate or above it may change."""
    return change_days(FIXED, CAP, cap_covers) | {AFTER_THE_CAP}


def rates(terms: RateTerms) -> Rates:
    """Each day's rate: its own Bank's rate under its own cap."""
    return _rates(terms, lambda day: _limit(terms, day))


def rates_capped_as_on(terms: RateTerms, day: date) -> Rates:
    """Each day's Bank's rate under the cap of one day: that of the delay, whenever it is paid."""
    limit = _limit(terms, day)
    return _rates(terms, lambda _: limit)


def _rates(terms: RateTerms, limit_on: Callable[[date], _Limit]) -> Rates:
    def stretch(since: date, until: date) -> Stretch:
        return _limited(terms, _bank(terms, since, until), limit_on(since))

    return Rates(of=terms.of, stretches=timeline(date.min, FOREVER, terms.changes(), stretch))


def _bank(terms: RateTerms, since: date, until: date) -> Stretch:
    """The Bank's rate through days between two changes: assumed, known, or missing.

    Part 14 means the rate of the day of payment: that of each day is a habit, so its figures are not verified.
    """
    stretch = bank_stretch(
        bank_rate,
        since,
        until,
        assumed=terms.assumed,
        known_as_of=terms.known_as_of,
        why=lambda entered: _WHY[entered.name, terms.of],
    )
    if terms.of == "payment_day":
        return stretch
    return replace(stretch, readings=tuple(replace(reading, verified=False) for reading in stretch.readings))


_WHY = {
    (KEY.name, "payment_day"): gettext_noop("Ключевая ставка на день оплаты (для остатка на день расчёта): %(rate)s."),
    (KEY.name, "each_day"): gettext_noop("Ключевая ставка в эти дни: %(rate)s."),
    (REFINANCING.name, "payment_day"): gettext_noop(
        "Ставка рефинансирования на день оплаты (для остатка на день расчёта): %(rate)s."
    ),
    (REFINANCING.name, "each_day"): gettext_noop("Ставка рефинансирования в эти дни: %(rate)s."),
}


def _limit(terms: RateTerms, day: date) -> _Limit:
    """What stands in place of the rate or above it on `day`, as it was known."""
    readings: tuple[Reading, ...] = ()
    if terms.debtor != "resident" and cap_covers.wordings[0].since <= day:
        wording = cap_covers.at(day)
        if not wording(terms.debtor):
            return _Limit()
        why = gettext_noop("Предел ставки применён и к долгу организации.")
        readings = (wording.reading(why, since=day, until=day),)
    if (cap := _on(CAP, day, terms.known_as_of)) is not None:
        return _Limit("cap", cap, readings)
    if (fixed := _on(FIXED, day, terms.known_as_of)) is not None:
        return _Limit("fixed", fixed, readings)
    last = _latest(CAP, day, terms.known_as_of)
    if last is None or last.until is None:
        return _Limit()
    if terms.prolonged and day >= AFTER_THE_CAP:
        why = gettext_noop("Предположение: предел ставки продлён после 31.12.2026.")
        return _Limit("cap", last, (*readings, last.reading(why, since=day, until=day, verified=False)))
    why = gettext_noop("Предел ставки действовал по %(until)s, о продлении ничего не введено.")
    params = {"until": f"{last.until:%d.%m.%Y}"}
    return _Limit("none", None, (last.reading(why, since=day, until=day, params=params, verified=False),))


def _limited(terms: RateTerms, bank: Stretch, limit: _Limit) -> Stretch:
    """The Bank's rate under the limit."""
    since, until = bank.since, bank.until
    if limit.value is None:
        return Stretch(
            since=since,
            until=until,
            value=bank.value,
            readings=(*bank.readings, *limit.readings) if bank.value is not None else (),
            missing=bank.missing,
        )
    most, params = Fraction(limit.value.value) / 100, {"cap": percent(limit.value.value)}
    if limit.kind == "fixed":
        why = gettext_noop("Вместо ключевой ставки взята ставка на 27.02.2022: %(cap)s.")
        reading = limit.value.reading(why, since=since, until=until, params=params)
        return Stretch(since=since, until=until, value=most, readings=(reading, *limit.readings))
    value, verified = bank.value, True
    if value is None:
        last = _latest(KEY, since, terms.known_as_of)
        if last is None or Fraction(last.value) / 100 < most:
            return bank
        params |= {"last": percent(last.value)}
        why = gettext_noop(
            "Ключевая ставка не введена; последняя известная %(last)s не ниже предела, взят предел %(cap)s."
        )
        value, verified = most, False
    elif value > most:
        why = gettext_noop("Ключевая ставка выше предела, взят предел: %(cap)s.")
    else:
        why = gettext_noop("Ключевая ставка не выше предела %(cap)s.")
    reading = limit.value.reading(why, since=since, until=until, params=params, verified=verified)
    readings = (*bank.readings, reading, *limit.readings)
    return Stretch(since=since, until=until, value=min(value, most), readings=readings)


def _on(entered: Parameter, day: date, known_as_of: date | None) -> Value | None:
    try:
        return entered.at(day, known_as_of=known_as_of)
    except NotInForce:
        return None


def _latest(entered: Parameter, day: date, known_as_of: date | None) -> Value | None:
    """The value that began last by `day`, in force or ended, of those known then."""
    begun = (
        value
        for value in entered.values
        if value.since <= day and (known_as_of is None or (value.known_since or value.since) <= known_as_of)
    )
    return max(begun, key=lambda value: value.since, default=None)
