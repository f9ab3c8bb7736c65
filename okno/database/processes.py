"""The living processes of a cluster, told by their working folder and not by what a pid file remembers."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

_PROGRAM = "postgres"
# Every process but the postmaster renames itself so.
_CHILD_TITLE = "postgres: "
_STEP_SECONDS = 0.02


@dataclass(frozen=True)
class Processes:
    """`postmaster` is None when only orphans of a killed one are left."""

    postmaster: int | None
    others: tuple[int, ...]

    @property
    def pids(self) -> tuple[int, ...]:
        return self.others if self.postmaster is None else (self.postmaster, *self.others)


def of_files(server_files: Path) -> Processes:
    """The server processes living on these files now.

    A pid file outlives a killed server, and its number may by now be another program's; every server process
    keeps the data folder as its working folder, and nothing else is named `postgres` there.
    """
    place = str(server_files.resolve())
    postmaster: int | None = None
    others = []
    for process in psutil.process_iter(["name"]):
        try:
            # Children carry the program's name too: their new title begins with it.
            if not (process.info["name"] or "").startswith(_PROGRAM) or process.cwd() != place:
                continue
            title = " ".join(process.cmdline())
        except psutil.Error:
            continue
        if not title or process.status() == psutil.STATUS_ZOMBIE:
            continue
        if title.startswith(_CHILD_TITLE):
            others.append(process.pid)
        else:
            postmaster = process.pid
    return Processes(postmaster, tuple(others))


def send(pids: tuple[int, ...], number: signal.Signals) -> None:
    """Signal those that still live. Raises PermissionError for the processes of another account."""
    for pid in pids:
        try:
            psutil.Process(pid).send_signal(number)
        except psutil.NoSuchProcess:
            continue
        except psutil.AccessDenied as error:
            raise PermissionError(f"process {pid} belongs to another account") from error


def wait_until(holds: Callable[[], bool], *, seconds: float) -> bool:
    """Ask again and again, at most so long; the last answer. The kernel tells nobody of these events."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(_STEP_SECONDS)
    return True


def clear_orphans(server_files: Path, *, patience: float) -> bool:
    """Wait for the orphans of a dead postmaster to end, then ask them, then kill them; True when all went.

    They hold the shared memory, and a new server refuses to start beside them. An idle one ends by itself at
    once; one amid a long query works on. Ending it loses nothing acknowledged: the log on the disk has it.
    """

    def gone() -> bool:
        return not of_files(server_files).pids

    for number in (signal.SIGTERM, signal.SIGKILL):
        if wait_until(gone, seconds=patience):
            return True
        left = of_files(server_files)
        if left.postmaster is not None:
            return False
        send(left.others, number)
    return wait_until(gone, seconds=patience)
