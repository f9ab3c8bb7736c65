"""A lock between processes that the kernel lets go of when its holder dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from okno.database import processes
from okno.database.refusal import DatabaseRefusal


class LockBusy(DatabaseRefusal):
    """Another process has held the lock for too long."""


@contextmanager
def hold(path: Path, *, seconds: float) -> Iterator[None]:
    """Hold the lock of this file, waiting for it at most so long. Raises LockBusy."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        if not processes.wait_until(lambda: _taken(descriptor), seconds=seconds):
            raise LockBusy(
                f"Базу уже запускает или останавливает другой процесс Окна, и это длится дольше "
                f"{seconds:.0f} секунд. Дождитесь его или остановите."
            )
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
