"""The media process: its death is told to every call once, and it comes again; ours ends it in good order."""

import asyncio
import os
import signal
import subprocess
import sys
import time
import wave
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from okno.telephony.driver import DriverRefused
from okno.telephony.leg import By, Kind
from okno.telephony.supervisor import NotRunning
from tests.telephony.conftest import Line
from tests.telephony.hearing import loud_seconds
from tests.telephony.peers.phone import handset
from tests.telephony.peers.ports import free_port
from tests.telephony.peers.rtp import RtpFarEnds
from tests.telephony.peers.sipp import ACK, BYE_IN, INVITED, Sipp, answer_to
from tests.telephony.test_sip_calls import OURS, talk, until

pytestmark = pytest.mark.anyio
RINGS = [INVITED, answer_to("180 Ringing"), '<pause milliseconds="20000"/>']


async def test_a_killed_process_fails_each_unfinished_call_once_and_starts_again(
    line: Line, sipp: Callable[..., Sipp], far_port: int, tmp_path: Path
) -> None:
    ringing_port = free_port()
    sipp(RINGS, port=ringing_port)
    async with handset(far_port) as phone, line() as lines:
        answered, ringing = lines.leg(record=tmp_path / "cut.wav"), lines.leg()
        told: list[str] = []
        await talk(answered, phone)
        dialling = asyncio.create_task(ringing.dial(f"sip:far@127.0.0.1:{ringing_port}", timeout=20))
        await until(lambda: ringing.rang)
        await asyncio.sleep(2.2)
        answered.on_change = ringing.on_change = told.append
        assert lines.pid is not None
        os.kill(lines.pid, signal.SIGKILL)
        outcome, ending = await asyncio.wait_for(asyncio.gather(dialling, answered.ended()), 5)
        recorded = await answered.recorded()
        assert (outcome.kind, outcome.words, outcome.ours) == (Kind.FAILED, "our process died", True)
        assert (ending.by, ending.words) == (By.FAULT, "our process died")
        assert recorded is not None
        assert recorded.cut == "our process died"
        with wave.open(str(tmp_path / "cut.wav")) as file:
            assert file.getnframes() >= 8_000
        await until(lambda: lines.free() == 100)
        assert lines.deaths == 1
    assert told == []


async def test_after_its_death_calls_can_be_made_again(line: Line, far_port: int) -> None:
    async with handset(far_port) as phone, line() as lines:
        assert lines.pid is not None
        os.kill(lines.pid, signal.SIGKILL)
        await until(lambda: lines.deaths == 1)
        with pytest.raises(NotRunning):
            lines.leg()
        await until(lambda: lines.free() > 0)
        leg = lines.leg()
        await talk(leg, phone)
        await leg.hang_up()
        assert (await leg.ended()).by is By.US


async def test_a_process_that_hangs_is_killed_and_replaced(
    line: Line, far_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("okno.telephony.supervisor._PING_SECONDS", 0.2)
    monkeypatch.setattr("okno.telephony.supervisor._HUNG_SECONDS", 3.0)
    async with line() as lines:
        first = lines.pid
        assert first is not None
        os.kill(first, signal.SIGSTOP)
        await until(lambda: lines.deaths >= 1 and lines.free() > 0)
        assert lines.pid != first
        assert not psutil.pid_exists(first)


async def test_stopping_hangs_up_and_finishes_recordings(line: Line, far_port: int, tmp_path: Path) -> None:
    async with handset(far_port) as phone:
        async with line() as lines:
            leg = lines.leg(record=tmp_path / "a.wav")
            await talk(leg, phone)
            await asyncio.sleep(0.5)
        await phone.until("closed")
        assert (await leg.ended()).by is By.US
        recorded = await leg.recorded()
    assert recorded is not None
    assert (recorded.cut, recorded.seconds > 0.3) == ("", True)


async def test_when_the_operators_process_is_killed_the_calls_end_and_the_recording_is_whole(
    far_port: int, our_port: int, tmp_path: Path
) -> None:
    script = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom okno.telephony.supervisor import Supervisor\n"
        "from tests.telephony.conftest import settings\n"
        "async def main():\n"
        "    supervisor = Supervisor('sip', settings(int(sys.argv[1]), int(sys.argv[2])))\n"
        "    await supervisor.start()\n"
        "    leg = supervisor.leg(record=Path(sys.argv[3]))\n"
        "    print(supervisor.pid, flush=True)\n"
        "    await leg.dial(f'sip:r@127.0.0.1:{sys.argv[1]}', timeout=20)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    path = tmp_path / "orphan.wav"
    async with handset(far_port) as phone:
        command = [sys.executable, "-c", script, str(far_port), str(our_port), str(path)]
        operator = subprocess.Popen(command, stdout=subprocess.PIPE)
        with operator:
            await phone.until("incoming")
            phone.do("answer")
            await phone.until("established")
            await asyncio.sleep(1.5)
            operator.kill()
            assert operator.stdout is not None
            media = int(operator.stdout.readline())
        await phone.until("closed")
        until_ = time.monotonic() + 10
        while psutil.pid_exists(media) and time.monotonic() < until_:
            await asyncio.sleep(0.05)
        assert not psutil.pid_exists(media)
    with wave.open(str(path)) as file:
        assert file.getnframes() > 8_000


async def test_two_calls_of_one_person_are_two_calls(line: Line, sipp: Callable[..., Sipp], far_port: int) -> None:
    ends = RtpFarEnds(2)
    steps = [INVITED, answer_to("200 OK", sound="[field0]"), ACK, BYE_IN]
    sipp(steps, port=far_port, calls=2, lines=[str(end.port) for end in ends.ends])
    try:
        async with line() as lines:
            legs = [lines.leg(), lines.leg()]
            for leg in legs:
                assert (await leg.dial("+74951234567", timeout=10)).kind is Kind.ANSWERED
            await legs[0].hang_up()
            assert (await legs[0].ended()).by is By.US
            assert not legs[1].over
            assert await legs[1].read()
            await legs[1].hang_up()
    finally:
        ends.close()


async def test_no_more_calls_than_lines(line: Line, sipp: Callable[..., Sipp], far_port: int) -> None:
    async with line(calls=2) as lines:
        lines.most_legs = 2
        lines.leg()
        lines.leg()
        assert lines.free() == 0
        with pytest.raises(NotRunning, match="заняты"):
            lines.leg()


@pytest.mark.parametrize(
    "wrong",
    [{"nobody": "knows this"}, {"listen": "256.0.0.1:1"}, {"allowed": ["not an address"]}],
    ids=["an unknown setting", "an address that is not ours", "a bad list of addresses"],
)
async def test_settings_that_cannot_work_are_refused_at_the_start(line: Line, wrong: dict[str, object]) -> None:
    with pytest.raises(DriverRefused):
        async with line(**wrong):
            pass


@pytest.mark.slow
async def test_a_hundred_calls_at_once_all_hear_and_are_heard(
    line: Line, sipp: Callable[..., Sipp], far_port: int, tmp_path: Path
) -> None:
    ends = RtpFarEnds(100, keep=False)
    steps = [INVITED, answer_to("180 Ringing"), answer_to("200 OK", sound="[field0]"), ACK, BYE_IN]
    sipp(steps, port=far_port, calls=100, lines=[str(end.port) for end in ends.ends])
    try:
        async with line() as lines:
            legs = [lines.leg(record=tmp_path / f"{number}.wav") for number in range(100)]
            outcomes = await asyncio.gather(*(leg.dial("+74951234567", timeout=60) for leg in legs))
            assert [outcome for outcome in outcomes if outcome.kind is not Kind.ANSWERED] == []
            assert lines.free() == 0
            for leg in legs:
                leg.write(OURS[:16_000])
            await asyncio.gather(*(leg.drained() for leg in legs))
            heard = [loud_seconds(b"".join([await leg.read() for _ in range(leg.buffered())])) for leg in legs]
            await asyncio.gather(*(leg.hang_up() for leg in legs))
            recordings = await asyncio.gather(*(leg.recorded() for leg in legs))
    finally:
        ends.close()
    assert min(heard) > 0.5
    assert all(sum(loud for *_, loud in end.packets) >= 45 for end in ends.ends)
    assert all(recording is not None and recording.seconds > 1 and not recording.cut for recording in recordings)
