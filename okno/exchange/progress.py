"""How far an import has come, for the screen and for the terminal."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Protocol

import structlog
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from okno.jobs import signals

log = structlog.get_logger(__name__)

#: Seconds between two updates: a person sees no more than four a second.
EVERY = 0.25


class Watcher(Protocol):
    """Is told the step in words, how much is done, and how much there is (0: not known)."""

    def __call__(self, text: str, done: int, total: int) -> None: ...


class Progress:
    """Tells how far the work has come, at most four times a second.

    What it writes must be seen while the work's own transaction is open, so it has a connection of its own; short work
    never opens it. It never waits for the row of the import: where the work holds that row, an update is left out.
    """

    def __init__(
        self,
        import_id: int,
        organisation_id: int,
        watcher: Watcher | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._import_id = import_id
        self._organisation_id = organisation_id
        self._watcher = watcher
        self._clock = clock
        self._told_at = clock()
        self._connection: BaseDatabaseWrapper | None = None
        self._text = ""
        self._done = self._total = 0

    def step(self, text: str, total: int = 0) -> None:
        """A new step begins, of `total` rows if that is known."""
        self._text, self._done, self._total = text, 0, total
        self._tell()

    def advance(self, rows: int) -> None:
        """So many rows more are done."""
        self._done += rows
        self._tell()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _tell(self) -> None:
        if self._watcher is not None:
            self._watcher(self._text, self._done, max(self._total, self._done))
        now = self._clock()
        if now - self._told_at < EVERY:
            return
        self._told_at = now
        try:
            self._write()
        except OperationalError as error:
            # The row is held by the work itself, or the server has no connection to spare: the work goes on unseen.
            log.debug("progress is not shown", source=self._import_id, error=str(error))

    def _write(self) -> None:
        if self._connection is None:
            self._connection = connection.copy()
            with self._connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '50ms'")
        with self._connection.cursor() as cursor:
            cursor.execute(
                "UPDATE exchange_import SET progress_text = %s, progress_done = %s, progress_total = %s WHERE id = %s",
                [self._text, self._done, max(self._total, self._done), self._import_id],
            )
            topic = signals.topic(self._organisation_id, f"import:{self._import_id}")
            cursor.execute("SELECT pg_notify(%s, %s)", [signals.CHANNEL, topic])
