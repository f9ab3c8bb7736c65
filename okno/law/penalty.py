"""What late payment costs: one question and one answer for every country, with the rows that explain it.

The figure and its explanation are made by the same code: a bill is cut into parts (each payment closes one, the rest
is open), a part's days are cut into spans of one share and one rate, and a row is a part times a span. Because a span
never depends on the sum, the same spans summed up give the `Coefficients` of a due day and a paying day, by which a
million accounts are counted with one multiplication a part. Nothing is rounded but the total of each line, once.

Here is what is asked and answered. The engine stands beside: `penalty_spans` cuts the days, `penalty_rows` explains,
`penalty_tables` counts in bulk, and `penalty_law` makes a `PenaltyLaw` of what a country supplies.
"""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Literal, Protocol

from okno.law.calendar import WorkingCalendar
from okno.law.explained import Reading

Line = Literal["penalty", "three_percent", "inflation"]
"""What is asked for: the penalty itself, and in Ukraine 3 % a year and the inflation loss (ЦК 625)."""

Settings = Mapping[str, str]
"""Readings and facts of a case by name. What may be set is in `PenaltyLaw.settings`; the rest has its default."""

NO_SETTINGS: Settings = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Days in a row, both inclusive."""

    since: date
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """So many minor units of a bill were paid, with the value day."""

    on: date
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrear:
    """A bill as the law of penalties sees it. `due_on` is the last day to pay without delay (after any shift).

    `paid` may come in any order and sums up to at most `amount_minor`; what was paid by the due day costs nothing.
    `paused` are days the organisation itself decided not to count (a dispute): no part of the law.
    """

    ref: str
    due_on: date
    amount_minor: int
    paid: tuple[Paid, ...] = ()
    regime: str = "housing"
    paused: tuple[Days, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PenaltyQuestion:
    """What the arrears cost up to and including `as_of`, as the law was known on `known_as_of` (None: as known now)."""

    arrears: tuple[Arrear, ...]
    as_of: date
    known_as_of: date | None = None
    settings: Settings = field(default_factory=lambda: NO_SETTINGS)
    calendar: WorkingCalendar | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PenaltyRow:
    """One part of a bill through one span of days.

    `days` counts the days of the span (both ends inclusive); free and banned days are rows too, with share 0. `rate` is
    a share a year (0.095) where the norm speaks of a year, a share a day where it speaks of a day; `share` is what of
    it counts a day (1/300, 1/365, 1). `exact` is in minor units, not rounded: base × rate × share × days.
    """

    line: Line
    bill: str
    since: date
    until: date
    days: int
    base_minor: int
    rate: Fraction
    share: Fraction
    exact: Fraction
    #: Why this share and why this rate, each with its norm, edition and whether it was verified.
    readings: tuple[Reading, ...]

    @property
    def verified(self) -> bool:
        return all(reading.verified for reading in self.readings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A value nobody has entered, without which there is no figure; `message` says what to enter and where."""

    name: str
    day: date
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTotal:
    """The sum of a line's rows, rounded once (half up to the minor unit); None when something is missing."""

    line: Line
    minor: int | None
    exact: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PenaltyResult:
    """The figure and everything it was made from. `total_minor` is the line "penalty"; None when a value is missing."""

    total_minor: int | None
    lines: tuple[LineTotal, ...]
    rows: tuple[PenaltyRow, ...]
    missing: tuple[Missing, ...]
    #: How the total was rounded, and what else holds for all rows (a contract clause, a cap that was reached).
    readings: tuple[Reading, ...]
    #: The settings used, defaults included.
    settings: Settings

    @property
    def verified(self) -> bool:
        """Whether every norm used was read in the law and none was missing."""
        read = all(row.verified for row in self.rows) and all(reading.verified for reading in self.readings)
        return read and not self.missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A reading or a fact that changes the figure. `choices` is empty for free text, whose form `title` tells.

    `title` is a Russian msgid; `choices` maps a value to its Russian msgid.
    """

    name: str
    title: str
    default: str
    choices: Mapping[str, str] = field(default_factory=dict)
    #: The norm or the dispute behind it.
    source: str = ""


class BadSetting(ValueError):
    """A setting nobody knows, or a value it cannot have; the message lists what there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficients:
    """What one minor unit costs, exactly, by due day (row) and paying day (column), in 1/denominator.

    `numerators[i][d]` is for the bill due on `due_days[i]` whose part was paid, or is still open, on `first + d` days;
    0 where nothing is due yet, -1 where a value is missing.
    """

    line: Line
    denominator: int
    first: date
    due_days: tuple[date, ...]
    numerators: "tuple[array[int], ...]"


class PenaltyLaw(Protocol):
    """The law of penalties of a country."""

    @property
    def regimes(self) -> tuple[str, ...]:
        """Regimes that bear a penalty; bills of any other bear none."""

    @property
    def regime_names(self) -> Mapping[str, str]:
        """Names people use for a regime besides ours (`dues`, `utility`)."""

    @property
    def settings(self) -> tuple[Setting, ...]:
        """What may be set."""

    @property
    def denominator(self) -> int:
        """Every coefficient of the line "penalty" is a whole number of 1/denominator: exact sums need no fractions."""

    def resolved(self, given: Settings) -> Settings:
        """The settings with the defaults of those not given. Raises `BadSetting`."""

    def explain(self, question: PenaltyQuestion) -> PenaltyResult:
        """The figure with its rows.

        Raises `BadSetting`, and `ValueError` when more was paid than billed; a missing value raises nothing and is
        told in `missing`.
        """

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
        """The same rule as a table for paying days up to `until` (inclusive). Raises `BadSetting`."""

    def doubts(
        self,
        regime: str,
        due_days: Sequence[date],
        until: date,
        *,
        settings: Settings = NO_SETTINGS,
        calendar: WorkingCalendar | None = None,
    ) -> Sequence[bytes]:
        """By due day and paying day as in `coefficients`: 1 where a norm behind any line was not verified, else 0.

        Raises `BadSetting`.
        """
