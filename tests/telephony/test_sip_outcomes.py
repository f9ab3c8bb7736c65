"""What becomes of a call that nobody answers, against sipp."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from okno.telephony.leg import Kind
from tests.telephony.conftest import Line
from tests.telephony.hearing import loud_seconds
from tests.telephony.peers.rtp import RtpFarEnds
from tests.telephony.peers.sipp import ACK, CANCEL_IN, INVITED, Sipp, answer_to, refusing

pytestmark = pytest.mark.anyio
PERSON = "+74951234567"


@pytest.mark.parametrize(
    ("status", "reason", "kind", "q850"),
    [
        ("486 Busy Here", "", Kind.BUSY, None),
        ("603 Decline", "", Kind.REJECTED, None),
        ("404 Not Found", "", Kind.INVALID_NUMBER, None),
        ("480 Temporarily Unavailable", "Reason: Q.850;cause=20\n", Kind.UNREACHABLE, 20),
        ("480 Temporarily Unavailable", "Reason: Q.850;cause=19\n", Kind.NO_ANSWER, 19),
        ("503 Service Unavailable", "", Kind.FAILED, None),
    ],
)
async def test_a_refusal_is_told_at_once_in_our_words(
    line: Line,
    sipp: Callable[..., Sipp],
    far_port: int,
    status: str,
    reason: str,
    kind: Kind,
    q850: int | None,
) -> None:
    sipp(refusing(status, extra=reason), port=far_port)
    async with line() as lines:
        outcome = await lines.leg().dial(PERSON, timeout=10)
    assert (outcome.kind, outcome.sip_status, outcome.q850) == (kind, int(status[:3]), q850)


async def test_forty_refusals_at_once_are_all_told_though_they_beat_our_own_stack(
    line: Line, sipp: Callable[..., Sipp], far_port: int
) -> None:
    sipp(refusing("486 Busy Here"), port=far_port, calls=40)
    async with line() as lines:
        outcomes = await asyncio.gather(*(lines.leg().dial(PERSON, timeout=15) for _ in range(40)))
    assert [outcome.kind for outcome in outcomes] == [Kind.BUSY] * 40


async def test_a_phone_that_rings_and_rings_is_no_answer_and_is_cancelled(
    line: Line, sipp: Callable[..., Sipp], far_port: int
) -> None:
    sipp([INVITED, answer_to("180 Ringing"), CANCEL_IN, answer_to("487 Request Terminated"), ACK], port=far_port)
    async with line() as lines:
        leg = lines.leg()
        outcome = await leg.dial(PERSON, timeout=1)
        assert leg.rang
        assert (outcome.kind, outcome.rang, outcome.ours) == (Kind.NO_ANSWER, True, False)


async def test_a_dead_host_is_unreachable_and_our_fault(line: Line) -> None:
    async with line() as lines:
        outcome = await lines.leg().dial(PERSON, timeout=1)
    assert (outcome.kind, outcome.rang, outcome.ours) == (Kind.UNREACHABLE, False, True)


async def test_a_call_taken_back_while_it_rings_is_cancelled(
    line: Line, sipp: Callable[..., Sipp], far_port: int
) -> None:
    sipp([INVITED, answer_to("180 Ringing"), CANCEL_IN, answer_to("487 Request Terminated"), ACK], port=far_port)
    async with line() as lines:
        leg = lines.leg()
        dialling = asyncio.create_task(leg.dial(PERSON, timeout=10))
        while not leg.rang:
            await asyncio.sleep(0.02)
        await leg.hang_up()
        assert (await dialling).kind is Kind.CANCELLED


async def test_an_announcement_before_the_answer_is_heard_and_recorded(
    line: Line, sipp: Callable[..., Sipp], far_port: int, sound: RtpFarEnds, tmp_path: Path
) -> None:
    steps = [
        INVITED,
        answer_to("183 Session Progress", sound=str(sound.ends[0].port)),
        '<pause milliseconds="1000"/>',
        answer_to("480 Temporarily Unavailable"),
        ACK,
    ]
    sipp(steps, port=far_port)
    async with line() as lines:
        leg = lines.leg(record=tmp_path / "early.wav")
        outcome = await leg.dial(PERSON, timeout=10)
        heard = b"".join([frame async for frame in _frames(leg)])
        recorded = await leg.recorded()
    # An announcement is no ringing: the phone behind "480" was off.
    assert (outcome.kind, leg.early, leg.rang) == (Kind.UNREACHABLE, True, False)
    assert loud_seconds(heard) > 0.5
    assert recorded is not None
    assert recorded.seconds > 0.5


@pytest.mark.parametrize("address", ["", "+7 495 123", "sip:x y@z", "+74951234567@evil", "tel:+7495"])
async def test_what_is_no_address_is_never_dialled(line: Line, address: str) -> None:
    async with line() as lines:
        outcome = await lines.leg().dial(address, timeout=1)
    assert outcome.kind is Kind.INVALID_NUMBER


async def test_sip_from_an_unknown_address_gets_no_answer_and_is_counted(
    line: Line, sipp: Callable[..., Sipp], our_port: int
) -> None:
    incoming = []
    async with line(on_incoming=incoming.append) as lines:
        call = [
            '<send retrans="500"><![CDATA[\nINVITE sip:okno@[remote_ip]:[remote_port] SIP/2.0\n'
            "Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]\nFrom: <sip:x@[local_ip]>;tag=[call_number]\n"
            "To: <sip:okno@[remote_ip]>\nCall-ID: [call_id]\nCSeq: 1 INVITE\nContact: <sip:x@[local_ip]:[local_port]>\n"
            "Max-Forwards: 70\nContent-Length: 0\n\n]]></send>",
            '<recv response="100" timeout="1000"/>',
        ]
        sipp(
            call,
            port=our_port + 1 if our_port < 65_000 else our_port - 1,
            remote=f"127.0.0.1:{our_port}",
            address="127.0.0.2",
        )
        until = time.monotonic() + 10
        while not lines.load.get("turned_away") and time.monotonic() < until:
            lines.ask_load()
            await asyncio.sleep(0.1)
    assert lines.load["turned_away"] >= 1
    assert incoming == []


async def _frames(leg):
    while frame := await leg.read():
        yield frame
