"""What late payment costs in Russia: a share of the Bank's rate a day, by the day of delay (ЖК РФ ст. 155 ч. 14, 14.1).

Day n of the delay is the due day plus n calendar days, and the day of payment counts. Readings taken:

- The wording is that of the day of delay, not of the bill: ч. 14 speaks of what accrues for each day, so a debt of 2015
  costs 1/300 a day through 31.12.2015, and from 01.01.2016 what its day of delay costs by the new wording (nothing up
  to the thirtieth). The counter runs on through the change, as it does through the moratoria.
- The rate is that of the day of payment of each part, one for its whole delay, as ч. 14 says; what is open takes the
  rate of the day asked for, until it is paid. The cap in force on that same day applies (`cap_of` = each_day reads the
  decrees the other way: the cap belongs to the day of delay). `rate_of` = each_day is the habit of some calculators.
- The moratorium of 2022 is applied only where the organisation says so; days of it that count are marked as disputed.
- A debt that is out of time still grows: only a court applies limitation, and only when the debtor asks. The figure
  says what of it would fall (`barred_penalty`); the setting `after_limitation` stops the count instead.
- Organisations under contracts of supply have their own shares (190-ФЗ ст. 15, 416-ФЗ ст. 13): the setting `debtor`.

No norm is known that gives a penalty for target and other payments: they bear none.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cache
from typing import cast

from okno.law.dated import NotInForce, Parameter, Rule
from okno.law.explained import gettext_noop
from okno.law.penalty import PenaltyQuestion, PenaltyResult, Setting
from okno.law.penalty_accrual import Accrual, DailyAccrual
from okno.law.penalty_law import AccrualLaw, Terms
from okno.law.penalty_rates import assumed_rates
from okno.law.penalty_spans import (
    NONE,
    ONE_DAY,
    RateOf,
    Rates,
    Share,
    Stretch,
    change_days,
    not_entered,
    timeline,
    without,
)
from okno.law.ru import barred_penalty, key_rate
from okno.law.ru.key_rate import CAPS as PARAMETERS
from okno.law.ru.key_rate import Debtor, RateTerms

#: The share of the rate a day from each day of delay on, until the next entry.
Bands = tuple[tuple[int, Fraction], ...]
FREE = (1, NONE)
#: Shares are whole numbers of 1/66300 (300 = 2²·3·5², 170 = 2·5·17, 130 = 2·5·13), rates of 1/10000.
DENOMINATOR = 66_300 * 10_000

housing: Rule[[], Bands] = Rule(
    "ru.penalty.housing", title="Пеня за жильё и коммунальные услуги", checked_on="2026-11-21"
)
capital_repair: Rule[[], Bands] = Rule(
    "ru.penalty.capital_repair", title="Пеня по взносам на капремонт", checked_on="2026-11-21"
)
association: Rule[[], Bands] = Rule(
    "ru.penalty.association", title="Пеня ТСЖ и кооператива перед поставщиком", checked_on="2026-11-21"
)
management_company: Rule[[], Bands] = Rule(
    "ru.penalty.management_company", title="Пеня управляющей организации перед поставщиком", checked_on="2026-11-21"
)
other_debtor: Rule[[], Bands] = Rule(
    "ru.penalty.other_debtor", title="Пеня прочих потребителей перед поставщиком", checked_on="2026-11-21"
)


@housing.in_force(
    since="2005-03-01",
    until="2015-12-31",
    source="ЖК РФ ст. 155 ч. 14 (до 307-ФЗ от 03.11.2015)",
    verified=False,
    note="Старый текст виден в одном источнике, дни действия по памяти.",
)
def a_three_hundredth_from_the_first_day() -> Bands:
    """1/300 of the rate for each day of delay, beginning with the day after the due day."""
    return ((1, Fraction(1, 300)),)


@housing.in_force(
    since="2016-01-01",
    source="ЖК РФ ст. 155 ч. 14 в редакции 307-ФЗ от 03.11.2015",
    verified=True,
    note="Номер закона по памяти, текст подтверждён.",
)
def thirty_days_free_then_a_three_hundredth_then_more() -> Bands:
    """1/300 from the thirty-first day after the due day to the ninetieth, 1/130 from the ninety-first."""
    return (FREE, (31, Fraction(1, 300)), (91, Fraction(1, 130)))


@capital_repair.in_force(
    since="2015-06-30",
    until="2017-07-29",
    source="ЖК РФ ст. 155 ч. 14.1 (176-ФЗ от 29.06.2015)",
    verified=False,
    note="Текст виден в источниках 2016–2017 годов, оба дня по памяти.",
)
def a_three_hundredth_for_repair_from_the_first_day() -> Bands:
    """1/300 of the rate for each day of delay, beginning with the day after the due day, paid into the fund."""
    return ((1, Fraction(1, 300)),)


@capital_repair.in_force(
    since="2017-07-30",
    until="2020-12-31",
    source="ЖК РФ ст. 155 ч. 14.1 (257-ФЗ от 29.07.2017)",
    verified=False,
    note="Текст сменился между апрелем 2017 и январём 2021 года; закон и день смены по памяти, их нужно проверить.",
)
def thirty_days_free_for_repair_from_a_day_not_verified() -> Bands:
    """1/300 from the thirty-first day after the due day, whatever comes after, paid into the fund."""
    return (FREE, (31, Fraction(1, 300)))


@capital_repair.in_force(since="2021-01-01", source="ЖК РФ ст. 155 ч. 14.1 (действующая редакция)", verified=True)
def thirty_days_free_for_repair() -> Bands:
    """1/300 from the thirty-first day after the due day, never 1/130, paid into the fund."""
    return (FREE, (31, Fraction(1, 300)))


@association.in_force(
    since="2016-01-01",
    source="190-ФЗ ст. 15 ч. 9.2; 416-ФЗ ст. 13 ч. 6.3",
    verified=True,
    note="Тексты обеих частей видены, первый день по памяти.",
)
def associations_as_residents() -> Bands:
    """Associations and cooperatives: 1/300 from the thirty-first day, 1/130 from the ninety-first."""
    return (FREE, (31, Fraction(1, 300)), (91, Fraction(1, 130)))


@management_company.in_force(
    since="2016-01-01",
    source="190-ФЗ ст. 15 ч. 9.3; 416-ФЗ ст. 13 ч. 6.4",
    verified=False,
    note="По памяти, текст не прочитан.",
)
def three_steps_for_managers() -> Bands:
    """Managing organisations: 1/300 for sixty days, 1/170 to the ninetieth, then 1/130."""
    return ((1, Fraction(1, 300)), (61, Fraction(1, 170)), (91, Fraction(1, 130)))


@other_debtor.in_force(
    since="2016-01-01",
    source="190-ФЗ ст. 15 ч. 9.1; 416-ФЗ ст. 13 ч. 6.2",
    verified=False,
    note="По памяти, текст не прочитан.",
)
def the_highest_from_the_first_day() -> Bands:
    """Other consumers: 1/130 of the rate from the first day."""
    return ((1, Fraction(1, 130)),)


BY_DEBTOR: dict[Debtor, Rule[[], Bands]] = {
    "resident": housing,
    "association": association,
    "management_company": management_company,
    "other": other_debtor,
}

SETTINGS = (
    Setting(
        name="debtor",
        title=gettext_noop("Кто должник"),
        default="resident",
        choices={
            "resident": gettext_noop("собственник или житель"),
            "association": gettext_noop("ТСЖ или кооператив перед поставщиком"),
            "management_company": gettext_noop("управляющая организация перед поставщиком"),
            "other": gettext_noop("прочий потребитель перед поставщиком"),
        },
        source="ЖК РФ ст. 155 ч. 14; 190-ФЗ ст. 15 ч. 9.1–9.4; 416-ФЗ ст. 13 ч. 6.2–6.5",
    ),
    Setting(
        name="rate_of",
        title=gettext_noop("Чья ставка"),
        default="payment_day",
        choices={
            "payment_day": gettext_noop("дня оплаты, одна на всю просрочку"),
            "each_day": gettext_noop("каждого дня просрочки"),
        },
        source="ЖК РФ ст. 155 ч. 14; ВС РФ, Обзор № 3 (2016), ответ 3",
    ),
    Setting(
        name="cap_of",
        title=gettext_noop("Чей предел ставки"),
        default="payment_day",
        choices={
            "payment_day": gettext_noop("дня оплаты, как и ставка"),
            "each_day": gettext_noop("каждого дня просрочки"),
        },
        source="ПП РФ № 474 от 26.03.2022; ПП РФ № 329 от 18.03.2025",
    ),
    Setting(
        name="moratorium_2022",
        title=gettext_noop("Мораторий 2022 года для долгов со сроком до 01.04.2022"),
        default="off",
        choices={
            "off": gettext_noop("не применять"),
            "until_2022_09_30": gettext_noop("по 30.09.2022"),
            "until_2022_10_01": gettext_noop("по 01.10.2022"),
        },
        source="ПП РФ № 497 от 28.03.2022",
    ),
    Setting(
        name="after_limitation",
        title=gettext_noop("Пеня после срока давности по самому долгу"),
        default="counted",
        choices={
            "counted": gettext_noop("считается: давность применяет только суд"),
            "not_counted": gettext_noop("не считается: давность истекла и по ней"),
        },
        source="ГК РФ ст. 199, 207",
    ),
    Setting(
        name="cap_after_2026",
        title=gettext_noop("Предел 9,5 % после 2026 года"),
        default="none",
        choices={
            "none": gettext_noop("только если продлён"),
            "prolonged": gettext_noop("предположить продление"),
        },
        source="ПП РФ № 329 от 18.03.2025",
    ),
    Setting(
        name="key_rate",
        title=gettext_noop(
            "Предположить ключевую ставку, например 14,00 с 01.01.2027; несколько через точку с запятой"
        ),
        default="",
        source="Предположение, чтобы увидеть, что было бы",
    ),
)


@dataclass(frozen=True, slots=True)
class DelayShares:
    """The shares of a due day by the wordings of a rule; called as `okno.law.penalty_accrual.Shares`."""

    rule: Rule[[], Bands]
    #: Days without a penalty for what was due on a day.
    bans: Callable[[date], Sequence[Stretch]]
    #: Days on which a ban might hold for what was due on a day, and is not applied.
    disputed: Callable[[date], Sequence[Stretch]]
    #: The rates that apply to a day of delay.
    rates_on: Callable[[date], Rates]
    #: Days on which the wording or the rates change.
    changes: frozenset[date]

    def __call__(self, due_on: date, until: date) -> Sequence[Share]:
        """Through `until`, inclusive."""
        steps = {due_on + first * ONE_DAY for wording in self.rule.wordings for first, _ in wording()}
        steps |= {day for ban in self.disputed(due_on) for day in (ban.since, ban.until + ONE_DAY)}
        return without(
            timeline(
                due_on + ONE_DAY, until, steps | self.changes, lambda since, last: self._share(due_on, since, last)
            ),
            self.bans(due_on),
        )

    def _share(self, due_on: date, since: date, until: date) -> Share:
        rates = self.rates_on(since)
        try:
            wording = self.rule.at(since)
        except NotInForce:
            return Share(since=since, until=until, value=None, missing=not_entered(self.rule), rates=rates)
        first, share = max(band for band in wording() if band[0] <= (since - due_on).days)
        why, params = _why(wording(), first, share)
        reading = wording.reading(why, since=since, until=until, params=params)
        if not share:
            return Share(since=since, until=until, value=share, readings=(reading,), rates=rates)
        unsure = (row for ban in self.disputed(due_on) if ban.since <= since <= ban.until for row in ban.readings)
        return Share(since=since, until=until, value=share, readings=(reading, *unsure), rates=rates)


def _why(bands: Bands, first: int, share: Fraction) -> tuple[str, dict[str, object]]:
    following = min((begins for begins, _ in bands if begins > first), default=None)
    if following is None:
        return gettext_noop("С %(first)s-го дня просрочки %(share)s ставки за день."), {"first": first, "share": share}
    if not share:
        return gettext_noop("Первые %(days)s дней просрочки пеня не начисляется."), {"days": following - first}
    why = gettext_noop("С %(first)s-го по %(last)s-й день просрочки %(share)s ставки за день.")
    return why, {"first": first, "last": following - 1, "share": share}


def accruals(terms: Terms) -> Sequence[Accrual]:
    """The one line of a Russian penalty."""
    rule = capital_repair if terms.regime == "capital_repair" else BY_DEBTOR[cast(Debtor, terms.settings["debtor"])]
    asked = RateTerms(
        of=cast(RateOf, terms.settings["rate_of"]),
        debtor=next((debtor for debtor, own in BY_DEBTOR.items() if own is rule), "resident"),
        known_as_of=terms.known_as_of,
        assumed=assumed_rates(terms.settings["key_rate"]),
        prolonged=terms.settings["cap_after_2026"] == "prolonged",
    )
    changes = change_days(rule)
    if terms.settings["cap_of"] == "each_day" and asked.of == "payment_day":
        rates_on = _capped_by_delay(asked)
        changes |= key_rate.cap_changes()
    else:
        rates = key_rate.rates(asked)
        rates_on = lambda day: rates  # noqa: E731
    shares = DelayShares(rule, _bans(asked.debtor, terms), _disputed(terms), rates_on, frozenset(changes))
    return (DailyAccrual(line="penalty", shares=shares),)


def _capped_by_delay(asked: RateTerms) -> Callable[[date], Rates]:
    """The rates under the cap of a day of delay, made once for all days of one cap."""
    begins = sorted(key_rate.cap_changes())

    @cache
    def under(place: int) -> Rates:
        return key_rate.rates_capped_as_on(asked, begins[place - 1] if place else date.min)

    return lambda day: under(bisect_right(begins, day))


def _bans(debtor: Debtor, terms: Terms) -> Callable[[date], Sequence[Stretch]]:
    """Days that do not count: the moratoria that apply to a debtor by the due day, and what is out of time."""
    # ПП РФ 424 frees residents, and managers before suppliers; of other consumers it says nothing.
    of_2020 = () if debtor == "other" else _ban(PARAMETERS["moratorium_2020"], _MORATORIUM, terms.known_as_of)
    choice = terms.settings["moratorium_2022"]
    of_2022 = () if choice == "off" else _ban(PARAMETERS[f"moratorium_2022_{choice}"], _MORATORIUM, terms.known_as_of)
    stops = terms.settings["after_limitation"] == "not_counted"
    ends = barred_penalty.days_after_limitation if stops else lambda due_on: ()
    # Only what was due before its first day: later debts are current ones (127-ФЗ ст. 9.1).
    return lambda due_on: (*of_2020, *(ban for ban in of_2022 if due_on < ban.since), *ends(due_on))


def _disputed(terms: Terms) -> Callable[[date], Sequence[Stretch]]:
    """The moratorium of 2022 where it is not applied: whether it should be is disputed, so its days say so."""
    if terms.settings["moratorium_2022"] != "off":
        return lambda due_on: ()
    disputed = _ban(PARAMETERS["moratorium_2022_until_2022_10_01"], _NOT_APPLIED, terms.known_as_of)
    return lambda due_on: tuple(ban for ban in disputed if due_on < ban.since)


_MORATORIUM = gettext_noop("Мораторий: за эти дни пеня не начисляется, счёт дней просрочки идёт.")
_NOT_APPLIED = gettext_noop("Мораторий 2022 года не применён; спорно, распространяется ли он на этот долг.")


def _ban(moratorium: Parameter, why: str, known_as_of: date | None) -> tuple[Stretch, ...]:
    """The days of a moratorium, as it was known."""
    return tuple(
        Stretch(
            since=value.since, until=last, value=NONE, readings=(value.reading(why, since=value.since, until=last),)
        )
        for value in moratorium.values
        if value.value and (last := value.until) is not None and value.was_known(known_as_of)
    )


@dataclass(frozen=True, kw_only=True)
class RussianLaw(AccrualLaw):
    """Russia's penalties: the figure says what of it a court would refuse if the debtor speaks of limitation."""

    def explain(self, question: PenaltyQuestion) -> PenaltyResult:
        """See `PenaltyLaw.explain`."""
        result = super().explain(question)
        return replace(result, readings=(*result.readings, *barred_penalty.told(question, result)))


LAW = RussianLaw(
    country="ru",
    regimes=("housing", "capital_repair"),
    # A separate contract with a supplier follows the same part 14 (190-ФЗ ст. 15 ч. 9.4, 416-ФЗ ст. 13 ч. 6.5).
    regime_names={"utility": "housing", "utilities": "housing"},
    denominator=DENOMINATOR,
    own_settings=SETTINGS,
    checks={"key_rate": assumed_rates},
    accruals=accruals,
)
