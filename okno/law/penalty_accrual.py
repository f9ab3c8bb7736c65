"""One line of the penalty of one regime: its spans for an explanation, its costs for a table, from the same shares."""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from okno.law.explained import Reading, gettext_noop
from okno.law.penalty import Days, Line
from okno.law.penalty_doubts import doubts
from okno.law.penalty_spans import NONE, Ceiling, Share, Span, Stretch, spans, without
from okno.law.penalty_tables import costs

#: The shares of a due day, for each day from the day after it through the given one (both inclusive), without gaps.
Shares = Callable[[date, date], Sequence[Share]]


class Accrual(Protocol):
    """What a country supplies for a line: how one minor unit due on a day grows dearer."""

    @property
    def line(self) -> Line:
        """What is asked for."""

    def spans(self, due_on: date, through: date, paused: Sequence[Days] = ()) -> Sequence[Span]:
        """The spans of what was due on `due_on` and paid, or still open, on `through` (after `due_on`, inclusive)."""

    def costs(self, due_on: date, first: date, until: date, denominator: int) -> "array[int]":
        """What one minor unit costs when paid on each day from `first` to `until`, in 1/denominator; -1: missing."""

    def doubts(self, due_on: date, first: date, until: date) -> bytes:
        """1 for each of these days on which the cost rests on a norm nobody has verified, else 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyAccrual:
    """A line that grows by share × rate a day: all of them but an index of prices."""

    line: Line
    shares: Shares
    ceiling: Ceiling | None = None
    #: Whether the day of payment (or the day asked for) is a day of delay too.
    last_day_counts: bool = True

    def spans(self, due_on: date, through: date, paused: Sequence[Days] = ()) -> Sequence[Span]:
        """See `Accrual`."""
        return spans(
            without(self.shares(due_on, through), map(_pause, paused)),
            through,
            self.ceiling,
            last_day_counts=self.last_day_counts,
        )

    def costs(self, due_on: date, first: date, until: date, denominator: int) -> "array[int]":
        """See `Accrual`."""
        shares = self.shares(due_on, until) if due_on < until else ()
        return costs(shares, due_on, first, until, denominator, self.ceiling, last_day_counts=self.last_day_counts)

    def doubts(self, due_on: date, first: date, until: date) -> bytes:
        """See `Accrual`."""
        shares = self.shares(due_on, until) if due_on < until else ()
        return doubts(shares, due_on, first, until, last_day_counts=self.last_day_counts)


def _pause(pause: Days) -> Stretch:
    """Days the organisation does not count, as a ban of its own."""
    reading = Reading(
        since=pause.since,
        until=pause.until,
        why=gettext_noop("Эти дни не считаются по решению организации."),
        norm="Решение организации",
        edition=pause.since,
        verified=True,
        basis="policy",
    )
    return Stretch(since=pause.since, until=pause.until, value=NONE, readings=(reading,))
