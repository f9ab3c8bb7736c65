"""The penalty for late payment in Ukraine, and what the Civil Code adds to it.

Закон 2189-VIII ст. 26 ч. 1: the size is the contract's, at most 0.01 % of the debt a day, and without a contract's
clause there is none; it begins with the first working day after the last day to pay and never exceeds 100 % of the
debt. It does not accrue while the state owes for the consumer's benefits, nor to a consumer with confirmed wage
arrears. Days of the bans (`bans`) do not count and are not made up for.

On the creditor's demand (setting `claim_625`) the lines "three_percent" (`article_625`) and "inflation" (`inflation`)
stand beside the penalty.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from okno.law.calendar import WorkingCalendar
from okno.law.dated import NotInForce, Rule
from okno.law.explained import Reading, gettext_noop
from okno.law.penalty import (
    NO_SETTINGS,
    Coefficients,
    Line,
    PenaltyQuestion,
    PenaltyResult,
    Setting,
    Settings,
)
from okno.law.penalty_accrual import Accrual, DailyAccrual
from okno.law.penalty_law import AccrualLaw, Terms
from okno.law.penalty_rates import percent, typed_number
from okno.law.penalty_rows import distinct, parts, rows, still_open, total
from okno.law.penalty_spans import (
    FOREVER,
    NONE,
    ONE_DAY,
    Ceiling,
    Rates,
    Share,
    Stretch,
    change_days,
    not_entered,
    timeline,
    without,
)
from okno.law.penalty_tables import Inexact
from okno.law.sheets import load
from okno.law.ua import article_625, inflation
from okno.law.ua.bans import TERRITORY, Protection, community, protection
from okno.law.ua.limitation import PENALTY_RULES

PARAMETERS = load(Path(__file__).with_suffix(".yaml"))
MOST_A_DAY, MOST_OF_DEBT = PARAMETERS["most_a_day"], PARAMETERS["most_of_debt"]
#: A contract's rate has at most four decimals of a per cent.
DENOMINATOR = 1_000_000

start: Rule[[date, WorkingCalendar], date] = Rule(
    "ua.penalty.start", title="С какого дня идёт пеня", checked_on="2026-11-21"
)


@start.in_force(since="2019-05-01", source="Закон України 2189-VIII від 09.11.2017 ст. 26 ч. 1", verified=True)
def first_working_day(due_on: date, calendar: WorkingCalendar) -> date:
    """From the first working day after the last day of the term to pay."""
    return calendar.next_working_day(due_on + ONE_DAY)


worked_holidays: Rule[[date, WorkingCalendar], date] = Rule(
    "ua.penalty.worked_holidays", title="Праздники при военном положении рабочие", checked_on="2026-11-21"
)


@worked_holidays.in_force(
    since="2022-03-24",
    source="Закон України 2136-IX від 15.03.2022 ст. 6",
    verified=False,
    note="Что праздники при военном положении рабочие, приведено по памяти: текст закона не прочитан.",
)
def working_day_in_peace(begins: date, calendar: WorkingCalendar) -> date:
    """Holidays are ordinary working days; the penalty would begin on this day, were they not."""
    while calendar.is_worked_holiday(begins) or not calendar.is_working(begins):
        begins += ONE_DAY
    return begins


SETTINGS = (
    Setting(
        name="contract_rate",
        title=gettext_noop("Пеня по договору, % долга за день, например 0.01; пусто: договор её не назначает"),
        default="",
        source="Закон України 2189-VIII ст. 26 ч. 1",
    ),
    Setting(
        name="payment_day",
        title=gettext_noop("День оплаты (для остатка день расчёта)"),
        default="included",
        choices={"included": gettext_noop("считается"), "excluded": gettext_noop("не считается")},
        source="Норма о дне оплаты не найдена",
    ),
    Setting(
        name="debtor",
        title=gettext_noop("Кто должник"),
        default="population",
        choices={
            "population": gettext_noop("население, запреты действуют"),
            "other": gettext_noop("не население, запреты не действуют"),
        },
        source="КМУ № 206 от 05.03.2022; законы 530-IX, 540-IX",
    ),
    Setting(
        name="territory",
        title=gettext_noop("Код общины (КАТОТТГ), чтобы найти её в перечне территорий"),
        default="",
        source="КМУ № 206 в редакции № 1405",
    ),
    Setting(
        name="damaged_home",
        title=gettext_noop("Дом повреждён войной, исполнителю сообщили"),
        default="no",
        choices={"no": gettext_noop("нет"), "yes": gettext_noop("да")},
        source="КМУ № 206 в редакции № 1405",
    ),
    Setting(
        name="exempt",
        title=gettext_noop("Государство должно за льготы или подтверждена задолженность по зарплате"),
        default="no",
        choices={"no": gettext_noop("нет"), "yes": gettext_noop("да, пени нет")},
        source="Закон України 2189-VIII ст. 26 ч. 1",
    ),
    Setting(
        name="claim_625",
        title=gettext_noop("Требовать 3 % годовых и инфляцию"),
        default="no",
        choices={"no": gettext_noop("нет"), "yes": gettext_noop("да")},
        source="ЦК України ст. 625 ч. 2",
    ),
    Setting(
        name="inflation",
        title=gettext_noop("Как считать инфляцию"),
        default="lots",
        choices={
            "lots": gettext_noop("каждый счёт за свои месяцы"),
            "balance": gettext_noop("весь остаток за все месяцы"),
        },
        source="Оба способа опубликованы, норма о выборе не найдена",
    ),
    Setting(
        name="yearly_percent",
        title=gettext_noop("Проценты годовых по договору вместо трёх, например 6"),
        default="",
        source="ЦК України ст. 625 ч. 2",
    ),
    Setting(
        name="year_days",
        title=gettext_noop("На сколько дней делят проценты годовых"),
        default="calendar",
        choices={"calendar": gettext_noop("365, в високосный год 366"), "365": gettext_noop("всегда 365")},
        source="Норма о високосном годе не найдена",
    ),
    Setting(
        name="cpi",
        title=gettext_noop("Предположить индекс цен за месяц: 100.4@2026-09, несколько через точку с запятой"),
        default="",
        source="Предположение, чтобы увидеть, что было бы",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractShares:
    """The contract's rate from the first working day on, but for the bans; see `okno.law.penalty_accrual.Shares`."""

    rates: Rates
    protection: Protection
    calendar: WorkingCalendar
    #: Why there is no penalty at all; None when there may be one.
    nothing: Reading | None

    def __call__(self, due_on: date, until: date) -> Sequence[Share]:
        """Through `until`, inclusive."""
        if self.nothing is not None:
            why = (self.nothing,)
            return (Share(since=due_on + ONE_DAY, until=until, value=NONE, readings=why, rates=self.rates),)
        begins = {day for wording in start.wordings if wording.holds(day := wording(due_on, self.calendar))}
        certain = {working_day_in_peace(day, self.calendar) for day in begins}
        changes = begins | certain | change_days(start, worked_holidays, TERRITORY)
        shares = timeline(due_on + ONE_DAY, until, changes, lambda since, last: self._share(due_on, since, last))
        return without(shares, self.protection.of_penalty())

    def _share(self, due_on: date, since: date, until: date) -> Share:
        try:
            wording = start.at(since)
        except NotInForce:
            return Share(since=since, until=until, value=None, missing=not_entered(start), rates=self.rates)
        begins = wording(due_on, self.calendar)
        value = Fraction(since >= begins)
        why = (
            gettext_noop("Срок оплаты прошёл: пеня по договору за каждый день.")
            if value
            else gettext_noop("Пеня идёт с первого рабочего дня после срока: с %(day)s.")
        )
        row = wording.reading(why, since=since, until=until, params={"day": f"{begins:%d.%m.%Y}"})
        readings: tuple[Reading, ...] = (row,)
        if value:
            readings += (*self._on_holidays(begins, since, until), *self.protection.unsure(since, until))
        return Share(since=since, until=until, value=value, readings=readings, rates=self.rates)

    def _on_holidays(self, begins: date, since: date, until: date) -> tuple[Reading, ...]:
        """Days on which the penalty runs only if the holiday it began on was worked."""
        try:
            wording = worked_holidays.at(begins)
        except NotInForce:
            return ()
        if since >= wording(begins, self.calendar):
            return ()
        why = gettext_noop("Пеня началась в праздник: при военном положении он рабочий.")
        return (wording.reading(why, since=since, until=until),)


def contract_rates(agreed: Fraction, known_as_of: date | None) -> Rates:
    """The contract's rate (per cent a day) by day, cut to what the law allows."""

    def allowed(since: date, until: date) -> Stretch:
        try:
            most = MOST_A_DAY.at(since, known_as_of=known_as_of)
        except NotInForce:
            return Stretch(since=since, until=until, value=None, missing=not_entered(MOST_A_DAY, known_as_of))
        limit = Fraction(most.value)
        why = (
            gettext_noop("Договор назначает %(agreed)s за день, закон допускает не больше %(most)s: взято %(most)s.")
            if agreed > limit
            else gettext_noop("Договор назначает %(agreed)s за день, это не больше допустимых %(most)s.")
        )
        told = {"agreed": percent(agreed), "most": percent(limit)}
        row = most.reading(why, since=since, until=until, params=told)
        return Stretch(since=since, until=until, value=min(agreed, limit) / 100, readings=(row,))

    return Rates(of="each_day", stretches=timeline(date.min, FOREVER, change_days(MOST_A_DAY), allowed))


def agreed_rate(text: str) -> Fraction:
    """Read "0.01" per cent a day. Raises `ValueError` in Russian."""
    try:
        rate = typed_number(text)
    except ValueError as error:
        raise ValueError(f"«{text}»: нужны проценты за день, например 0.01") from error
    if not (0 < rate <= 100 and rate == rate.quantize(Decimal("0.0001"))):
        raise ValueError(f"«{text}»: нужно от 0,0001 до 100 процентов за день, не больше четырёх знаков")
    return Fraction(rate)


def accruals(terms: Terms) -> Sequence[Accrual]:
    """The penalty, and on demand 3 % a year."""
    settings, known_as_of = terms.settings, terms.known_as_of
    guarded = protection(settings, known_as_of)
    counts = settings["payment_day"] == "included"
    penalty = DailyAccrual(
        line="penalty",
        shares=ContractShares(
            rates=contract_rates(agreed_rate(settings["contract_rate"] or "0.01"), known_as_of),
            protection=guarded,
            calendar=terms.calendar,
            nothing=_nothing(terms),
        ),
        ceiling=_ceiling(),
        last_day_counts=counts,
    )
    if settings["claim_625"] == "no":
        return (penalty,)
    yearly = DailyAccrual(
        line="three_percent",
        shares=article_625.YearlyShares(
            rates=article_625.yearly_rates(settings["yearly_percent"], known_as_of),
            protection=guarded,
            always_365=settings["year_days"] == "365",
        ),
        last_day_counts=counts,
    )
    return (penalty, yearly)


def _nothing(terms: Terms) -> Reading | None:
    cited = MOST_A_DAY.written[0]
    if terms.settings["exempt"] == "yes":
        why = gettext_noop("Государство должно за льготы или задержана зарплата: пеня не начисляется.")
    elif not terms.settings["contract_rate"]:
        why = gettext_noop(
            "Пени нет: её размер назначает договор, закон лишь ограничивает. Укажите размер из договора."
        )
    else:
        return None
    return cited.reading(why, since=cited.since, until=FOREVER)


def _ceiling() -> Ceiling:
    most = MOST_OF_DEBT.written[-1]
    why = gettext_noop("Пеня достигла предела, %(most)s долга, и больше не растёт.")
    told = {"most": percent(most.value)}
    return Ceiling(
        most=Fraction(most.value) / 100, reading=most.reading(why, since=most.since, until=FOREVER, params=told)
    )


@dataclass(frozen=True, kw_only=True)
class UkrainianLaw(AccrualLaw):
    """Ukraine's penalties: lines nobody asked for are left out, and inflation is counted on what is still open."""

    def explain(self, question: PenaltyQuestion) -> PenaltyResult:
        """See `PenaltyLaw.explain`."""
        result = super().explain(question)
        if result.settings["claim_625"] == "yes":
            result = self._with_inflation(question, result)
        else:
            result = replace(result, lines=tuple(line for line in result.lines if line.line == "penalty"))
        return replace(result, readings=(*result.readings, *_old_days(result, question.as_of)))

    def coefficients(
        self,
        regime: str,
        due_days: Sequence[date],
        until: date,
        *,
        settings: Settings = NO_SETTINGS,
        known_as_of: date | None = None,
        calendar: WorkingCalendar | None = None,
        line: Line = "penalty",
    ) -> Coefficients:
        """See `PenaltyLaw.coefficients`. Raises `Inexact` for the line "inflation", which has no table."""
        if line == "inflation":
            raise Inexact("Inflation has no table; ask for an explanation.")
        return super().coefficients(
            regime,
            due_days,
            until,
            settings=settings,
            known_as_of=known_as_of,
            calendar=calendar,
            line=line,
        )

    def _with_inflation(self, question: PenaltyQuestion, result: PenaltyResult) -> PenaltyResult:
        bearing = [one for one in question.arrears if self.regime_names.get(one.regime, one.regime) in self.regimes]
        late = [one for one in bearing if parts(one, question.as_of)]
        if not late:
            return result
        accrual = _inflation(result.settings, question.known_as_of, min(one.due_on for one in late) + ONE_DAY)
        open_parts = [one for arrear in late if (one := still_open(arrear, question.as_of)) is not None]
        counted = [rows(one, question.as_of, accrual) for one in open_parts]
        found = [row for own, _ in counted for row in own]
        missing = [gap for _, gaps in counted for gap in gaps]
        line = total("inflation", found, result.settings["rounding"])
        if missing:
            line = replace(line, minor=None, exact=None)
        return replace(
            result,
            rows=(*result.rows, *found),
            lines=tuple(line if one.line == "inflation" else one for one in result.lines),
            missing=distinct((*result.missing, *missing)),
        )


def _inflation(settings: Settings, known_as_of: date | None, first_late: date) -> inflation.Inflation:
    indices = inflation.Indices(
        protection=protection(settings, known_as_of),
        known_as_of=known_as_of,
        assumed=inflation.assumed_indices(settings["cpi"]),
    )
    if settings["inflation"] == "balance":
        return inflation.Balance(indices=indices, first_late=first_late)
    return inflation.Lots(indices=indices)


def _old_days(result: PenaltyResult, as_of: date) -> tuple[Reading, ...]:
    """That the court may refuse a penalty for days older than a year (ЦК ст. 258), if there are such."""
    first = min((row.since for row in result.rows if row.line == "penalty" and row.exact), default=as_of)
    limit = PENALTY_RULES.ends(first)
    if limit.value is None or limit.value >= as_of:
        return ()
    why = gettext_noop("Пеня за дни с %(day)s старше срока давности: по заявлению должника суд в ней откажет.")
    told = {"day": f"{first:%d.%m.%Y}"}
    return tuple(replace(row, why=why, params=told, since=first, until=as_of) for row in limit.rows[:1])


LAW = UkrainianLaw(
    country="ua",
    regimes=("housing",),
    regime_names={"dues": "housing", "utility": "housing", "utilities": "housing"},
    denominator=DENOMINATOR,
    line_denominators={"three_percent": article_625.DENOMINATOR},
    lines=("penalty", "three_percent", "inflation"),
    own_settings=SETTINGS,
    checks={
        "contract_rate": agreed_rate,
        "territory": community,
        "yearly_percent": article_625.agreed_percent,
        "cpi": inflation.assumed_indices,
    },
    accruals=accruals,
)
