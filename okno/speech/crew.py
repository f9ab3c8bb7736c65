"""The processes of one engine behind one bounded queue: kept alive, asked with a time-out."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import structlog

from okno.speech.trouble import Died, TooBusy, Unavailable
from okno.speech.wire import Values, packed, received

_log = structlog.get_logger("okno.speech")
_OPEN_SECONDS = 120.0
"""The first start joins the model's halves on a slow disk."""
_HUNG_SECONDS = 15.0
"""An engine that works on one request for so long is killed."""
_PAUSES = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before each next start in a row; a request answered begins the row anew."""
_FAREWELL_SECONDS = 2.0


@dataclass
class _Request:
    message: bytes
    reply: "asyncio.Future[tuple[Values, bytes]]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class _Hand:
    """One process of the crew."""

    def __init__(
        self, process: "subprocess.Popen[bytes]", reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.process = process
        self._writer = writer
        self._answer: asyncio.Future[tuple[Values, bytes]] | None = None
        self.gone = asyncio.create_task(self._listen(reader))
        """Done when the process is gone, whether it was asked something or not."""

    @classmethod
    async def start(cls) -> "_Hand":
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.to_thread(cls._process, theirs.fileno())
        return cls(process, *await asyncio.open_connection(sock=ours))

    @staticmethod
    def _process(end: int) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "okno.speech.process", str(end)]
        return subprocess.Popen(command, pass_fds=(end,), stdin=subprocess.DEVNULL)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        with suppress(EOFError, OSError):
            while True:
                told = await received(reader)
                if self._answer is not None and not self._answer.done():
                    self._answer.set_result(told)

    async def ask(self, message: bytes, timeout: float) -> tuple[Values, bytes]:
        """Raises `EOFError` when the process is gone, `TimeoutError`."""
        self._answer = asyncio.get_running_loop().create_future()
        self._writer.write(message)
        waited: set[asyncio.Future[Any]] = {self._answer, self.gone}
        await asyncio.wait(waited, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        if self._answer.done():
            return self._answer.result()
        raise EOFError("the process is gone") if self.gone.done() else TimeoutError

    async def end(self) -> None:
        """By closing our end, which it obeys between two requests; by force when it does not."""
        self.gone.cancel()
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()
        try:
            await asyncio.wait_for(asyncio.to_thread(self.process.wait), _FAREWELL_SECONDS)
        except TimeoutError:
            self.process.kill()
            await asyncio.to_thread(self.process.wait)


class Crew:
    """`processes` processes of the engine `engine`; at most `queue` requests wait for them.

    `title` is what people read of it, in Russian.
    """

    def __init__(
        self, title: str, engine: str, settings: Mapping[str, Any], *, processes: int = 1, queue: int = 8
    ) -> None:
        self.title = title
        self.deaths = 0
        self.trouble = "ещё запускается"
        """Why no process takes work, in Russian; "" while one does."""
        self._opening = packed({"engine": engine, "settings": dict(settings)})
        self._processes = processes
        self._queue: asyncio.Queue[_Request] = asyncio.Queue(maxsize=queue)
        self._ready = asyncio.Event()
        self._refused = False
        self._at_work = 0
        self._hands: dict[int, _Hand] = {}
        self._keeping: list[asyncio.Task[None]] = []
        self._endings: set[asyncio.Task[None]] = set()

    @property
    def waiting(self) -> int:
        return self._queue.qsize()

    @property
    def pids(self) -> list[int]:
        """The living processes."""
        return [hand.process.pid for hand in self._hands.values()]

    async def start(self) -> None:
        """Begin to start the processes."""
        self._keeping = [asyncio.create_task(self._keep(number)) for number in range(self._processes)]

    async def ready(self) -> None:
        """Wait until a process takes work."""
        await self._ready.wait()

    async def stop(self) -> None:
        for task in self._keeping:
            task.cancel()
        await asyncio.gather(*self._keeping, return_exceptions=True)
        await asyncio.gather(*self._endings)
        self._keeping = []
        self._ready.clear()
        self.trouble = "остановлен"
        self._refuse_all()

    async def ask(self, values: Values, sound: bytes = b"", *, timeout: float) -> tuple[Values, bytes]:
        """One request. Raises `TooBusy` at once, `Unavailable` after `timeout` seconds, or when it cannot be done;
        `Died` when the process dies of it or with it."""
        if self._refused or not self._keeping:
            raise Unavailable(f"{self.title}: {self.trouble}")
        request = _Request(packed(values, sound))
        try:
            self._queue.put_nowait(request)
        except asyncio.QueueFull:
            raise TooBusy(f"{self.title}: ждут уже {self._queue.qsize()}") from None
        try:
            reply, body = await asyncio.wait_for(request.reply, timeout)
        except TimeoutError:
            raise Unavailable(f"{self.title}: нет ответа за {timeout:g} с") from None
        if "died" in reply:
            raise Died(f"{self.title}: {reply['died']}")
        if "failed" in reply:
            raise Unavailable(f"{self.title}: {reply['failed']}")
        return reply, body

    async def _keep(self, number: int) -> None:
        """One process after another, for ever."""
        fails = 0
        while True:
            hand = await _Hand.start()
            self._hands[number] = hand
            served = 0
            try:
                if await self._opened(hand):
                    served = await self._work(hand)
            finally:
                del self._hands[number]
                ending = asyncio.create_task(hand.end())
                self._endings.add(ending)
                ending.add_done_callback(self._endings.discard)
                await asyncio.shield(ending)
            fails = 0 if served else fails + 1
            await asyncio.sleep(_PAUSES[-1] if self._refused else _PAUSES[min(fails, len(_PAUSES) - 1)])

    async def _opened(self, hand: _Hand) -> bool:
        try:
            said, _ = await hand.ask(self._opening, _OPEN_SECONDS)
        except (EOFError, TimeoutError):
            self.deaths += 1
            self._down("не запускается")
            return False
        self._refused = "refused" in said
        if self._refused:
            self._down(said["refused"])
            self._refuse_all()
            _log.warning("speech engine refused", engine=self.title, words=self.trouble)
        return not self._refused

    async def _work(self, hand: _Hand) -> int:
        """Serve requests until the process dies; how many it answered."""
        served = 0
        self._at_work += 1
        self.trouble = ""
        self._ready.set()
        try:
            while (request := await self._next(hand)) is not None:
                if request.reply.done():
                    continue
                told: tuple[Values, bytes] = ({"failed": "остановлен"}, b"")
                try:
                    told = await hand.ask(request.message, _HUNG_SECONDS)
                except (EOFError, TimeoutError) as error:
                    told = {"died": "движок упал и запускается заново"}, b""
                    self.deaths += 1
                    _log.warning("speech engine died", engine=self.title, error=repr(error))
                    return served
                finally:
                    if not request.reply.done():
                        request.reply.set_result(told)
                served += 1
            self.deaths += 1
            _log.warning("speech engine died", engine=self.title, error="idle")
            return served
        finally:
            self._at_work -= 1
            if not self._at_work:
                self._down("запускается заново")

    async def _next(self, hand: _Hand) -> _Request | None:
        """The next request; None when the process dies before there is one."""
        getting = asyncio.create_task(self._queue.get())
        waited: set[asyncio.Future[Any]] = {getting, hand.gone}
        try:
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            if not hand.gone.done():
                return getting.result()
        except asyncio.CancelledError:
            self._give_back(getting)
            raise
        self._give_back(getting)
        return None

    def _give_back(self, getting: "asyncio.Task[_Request]") -> None:
        """A request that came in the very moment goes to whoever is next."""
        if not getting.cancel():
            with suppress(asyncio.QueueFull):
                self._queue.put_nowait(getting.result())

    def _down(self, words: str) -> None:
        if not self._at_work:
            self.trouble = words
            self._ready.clear()

    def _refuse_all(self) -> None:
        while not self._queue.empty():
            request = self._queue.get_nowait()
            if not request.reply.done():
                request.reply.set_result(({"failed": self.trouble}, b""))
