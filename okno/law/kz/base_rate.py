"""The rate behind a penalty in Kazakhstan: the National Bank's base rate, before April 2017 its refinancing rate.

A decision takes effect on the first working day of the week after it: the sheet keeps the days in force. After the last
day the sheet knows there is no rate until somebody enters it.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from okno.law.dated import Parameter, Rule
from okno.law.explained import gettext_noop
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
    return bank_stretch(
        bank_rate, since, until, assumed=terms.assumed, known_as_of=terms.known_as_of, why=lambda _: told
    )


_WHY: dict[RateOf, str] = {
    "payment_day": gettext_noop("Базовая ставка на день оплаты (для остатка на день расчёта): %(rate)s."),
    "each_day": gettext_noop("Базовая ставка в эти дни: %(rate)s."),
}
_WHY_FIXED = gettext_noop("Базовая ставка на выбранный кредитором день (иск, решение): %(rate)s.")


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
