"""One list of what happened, told by many rooms."""

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from okno.common.journal import Event, Journal, SourceTwice, Subject

FLAT = Subject(kind="account", organisation_id=1, id=7)


def _event(minute: int, kind: str = "payment.posted", source: str = "ledger") -> Event:
    at = datetime(2026, 11, 21, 12, minute, tzinfo=UTC)
    return Event(at=at, kind=kind, title=f"{kind} в {minute}", source=source, ref=f"{source}:{minute}")


class Room:
    """A room that keeps its events newest first and remembers what it was asked."""

    def __init__(self, *events: Event) -> None:
        self.events = events
        self.asked: list[tuple[Subject, datetime | None, int, frozenset[str] | None]] = []

    def __call__(
        self, subject: Subject, *, before: datetime | None, limit: int, kinds: frozenset[str] | None
    ) -> Iterable[Event]:
        self.asked.append((subject, before, limit, kinds))
        return self.events[:limit]


def test_events_of_all_rooms_are_merged_newest_first() -> None:
    journal = Journal()
    journal.register("ledger", Room(_event(30), _event(10)))
    journal.register("outreach", Room(_event(40, source="outreach"), _event(20, source="outreach")))
    assert [event.at.minute for event in journal.read(FLAT)] == [40, 30, 20, 10]


def test_a_page_ends_at_its_limit_and_the_next_begins_before_it() -> None:
    journal = Journal()
    journal.register("ledger", Room(_event(30), _event(10)))
    journal.register("outreach", Room(_event(40), _event(20)))
    first = journal.read(FLAT, limit=2)
    assert [event.at.minute for event in first] == [40, 30]
    assert [event.at.minute for event in journal.read(FLAT, before=first[-1].at)] == [20, 10]


def test_only_the_kinds_asked_for_are_told() -> None:
    journal = Journal()
    room = Room(_event(30, "call.made"), _event(10, "payment.posted"))
    journal.register("ledger", room)
    assert [event.kind for event in journal.read(FLAT, kinds=["payment.posted"], limit=5)] == ["payment.posted"]
    assert room.asked == [(FLAT, None, 5, frozenset({"payment.posted"}))]


def test_a_source_cannot_be_registered_twice() -> None:
    journal = Journal()
    journal.register("ledger", Room())
    with pytest.raises(SourceTwice, match="ledger"):
        journal.register("ledger", Room())


def test_an_empty_journal_is_an_empty_list() -> None:
    assert Journal().read(FLAT) == []
