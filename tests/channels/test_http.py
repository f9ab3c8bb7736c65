"""Short messages through an aggregator's HTTP interface on the loopback."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from okno.channels.base import BadSettings, Outgoing, Refused, TooLate, Unanswered, Word
from okno.channels.registry import build
from okno.channels.sms import profiles
from okno.channels.sms.http import HttpSmsChannel, HttpSmsSettings, client_id
from okno.channels.sms.profiles import SMSC, Profile
from tests.channels.aggregator import Aggregator

pytestmark = pytest.mark.anyio

TEXT = "Сәлеметсіз бе! Қарызыңыз 1 234,56 ₸ & больше ничего: 100% + «кавычки»."
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def sms(**changes: Any) -> Outgoing:
    return replace(Outgoing(id=str(uuid4()), to="+77011234567", text=TEXT), **changes)


@asynccontextmanager
async def channel(other: Aggregator, **changes: Any) -> AsyncIterator[HttpSmsChannel]:
    plain: dict[str, Any] = {
        "url": other.url,
        "login": "okno",
        "password": "тайна&=",
        "sender": "OKNO",
        "answer_within": 5.0,
        "per_second": 1000.0,
        "look_every": 0.01,
    }
    opened = HttpSmsChannel(HttpSmsSettings(**(plain | changes)), now=lambda: NOON)
    await opened.open()
    try:
        yield opened
    finally:
        await opened.close()


async def test_a_message_is_posted_as_the_aggregator_wants_it() -> None:
    message = sms()
    async with Aggregator() as other, channel(other) as out:
        sent = await out.send(message)
        (request,) = other.requests
    assert request.path == "/sys/send.php"
    assert request.fields == {
        "login": "okno",
        "psw": "тайна&=",
        "phones": "77011234567",
        "mes": TEXT,
        "sender": "OKNO",
        "id": client_id(message.id, SMSC),
        "fmt": "3",
        "charset": "utf-8",
        "cost": "3",
    }
    assert (sent.provider_id, sent.parts, sent.note, sent.at) == (request.fields["id"], 2, "7.60", NOON)


async def test_the_same_message_has_the_same_number() -> None:
    message = sms()
    assert client_id(message.id, SMSC) == client_id(message.id, SMSC)
    assert 1 <= int(client_id(message.id, SMSC)) <= 0x7FFFFFFF
    assert client_id(message.id, replace(SMSC, id_as="text")) == message.id


async def test_json_and_a_token_work_too(monkeypatch: pytest.MonkeyPatch) -> None:
    other_way = Profile(send_path="v2/sms", body="json", auth="bearer", errors={}, statuses={})
    monkeypatch.setattr(profiles, "PROFILES", {"other": other_way})
    monkeypatch.setattr("okno.channels.sms.http.PROFILES", {"other": other_way})
    message = sms()
    async with Aggregator(answers=[(201, '{"id": "x-1"}')]) as other:
        async with channel(other, profile="other", password="token") as out:
            sent = await out.send(message)
        (request,) = other.requests
    assert request.headers["authorization"] == "Bearer token"
    assert request.fields == {"to": "77011234567", "text": TEXT, "sender": "OKNO", "id": message.id}
    assert (sent.provider_id, sent.parts) == ("x-1", 1)


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (1, Word.REJECTED_BY_US),
        (2, Word.REJECTED_BY_US),
        (3, Word.REJECTED_BY_US),
        (4, Word.NOT_NOW),
        (5, Word.REJECTED_BY_US),
        (6, Word.REJECTED_BY_US),
        (7, Word.NEVER),
        (8, Word.NEVER),
        (9, Word.NOT_NOW),
        (99, Word.UNKNOWN),
    ],
)
async def test_an_error_code_has_our_word(code: int, word: Word) -> None:
    answer = json.dumps({"error": "words", "error_code": code})
    async with Aggregator(answers=[(200, answer)]) as other, channel(other) as out:
        with pytest.raises(Refused) as caught:
            await out.send(sms())
    assert (caught.value.word, caught.value.code) == (word, f"smsc {code}")
    assert "words" in str(caught.value)


@pytest.mark.parametrize(
    ("status", "body", "word"),
    [
        (429, "", Word.NOT_NOW),
        (503, "", Word.NOT_NOW),
        (401, "", Word.REJECTED_BY_US),
        (404, "<html>", Word.REJECTED_BY_US),
        (302, "", Word.REJECTED_BY_US),
        (400, '{"error_code": 7}', Word.NEVER),
        (500, "", Word.UNKNOWN),
        (502, "<html>", Word.UNKNOWN),
        (200, "OK", Word.UNKNOWN),
        (200, "[1]", Word.UNKNOWN),
        (200, "{}", Word.UNKNOWN),
        (200, '{"id": null}', Word.UNKNOWN),
    ],
)
async def test_an_http_status_has_our_word(status: int, body: str, word: Word) -> None:
    async with Aggregator(answers=[(status, body)]) as other, channel(other) as out:
        with pytest.raises(Refused) as caught:
            await out.send(sms())
        assert caught.value.word is word
        assert len(other.requests) == 1


async def test_no_answer_after_the_request_left_is_unknown() -> None:
    async with Aggregator(answers=[None]) as other, channel(other) as out:
        with pytest.raises(Unanswered):
            await out.send(sms())
        assert len(other.requests) == 1


async def test_an_aggregator_that_is_not_there_is_tried_later() -> None:
    async with Aggregator() as other:
        pass
    async with channel(other) as out:
        with pytest.raises(Refused) as caught:
            await out.send(sms())
    assert (caught.value.word, caught.value.code) == (Word.NOT_NOW, "http_unreachable")


async def test_an_aggregator_that_is_silent_is_left_after_a_while() -> None:
    hung = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        hung.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        other = Aggregator(port=server.sockets[0].getsockname()[1])
        async with channel(other, answer_within=0.2) as out:
            with pytest.raises(Unanswered):
                await out.send(sms())
    assert hung.is_set()


async def test_after_the_deadline_nothing_is_put_on_the_wire() -> None:
    async with Aggregator() as other, channel(other) as out:
        with pytest.raises(TooLate):
            await out.send(sms(), deadline=time.monotonic())
        assert other.requests == []
        await out.send(sms(), deadline=time.monotonic() + 60)
        assert len(other.requests) == 1


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (-3, Word.UNKNOWN),
        (-2, Word.REJECTED_BY_US),
        (1, Word.DELIVERED),
        (2, Word.DELIVERED),
        (3, Word.EXPIRED),
        (4, Word.DELIVERED),
        (20, Word.NEVER),
        (22, Word.NEVER),
        (23, Word.REJECTED_BY_US),
        (24, Word.REJECTED_BY_US),
        (25, Word.NEVER),
        (77, Word.UNKNOWN),
    ],
)
async def test_a_status_has_our_word(status: int, word: Word) -> None:
    message = sms()
    async with Aggregator(statuses={client_id(message.id, SMSC): status}) as other, channel(other) as out:
        sent = await out.send(message)
        async with asyncio.timeout(10):
            receipt = await anext(out.receipts())
    assert (receipt.word, receipt.provider_id, receipt.message_id) == (word, sent.provider_id, message.id)
    assert receipt.provider_code.startswith(f"status {status}")


@pytest.mark.parametrize("status", [-1, 0])
async def test_a_message_on_its_way_is_asked_about_until_it_arrives(status: int) -> None:
    message = sms()
    number = client_id(message.id, SMSC)
    async with Aggregator(statuses={number: status}) as other, channel(other) as out:
        await out.send(message)
        waiting = asyncio.create_task(anext(out.receipts()))
        async with asyncio.timeout(10):
            while len(other.requests) < 4:
                await asyncio.sleep(0.005)
            other.statuses[number] = 1
            assert (await waiting).word is Word.DELIVERED


async def test_a_status_that_cannot_be_asked_is_asked_again() -> None:
    message = sms()
    async with Aggregator(statuses={client_id(message.id, SMSC): 1}) as other, channel(other) as out:
        await out.send(message)
        other.answers += [(500, ""), (429, ""), (200, "junk")]
        async with asyncio.timeout(10):
            assert (await anext(out.receipts())).word is Word.DELIVERED


@pytest.mark.parametrize(
    ("message", "word"),
    [
        (sms(to="87011234567"), Word.NEVER),
        (sms(text=""), Word.REJECTED_BY_US),
        (sms(text="ж" * 700), Word.REJECTED_BY_US),
        (sms(sender="ИМЯ"), Word.REJECTED_BY_US),
        (sms(text="\ud800"), Word.REJECTED_BY_US),
        (sms(id="1"), Word.REJECTED_BY_US),
    ],
    ids=["phone", "empty", "too long", "name", "surrogate", "id"],
)
async def test_what_cannot_be_sent_is_refused_here(message: Outgoing, word: Word) -> None:
    async with Aggregator() as other, channel(other) as out:
        with pytest.raises(Refused) as caught:
            await out.send(message)
        assert caught.value.word is word
        assert other.requests == []


async def test_a_closed_channel_sends_nothing_and_asks_nothing() -> None:
    async with Aggregator() as other, channel(other) as out:
        await out.close()
        with pytest.raises(Refused):
            await out.send(sms())
        assert [receipt async for receipt in out.receipts()] == []
        assert other.requests == []


@pytest.mark.parametrize(
    "changes",
    [{"profile": "pigeon"}, {"url": "http://sms.example/sys/"}, {"url": "https://sms.example/sys"}, {"sender": "ИМЯ"}],
)
async def test_settings_are_checked_at_once(changes: dict[str, Any]) -> None:
    plain = {"url": "https://sms.example/sys/", "password": "x", "sender": "OKNO"}
    with pytest.raises(BadSettings):
        build("sms_http", plain | changes)
