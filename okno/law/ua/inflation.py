"""The inflation loss in Ukraine, owed on the creditor's demand (ЦК України ст. 625 ч. 2).

The loss is the product of the months' indices less one. The month in which the delay began is not indexed, nor is a
month that is not over by the day of payment, nor (reading taken, in the debtor's favour) one with a day under a ban.
Falling prices make the product smaller, but the loss never falls below zero.

Two methods are published and differ many times over. By lots, what is still open of each bill is indexed by the bill's
own months; by the balance, all that is open today is indexed by all months since the first delay. What was paid late
bears no inflation in either.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from pathlib import Path

from okno.common.days import add_months, last_day, month_of
from okno.law.dated import NotInForce, Rule
from okno.law.explained import Reading, gettext_noop
from okno.law.penalty import Days, Line, Missing
from okno.law.penalty_rates import typed_number
from okno.law.penalty_spans import ONE_DAY, Span, Stretch, not_entered
from okno.law.penalty_tables import Inexact
from okno.law.sheets import load
from okno.law.ua.bans import Protection

INDEX = load(Path(__file__).with_name("cpi.yaml"))["month_to_month"]
ONE = Fraction(1)

first_indexed: Rule[[date], date] = Rule(
    "ua.inflation.first_indexed", title="С какого месяца просрочку индексируют", checked_on="2026-11-21"
)


@first_indexed.in_force(
    since="2004-01-01", source="ЦК України ст. 625 ч. 2; лист Верховного Суду № 62-97р", verified=True
)
def the_month_after(first_late: date) -> date:
    """From the month after the one in which the debt arose."""
    return add_months(month_of(first_late), 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month that is over: by how much prices rose in it (1 where it is not indexed), or what is missing."""

    first: date
    factor: Fraction = ONE
    readings: tuple[Reading, ...] = ()
    missing: Missing | None = None
    #: Whether its index was counted; a month under a ban or a pause has none.
    indexed: bool = False

    @property
    def last(self) -> date:
        return last_day(self.first)


@dataclass(frozen=True, slots=True, kw_only=True)
class Indices:
    """The indices of months for one debtor. `assumed` are per cent of the month before, by months."""

    protection: Protection
    known_as_of: date | None = None
    assumed: Mapping[date, Fraction] = field(default_factory=dict)

    def months(self, first_late: date, through: date, paused: Sequence[Days]) -> list[Month]:
        """The months to be indexed for a delay from `first_late` through `through`, both inclusive, in order."""
        found = []
        month = first_indexed.at(first_late)(first_late)
        while last_day(month) <= through:
            found.append(self._month(month, paused))
            month = add_months(month, 1)
        return found

    def _month(self, month: date, paused: Sequence[Days]) -> Month:
        end = last_day(month)
        for ban in self.protection.of_article_625():
            if ban.since <= end and month <= ban.until:
                return Month(first=month, readings=_banned(ban, month))
        for pause in paused:
            if pause.since <= end and month <= pause.until:
                return Month(first=month, readings=(_told(_PAUSED, month, verified=True),))
        if month in self.assumed:
            return self._counted(month, self.assumed[month], _told(_ASSUMED, month))
        try:
            if self.known_as_of is not None and end > self.known_as_of:
                # An index is published after its month.
                return Month(first=month, missing=not_entered(INDEX, self.known_as_of)(month))
            value = INDEX.at(month, known_as_of=self.known_as_of)
        except NotInForce:
            return Month(first=month, missing=not_entered(INDEX, self.known_as_of)(month))
        return self._counted(month, Fraction(value.value), value.reading(_INDEX, since=month, until=end))

    def _counted(self, month: date, index: Fraction, reading: Reading) -> Month:
        params = {"month": f"{month:%m.%Y}", "index": f"{float(index):.1f}".replace(".", ",")}
        told = Reading(
            since=month,
            until=last_day(month),
            why=reading.why,
            params=params,
            norm=reading.norm,
            edition=reading.edition,
            verified=reading.verified,
            basis=reading.basis,
        )
        unsure = self.protection.unsure(month, told.until)
        return Month(first=month, factor=index / 100, readings=(told, *unsure), indexed=True)


def _banned(ban: Stretch, month: date) -> tuple[Reading, ...]:
    """Why a month with a day under the ban is not indexed; a month only partly under it is a reading."""
    if ban.since <= month and last_day(month) <= ban.until:
        return ban.readings
    return (*ban.readings, *(replace(one, why=_PARTLY, params={}, verified=False) for one in ban.readings))


_PARTLY = gettext_noop("Запрет стоял не весь месяц; месяц не индексируется целиком, это чтение в пользу должника.")
_INDEX = gettext_noop("Индекс цен за %(month)s: %(index)s.")
_ASSUMED = gettext_noop("Предположение: индекс цен за %(month)s: %(index)s.")
_PAUSED = gettext_noop("Эти дни не считаются по решению организации.")


def _told(why: str, month: date, *, verified: bool = False) -> Reading:
    norm = "Решение организации" if verified else "Предположение в настройках расчёта"
    return Reading(
        since=month, until=last_day(month), why=why, norm=norm, edition=month, verified=verified, basis="policy"
    )


def product(months: Iterable[Month]) -> Fraction:
    """By how much prices rose through all of them."""
    risen = ONE
    for month in months:
        risen *= month.factor
    return risen


class Inflation:
    """What both methods have in common; see `okno.law.penalty_accrual.Accrual`."""

    line: Line = "inflation"

    def spans(self, due_on: date, through: date, paused: Sequence[Days] = ()) -> Sequence[Span]:
        """The spans of what was due on `due_on` and is open on `through`."""
        raise NotImplementedError

    def costs(self, due_on: date, first: date, until: date, denominator: int) -> "array[int]":
        """Raises `Inexact`: a product of indices is a whole number of no fixed share."""
        raise Inexact("Inflation has no table; ask for an explanation.")

    def doubts(self, due_on: date, first: date, until: date) -> bytes:
        """Raises `Inexact`, as `costs` does."""
        raise Inexact("Inflation has no table; ask for an explanation.")


@dataclass(frozen=True, kw_only=True)
class Lots(Inflation):
    """The inflation of what is open of each bill, by itself."""

    indices: Indices

    def spans(self, due_on: date, through: date, paused: Sequence[Days] = ()) -> Sequence[Span]:
        """A span a month, and one at each end for the days of months that are not indexed."""
        first_late = due_on + ONE_DAY
        try:
            rule = first_indexed.at(first_late)
        except NotInForce:
            return (Span(since=first_late, until=through, missing=not_entered(first_indexed)(first_late)),)
        months = self.indices.months(first_late, through, paused)
        head = min(through, rule(first_late) - ONE_DAY)
        why = gettext_noop("Месяц, в котором началась просрочка, не индексируется.")
        found = [Span(since=first_late, until=head, readings=(rule.reading(why, since=first_late, until=head),))]
        found += _of_months(months)
        if found[-1].until < through:
            since = found[-1].until + ONE_DAY
            why = gettext_noop("Месяц не кончился: он не индексируется.")
            found.append(
                Span(
                    since=since,
                    until=through,
                    readings=(rule.reading(why, since=since, until=through, verified=False),),
                )
            )
        return found


def _of_months(months: Sequence[Month]) -> Iterator[Span]:
    fell = not any(month.missing for month in months) and product(months) <= ONE
    risen = ONE
    for month in months:
        if month.missing is not None:
            yield Span(since=month.first, until=month.last, missing=month.missing)
            continue
        readings = month.readings
        rule = first_indexed.at(month.first)
        if fell and month.indexed:
            readings += (rule.reading(_FELL, since=month.first, until=month.last),)
        elif month.indexed and risen != ONE:
            readings += (rule.reading(_ON_TOP, since=month.first, until=month.last),)
        lump = Fraction(0) if fell else risen * (month.factor - ONE)
        yield Span(
            since=month.first, until=month.last, rate=month.factor - ONE, share=ONE, readings=readings, lump=lump
        )
        risen *= month.factor


_FELL = gettext_noop("За все эти месяцы цены не выросли: потерь от инфляции нет.")
_ON_TOP = gettext_noop("Индекс взят от суммы, уже выросшей за прошлые месяцы.")


@dataclass(frozen=True, kw_only=True)
class Balance(Inflation):
    """The inflation of the whole debt of a day since the first delay; `spans` ignores the bill's own due day."""

    indices: Indices
    first_late: date

    def spans(self, due_on: date, through: date, paused: Sequence[Days] = ()) -> Sequence[Span]:
        """One span from the first delay through `through`."""
        try:
            rule = first_indexed.at(self.first_late)
        except NotInForce:
            return (Span(since=self.first_late, until=through, missing=not_entered(first_indexed)(self.first_late)),)
        months = self.indices.months(self.first_late, through, paused)
        lacking = next((month.missing for month in months if month.missing), None)
        if lacking is not None:
            return (Span(since=self.first_late, until=through, missing=lacking),)
        risen = max(product(months) - ONE, Fraction(0))
        why = gettext_noop("Весь нынешний долг индексируется за все месяцы с первой просрочки: цены × %(risen)s.")
        told = {"risen": f"{float(risen + ONE):.4f}".replace(".", ",")}
        row = rule.reading(why, since=self.first_late, until=through, params=told, verified=False)
        each = {(reading.text, reading.norm): reading for month in months for reading in month.readings}
        readings = (row, *each.values())
        return (Span(since=self.first_late, until=through, rate=risen, share=ONE, readings=readings, lump=risen),)


def assumed_indices(text: str) -> dict[date, Fraction]:
    """Read "100.4@2026-09;100.9@2026-10". Raises `ValueError` in Russian."""
    found: dict[date, Fraction] = {}
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        index_text, _, month = entry.partition("@")
        try:
            index, first = typed_number(index_text), date.fromisoformat(f"{month}-01")
        except ValueError as error:
            raise ValueError(f"«{entry}»: нужен индекс и месяц: 100.4@2026-09") from error
        if first in found:
            raise ValueError(f"«{entry}»: индекс за этот месяц указан дважды")
        if not 50 <= index <= 200:
            raise ValueError(f"«{entry}»: индекс считается в процентах к прошлому месяцу, от 50 до 200, например 100.4")
        found[first] = Fraction(index)
    return found
