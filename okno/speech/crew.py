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

from okno.speech.trouble import TooBusy, Unavailable
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

    def __init__(self, process: "subprocess.Popen[bytes]", end: socket.socket) -> None:
        self.process = process
        self._end = end
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    @classmethod
    def start(cls) -> "_Hand":
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-m", "okno.speech.process", str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
            )
        return cls(process, ours)

    async def ask(self, message: bytes, timeout: float) -> tuple[Values, bytes]:
        """Raises `EOFError` or `OSError` when the process is gone, `TimeoutError`."""
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(sock=self._end)
        self._writer.write(message)
        async with asyncio.timeout(timeout):
            await self._writer.drain()
            return await received(self._reader)

    async def end(self) -> None:
        """By closing our end, which it obeys between two requests; by force when it does not."""
        if self._writer is not None:
            self._writer.close()
            with suppress(OSError):
                await self._writer.wait_closed()
        else:
            self._end.close()
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
        """One request. Raises `TooBusy` at once, `Unavailable` after `timeout` seconds, or when it cannot be done."""
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
        if "failed" in reply:
            raise Unavailable(f"{self.title}: {reply['failed']}")
        return reply, body

    async def _keep(self, number: int) -> None:
        """One process after another, for ever."""
        fails = 0
        while True:
            hand = await asyncio.to_thread(_Hand.start)
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
        except (EOFError, OSError, TimeoutError):
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
            while True:
                request = await self._queue.get()
                if request.reply.done():
                    continue
                told: tuple[Values, bytes] = ({"failed": "движок упал и запускается заново"}, b"")
                try:
                    told = await hand.ask(request.message, _HUNG_SECONDS)
                except (EOFError, OSError, TimeoutError) as error:
                    self.deaths += 1
                    _log.warning("speech engine died", engine=self.title, error=repr(error))
                    return served
                finally:
                    if not request.reply.done():
                        request.reply.set_result(told)
                served += 1
        finally:
            self._at_work -= 1
            if not self._at_work:
                self._down("запускается заново")

    def _down(self, words: str) -> None:
        if not self._at_work:
            self.trouble = words
            self._ready.clear()

    def _refuse_all(self) -> None:
        while not self._queue.empty():
            request = self._queue.get_nowait()
            if not request.reply.done():
                request.reply.set_result(({"failed": self.trouble}, b""))
