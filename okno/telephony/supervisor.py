"""The keeper of a media process: starts it, again when it dies, and tells its unfinished calls that they failed."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog

from okno.telephony.driver import DriverRefused
from okno.telephony.leg import Caller
from okno.telephony.media import MOST_LEGS
from okno.telephony.remote import RemoteLeg
from okno.telephony.wire import Wire

_log = structlog.get_logger("okno.telephony")
_OPEN_SECONDS = 20.0
_PING_SECONDS = 5.0
_HUNG_SECONDS = 15.0
"""A process that does not answer for so long is killed: its calls are silent anyway."""
_PAUSES = (0.2, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before each next start in a row; a minute of life begins the row anew."""
_HEALTHY_SECONDS = 60.0


class NotRunning(Exception):
    """There is no media process at this moment; `str()` says why, in Russian."""


class Supervisor:
    """One media process and its calls.

    `on_incoming` gets every incoming call, still ringing. `on_trunk` is told when the trunk goes up or down.
    """

    def __init__(
        self,
        driver: str,
        settings: dict[str, Any],
        *,
        on_incoming: Callable[[RemoteLeg], None] = lambda leg: None,
        on_trunk: Callable[[bool, str], None] = lambda up, words: None,
        most_legs: int = MOST_LEGS,
    ) -> None:
        self.deaths = 0
        self.load: dict[str, Any] = {}
        """What the media process last said of itself."""
        self._driver = driver
        self._settings = settings
        self.on_incoming = on_incoming
        self.on_trunk = on_trunk
        self.most_legs = most_legs
        self._legs: dict[int, RemoteLeg] = {}
        self._next = 1
        self._process: subprocess.Popen[bytes] | None = None
        self._wire: Wire | None = None
        self._opened: asyncio.Future[None] | None = None
        self._lost = asyncio.Event()
        self._answered_at = 0.0
        self._keeping: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def pid(self) -> int | None:
        """The media process's number while it lives."""
        return self._process.pid if self._process is not None else None

    def free(self) -> int:
        """How many calls more may be made now."""
        return max(0, self.most_legs - len(self._legs)) if self._wire is not None else 0

    async def start(self) -> None:
        """Start the process and open the trunk; raises `DriverRefused` when it cannot be opened."""
        await self._begin()
        self._keeping = asyncio.get_running_loop().create_task(self._keep())

    async def stop(self) -> None:
        """Hang up everything and end the process; unfinished calls are told."""
        self._stopping = True
        if self._keeping is not None:
            self._keeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeping
        if self._wire is not None:
            self._wire.send(0, do="close")
        await self._bury(wait=5)

    def leg(self, *, record: Path | None = None) -> RemoteLeg:
        """A call to be dialled; raises `NotRunning` when there is no process or no free line."""
        if self._wire is None:
            raise NotRunning("Телефония сейчас перезапускается")
        if not self.free():
            raise NotRunning("Все линии заняты")
        leg = RemoteLeg(self._wire, self._next, caller=None, record=record)
        self._legs[self._next] = leg
        self._next += 2
        return leg

    def ask_load(self) -> None:
        """Ask the process how it does; `load` has the answer a moment later."""
        if self._wire is not None:
            self._wire.send(0, do="ping")

    async def _begin(self) -> None:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "okno.telephony.process", str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(command, pass_fds=(theirs.fileno(),), stdin=subprocess.DEVNULL)
        loop = asyncio.get_running_loop()
        self._opened, self._lost = loop.create_future(), asyncio.Event()
        wire = Wire(self._on_values, self._on_sound, self._lost.set)
        await loop.create_connection(lambda: wire, sock=ours)
        wire.send(0, do="open", driver=self._driver, settings=self._settings)
        losing = loop.create_task(self._lost.wait())
        try:
            async with asyncio.timeout(_OPEN_SECONDS):
                await asyncio.wait((self._opened, losing), return_when=asyncio.FIRST_COMPLETED)
            if not self._opened.done():
                raise DriverRefused("Процесс телефонии умер при запуске")
            self._opened.result()
        except (DriverRefused, TimeoutError) as error:
            wire.close()
            await self._bury()
            raise DriverRefused(str(error) or "Процесс телефонии не ответил при запуске") from error
        finally:
            losing.cancel()
        self._wire, self._answered_at = wire, loop.time()

    async def _keep(self) -> None:
        """Ask after the process's health; bury it and start another when it is gone or hangs."""
        tries = 0
        while True:
            started = asyncio.get_running_loop().time()
            await self._watch()
            self.deaths += 1
            _log.error("media process died", pid=self.pid, unfinished=len(self._legs))
            await self._bury()
            self.on_trunk(False, "Процесс телефонии умер и запускается снова")
            tries = 0 if asyncio.get_running_loop().time() - started > _HEALTHY_SECONDS else tries
            while True:
                await asyncio.sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
                tries += 1
                try:
                    await self._begin()
                    break
                except DriverRefused as refused:
                    _log.error("media process refused to start", words=str(refused))

    async def _watch(self) -> None:
        """Return when the process is gone or does not answer any more."""
        loop = asyncio.get_running_loop()
        while not self._lost.is_set() and loop.time() - self._answered_at < _HUNG_SECONDS:
            self.ask_load()
            with suppress(TimeoutError):
                async with asyncio.timeout(_PING_SECONDS):
                    await self._lost.wait()

    async def _bury(self, *, wait: float = 0) -> None:
        """End the process and tell every call that was not over."""
        self._wire = None
        process, self._process = self._process, None
        if process is not None:
            with suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(process.wait, wait)
            process.kill()
            await asyncio.to_thread(process.wait)
        legs, self._legs = self._legs, {}
        for leg in legs.values():
            leg.process_died()

    def _on_sound(self, number: int, pcm: bytes) -> None:
        if leg := self._legs.get(number):
            leg.take_sound(pcm)

    def _on_values(self, number: int, values: dict[str, Any]) -> None:
        if number == 0:
            self._on_own(values)
        elif values["is"] == "incoming":
            assert self._wire is not None
            leg = RemoteLeg(self._wire, number, caller=Caller(**values["caller"]), record=None)
            self._legs[number] = leg
            self.on_incoming(leg)
        elif leg_ := self._legs.get(number):
            leg_.take(values)
            if leg_.finished:
                del self._legs[number]

    def _on_own(self, values: dict[str, Any]) -> None:
        assert self._opened is not None
        match values["is"]:
            case "open" if not self._opened.done():
                self._opened.set_result(None)
            case "refused" if not self._opened.done():
                self._opened.set_exception(DriverRefused(values["words"]))
            case "trunk":
                self.on_trunk(values["up"], values["words"])
            case "pong":
                self._answered_at = asyncio.get_running_loop().time()
                self.load = values["load"]
