"""Everything that happened to an account, a house or a person, read in one list.

Each room keeps its own tables and registers a source that tells them as events; the list is merged by time
when it is read, and no second copy is written. Rooms register from their `apps.py`; pages read.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from heapq import merge
from itertools import islice
from operator import attrgetter
from types import MappingProxyType
from typing import Literal, Protocol

SubjectKind = Literal["account", "house", "person"]
Tone = Literal["neutral", "good", "warning", "bad"]

_NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose journal is read. `id` is the row's key inside the organisation."""

    kind: SubjectKind
    organisation_id: int
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened, in words ready to be shown."""

    #: Aware.
    at: datetime
    #: A code of the telling room, such as "payment.posted"; pages filter by it.
    kind: str
    title: str
    source: str
    #: What the telling room needs to open the thing itself, e.g. "payment:1042".
    ref: str
    detail: Mapping[str, object] = field(default_factory=lambda: _NOTHING)
    #: Who did it, in words; None when it was the system.
    actor: str | None = None
    amount_minor: int | None = None
    tone: Tone = "neutral"


class Source(Protocol):
    """What a room gives: its events of a subject before a moment, newest first, at most `limit`.

    `kinds` is None for all. A source may give kinds that were not asked for; the journal leaves them out, but
    then they eat into its `limit`.
    """

    def __call__(
        self, subject: Subject, *, before: datetime | None, limit: int, kinds: frozenset[str] | None
    ) -> Iterable[Event]: ...


class SourceTwice(ValueError):
    """A source of this name is registered already."""


class Journal:
    """Registered sources, read as one. Okno has one journal, `register` and `read` below."""

    def __init__(self) -> None:
        self._sources: dict[str, Source] = {}

    def register(self, name: str, source: Source) -> None:
        """Add a source. Raises `SourceTwice` when the name is taken."""
        if name in self._sources:
            raise SourceTwice(f"Источник журнала «{name}» уже есть.")
        self._sources[name] = source

    def read(
        self,
        subject: Subject,
        *,
        before: datetime | None = None,
        limit: int = 100,
        kinds: Iterable[str] | None = None,
    ) -> list[Event]:
        """The newest `limit` events strictly before `before` (aware; None: from the newest), newest first."""
        asked = None if kinds is None else frozenset(kinds)
        streams = [
            filter(_wanted(before, asked), source(subject, before=before, limit=limit, kinds=asked))
            for source in self._sources.values()
        ]
        return list(islice(merge(*streams, key=attrgetter("at"), reverse=True), limit))


def _wanted(before: datetime | None, kinds: frozenset[str] | None) -> Callable[[Event], bool]:
    return lambda event: (before is None or event.at < before) and (kinds is None or event.kind in kinds)


_journal = Journal()
register = _journal.register
read = _journal.read
