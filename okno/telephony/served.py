"""One call inside the media process: orders in, events out, its sound in the pump.

Orders: `dial` (to, timeout, headers, record), `answer` (record), `hang_up`, `hold`, `resume`, `transfer` (to, timeout),
`join` (other: the number of another call), `keys` (keys), `flush`. Events: `incoming` (caller), `rang`, `early`,
`outcome`, `key`, `held`, `drained` (said: bytes that were ever taken), `transferred` (outcome), `answered` (picked up;
gone), `gone` (an order came too late), `ended`, `recorded`. After `ended`, or an `outcome` that is no answer, and then
`recorded`, the call's number is never used again.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import structlog

from okno.telephony import driver
from okno.telephony.leg import By, Ending, Gone, Kind, Outcome
from okno.telephony.media import Pump, Stream
from okno.telephony.recording import Recorder

_KEYS_A_SECOND = 20
"""A hand presses ten at most; more is a storm, and is counted instead of passed on."""
_BROKE = "a fault of ours"
_log = structlog.get_logger("okno.telephony")


class Host(Protocol):
    """What a call needs of the process around it."""

    pump: Pump
    recorder: Recorder

    def leg(self) -> driver.DriverLeg: ...

    def call(self, number: int) -> "ServedCall | None": ...

    def tell(self, call: int, **values: Any) -> None: ...

    def tell_sound(self, call: int, pcm: bytes) -> None: ...

    def forget(self, call: int) -> None: ...


class ServedCall:
    def __init__(self, host: Host, number: int, leg: driver.DriverLeg) -> None:
        self.storm = 0
        self._host = host
        self._number = number
        self._leg = leg
        self._stream = Stream(
            leg.sound,
            hear=lambda frame: host.tell_sound(number, frame),
            emptied=lambda said: host.tell(number, **{"is": "drained", "said": said}),
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self._pressed: list[float] = []
        self._bridged: tuple[driver.DriverLeg, Stream] | None = None
        self._joined: ServedCall | None = None
        self._dialling: asyncio.Task[None] | None = None
        self._over = False
        leg.listen(self._on_event)

    def offer(self) -> None:
        """Tell of an incoming call."""
        assert self._leg.caller is not None
        self._tell("incoming", caller=asdict(self._leg.caller))

    def order(self, values: dict[str, Any]) -> None:
        """Carry out one order."""
        match values["do"]:
            case "dial":
                self._dialling = self._start(self._dial(values))
            case "answer":
                self._start(self._answer(values.get("record")))
            case "hang_up":
                self._start(self.hang_up())
            case "hold" | "resume" as which:
                self._start(self._leg.hold(which == "hold"))
            case "transfer":
                self._start(self._transfer(values["to"], values["timeout"]))
            case "join":
                self._start(self._join(values["other"]))
            case "keys":
                self._start(self._leg.send_keys(values["keys"]))
            case "flush":
                self._stream.flush()
            case unknown:
                raise ValueError(f"unknown order {unknown!r}")

    def say(self, pcm: bytes) -> None:
        self._stream.say(pcm)

    async def hang_up(self) -> None:
        if self._bridged is not None:
            await self._bridged[0].hang_up()
        await self._leg.hang_up()

    async def _dial(self, values: dict[str, Any]) -> None:
        self._flow(values.get("record"))
        outcome = await self._leg.dial(values["to"], timeout=values["timeout"], headers=values.get("headers") or {})
        self._tell("outcome", **asdict(outcome))
        if outcome.kind is not Kind.ANSWERED:
            await self._finish()

    async def _answer(self, record: str | None) -> None:
        self._flow(record)
        await self._leg.answer()
        self._tell("answered")

    def _flow(self, record: str | None) -> None:
        if record:
            self._stream.recording = self._host.recorder.start(Path(record))
        self._host.pump.streams.add(self._stream)

    async def _transfer(self, to: str, timeout: float) -> None:
        outcome = await self._leg.refer(to, timeout=timeout)
        if outcome.kind in {Kind.FAILED, Kind.REJECTED} and not self._over:
            outcome = await self._bridge(to, timeout)
        self._tell("transferred", **asdict(outcome))

    async def _bridge(self, to: str, timeout: float) -> Outcome:
        """The trunk would not: call the other party ourselves and let the two hear each other."""
        other = self._host.leg()
        stream = Stream(other.sound, hear=lambda frame: None, emptied=lambda said: None)
        other.listen(self._on_other)
        self._bridged = (other, stream)
        outcome = await other.dial(to, timeout=timeout, headers={})
        if outcome.kind is not Kind.ANSWERED:
            self._bridged = None
        elif self._over:
            await other.hang_up()
        else:
            self._host.pump.streams.add(stream)
            self._stream.join(stream)
        return outcome

    async def _join(self, number: int) -> None:
        """Let the two hear each other; from now on the end of one is the end of both."""
        other = self._host.call(number)
        if other is None or other._over:
            return await self.hang_up()
        self._joined, other._joined = other, self
        self._stream.join(other._stream)

    def _on_other(self, event: driver.Event) -> None:
        if isinstance(event, driver.Over) and self._bridged is not None:
            self._host.pump.streams.discard(self._bridged[1])
            self._start(self._leg.hang_up())

    def _on_event(self, event: driver.Event) -> None:
        match event:
            case driver.Rang():
                self._tell("rang")
            case driver.EarlySound():
                self._tell("early")
            case driver.Pressed(key):
                self._press(key)
            case driver.HeldByFar(held):
                self._tell("held", held=held)
            case driver.Over(ending):
                self._start(self._end(ending))

    def _press(self, key: str) -> None:
        now = asyncio.get_running_loop().time()
        self._pressed = [moment for moment in self._pressed if now - moment < 1]
        if len(self._pressed) >= _KEYS_A_SECOND:
            self.storm += 1
            return
        self._pressed.append(now)
        self._tell("key", key=key)

    async def _end(self, ending: Ending) -> None:
        self._over = True
        if self._bridged is not None:
            await self._bridged[0].hang_up()
            self._host.pump.streams.discard(self._bridged[1])
            if ending.by is By.US:
                ending = Ending(by=By.TRANSFERRED, q850=ending.q850, words=ending.words)
        if self._joined is not None:
            await self._joined.hang_up()
        self._tell("ended", **asdict(ending), keys_refused=self.storm)
        await self._finish()

    async def _finish(self) -> None:
        self._over = True
        self._host.pump.streams.discard(self._stream)
        if self._stream.recording is not None:
            self._tell("recorded", **asdict(await self._stream.recording.finish()))
        self._host.forget(self._number)

    def _tell(self, event: str, **values: Any) -> None:
        self._host.tell(self._number, **{"is": event, **values})

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(self._late(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _late(self, work: Coroutine[Any, Any, None]) -> None:
        """An order that crossed the end of the call is told as such, and is no fault."""
        try:
            await work
        except Gone as gone:
            self._tell("gone", words=str(gone))
        except Exception:
            # One call's fault must neither end the other ninety-nine nor leave its dialog waiting for ever.
            _log.exception("a call broke", call=self._number)
            await self._break()

    async def _break(self) -> None:
        if not self._over:
            await self._leg.hang_up()
            self._tell("outcome", **asdict(Outcome(kind=Kind.FAILED, words=_BROKE)))
            self._tell("ended", **asdict(Ending(by=By.FAULT, words=_BROKE)))
            await self._finish()
