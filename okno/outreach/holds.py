"""Open matters of an account that make a debt contact wait, asked of the rooms above.

A flat whose leak was not mended is not reminded of its debt. `requests`, `debts` and `dialogs` register here; with
nobody registered no contact is held.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import psycopg


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """Why the account waits, in words, and the day it is worth asking again (None: tomorrow)."""

    why: str
    until: date | None = None


class Hold(Protocol):
    def __call__(
        self, cursor: psycopg.Cursor[Any], *, organisation_id: int, account_ids: Sequence[int], day: date
    ) -> Mapping[int, Held]:
        """The accounts that wait on `day`, read set-based by the gate's own cursor."""
        ...


_holds: dict[str, Hold] = {}


def register(name: str, hold: Hold) -> None:
    """Have `hold` asked at every decision. Raises ValueError for a name that is taken."""
    if name in _holds:
        raise ValueError(f"a hold named {name} is registered already")
    _holds[name] = hold


def held(
    cursor: psycopg.Cursor[Any],
    *,
    organisation_id: int,
    account_ids: Sequence[int],
    day: date,
    passes: frozenset[str] = frozenset(),
) -> dict[int, Held]:
    """Every account somebody holds, but for the holds named in `passes`; the first who registered gives the reason."""
    found: dict[int, Held] = {}
    for name, hold in _holds.items():
        if name not in passes:
            found = {**hold(cursor, organisation_id=organisation_id, account_ids=account_ids, day=day), **found}
    return found
