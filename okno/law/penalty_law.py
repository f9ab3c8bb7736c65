"""A country's `PenaltyLaw` made of its accruals: the country says what a day costs, here the question is answered."""

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import repeat

from okno.law.calendar import WorkingCalendar
from okno.law.dated import generation
from okno.law.penalty import (
    NO_SETTINGS,
    Coefficients,
    Line,
    LineTotal,
    Missing,
    PenaltyQuestion,
    PenaltyResult,
    PenaltyRow,
    Setting,
    Settings,
)
from okno.law.penalty_accrual import Accrual
from okno.law.penalty_rows import ROUNDING, distinct, rounded, rows, total
from okno.law.penalty_settings import Check, resolved


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Under what a penalty is asked for: a regime, all settings with their values, and what was known when."""

    regime: str
    settings: Settings
    known_as_of: date | None
    calendar: WorkingCalendar


@dataclass(frozen=True, kw_only=True)
class AccrualLaw:
    """The penalties of one country, see `PenaltyLaw`. Without `accruals` no regime bears a penalty.

    `accruals` gives the lines of a regime under some terms, the line "penalty" first; it is asked once for all bills of
    a question. `own_settings` are the country's, besides the rounding that all have; `checks` read the free texts.
    """

    country: str
    regimes: tuple[str, ...] = ()
    regime_names: Mapping[str, str] = field(default_factory=dict)
    denominator: int = 1
    #: The denominators of lines that need one of their own.
    line_denominators: Mapping[Line, int] = field(default_factory=dict)
    lines: tuple[Line, ...] = ("penalty",)
    own_settings: tuple[Setting, ...] = ()
    checks: Mapping[str, Check] = field(default_factory=dict)
    accruals: Callable[[Terms], Sequence[Accrual]] = lambda terms: ()

    @property
    def settings(self) -> tuple[Setting, ...]:
        """What may be set."""
        return (*self.own_settings, ROUNDING)

    def resolved(self, given: Settings) -> Settings:
        """The settings with the defaults of those not given. Raises `BadSetting`."""
        return resolved(self.settings, given, self.checks)

    def explain(self, question: PenaltyQuestion) -> PenaltyResult:
        """See `PenaltyLaw.explain`."""
        settings = self.resolved(question.settings)
        found: list[PenaltyRow] = []
        missing: dict[Line, list[Missing]] = {line: [] for line in self.lines}
        by_regime: dict[str, Sequence[Accrual]] = {}
        for arrear in question.arrears:
            regime = self.regime_names.get(arrear.regime, arrear.regime)
            if regime not in by_regime:
                by_regime[regime] = self._accruals(regime, settings, question.known_as_of, question.calendar)
            for accrual in by_regime[regime]:
                counted, not_entered = rows(arrear, question.as_of, accrual)
                found += counted
                missing[accrual.line] += not_entered
        totals = tuple(self._total(line, found, missing[line], settings) for line in self.lines)
        return PenaltyResult(
            total_minor=totals[self.lines.index("penalty")].minor,
            lines=totals,
            rows=tuple(found),
            missing=distinct(gap for gaps in missing.values() for gap in gaps),
            readings=(rounded(settings["rounding"], question.as_of),),
            settings=settings,
        )

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
        """See `PenaltyLaw.coefficients`. The costs are exact: the setting `rounding` is for who sums them up."""
        chosen = self.resolved(settings)
        asked = self._accruals(self.regime_names.get(regime, regime), chosen, known_as_of, calendar)
        accrual = next((accrual for accrual in asked if accrual.line == line), None)
        first = min(due_days, default=until)
        nothing = array("q", repeat(0, (until - first).days + 1))
        denominator = self.line_denominators.get(line, self.denominator)
        return Coefficients(
            line=line,
            denominator=denominator,
            first=first,
            due_days=tuple(due_days),
            numerators=tuple(
                accrual.costs(due_on, first, until, denominator) if accrual else nothing for due_on in due_days
            ),
        )

    def doubts(
        self,
        regime: str,
        due_days: Sequence[date],
        until: date,
        *,
        settings: Settings = NO_SETTINGS,
        calendar: WorkingCalendar | None = None,
    ) -> tuple[bytes, ...]:
        """See `PenaltyLaw.doubts`."""
        asked = self._accruals(self.regime_names.get(regime, regime), self.resolved(settings), None, calendar)
        first = min(due_days, default=until)
        none = bytes((until - first).days + 1)
        return tuple(
            bytes(map(max, none, *(accrual.doubts(due_on, first, until) for accrual in asked))) if asked else none
            for due_on in due_days
        )

    def _accruals(
        self, regime: str, settings: Settings, known_as_of: date | None, calendar: WorkingCalendar | None
    ) -> Sequence[Accrual]:
        if regime not in self.regimes:
            return ()
        chosen = tuple(sorted(settings.items()))
        calendar = calendar or _plain_calendar(self.country)
        return _accruals(self.accruals, regime, chosen, known_as_of, calendar, generation())

    def _total(
        self, line: Line, found: Sequence[PenaltyRow], missing: Sequence[Missing], settings: Settings
    ) -> LineTotal:
        if missing:
            return LineTotal(line=line, minor=None, exact=None)
        return total(line, [row for row in found if row.line == line], settings["rounding"])


@lru_cache(maxsize=64)
def _accruals(
    accruals: Callable[[Terms], Sequence[Accrual]],
    regime: str,
    settings: tuple[tuple[str, str], ...],
    known_as_of: date | None,
    calendar: WorkingCalendar,
    _generation: int,
) -> Sequence[Accrual]:
    """The lines of a regime, put together once: a town's bills ask the same again and again."""
    return accruals(Terms(regime=regime, settings=dict(settings), known_as_of=known_as_of, calendar=calendar))


@lru_cache(maxsize=8)
def _plain_calendar(country: str) -> WorkingCalendar:
    return WorkingCalendar(country)
