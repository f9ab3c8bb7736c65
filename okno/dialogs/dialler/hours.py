"""The hour at which a person most likely picks up: learnt from their own calls, shrunk to everybody's. Pure.

One person's few calls say little, so each hour begins at what it is for all people, and that at what any hour is for
all; the person's own calls move it the more of them there are (the mean of a Beta-binomial posterior).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

OWN_WEIGHT = 6.0
"""Everybody's rate at an hour counts as much as so many calls of the person's own."""
HOUR_WEIGHT = 40.0
"""The rate over all hours counts as much as so many calls at one hour."""
PRIOR_CALLS, PRIOR_ANSWERS = 20.0, 8.0
"""What is assumed before any call was made: two of five are answered, as in published call logs (after the refusals,
the busy and the silent ones)."""
WORTH_WAITING = 1.15
"""A later hour is waited for only when it is better than the first one by this factor."""


@dataclass(frozen=True, slots=True)
class Slot:
    """An hour of the day by the house's clock, on a working day or on a day off."""

    hour: int
    day_off: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """Calls that were made and the ones of them that a person answered."""

    calls: int = 0
    answers: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.answers <= self.calls:
            raise ValueError("answers are a part of the calls")


@dataclass(frozen=True, slots=True)
class Habits:
    """Calls by slot."""

    by_slot: Mapping[Slot, Tally] = field(default_factory=dict)

    @property
    def all(self) -> Tally:
        return Tally(sum(one.calls for one in self.by_slot.values()), sum(one.answers for one in self.by_slot.values()))


_NONE = Tally()


def likelihood(own: Habits, everybody: Habits, slot: Slot) -> float:
    """How likely the person answers in `slot`, above 0 and below 1."""
    total = everybody.all
    base = (total.answers + PRIOR_ANSWERS) / (total.calls + PRIOR_CALLS)
    crowd = everybody.by_slot.get(slot, _NONE)
    usual = (crowd.answers + HOUR_WEIGHT * base) / (crowd.calls + HOUR_WEIGHT)
    mine = own.by_slot.get(slot, _NONE)
    return (mine.answers + OWN_WEIGHT * usual) / (mine.calls + OWN_WEIGHT)


def best(own: Habits, everybody: Habits, moments: Iterable[tuple[datetime, Slot]]) -> datetime:
    """The best of these moments, in order of time; the first one unless a later one is worth waiting for.

    Raises ValueError when there is none.
    """
    chosen: datetime | None = None
    threshold = 0.0
    for moment, slot in moments:
        score = likelihood(own, everybody, slot)
        if chosen is None:
            chosen, threshold = moment, score * WORTH_WAITING
        elif score > threshold:
            chosen, threshold = moment, score
    if chosen is None:
        raise ValueError("no hour to choose from")
    return chosen
