"""What the gate asks the room that makes calls: how a campaign's calls are made, and whom calls have reached lately.

A message leaves once and has its words in a template. A call speaks a scenario, has hours of its campaign's own, and
may be tried several times; the room that makes calls knows all that and registers here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Protocol

import psycopg


@dataclass(frozen=True, kw_only=True, slots=True)
class Script:
    """How the calls of one campaign are made: the languages of its scenario, and its hours by the house's clock.

    `since` is included, `until` is not; both None: as the organisation's policy has it.
    """

    languages: tuple[str, ...]
    since: time | None = None
    until: time | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reached:
    """A call that counts as a contact: it was answered or declined, is going on, or nobody knows how it ended."""

    account_id: int | None
    person_id: int | None
    cause: str
    channel: str
    at: datetime


class Calling(Protocol):
    def scripts(self, cursor: psycopg.Cursor[Any], campaign_ids: Sequence[int]) -> Mapping[int, Script]:
        """The scripts of these campaigns; a campaign that makes no calls is left out."""
        ...

    def reached(
        self,
        cursor: psycopg.Cursor[Any],
        *,
        account_ids: Sequence[int],
        person_ids: Sequence[int],
        since: datetime,
    ) -> Iterable[Reached]:
        """The calls about these accounts or to these people that count against the limits."""
        ...


_calling: list[Calling] = []


def register(room: Calling) -> None:
    """Have `room` asked at every decision about calls. Raises ValueError when somebody is registered already."""
    if _calling:
        raise ValueError("a room that makes calls is registered already")
    _calling.append(room)


def scripts(cursor: psycopg.Cursor[Any], campaign_ids: Sequence[int]) -> Mapping[int, Script]:
    """See `Calling.scripts`; nothing while nobody makes calls."""
    return _calling[0].scripts(cursor, campaign_ids) if _calling and campaign_ids else {}


def reached(
    cursor: psycopg.Cursor[Any], *, account_ids: Sequence[int], person_ids: Sequence[int], since: datetime
) -> Iterable[Reached]:
    """See `Calling.reached`; nothing while nobody makes calls."""
    if not _calling:
        return ()
    return _calling[0].reached(cursor, account_ids=account_ids, person_ids=person_ids, since=since)
