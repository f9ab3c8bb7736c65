"""How long a person waits for the robot's answer, and how long it goes on when it is interrupted.

Whole conversations over SIP with the real voice, recogniser and scenario; only the book of the call is kept in memory.
The far ends are the demo's residents, who speak with a synthesised voice and measure by their own ears.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from okno.telephony.frames import loudness
from okno.telephony.leg import Kind
from okno.telephony.remote import RemoteLeg
from okno.telephony.supervisor import Supervisor
from tests.telephony.peers.ports import free_port

if TYPE_CHECKING:
    from benchmarks.posting import Row

FLAT = 12
WHO = ("patient00", "impatient00")
"""Whom the robot calls in turn: one who answers questions, one who interrupts them."""
_LOUD, _PAUSE = 300.0, 10
"""Loudness of speech, and frames of quiet before its beginning."""
_FACTS = {
    "today": "2026-11-18",
    "currency": "RUB",
    "organisation": "УК «Тихий двор»",
    "person": "Иванов Пётр Сергеевич",
    "person_id": 1,
    "address": "Садовая, 1, кв. 12",
    "flat": FLAT,
    "account": "00000012",
    "account_id": 1,
    "debt": 854_010,
    "months": 2,
    "plan_payments": 6,
    "plan_minor": 142_335,
    "latest": "2026-12-18",
    "phone": "+7 495 000-00-00",
}


@dataclass
class Notes:
    """What `Book` keeps, in memory: `replies` in milliseconds by our own clock."""

    replies: list[int] = field(default_factory=list)

    def says(self, phrase: str, text: str, *, node: str = "", reply_ms: int | None = None) -> int:
        if reply_ms is not None:
            self.replies.append(reply_ms)
        return 0

    async def decide(self, state: Any, actions: Sequence[Any]) -> None:
        """Nothing is committed: the database's share is a benchmark of its own."""

    async def made(self, kind: str, words: str) -> None: ...

    def __getattr__(self, name: str) -> Any:
        return lambda *told, **more: None


class Ear:
    """A leg that remembers how long after the first loud frame of the person's speech our sound was thrown away."""

    def __init__(self, leg: RemoteLeg) -> None:
        self.hushes: list[float] = []
        self._leg = leg
        self._quiet = 0
        self._began: float | None = None

    async def read(self) -> bytes:
        frame = await self._leg.read()
        if frame and loudness(frame) > _LOUD:
            if self._quiet >= _PAUSE:
                self._began = time.perf_counter()
            self._quiet = 0
        else:
            self._quiet += 1
        return frame

    def flush(self) -> None:
        if self._began is not None:
            self.hushes.append((time.perf_counter() - self._began) * 1000)
            self._began = None
        self._leg.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._leg, name)


class Timed:
    """A recogniser that remembers how long each answer took."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self.took: list[float] = []

    async def recognise(self, *told: Any, **more: Any) -> Any:
        began = time.perf_counter()
        found = await self._real.recognise(*told, **more)
        self.took.append((time.perf_counter() - began) * 1000)
        return found


def rows(talks: int = 6, at_once: int = 2) -> "list[Row]":
    """`talks` conversations, `at_once` of them at a time."""
    from okno.cli import start

    start.settings_only()
    with tempfile.TemporaryDirectory() as folder:
        told, recogniser = asyncio.run(_measure(Path(folder), talks, at_once))
        heard = [json.loads(line) for line in (Path(folder) / "log.jsonl").read_text().splitlines()]
    replies = [seconds * 1000 for one in heard for seconds in one["replies"]]
    hushes = [seconds * 1000 for one in heard for seconds in one["hushes"]]
    ours = [float(reply) for talk in told for reply in talk.replies]
    flushes = [hush for talk in told for hush in talk.hushes]
    alone = statistics.median(recogniser)
    return [
        *_of("reply after the end of speech, as the person hears it", replies, "", alone),
        *_of("reply after the end of speech, by our clock", ours, "≤ 700 ms", alone),
        *_of("barge-in, first sound of speech at our ear to flush", flushes, "≤ 250 ms", None),
        *_of("barge-in with speech, as the person hears it", hushes, "", None),
    ]


def _of(name: str, figures: list[float], budget: str, limit: float | None) -> "list[Row]":
    if not figures:
        raise RuntimeError(f"nothing was measured: {name}")
    ordered = sorted(figures)
    told: list[tuple[str, float]] = [("p50", statistics.median(ordered)), ("p95", ordered[int(len(ordered) * 0.95)])]
    return [
        {
            "name": f"{name}, {which} of {len(ordered)}",
            "figure": round(figure, 1),
            "unit": "ms",
            "limit_name": "recogniser alone, p50" if limit is not None else "",
            "limit": limit if limit is None else round(limit, 1),
            "ratio": round(figure / limit, 2) if limit else None,
            "budget": budget if which == "p95" else "",
        }
        for which, figure in told
    ]


async def _measure(folder: Path, talks: int, at_once: int) -> "tuple[list[Talk], list[float]]":
    from okno.speech.engines import Engines, Settings

    (folder / "roster.json").write_text(json.dumps(dict.fromkeys(WHO, FLAT)))
    port = free_port()
    command = [sys.executable, "-m", "okno.demo.phones.network", str(port), str(folder)]
    phones = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    engines = await Engines.start(Settings(folder=folder / "speech"))
    trunk = {"user": "okno", "domain": f"127.0.0.1:{port}", "listen": f"127.0.0.1:{free_port()}"}
    supervisor = Supervisor("sip", {**trunk, "interface": "127.0.0.1"})
    try:
        assert phones.stdout is not None
        ready = await asyncio.to_thread(phones.stdout.readline)
        if ready.strip() != "ready" or not await engines.ready(120):
            raise RuntimeError(f"the phones or the engines did not start: {engines.state()}")
        await supervisor.start()
        timed = Timed(engines.recogniser)
        own = SimpleNamespace(voice=engines.voice, recogniser=timed)
        places = asyncio.Semaphore(at_once)

        async def one(number: int) -> Talk:
            async with places:
                return await _talk(supervisor, own, f"sip:{WHO[number % len(WHO)]}@127.0.0.1:{port}")

        # The first one fills the cache of phrases, as the first calls of a day do.
        await one(0)
        timed.took.clear()
        told = await asyncio.gather(*(one(number) for number in range(talks)))
        await asyncio.sleep(1)
    finally:
        await supervisor.stop()
        await engines.stop()
        phones.kill()
        phones.communicate()
    return told, timed.took


@dataclass(frozen=True)
class Talk:
    """Milliseconds of one conversation, by our clock."""

    replies: list[int]
    hushes: list[float]


async def _talk(supervisor: Supervisor, engines: Any, address: str) -> Talk:
    from okno.dialogs.live.conversation import Conversation
    from okno.dialogs.scenario import shipped
    from okno.speech.answering import Listener

    async def nothing() -> None:
        """What follows from a decision is measured elsewhere."""

    async def nobody() -> bool:
        return False

    notes: Any = Notes()
    leg: Any = Ear(supervisor.leg())
    outcome = await leg.dial(address, timeout=20)
    if outcome.kind is not Kind.ANSWERED:
        raise RuntimeError(f"a call was not answered: {outcome}")
    call: Any = SimpleNamespace(pk=0, language="ru")
    scenario = shipped("debt_notice")
    await Conversation(
        leg, call, scenario, _FACTS, engines, book=notes, perform=nothing, hand_over=nobody, listener=Listener()
    ).run()
    return Talk(notes.replies, leg.hushes)
