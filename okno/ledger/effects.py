"""What follows from a posting, in its own transaction: higher rooms register here.

Each effect is told what is coming while the balances are locked and nothing is written yet: its questions leave in one
trip with the posting's own. It returns what to do when the rows are written. Effects act in the order of registration
and the posting goes on only when all have; an error of one rolls the whole posting back, so that money and what
follows from it are never apart.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import psycopg

Cursor = psycopg.Cursor[tuple[object, ...]]


@dataclass(frozen=True, kw_only=True)
class Coming:
    """Money is about to move on these accounts (sorted, each once); `kind` is the entry's.

    `reversed_ids` are those among them on which something was reversed: a debt may be back. `earliest` is the first
    day that what is new on an account speaks of: the value day of money, the due day of principal.
    """

    organisation_id: int
    kind: str
    account_ids: Sequence[int]
    reversed_ids: Sequence[int] = ()
    earliest: Mapping[int, date] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Moved(Coming):
    """It has moved, by this entry."""

    entry_id: int


Follow = Callable[[Cursor, Moved], bool]
"""What to do when the rows are written; says whether it has posted something itself, so that the others ask anew."""

Effect = Callable[[Cursor, Coming], Follow]
"""Asks what it needs to know, sends it and waits for nothing, and returns what to do afterwards."""

_effects: dict[str, Effect] = {}


def register(name: str, effect: Effect) -> None:
    """Have `effect` called inside every posting. Raises ValueError for a name that is taken."""
    if name in _effects:
        raise ValueError(f"an effect named {name} is registered already")
    _effects[name] = effect


def ask(cursor: Cursor, coming: Coming) -> dict[str, Follow]:
    """Let everybody ask about what is coming."""
    return {name: effect(cursor, coming) for name, effect in _effects.items()}


def follow(cursor: Cursor, moved: Moved, asked: Mapping[str, Follow]) -> None:
    """Let everything follow from the posting that `moved` describes."""
    stale = False
    for name, act in asked.items():
        act = _effects[name](cursor, moved) if stale else act
        stale |= act(cursor, moved)
