"""The rate behind a penalty in Kazakhstan: the National Bank's base rate, before April 2017 its refinancing rate.

A decision takes effect on the first working day of the week after it: the sheet keeps the days in force. After the last
day the sheet knows there is no rate until somebody enters it.
"""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from okno.law.dated import Parameter, Rule
from okno.law.explained import Reading, gettext_noop
from okno.law.penalty_rates import Assumed, bank_stretch
from okno.law.penalty_spans import FOREVER, ONE_DAY, RateOf, Rates, Stretch, change_days, timeline
from okno.law.sheets import load

BASE = load(Path(__file__).with_suffix(".yaml"))["percent"]
REFINANCING = load(Path(__file__).with_name("refinancing_rate.yaml"))["percent"]

bank_rate: Rule[[], Parameter] = Rule(
    "kz.base_rate.bank_rate", title="Какую ставку Национального банка берут для пени", checked_on="2026-11-21"
)


@bank_rate.in_force(
    since="1997-04-16", until="2017-03-31", source="ГК РК ст. 353: официальная ставка рефинансирования", verified=True
)
def refinancing_rate() -> Parameter:
    """Of the official refinancing rate of the National Bank."""
    return REFINANCING


@bank_rate.in_force(
    since="2017-04-01",
    source="Постановление Правления НБ РК № 30 от 24.02.2017; с 01.01.2021 «базовая ставка» в самой ст. 353 ГК РК",
    verified=True,
)
def base_rate() -> Parameter:
    """The official refinancing rate equals the base rate; since 2021 the article itself says "base rate"."""
    return BASE


day_of_rate: Rule[[], RateOf] = Rule(
    "kz.base_rate.day_of_rate", title="Ставку какого дня берут для пени", checked_on="2026-11-21"
)
creditors_day: Rule[[date], date] = Rule(
    "kz.base_rate.creditors_day", title="Ставку какого дня вправе выбрать кредитор", checked_on="2026-11-21"
)


@day_of_rate.in_force(
    since="1997-04-16",
    source="ГК РК ст. 353 п. 1",
    verified=False,
    note="Что по умолчанию берут ставку дня исполнения, приведено по памяти: текст статьи не прочитан.",
)
def day_of_performance() -> RateOf:
    """The base rate of the day on which the money obligation, or the part of it, is performed."""
    return "payment_day"


@creditors_day.in_force(since="1997-04-16", source="ГК РК ст. 353 п. 1, выбор кредитора", verified=True)
def day_the_creditor_chose(day: date) -> date:
    """In court the creditor may choose the rate of the day of filing, of the judgment or of actual payment."""
    return day


@dataclass(frozen=True, slots=True, kw_only=True)
class RateTerms:
    """Under what the rate is asked for. `fixed_on` is the one day whose rate holds for all (filing, judgment)."""

    of: RateOf
    fixed_on: date | None = None
    known_as_of: date | None = None
    assumed: tuple[Assumed, ...] = ()


def rates(terms: RateTerms) -> Rates:
    """The rate of each day, or the rate of one day through all of them."""
    known = {terms.known_as_of + ONE_DAY} if terms.known_as_of else set()
    changes = known | change_days(BASE, REFINANCING, bank_rate) | {one.since for one in terms.assumed}
    by_day = Rates(
        of=terms.of,
        stretches=timeline(date.min, FOREVER, changes, lambda since, until: _bank(terms, since, until)),
    )
    return by_day if terms.fixed_on is None else _fixed(by_day, terms.fixed_on)


def _bank(terms: RateTerms, since: date, until: date) -> Stretch:
    told = _WHY_FIXED if terms.fixed_on else _WHY[terms.of]
    stretch = bank_stretch(
        bank_rate, since, until, assumed=terms.assumed, known_as_of=terms.known_as_of, why=lambda _: told
    )
    if stretch.value is None:
        return stretch
    return replace(stretch, readings=(*_whose_day(terms, since, until), *stretch.readings))


def _whose_day(terms: RateTerms, since: date, until: date) -> tuple[Reading, ...]:
    """Why the rate of this day and of no other; none before the code's article, where the sheet has no rate either."""
    day = max(since, day_of_rate.wordings[0].since)
    if terms.fixed_on is not None:
        chosen = creditors_day.at(day)
        return (chosen.reading(_CHOSEN, since=since, until=until),)
    general = day_of_rate.at(day)
    told = _PERFORMED if general() == terms.of else _EACH_DAY
    return (general.reading(told, since=since, until=until),)


_WHY: dict[RateOf, str] = {
    "payment_day": gettext_noop("Базовая ставка на день оплаты (для остатка на день расчёта): %(rate)s."),
    "each_day": gettext_noop("Базовая ставка в эти дни: %(rate)s."),
}
_WHY_FIXED = gettext_noop("Базовая ставка на выбранный кредитором день (иск, решение): %(rate)s.")
_PERFORMED = gettext_noop("Берут ставку того дня, когда долг или его часть уплачены.")
_EACH_DAY = gettext_noop("Другое чтение той же статьи: у каждого дня просрочки своя ставка.")
_CHOSEN = gettext_noop("В суде кредитор вправе выбрать ставку дня иска, решения или уплаты.")


def _fixed(by_day: Rates, day: date) -> Rates:
    """The rate of one day for every day of delay and every payment."""
    chosen = by_day.on(day)
    missing = chosen.missing
    always = Stretch(
        since=date.min,
        value=chosen.value,
        readings=chosen.readings,
        missing=None if missing is None else lambda _: missing(day),
    )
    return Rates(of="payment_day", stretches=(always,))
