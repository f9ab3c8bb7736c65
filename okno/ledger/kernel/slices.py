"""A whole table read as columns, slice after slice of its pages: in the order of the disk, by two connections at once.

The server needs most of a core to put rows into arrays, so two connections keep two cores busy; what they bring is
handed on one slice at a time, in no order.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import connection

from okno.ledger.kernel import columns
from okno.ledger.kernel.columns import Cursor, Ints

PAGES = 2_000
"""Pages of one slice: about a hundred thousand rows."""

READERS = 2
WAITING = 2
"""Slices a reader may be ahead: bounds the memory."""


@dataclass(kw_only=True)
class Readers:
    """Connections that read; `read_pages` and `all_pages` tell how far the tables given to `promise` have come."""

    cursors: Sequence[Cursor]
    watch: Callable[[int, int], None]
    all_pages: int = 0
    read_pages: int = 0
    _sizes: dict[str, int] = field(default_factory=dict)

    def promise(self, *tables: str) -> None:
        """Say which tables will be read, so that the watcher knows how much there is."""
        for table in tables:
            row = self.cursors[0].execute("SELECT pg_relation_size(%s) / 8192 + 1", (table,)).fetchone()
            self._sizes[table] = row[0] if row else 1
        self.all_pages = sum(self._sizes.values())

    def slices(
        self, table: str, wanted: Sequence[str], condition: str, parameters: Mapping[str, Any]
    ) -> Iterator[tuple[Ints, ...]]:
        """The columns `wanted` of the rows of a promised table under a condition, one slice after another."""
        last = self._sizes[table]

        def slice_of(cursor: Cursor, first: int) -> tuple[Ints, ...]:
            until = "" if first + PAGES >= last else f" AND ctid < '({first + PAGES},0)'::tid"
            pages = f"{table} WHERE ctid >= '({first},0)'::tid{until} AND {condition}"
            return columns.read(cursor, wanted, pages, parameters)

        for first, found in self._in_turn(slice_of, range(0, last, PAGES)):
            self.read_pages += min(PAGES, last - first)
            self.watch(self.read_pages, self.all_pages)
            yield found

    def _in_turn(
        self, task: Callable[[Cursor, int], tuple[Ints, ...]], starts: Sequence[int]
    ) -> Iterator[tuple[int, tuple[Ints, ...]]]:
        free = deque(self.cursors)

        def with_a_cursor(start: int) -> tuple[Ints, ...]:
            cursor = free.popleft()
            try:
                return task(cursor, start)
            finally:
                free.append(cursor)

        going: deque[tuple[int, Future[tuple[Ints, ...]]]] = deque()
        with ThreadPoolExecutor(len(self.cursors)) as pool:
            try:
                for start in starts:
                    going.append((start, pool.submit(with_a_cursor, start)))
                    if len(going) >= len(self.cursors) * WAITING:
                        first, done = going.popleft()
                        yield first, done.result()
                while going:
                    first, done = going.popleft()
                    yield first, done.result()
            finally:
                for _, left in going:
                    left.cancel()


@contextmanager
def readers(watch: Callable[[int, int], None] | None = None) -> Iterator[Readers]:
    """Two connections of their own; inside a transaction only its own one, which alone sees what it has written."""
    connection.ensure_connection()
    watch = watch or _nobody_watches
    if connection.in_atomic_block:
        yield Readers(cursors=[psycopg.Cursor(connection.connection)], watch=watch)
        return
    copies = [connection.copy() for _ in range(READERS)]
    try:
        for copy in copies:
            copy.inc_thread_sharing()
            copy.ensure_connection()
        yield Readers(cursors=[psycopg.Cursor(copy.connection) for copy in copies], watch=watch)
    finally:
        for copy in copies:
            copy.close()


def _nobody_watches(done: int, total: int) -> None:
    """Tell nobody."""
