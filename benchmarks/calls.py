"""How many calls one media process carries, beside the SIP stack alone with no pump of ours in the same run.

Every call is real: sipp answers, an RTP far end talks a tone and keeps the kernel's time of each packet that comes. All
calls talk both ways at once and all are recorded. Needs no database.
"""

import asyncio
import multiprocessing
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from benchmarks import replies
from okno.telephony.frames import SILENCE
from okno.telephony.leg import Kind
from okno.telephony.remote import RemoteLeg
from okno.telephony.supervisor import Supervisor
from tests.telephony.peers.ports import free_port
from tests.telephony.peers.rtp import FarSound, RtpFarEnds, tone
from tests.telephony.peers.sipp import ACK, BYE_IN, INVITED, Sipp, answer_to

if TYPE_CHECKING:
    from benchmarks.posting import Row

SECONDS = 8.0
SETTLING = 1.0
"""Seconds after the last answer that are not measured."""
_SPEECH = tone(1000, 1.0).astype("<i2").tobytes()


@dataclass(frozen=True)
class Measured:
    """One run of `calls` calls: CPU in percent of one core, the rest in milliseconds or percent."""

    cpu: float
    gaps: list[float]
    lost_out: float
    lost_in: float = 0.0
    barge_in: Sequence[float] = ()
    operator_cpu: float = 0.0


def run(n: Sequence[int] = (10, 60, 100), seconds: float = SECONDS, **_: object) -> "list[Row]":
    """Measure with each count of calls at once, `seconds` of talk each."""
    rows: list[Row] = []
    for calls in n:
        with tempfile.TemporaryDirectory() as folder:
            bare = _bare(Path(folder), calls, seconds)
        with tempfile.TemporaryDirectory() as folder:
            ours = asyncio.run(_ours(Path(folder), calls, seconds))
        rows += _rows(calls, ours, bare)
    return rows + replies.rows()


def _rows(calls: int, ours: Measured, bare: Measured) -> "list[Row]":
    late, worst = statistics.quantiles(ours.gaps, n=100)[98], max(ours.gaps)
    bare_late, bare_worst = statistics.quantiles(bare.gaps, n=100)[98], max(bare.gaps)
    stops = sorted(ours.barge_in)
    return [
        _row(f"{calls} calls: CPU a call", ours.cpu / calls, "% of a core", bare.cpu / calls, ""),
        _row(f"{calls} calls: CPU of the media process", ours.cpu, "% of a core", bare.cpu, "≤ 100 %"),
        _row(f"{calls} calls: CPU of the operator's end of the sound", ours.operator_cpu, "% of a core", None, ""),
        _row(f"{calls} calls: RTP gap p99", late, "ms", bare_late, ""),
        _row(f"{calls} calls: RTP gap max", worst, "ms", bare_worst, ""),
        _row(f"{calls} calls: our sound lost", ours.lost_out, "%", bare.lost_out, "0"),
        _row(f"{calls} calls: their sound lost", ours.lost_in, "%", None, "0"),
        _row(f"{calls} calls: barge-in, flush to silence, p50", stops[len(stops) // 2], "ms", None, ""),
        _row(f"{calls} calls: barge-in, flush to silence, max", stops[-1], "ms", None, "≤ 250 ms"),
    ]


def _row(name: str, figure: float, unit: str, limit: float | None, budget: str) -> "Row":
    return {
        "name": name,
        "figure": round(figure, 3),
        "unit": unit,
        "limit_name": "baresip alone" if limit is not None else "",
        "limit": limit if limit is None else round(limit, 3),
        "ratio": round(figure / limit, 2) if limit else None,
        "budget": budget,
    }


class _FarSide:
    """sipp for the signalling, a process of its own for the sound."""

    def __init__(self, folder: Path, calls: int) -> None:
        self.port = free_port()
        self._pipe, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        self._process = context.Process(target=_serve, args=(calls, theirs), daemon=True)
        self._process.start()
        ports: list[int] = self._pipe.recv()
        steps = [INVITED, answer_to("180 Ringing"), answer_to("200 OK", sound="[field0]"), ACK, BYE_IN]
        self._sipp = Sipp(folder, steps, port=self.port, calls=calls, lines=[str(port) for port in ports])

    def close(self) -> list[FarSound]:
        """What every far end heard."""
        self._pipe.send("done")
        ends: list[FarSound] = self._pipe.recv()
        self._process.join()
        self._sipp.stop()
        return ends


def _serve(calls: int, pipe: Connection) -> None:
    ends = RtpFarEnds(calls, keep=False)
    pipe.send([end.port for end in ends.ends])
    pipe.recv()
    ends.close()
    pipe.send(ends.ends)


async def _ours(folder: Path, calls: int, seconds: float) -> Measured:
    far = _FarSide(folder, calls)
    settings = {
        "user": "okno",
        "domain": f"127.0.0.1:{far.port}",
        "listen": f"127.0.0.1:{free_port()}",
        "interface": "127.0.0.1",
    }
    supervisor = Supervisor("sip", settings)
    await supervisor.start()
    legs = [supervisor.leg(record=folder / f"{number}.wav") for number in range(calls)]
    await _dial(legs)
    for leg in legs:
        leg.write(_SPEECH * int(seconds + SETTLING + 8))
    await asyncio.sleep(SETTLING)
    hearing = [asyncio.create_task(_hear(leg, int(seconds * 50))) for leg in legs]
    process = psutil.Process(supervisor.pid)
    begun, cpu, own = time.time(), _cpu(process), resource.getrusage(resource.RUSAGE_SELF)
    frames = await asyncio.gather(*hearing)
    ended, spent, own_end = time.time(), _cpu(process) - cpu, resource.getrusage(resource.RUSAGE_SELF)
    flushed = await _interrupt(legs)
    await supervisor.stop()
    ends = far.close()
    within = [_within(end, begun, ended) for end in ends]
    return Measured(
        cpu=spent / (ended - begun) * 100,
        operator_cpu=(own_end.ru_utime + own_end.ru_stime - own.ru_utime - own.ru_stime) / (ended - begun) * 100,
        gaps=[gap * 1000 for end in within for gap in end.gaps()],
        lost_out=_lost(within),
        lost_in=_unheard(sum(frames), within),
        barge_in=[_last_loud(end, at) for end, at in zip(ends, flushed, strict=True)],
    )


async def _dial(legs: list[RemoteLeg]) -> None:
    async def one(leg: RemoteLeg, after: float) -> None:
        await asyncio.sleep(after)
        outcome = await leg.dial("+74951234567", timeout=20)
        if outcome.kind is not Kind.ANSWERED:
            raise RuntimeError(f"a call was not answered: {outcome}")

    # One by one in the order of sipp's rows: the far end of the n-th leg is the n-th.
    for leg in legs:
        await one(leg, 0.01)


async def _hear(leg: RemoteLeg, frames: int) -> int:
    """How many of so many frames had the far side's sound in them."""
    while leg.buffered():
        await leg.read()
    return sum([await leg.read() != SILENCE for _ in range(frames)])


async def _interrupt(legs: list[RemoteLeg]) -> list[float]:
    """Silence the legs one after another as a person would interrupt each; the moments it was ordered."""
    chance = random.Random(7)
    moments = []
    for leg in legs:
        await asyncio.sleep(chance.uniform(0.001, 0.02))
        moments.append(time.time())
        leg.flush()
    await asyncio.sleep(1)
    return moments


def _bare(folder: Path, calls: int, seconds: float) -> Measured:
    far = _FarSide(folder, calls)
    command = [sys.executable, "-m", "benchmarks.bare_calls", str(far.port), str(free_port()), str(calls)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        if process.stdout.readline().strip() != b"talking":
            raise RuntimeError("the bare calls were not answered")
        time.sleep(SETTLING)
        watched = psutil.Process(process.pid)
        begun, cpu = time.time(), _cpu(watched)
        time.sleep(seconds)
        ended, spent = time.time(), _cpu(watched) - cpu
        assert process.stdin is not None
        process.stdin.close()
    ends = [_within(end, begun, ended) for end in far.close()]
    gaps = [gap * 1000 for end in ends for gap in end.gaps()]
    return Measured(cpu=spent / (ended - begun) * 100, gaps=gaps, lost_out=_lost(ends))


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _within(end: FarSound, begun: float, ended: float) -> FarSound:
    packets = [packet for packet in end.packets if begun <= packet[0] <= ended]
    return FarSound(port=end.port, packets=packets, sent=[moment for moment in end.sent if begun <= moment <= ended])


def _lost(ends: list[FarSound]) -> float:
    came = sum(len(end.packets) for end in ends)
    lost = sum(end.lost() for end in ends)
    return lost / max(1, came + lost) * 100


def _unheard(frames: int, ends: list[FarSound]) -> float:
    """The share of the far sides' sound that did not come out of the legs. A far end that is late itself makes a hole
    in the time line and no loss; the edges of the stretch are worth a frame a call."""
    sent = sum(len(end.sent) for end in ends)
    return max(0.0, 1 - frames / max(1, sent)) * 100


def _last_loud(end: FarSound, flushed: float) -> float:
    """Milliseconds from the order to the end of the last packet in which we were heard."""
    last = max((moment for moment, _, loud in end.packets if loud), default=flushed)
    return max(0.0, last + 0.02 - flushed) * 1000
