"""Private folders for work under way: gone when it is done, and thrown away by the next one when it was killed."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = ".okno-copy-"


@contextmanager
def workplace(beside: Path | None) -> Iterator[Path]:
    """A folder of its own in `beside`, by default in TMPDIR; what killed processes of ours left there goes first."""
    parent = beside or Path(tempfile.gettempdir())
    _clear(parent)
    folder, descriptor = _made(parent)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def _made(parent: Path) -> tuple[Path, int]:
    """A new folder, locked for as long as this process lives."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        descriptor = _opened(folder)
        if descriptor is not None and not _is_being_cleared(folder, descriptor):
            return folder, descriptor
        if descriptor is not None:
            os.close(descriptor)


def _is_being_cleared(folder: Path, descriptor: int) -> bool:
    """Whether another process took it for one left behind before it was locked."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False  # the file system knows no locks
    return not folder.is_dir()


def _clear(parent: Path) -> None:
    for left in parent.glob(f"{_PREFIX}*"):
        descriptor = _opened(left)
        if descriptor is None:
            continue
        try:
            if os.fstat(descriptor).st_uid == os.geteuid():
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left, ignore_errors=True)
        except OSError:
            pass  # a living process holds it
        finally:
            os.close(descriptor)


def _opened(folder: Path) -> int | None:
    try:
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
