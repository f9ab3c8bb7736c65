"""Calls through an Asterisk, by both ways of its sound."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from okno.telephony.driver import DriverRefused
from okno.telephony.leg import By, Gone, Kind
from okno.telephony.remote import RemoteLeg
from okno.telephony.supervisor import Supervisor
from tests.telephony.hearing import loud_seconds, pitch
from tests.telephony.peers.asterisk import Asterisk, Party
from tests.telephony.peers.ports import free_port
from tests.telephony.test_sip_calls import OURS, listen, until

pytestmark = pytest.mark.anyio
PERSON = "+74951234567"
WAYS = pytest.mark.parametrize("media", ["websocket", "audiosocket"])


@asynccontextmanager
async def line(media: str, fate: str = "answer", **more: Any) -> AsyncIterator[tuple[Asterisk, Supervisor]]:
    async with Asterisk({PERSON: fate}) as pbx:
        settings = pbx.settings(media=media, listen=f"127.0.0.1:{free_port()}")
        supervisor = Supervisor("asterisk", settings, **more)
        await supervisor.start()
        try:
            yield pbx, supervisor
        finally:
            await supervisor.stop()


def only_party(pbx: Asterisk) -> Party:
    (party,) = pbx.parties.values()
    return party


@WAYS
async def test_both_hear_each_other(media: str) -> None:
    async with line(media) as (pbx, lines):
        leg = lines.leg()
        outcome = await leg.dial(PERSON, timeout=10)
        assert (outcome.kind, leg.rang) == (Kind.ANSWERED, True)
        leg.write(OURS[:16_000])
        heard = await listen(leg, 1.5)
        await leg.drained()
        await asyncio.sleep(0.2)
        assert pitch(heard[-8_000:]) == pytest.approx(700, abs=10)
        assert loud_seconds(bytes(only_party(pbx).heard)) == pytest.approx(1.0, abs=0.1)
        await leg.hang_up()
        assert (await leg.ended()).by is By.US


@WAYS
async def test_flush_silences_us_within_a_quarter_of_a_second(media: str) -> None:
    async with line(media) as (pbx, lines):
        leg = lines.leg()
        await leg.dial(PERSON, timeout=10)
        leg.write(OURS)
        await asyncio.sleep(1.0)
        leg.flush()
        await asyncio.sleep(0.6)
        assert 0.7 < loud_seconds(bytes(only_party(pbx).heard)) < 1.25
        assert only_party(pbx).flushes == (1 if media == "websocket" else 0)


@WAYS
@pytest.mark.parametrize(
    ("fate", "kind", "q850"), [("busy", Kind.BUSY, 17), ("absent", Kind.UNREACHABLE, 20), ("refuse", Kind.FAILED, None)]
)
async def test_what_became_of_a_call_is_told_in_our_words(media: str, fate: str, kind: Kind, q850: int | None) -> None:
    async with line(media, fate) as (_, lines):
        leg = lines.leg()
        outcome = await leg.dial(PERSON, timeout=10)
    assert (outcome.kind, outcome.q850, leg.early) == (kind, q850, fate == "absent")


async def test_a_phone_that_rings_and_rings_is_no_answer_and_its_channel_is_taken_away() -> None:
    async with line("websocket", "silent") as (pbx, lines):
        outcome = await lines.leg().dial(PERSON, timeout=1)
        assert outcome.kind is Kind.NO_ANSWER
        await until(lambda: not pbx.channels)
        await until(lambda: any(method == "DELETE" and "/bridges/" in path for method, path, _ in pbx.requests))


async def test_keys_hold_and_the_far_end_go_through() -> None:
    async with line("websocket") as (pbx, lines):
        leg = lines.leg()
        await leg.dial(PERSON, timeout=10)
        (channel,) = pbx.channels
        pbx.tell("ChannelDtmfReceived", channel, digit="7")
        assert await asyncio.wait_for(anext(leg.pressed()), 5) == "7"
        await leg.send_keys("42#")
        await leg.hold()
        await until(lambda: ("POST", f"/channels/{channel}/hold", {}) in pbx.requests)
        assert ("POST", f"/channels/{channel}/dtmf", {"dtmf": "42#"}) in pbx.requests
        pbx.end(channel)
        assert (await asyncio.wait_for(leg.ended(), 5)).by is By.FAR


@WAYS
async def test_an_incoming_call_is_answered_and_heard(media: str) -> None:
    incoming: asyncio.Queue[RemoteLeg] = asyncio.Queue()
    async with line(media, on_incoming=incoming.put_nowait) as (pbx, _):
        pbx.ring_in("caller-1", "+79161234567", "88001234567")
        leg = await asyncio.wait_for(incoming.get(), 5)
        assert leg.caller is not None
        assert (leg.caller.number, leg.caller.called) == ("+79161234567", "88001234567")
        await leg.answer()
        assert ("POST", "/channels/caller-1/answer", {}) in pbx.requests
        assert pitch((await listen(leg, 1.2))[-8_000:]) == pytest.approx(700, abs=10)
        pbx.end("caller-1")
        assert (await asyncio.wait_for(leg.ended(), 5)).by is By.FAR
        with pytest.raises(Gone):
            await leg.hold()


async def test_a_person_is_joined_in_our_pump() -> None:
    async with line("websocket") as (pbx, lines):
        leg = lines.leg()
        await leg.dial(PERSON, timeout=10)
        await leg.transfer("PJSIP/101", timeout=10)
        await asyncio.sleep(1)
        for party in pbx.parties.values():
            assert pitch(bytes(party.heard[-8_000:])) == pytest.approx(700, abs=10)
        second = list(pbx.channels)[1]
        pbx.end(second)
        assert (await asyncio.wait_for(leg.ended(), 5)).by is By.TRANSFERRED


async def test_what_ended_while_no_events_came_is_found_out_afterwards() -> None:
    told: list[bool] = []
    async with line("websocket", on_trunk=lambda up, words: told.append(up)) as (pbx, lines):
        leg = lines.leg()
        await leg.dial(PERSON, timeout=10)
        pbx.cut_events()
        pbx.channels.clear()
        ending = await asyncio.wait_for(leg.ended(), 10)
    assert ending.by is By.FAULT
    assert told == [True, False, True]


async def test_a_wrong_password_is_refused_at_the_start() -> None:
    async with Asterisk({}) as pbx:
        supervisor = Supervisor("asterisk", pbx.settings(password="wrong"))
        with pytest.raises(DriverRefused, match="401"):
            await supervisor.start()


@pytest.mark.parametrize(
    "said",
    [struct.pack("!BH", 1, 16) + bytes(16), b"GET / HTTP/1.1\r\n\r\n", b""],
    ids=["the name of no call", "another protocol", "nothing"],
)
async def test_a_stranger_at_the_audiosocket_is_closed_and_counted(said: bytes) -> None:
    async with Asterisk({}) as pbx:
        port = free_port()
        supervisor = Supervisor("asterisk", pbx.settings(media="audiosocket", listen=f"127.0.0.1:{port}"))
        await supervisor.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        if not said:
            writer.write_eof()
        assert await asyncio.wait_for(reader.read(), 10) == b""
        writer.close()
        await counted(supervisor, lambda: supervisor.load.get("turned_away") == 1)
        await supervisor.stop()


async def counted(supervisor: Supervisor, condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            supervisor.ask_load()
            await asyncio.sleep(0.05)
