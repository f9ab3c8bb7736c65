"""What follows from a posting, in its own transaction: higher rooms register here.

The ledger asks everybody in the order of registration and goes on only when all have answered; an error of one rolls
the whole posting back, so that money and what follows from it are never apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import psycopg


@dataclass(frozen=True, kw_only=True)
class Moved:
    """Money moved on these accounts (sorted, each once) by this entry; `kind` is the entry's.

    `reversed_ids` are those among them on which something was reversed: a debt may be back. `earliest` is the first
    day that what is new on an account speaks of: the value day of money, the due day of principal.
    """

    organisation_id: int
    entry_id: int
    kind: str
    account_ids: Sequence[int]
    reversed_ids: Sequence[int] = ()
    earliest: Mapping[int, date] = field(default_factory=dict)


class Effect(Protocol):
    def __call__(self, cursor: psycopg.Cursor[tuple[object, ...]], moved: Moved) -> None: ...


_effects: dict[str, Effect] = {}


def register(name: str, effect: Effect) -> None:
    """Have `effect` called inside every posting. Raises ValueError for a name that is taken."""
    if name in _effects:
        raise ValueError(f"an effect named {name} is registered already")
    _effects[name] = effect


def follow(cursor: psycopg.Cursor[tuple[object, ...]], moved: Moved) -> None:
    """Let everything follow from the posting that `moved` describes."""
    for effect in _effects.values():
        effect(cursor, moved)
