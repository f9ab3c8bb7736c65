"""`python -m okno.demo.phones.network PORT FOLDER`: every phone of the demo town, as one SIP user agent.

FOLDER has `roster.json` (number → flat) and gets the residents' voices and `log.jsonl`: a line for every call with who
it was, what they said, and how it ended. Ends when its standard input is closed.
"""

import asyncio
import json
import math
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy
from baresip import Account, AudioNotActive, AudioRestarted, BaresipError, Call, Config, Event, Runtime, UserAgent

from okno.demo.phones import people, voices
from okno.demo.phones.people import Kind

CALLS = 40
_RATE = 8_000
_FRAME = 640
"""40 ms."""
_LOUD = 250.0
_SPOKEN, _SILENT = 0.5, 0.9
"""Seconds of the robot's speech, and then of its silence, after which a resident takes it for a question."""
_SHORT = 6.0
"""Seconds of the robot's speech: less is the same question again, in short."""
_PICKS_UP_AFTER = 1.5
_PATIENCE = 2.0
"""Seconds of the robot's speech after which an impatient one answers."""
_TALKS = 0.15
"""Seconds of silence within the robot's speech."""
_LONGEST = 150.0
_AGAIN = 2


class Resident:
    """One call of one phone."""

    def __init__(self, call: Call, number: str, flat: int, say: Callable[[str], bytes] | None) -> None:
        self.kind = people.kind_of(number)
        self.number = number
        self.said: list[str] = []
        self.replies: list[float] = []
        """Seconds from the end of an answer to the robot's first sound, as this phone heard it."""
        self.hushes: list[float] = []
        """Seconds from the beginning of an answer to the robot's last sound, when it was interrupted."""
        self.over = asyncio.Event()
        self._call = call
        self._flat = flat
        self._say = say
        self._words = bytearray()
        self._spoken = self._silent = 0.0
        self._began = self._ended = self._last = 0.0
        self._in_words = False
        call.on(self._on_event)

    async def live(self) -> None:
        """Do with the ringing phone what this kind of person does."""
        with suppress(TimeoutError, BaresipError):
            async with asyncio.timeout(_LONGEST):
                await self._live(self.kind)
        if not self.over.is_set():
            with suppress(BaresipError):
                await self._call.hangup()

    async def _live(self, kind: Kind) -> None:
        if kind.habit == "busy":
            await self._call.reject()
            return
        if kind.habit == "out":
            await self.over.wait()
            return
        await asyncio.sleep(_PICKS_UP_AFTER)
        await self._call.answer(video=True)
        talking = asyncio.create_task(self._talk())
        try:
            await (self._record() if kind.habit == "machine" else self._answer(kind))
        finally:
            talking.cancel()

    async def _record(self) -> None:
        """A machine: its greeting, a beep, and then it listens."""
        self._speak(self.kind.says[0])
        await self._until_said()
        self._words += _beep()
        await asyncio.wait_for(self.over.wait(), 20)

    async def _answer(self, kind: Kind) -> None:
        lines = list(kind.says)
        again = _AGAIN
        await asyncio.sleep(0.4)
        await self._do(lines.pop(0))
        while not self.over.is_set():
            await self._until_asked()
            if self.over.is_set():
                return
            if self._in_words and self._spoken < _SHORT:
                # Asked the same again: the number is pressed, as people do.
                self._in_words = False
                await self._do("#{flat}#")
            elif lines:
                await self._do(lines.pop(0))
            elif kind.pays or again:
                again -= 1
                await self._do(kind.says[-1] if not kind.pays else "Минуту, я сейчас заплачу")
            else:
                return

    async def _do(self, line: str) -> None:
        text = people.words(line, self._flat)
        self._in_words = line == "{flat}"
        self.said.append(text)
        if text.startswith("#"):
            await self._call.send_dtmf(text[1:], interdigit_ms=120)
            self._spoken = self._silent = 0.0
            return
        talked = self._silent < _TALKS
        self._began = time.monotonic() + self._waiting()
        self._speak(text)
        await self._until_said()
        if talked and self._last > self._began:
            self.hushes.append(self._last - self._began)
        self._spoken = self._silent = 0.0
        # What is still in the line's buffer is heard before the silence that ends the answer.
        self._ended = time.monotonic() + self._waiting()

    def _speak(self, text: str) -> None:
        if self._say is not None:
            self._words += self._say(text)

    async def _until_said(self) -> None:
        while self._words and not self.over.is_set():
            await asyncio.sleep(0.05)

    async def _until_asked(self) -> None:
        while not self.over.is_set() and not self._asked():
            await asyncio.sleep(0.05)

    def _asked(self) -> bool:
        if self.kind.interrupts and self._spoken >= _PATIENCE:
            return True
        return self._spoken >= _SPOKEN and self._silent >= _SILENT

    def _waiting(self) -> float:
        """Seconds of our sound that the line has not sent yet."""
        try:
            return float(self._call.audio.info().tx_buffered) / (2 * _RATE)
        except (AudioNotActive, AudioRestarted):
            return 0.0

    async def _talk(self) -> None:
        """Move the sound: a line of ours or silence out, the robot's speech measured."""
        while not self.over.is_set():
            await asyncio.sleep(0.02)
            try:
                self._listen(self._call.audio.read(16_000))
                if self._call.audio.info().tx_buffered < 2 * _FRAME:
                    piece = bytes(self._words[:_FRAME]) or bytes(_FRAME)
                    taken = self._call.audio.write(piece)
                    del self._words[: min(taken, len(self._words))]
            except (AudioNotActive, AudioRestarted):
                continue

    def _listen(self, pcm: bytes) -> None:
        if not pcm:
            return
        samples = numpy.frombuffer(pcm, dtype="<i2").astype(numpy.float32)
        seconds = len(samples) / _RATE
        if math.sqrt(float(numpy.mean(samples * samples))) > _LOUD:
            self._last = time.monotonic()
            if self._ended and self._last > self._ended:
                self.replies.append(self._last - self._ended)
                self._ended = 0.0
            self._spoken += seconds
            self._silent = 0.0
        else:
            self._silent += seconds

    def _on_event(self, event: Any) -> None:
        if event.event is Event.CALL_CLOSED:
            self.over.set()


class Network:
    """All phones."""

    def __init__(self, port: int, folder: Path) -> None:
        self._port = port
        self._folder = folder
        self._roster: dict[str, int] = json.loads((folder / "roster.json").read_text())
        self._say = voices.sayer(folder / "voices")
        self._living: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serve until standard input is closed."""
        await asyncio.to_thread(self._rehearse)
        runtime = Runtime()
        extra = f"sip_listen 127.0.0.1:{self._port}\nrtp_ports 40000-49000\ncall_hold_other_calls no\n"
        settings = Config(
            net_interface="127.0.0.1", max_concurrent_calls=CALLS, expose_headers=("To",), extra_config_text=extra
        )
        await runtime.start(settings)
        account = Account("town", "127.0.0.1", "", reg_interval=0, extra_params=("catchall=yes",))
        agent = await UserAgent.create(runtime, account, transfer_policy="auto")
        agent.on_incoming(self._on_call)
        print("ready", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        await runtime.close()

    def _rehearse(self) -> None:
        """Have every line ready before the first call: a person does not think for a second before "yes"."""
        if self._say is None:
            return
        for kind in people.KINDS:
            for line in kind.says:
                if not line.startswith("#") and "{flat}" not in line:
                    self._say(line)
        for number, flat in self._roster.items():
            if any("{flat}" in line and not line.startswith("#") for line in people.kind_of(number).says):
                self._say(people.words("{flat}", flat))

    def _on_call(self, call: Call) -> None:
        number = dict(call.headers).get("To", "").partition("sip:")[2].partition("@")[0]
        resident = Resident(call, number, self._roster.get(number, 0), self._say)
        task = asyncio.create_task(self._live(resident))
        self._living.add(task)
        task.add_done_callback(self._living.discard)

    async def _live(self, resident: Resident) -> None:
        await resident.live()
        told = {
            "number": resident.number,
            "kind": resident.kind.name,
            "said": resident.said,
            "replies": [round(seconds, 3) for seconds in resident.replies],
            "hushes": [round(seconds, 3) for seconds in resident.hushes],
        }
        with (self._folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(told, ensure_ascii=False) + "\n")


def _beep() -> bytes:
    """The tone after which a machine records: 1,000 Hz, 0.6 seconds."""
    at = numpy.arange(int(_RATE * 0.6)) / _RATE
    return bytes((9_000 * numpy.sin(2 * math.pi * 1_000 * at)).astype("<i2").tobytes())


if __name__ == "__main__":
    asyncio.run(Network(int(sys.argv[1]), Path(sys.argv[2])).run())
