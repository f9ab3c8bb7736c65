"""The living processes of a cluster, told by their titles and not by what a pid file remembers."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from okno.database.refusal import DatabaseRefusal

_STEP_SECONDS = 0.02


class NotOurProcess(DatabaseRefusal):
    """The server belongs to another account, and we may not signal it."""


@dataclass(frozen=True)
class Processes:
    """`postmaster` is None when only orphans of a killed one are left."""

    postmaster: int | None
    others: tuple[int, ...]

    @property
    def pids(self) -> tuple[int, ...]:
        return self.others if self.postmaster is None else (self.postmaster, *self.others)


@dataclass(frozen=True)
class Family:
    """How the processes of one cluster are known: its files, the name in their titles, their account."""

    files: Path
    title: str
    uid: int

    def living(self) -> Processes:
        """Who lives now. A pid file outlives a killed server, and its number may by then be another program.

        Only what every process may read of another is looked at: inside a container not even root sees
        the working folder of another account's process.
        """
        found = {}
        for process in psutil.process_iter():
            try:
                with process.oneshot():
                    role = self._role(process)
                    if role is not None:
                        found[process.pid] = (role, process.ppid())
            except psutil.Error:
                continue
        # A child that has not yet taken its title still looks like its parent.
        heads = [pid for pid, (role, parent) in found.items() if role == "postmaster" and parent not in found]
        postmaster = heads[0] if heads else None
        return Processes(postmaster, tuple(pid for pid in found if pid != postmaster))

    def _role(self, process: psutil.Process) -> str | None:
        if process.uids().effective != self.uid:
            return None
        line = process.cmdline()
        if not line or process.status() == psutil.STATUS_ZOMBIE:
            return None
        if line[0].startswith(f"postgres: {self.title}: "):
            return "child"
        starts_here = Path(line[0]).name == "postgres" and line[1:3] == ["-D", str(self.files)]
        return "postmaster" if starts_here else None

    def clear_orphans(self, *, patience: float) -> bool:
        """Wait for the orphans of a dead postmaster to end, ask them, kill them; True when all are gone.

        They hold the shared memory, and a new server refuses to start beside them. An idle one ends by
        itself at once; one amid a long query works on. Ending it loses nothing acknowledged: the log on
        the disk has it. `patience` is in seconds, for each of the three.
        """

        def gone() -> bool:
            return not self.living().pids

        for number in (signal.SIGTERM, signal.SIGKILL):
            if wait_until(gone, seconds=patience):
                return True
            left = self.living()
            if left.postmaster is not None:
                return False
            send(left.others, number)
        return wait_until(gone, seconds=patience)


def is_living(pid: int) -> bool:
    """Whether the process runs; a zombie, which waits for process 1 to take notice, does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def send(pids: tuple[int, ...], number: signal.Signals) -> None:
    """Signal those that still live. Raises NotOurProcess."""
    for pid in pids:
        try:
            psutil.Process(pid).send_signal(number)
        except psutil.NoSuchProcess:
            continue
        except psutil.AccessDenied:
            raise NotOurProcess(
                f"Сервер базы (процесс {pid}) запущен другим пользователем. "
                "Повторите от имени того пользователя или root."
            ) from None


def wait_until(holds: Callable[[], bool], *, seconds: float) -> bool:
    """Ask again and again, at most so long; the last answer. The kernel tells nobody of these events."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(_STEP_SECONDS)
    return True
