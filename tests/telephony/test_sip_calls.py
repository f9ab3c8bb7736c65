"""Answered calls with a second user agent and with sipp: sound, keys, hold, handing over, ends."""

import asyncio
import wave
from collections.abc import Callable
from pathlib import Path

import numpy
import pytest

from okno.telephony.leg import By, CannotTransfer, Gone, Kind
from okno.telephony.remote import RemoteLeg
from tests.telephony.conftest import Line
from tests.telephony.hearing import loud_seconds, pitch
from tests.telephony.peers.phone import Handset, handset
from tests.telephony.peers.ports import free_port
from tests.telephony.peers.rtp import RtpFarEnds, tone
from tests.telephony.peers.sipp import ACK, INVITED, Sipp, answer_to, plain

pytestmark = pytest.mark.anyio
OURS = tone(1000, 3.0).astype("<i2").tobytes()


async def test_both_hear_each_other_and_the_recording_has_each_on_its_side(
    line: Line, far_port: int, tmp_path: Path
) -> None:
    async with handset(far_port) as phone, line() as lines:
        leg = lines.leg(record=tmp_path / "call.wav")
        await talk(leg, phone)
        leg.write(OURS[:16_000])
        heard = await listen(leg, 1.2)
        await leg.drained()
        at_the_phone = await phone.heard()
        await leg.hang_up()
        ending = await leg.ended()
        recorded = await leg.recorded()
    assert (ending.by, recorded.cut) == (By.US, "")
    assert pitch(heard[-8_000:]) == pytest.approx(700, abs=10)
    assert loud_seconds(at_the_phone) == pytest.approx(1.0, abs=0.1)
    far, near = _sides(tmp_path / "call.wav")
    assert pitch(far[8_000:16_000]) == pytest.approx(700, abs=10)
    assert pitch(near[2_000:14_000]) == pytest.approx(1000, abs=10)
    assert recorded.seconds == pytest.approx(len(far) / 16_000, abs=0.001)


async def test_flush_silences_us_within_a_quarter_of_a_second(line: Line, far_port: int) -> None:
    async with handset(far_port) as phone, line() as lines:
        leg = lines.leg()
        await talk(leg, phone)
        leg.write(OURS)
        await asyncio.sleep(1.0)
        leg.flush()
        await leg.drained()
        await asyncio.sleep(0.6)
        assert loud_seconds(await phone.heard()) < 1.0 + 0.25
        leg.write(OURS[:8_000])
        await leg.drained()
        await asyncio.sleep(0.3)
        assert loud_seconds(await phone.heard()) == pytest.approx(0.5, abs=0.1)


async def test_keys_go_both_ways(line: Line, far_port: int) -> None:
    async with handset(far_port) as phone, line() as lines:
        leg = lines.leg()
        await talk(leg, phone)
        phone.do("keys", keys="0123456789*#")
        pressed = [await asyncio.wait_for(anext(aiter_(leg)), 10) for _ in range(12)]
        await leg.send_keys("42#")
        sent = [(await phone.until("key"))["key"] for _ in range(3)]
        with pytest.raises(ValueError, match="not keys"):
            await leg.send_keys("4x")
    assert ("".join(pressed), "".join(sent)) == ("0123456789*#", "42#")


async def test_a_storm_of_keys_is_counted_and_does_not_flood_the_dialog(
    line: Line, sipp: Callable[..., Sipp], far_port: int, sound: RtpFarEnds
) -> None:
    sipp(answering(sound), port=far_port)
    async with line() as lines:
        leg = lines.leg()
        assert (await leg.dial("+74951234567", timeout=10)).kind is Kind.ANSWERED
        await leg.send_keys("1")
        await asyncio.sleep(0.2)
        sound.storm(0, keys=300, seconds=1.5)
        await asyncio.sleep(2.0)
        await leg.hang_up()
        await leg.ended()
        passed = [key async for key in leg.pressed()]
    assert 20 <= len(passed) <= 60
    assert leg.keys_refused >= 200
    assert sound.ends[0].keys[:1] == ["1"]


async def test_the_far_hang_up_in_the_middle_ends_the_call_once(line: Line, far_port: int) -> None:
    async with handset(far_port) as phone, line() as lines:
        leg = lines.leg()
        events: list[str] = []
        leg.on_change = events.append
        await talk(leg, phone)
        leg.write(OURS)
        await asyncio.sleep(0.3)
        phone.do("hang_up")
        ending = await asyncio.wait_for(leg.ended(), 5)
        await leg.drained()
        assert ending.by is By.FAR
        assert events.count("ended") == 1
        while await leg.read():
            pass
        leg.write(OURS)
        leg.flush()
        await leg.hang_up()
        with pytest.raises(Gone):
            await leg.hold()
        assert lines.free() == 100


async def test_a_far_side_that_vanishes_is_noticed_by_its_silence(line: Line, far_port: int) -> None:
    async with handset(far_port) as phone, line(lost_after=2) as lines:
        leg = lines.leg()
        await talk(leg, phone)
        phone.kill()
        ending = await asyncio.wait_for(leg.ended(), 10)
    assert ending.by is By.LOST


async def test_hold_reaches_the_phone_and_ends(line: Line, far_port: int) -> None:
    async with handset(far_port) as phone, line() as lines:
        leg = lines.leg()
        await talk(leg, phone)
        await leg.hold()
        await phone.until("held")
        await leg.resume()
        await phone.until("resumed")
        phone.do("hold")
        await until(lambda: leg.held_by_far)
        phone.do("resume")
        await until(lambda: not leg.held_by_far)
        await leg.hang_up()


async def test_an_answer_sends_no_second_offer_of_its_own(line: Line, far_port: int, our_port: int) -> None:
    incoming: asyncio.Queue[RemoteLeg] = asyncio.Queue()
    async with handset(far_port) as phone, line(on_incoming=incoming.put_nowait) as lines:
        phone.do("dial", to=f"sip:88001234567@127.0.0.1:{our_port}")
        leg = await asyncio.wait_for(incoming.get(), 5)
        await leg.answer()
        await phone.until("established")
        with pytest.raises(TimeoutError):
            await phone.until("sdp", seconds=1)
        await leg.hang_up()
        assert lines.deaths == 0


async def test_an_incoming_call_tells_who_calls_whom_and_is_heard(
    line: Line, far_port: int, our_port: int, tmp_path: Path
) -> None:
    incoming: asyncio.Queue[RemoteLeg] = asyncio.Queue()
    async with handset(far_port) as phone, line(on_incoming=incoming.put_nowait):
        headers = {
            "P-Asserted-Identity": "<sip:+79161234567@trunk>",
            "Diversion": "<sip:+74950000001@trunk>;reason=busy",
        }
        phone.do("dial", to=f"sip:88001234567@127.0.0.1:{our_port}", headers=headers)
        leg = await asyncio.wait_for(incoming.get(), 5)
        leg.record = tmp_path / "in.wav"
        await leg.answer()
        heard = await listen(leg, 1.5)
        await leg.hang_up()
        recorded = await leg.recorded()
    assert leg.caller is not None
    assert (leg.caller.number, leg.caller.called, leg.caller.diverted_from) == (
        "+79161234567",
        "88001234567",
        "+74950000001",
    )
    assert pitch(heard[-8_000:]) == pytest.approx(700, abs=10)
    assert recorded is not None
    assert recorded.seconds > 1


async def test_a_caller_who_gives_up_before_we_answer_is_gone(line: Line, far_port: int, our_port: int) -> None:
    incoming: asyncio.Queue[RemoteLeg] = asyncio.Queue()
    async with handset(far_port) as phone, line(on_incoming=incoming.put_nowait):
        phone.do("dial", to=f"sip:88001234567@127.0.0.1:{our_port}")
        leg = await asyncio.wait_for(incoming.get(), 5)
        phone.do("hang_up")
        assert (await asyncio.wait_for(leg.ended(), 5)).by is By.FAR
        with pytest.raises(Gone):
            await leg.answer()


@pytest.mark.parametrize("refer", [True, False], ids=["by REFER", "by joining both in our pump"])
async def test_a_person_is_handed_over_and_the_two_hear_each_other(line: Line, far_port: int, refer: bool) -> None:
    async with handset(far_port) as phone, handset(free_port(), 1500) as person, line(refer=refer) as lines:
        leg = lines.leg()
        await talk(leg, phone)
        handing = asyncio.create_task(leg.transfer(person.address, timeout=10))
        await person.until("incoming")
        person.do("answer")
        await asyncio.wait_for(handing, 10)
        await asyncio.gather(phone.heard(), person.heard())
        await asyncio.sleep(1)
        at_the_phone, at_the_person = await phone.heard(), await person.heard()
        if not refer:
            person.do("hang_up")
        assert (await asyncio.wait_for(leg.ended(), 10)).by is By.TRANSFERRED
    assert pitch(at_the_phone[-6_000:]) == pytest.approx(1500, abs=15)
    assert pitch(at_the_person[-6_000:]) == pytest.approx(700, abs=15)


async def test_a_person_who_does_not_take_the_call_leaves_it_with_us(line: Line, far_port: int) -> None:
    async with handset(far_port) as phone, handset(free_port()) as person, line(refer=False) as lines:
        leg = lines.leg()
        await talk(leg, phone)
        handing = asyncio.create_task(leg.transfer(person.address, timeout=10))
        await person.until("incoming")
        person.do("reject")
        with pytest.raises(CannotTransfer) as refused:
            await asyncio.wait_for(handing, 10)
        assert refused.value.outcome.kind is Kind.BUSY
        assert loud_seconds(await listen(leg, 0.6)) > 0.3
        await leg.hang_up()


def answering(sound: RtpFarEnds) -> list[str]:
    return [
        INVITED,
        answer_to("180 Ringing"),
        answer_to("200 OK", sound=str(sound.ends[0].port)),
        ACK,
        '<recv request="BYE"/>',
        plain("200 OK"),
    ]


async def talk(leg: RemoteLeg, phone: Handset) -> None:
    """Call the phone; it answers."""
    dialling = asyncio.create_task(leg.dial(phone.address, timeout=10))
    await phone.until("incoming")
    phone.do("answer")
    outcome = await dialling
    assert outcome.kind is Kind.ANSWERED, outcome
    await phone.until("established")


async def listen(leg: RemoteLeg, seconds: float) -> bytes:
    frames = [await asyncio.wait_for(leg.read(), 5) for _ in range(int(seconds / 0.02))]
    return b"".join(frames)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.02)


def aiter_(leg: RemoteLeg):
    return leg.pressed().__aiter__()


def _sides(path: Path) -> tuple[bytes, bytes]:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 8_000, 2)
        both = numpy.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)
    return both[:, 0].tobytes(), both[:, 1].tobytes()
