"""The penalty for late dues and utilities in Kazakhstan.

Закон «О жилищных отношениях» ст. 34-1 п. 9 counts it from the day after the 25th (for target dues from the day after
the meeting's own) "in accordance with the legislation", which is ГК РК ст. 353: the National Bank's base rate of the
day the money is paid, for the whole delay, divided by 365; the creditor may choose the rate of the day of the claim or
of the judgment instead. Days are not rounded. No limitation applies (п. 9), and no contract may set another size with
a single owner (ст. 47 п. 3).

Here `housing` is current dues (with those of parking places and storerooms), `capital_repair` the accumulative and
`target` the target ones; `other` is utilities, whose creditor and order are different: order 249, and under a legal
entity's contract of supply 1.5 rates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import cast

from okno.common.days import add_months, month_of
from okno.law.dated import NotInForce, Rule
from okno.law.explained import Reading, gettext_noop
from okno.law.kz.base_rate import RateTerms, rates
from okno.law.penalty import Setting
from okno.law.penalty_accrual import Accrual, DailyAccrual
from okno.law.penalty_law import AccrualLaw, Terms
from okno.law.penalty_rates import assumed_rates
from okno.law.penalty_spans import NONE, ONE_DAY, RateOf, Rates, Share, change_days, not_entered, timeline
from okno.law.sheets import load

PARAMETERS = load(Path(__file__).with_suffix(".yaml"))
YEAR_DAYS, MULTIPLIER = PARAMETERS["year_days"], PARAMETERS["utilities_multiplier"]
#: A share of 1/365, a multiplier and a rate of two decimals each.
DENOMINATOR = 365 * 100 * 10_000

dues: Rule[[date], date] = Rule("kz.penalty.dues", title="С какого дня идёт пеня за взносы", checked_on="2026-11-21")
utilities: Rule[[date], date] = Rule(
    "kz.penalty.utilities", title="С какого дня идёт пеня за коммунальные услуги", checked_on="2026-11-21"
)


@dues.in_force(
    since="1997-04-16",
    until="2020-01-06",
    source="Закон РК «О жилищных отношениях» № 94-I ст. 50 п. 4 (прежняя редакция)",
    verified=False,
    note="«С первого дня последующего месяца»: взято чтение в пользу должника, месяц после срока оплаты.",
)
def from_the_next_month(due_on: date) -> date:
    """For every day late, beginning with the first day of the following month, as the legislation sets."""
    return add_months(month_of(due_on), 1)


@dues.in_force(
    since="2020-01-07",
    until="2025-09-16",
    source="ГК РК ст. 353; редакция закона «О жилищных отношениях» 2020 года – сентября 2025 года",
    verified=False,
    note="Редакция жилищного закона не прочитана; взято общее правило Гражданского кодекса.",
)
def by_the_general_rule(due_on: date) -> date:
    """For the use of another's money because of a delay: from the day after the due day."""
    return due_on + ONE_DAY


@dues.in_force(
    since="2025-09-17",
    source="Закон РК «О жилищных отношениях» № 94-I ст. 34-1 п. 9 (закон 207-VIII от 15.07.2025)",
    verified=True,
)
def from_the_day_after(due_on: date) -> date:
    """After the day set by part 8 a penalty accrues in accordance with the legislation of the Republic."""
    return due_on + ONE_DAY


@utilities.in_force(
    since="2015-03-27",
    until="2025-09-19",
    source="Типовой договор, приказ № 266 от 27.03.2015",
    verified=False,
    note="Прежняя редакция приказа № 249 и типовой договор не прочитаны.",
)
def by_the_contract_of_supply(due_on: date) -> date:
    """By the contract of supply, from the day after the due day."""
    return due_on + ONE_DAY


@utilities.in_force(
    since="2025-09-20",
    source="Приказ № 249 от 29.04.2020 в редакции приказа № 336 от 29.08.2025",
    verified=False,
    note="Срок оплаты подтверждён, размер пени за услуги в приказе не прочитан.",
)
def by_the_order(due_on: date) -> date:
    """To be paid not later than the 25th; late money is dearer by the general rule."""
    return due_on + ONE_DAY


SETTINGS = (
    Setting(
        name="rate_of",
        title=gettext_noop("Чья ставка"),
        default="payment_day",
        choices={
            "payment_day": gettext_noop("дня оплаты, одна на всю просрочку"),
            "each_day": gettext_noop("каждого дня просрочки"),
        },
        source="ГК РК ст. 353 п. 1",
    ),
    Setting(
        name="rate_on",
        title=gettext_noop("Ставка дня, который выбрал кредитор (иск, решение): ГГГГ-ММ-ДД"),
        default="",
        source="ГК РК ст. 353 п. 1",
    ),
    Setting(
        name="payment_day",
        title=gettext_noop("День оплаты (для остатка день расчёта)"),
        default="included",
        choices={"included": gettext_noop("считается"), "excluded": gettext_noop("не считается")},
        source="ГК РК ст. 353 п. 2 («по день уплаты»)",
    ),
    Setting(
        name="utilities_contract",
        title=gettext_noop("Договор снабжения коммунальными услугами"),
        default="household",
        choices={
            "household": gettext_noop("с населением, одна ставка"),
            "legal_entity": gettext_noop("с юридическим лицом, ставка с коэффициентом"),
        },
        source="Типовой договор, приказ № 266 от 27.03.2015",
    ),
    Setting(
        name="base_rate",
        title=gettext_noop("Предположить базовую ставку с дня: 16.00@2026-12-07, несколько через точку с запятой"),
        default="",
        source="Предположение, чтобы увидеть, что было бы",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class YearlyShares:
    """1/365 of the rate (for a legal entity's utilities 1.5/365) from the day the wording in force names."""

    rule: Rule[[date], date]
    rates: Rates
    with_multiplier: bool

    def __call__(self, due_on: date, until: date) -> Sequence[Share]:
        """Through `until`, inclusive."""
        starts = {begins for wording in self.rule.wordings if wording.holds(begins := wording(due_on))}
        changes = starts | change_days(self.rule, YEAR_DAYS, MULTIPLIER)
        return timeline(due_on + ONE_DAY, until, changes, lambda since, last: self._share(due_on, since, last))

    def _share(self, due_on: date, since: date, until: date) -> Share:
        try:
            wording = self.rule.at(since)
        except NotInForce:
            return Share(since=since, until=until, value=None, missing=not_entered(self.rule), rates=self.rates)
        if since < (begins := wording(due_on)):
            why = gettext_noop("Пеня идёт с %(day)s.")
            row = wording.reading(why, since=since, until=until, params={"day": f"{begins:%d.%m.%Y}"})
            return Share(since=since, until=until, value=NONE, readings=(row,), rates=self.rates)
        return self._late(wording.reading(_WHY, since=since, until=until), since, until)

    def _late(self, reading: Reading, since: date, until: date) -> Share:
        days = YEAR_DAYS.at(since)
        share = Fraction(1, days.value)
        told = gettext_noop("За день 1/%(days)s годовой ставки.")
        rows: tuple[Reading, ...] = (
            reading,
            days.reading(told, since=since, until=until, params={"days": days.value}),
        )
        if self.with_multiplier:
            times = MULTIPLIER.at(since)
            share *= Fraction(times.value)
            told = gettext_noop("По договору с юридическим лицом ставка умножается на %(times)s.")
            rows += (times.reading(told, since=since, until=until, params={"times": times.value}),)
        return Share(since=since, until=until, value=share, readings=rows, rates=self.rates)


_WHY = gettext_noop("Срок оплаты прошёл: за каждый день просрочки начисляется пеня.")


def accruals(terms: Terms) -> Sequence[Accrual]:
    """The one line of a penalty in Kazakhstan."""
    of_utilities = terms.regime == "other"
    settings = terms.settings
    asked = RateTerms(
        of=cast(RateOf, settings["rate_of"]),
        fixed_on=date.fromisoformat(settings["rate_on"]) if settings["rate_on"] else None,
        known_as_of=terms.known_as_of,
        assumed=assumed_rates(settings["base_rate"]),
    )
    shares = YearlyShares(
        rule=utilities if of_utilities else dues,
        rates=rates(asked),
        with_multiplier=of_utilities and settings["utilities_contract"] == "legal_entity",
    )
    return (DailyAccrual(line="penalty", shares=shares, last_day_counts=settings["payment_day"] == "included"),)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"«{text}»: нужен день ГГГГ-ММ-ДД") from error


LAW = AccrualLaw(
    country="kz",
    regimes=("housing", "capital_repair", "target", "other"),
    regime_names={"dues": "housing", "accumulative": "capital_repair", "utility": "other", "utilities": "other"},
    denominator=DENOMINATOR,
    own_settings=SETTINGS,
    checks={"rate_on": _day, "base_rate": assumed_rates},
    accruals=accruals,
)
