"""A call as the operator's process holds it: orders and sound go to the media process, events come back."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

from okno.telephony.frames import FRAME_SECONDS
from okno.telephony.leg import By, Caller, CannotTransfer, Ending, Gone, Kind, Outcome, RecordingResult
from okno.telephony.wire import Wire

DIED = "our process died"
_MOST_UNREAD = int(5 / FRAME_SECONDS)
"""Five seconds of frames wait for a reader."""
_KEYS = frozenset("0123456789*#ABCD")

Answer = TypeVar("Answer")


class RemoteLeg:
    """See `leg.CallLeg`. `rang` and `early` say what has been heard of so far, `held_by_far` whether we wait.

    `record` is the file the call is recorded to, None for none; for an incoming call it may be set before `answer`.
    """

    def __init__(self, wire: Wire, number: int, *, caller: Caller | None, record: Path | None) -> None:
        loop = asyncio.get_running_loop()
        self.number = number
        self.caller = caller
        self.rang = self.early = self.held_by_far = False
        self.keys_refused = 0
        self.unread = 0
        self.on_change: Callable[[str], None] = lambda event: None
        """Told of every event but sound, for the screen that shows calls as they go."""
        self._wire = wire
        self.record = record
        self._frames: deque[bytes] = deque(maxlen=_MOST_UNREAD)
        self._came = asyncio.Event()
        self._keys: asyncio.Queue[str | None] = asyncio.Queue()
        self._said = self._drained = 0
        self._moved = asyncio.Event()
        self._outcome: asyncio.Future[Outcome] = loop.create_future()
        self._picked_up: asyncio.Future[bool] = loop.create_future()
        self._transferred: asyncio.Future[Outcome] | None = None
        self._ending: asyncio.Future[Ending] = loop.create_future()
        self._recorded: asyncio.Future[RecordingResult | None] = loop.create_future()
        self._over = False

    @property
    def over(self) -> bool:
        """True once the attempt failed or the answered call ended."""
        return self._over

    @property
    def finished(self) -> bool:
        """True once nothing more will be told of the call, its recording included."""
        return self._over and self._recorded.done()

    async def dial(self, address: str, *, timeout: float) -> Outcome:
        self._order("dial", to=address, timeout=timeout, record=self._path())
        try:
            return await asyncio.shield(self._outcome)
        except asyncio.CancelledError:
            self._order("hang_up")
            raise

    async def answer(self) -> None:
        self._check()
        self._order("answer", record=self._path())
        if not await asyncio.shield(self._picked_up):
            raise Gone("the caller gave up")

    async def hang_up(self) -> None:
        if not self._over:
            self._order("hang_up")

    async def transfer(self, to: str, *, timeout: float) -> None:
        self._check()
        self._transferred = asyncio.get_running_loop().create_future()
        self._order("transfer", to=to, timeout=timeout)
        outcome = await self._transferred
        if outcome.kind is not Kind.ANSWERED:
            if self._over:
                raise Gone("the person hung up")
            raise CannotTransfer(outcome)

    def join(self, other: "RemoteLeg") -> None:
        """Let an answered call and this one, which rings or was answered, hear each other; both end together.

        What we were saying to either is forgotten, and nothing more is said by us.
        """
        self._order("join", other=other.number)

    async def hold(self) -> None:
        self._check()
        self._order("hold")

    async def resume(self) -> None:
        self._check()
        self._order("resume")

    async def read(self) -> bytes:
        while not self._frames:
            if self._over:
                return b""
            self._came.clear()
            await self._came.wait()
        return self._frames.popleft()

    def buffered(self) -> int:
        """How many frames wait to be read."""
        return len(self._frames)

    def write(self, pcm: bytes) -> None:
        if len(pcm) % 2:
            raise ValueError("half a sample: 16-bit sound has an even number of bytes")
        if not self._over and pcm:
            self._said += len(pcm)
            self._wire.send_sound(self.number, pcm)

    def flush(self) -> None:
        if not self._over:
            self._order("flush")

    async def drained(self) -> None:
        while self._drained < self._said and not self._over:
            self._moved.clear()
            await self._moved.wait()

    async def pressed(self) -> AsyncIterator[str]:
        while (key := await self._keys.get()) is not None:
            yield key
        self._keys.put_nowait(None)

    async def send_keys(self, keys: str) -> None:
        if not keys or not set(keys.upper()) <= _KEYS:
            raise ValueError(f"not keys of a telephone: {keys!r}")
        self._check()
        self._order("keys", keys=keys.upper())

    async def ended(self) -> Ending:
        return await asyncio.shield(self._ending)

    async def recorded(self) -> RecordingResult | None:
        return await asyncio.shield(self._recorded)

    def take_sound(self, frame: bytes) -> None:
        """A frame came from the media process."""
        self.unread += len(self._frames) == _MOST_UNREAD
        self._frames.append(frame)
        self._came.set()

    def take(self, values: dict[str, Any]) -> None:
        """An event came from the media process."""
        event = values.pop("is")
        match event:
            case "rang":
                self.rang = True
            case "early":
                self.early = True
            case "held":
                self.held_by_far = values["held"]
            case "key":
                self._keys.put_nowait(values["key"])
            case "drained":
                self._drained = values["said"]
                self._moved.set()
            case "answered":
                _settle(self._picked_up, True)
            case "transferred" if self._transferred is not None:
                _settle(self._transferred, _outcome(values))
            case "outcome":
                self._take_outcome(_outcome(values))
            case "ended":
                self.keys_refused = values.pop("keys_refused", 0)
                self._end(Ending(**values | {"by": By(values["by"])}))
            case "recorded":
                _settle(self._recorded, RecordingResult(**values))
        self.on_change(event)

    def process_died(self) -> None:
        """The media process is gone. Whatever was not decided is decided now, once: the call failed by our fault."""
        _settle(self._outcome, Outcome(kind=Kind.FAILED, words=DIED, rang=self.rang))
        self._end(Ending(by=By.FAULT, words=DIED))
        # What was written until then is on disk and can be played.
        if self.record is not None:
            _settle(self._recorded, RecordingResult(path=str(self.record), seconds=0, cut=DIED))

    def _take_outcome(self, outcome: Outcome) -> None:
        _settle(self._outcome, outcome)
        if outcome.kind is not Kind.ANSWERED:
            self._finish()

    def _end(self, ending: Ending) -> None:
        if ending.by is By.TRANSFERRED and self._transferred is not None:
            # By REFER our call ends with the success, and the end may be told first.
            _settle(self._transferred, Outcome(kind=Kind.ANSWERED))
        _settle(self._ending, ending)
        self._finish()

    def _finish(self) -> None:
        if self._over:
            return
        self._over = True
        _settle(self._picked_up, False)
        if self._transferred is not None:
            _settle(self._transferred, Outcome(kind=Kind.CANCELLED, words="the call is over"))
        if self.record is None:
            _settle(self._recorded, None)
        self._keys.put_nowait(None)
        self._came.set()
        self._moved.set()

    def _path(self) -> str | None:
        return None if self.record is None else str(self.record)

    def _order(self, order: str, **values: Any) -> None:
        self._wire.send(self.number, do=order, **values)

    def _check(self) -> None:
        if self._over:
            raise Gone("the call is over")


def _outcome(values: dict[str, Any]) -> Outcome:
    return Outcome(**values | {"kind": Kind(values["kind"])})


def _settle(future: "asyncio.Future[Answer]", answer: Answer) -> None:
    """The first word counts; whatever comes later is not a second result of the same call."""
    if not future.done():
        future.set_result(answer)
