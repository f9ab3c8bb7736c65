"""Letters through a real SMTP server on the loopback."""

import asyncio
import contextlib
import datetime
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okno.channels.base import BadSettings, Outgoing, Refused, Sent, TooLate, Unanswered, Word
from okno.channels.email.message import BadAddress, compose, mailbox
from okno.channels.email.transport import EmailChannel, EmailSettings
from okno.channels.registry import build
from okno.demo.sinks.record import read
from okno.demo.sinks.smtp import SmtpSink

pytestmark = pytest.mark.anyio


def letter(**changes: Any) -> Outgoing:
    plain = Outgoing(
        id=str(uuid4()),
        to="resident@dom.example",
        subject="Долг за ноябрь: 1 234,56 ₽",
        text="Здравствуйте!\n.точка в начале строки\nҚарызыңыз бар.\n",
        html="<p>Здравствуйте!</p>",
    )
    return replace(plain, **changes)


@asynccontextmanager
async def channel(sink: SmtpSink, **settings: Any) -> AsyncIterator[EmailChannel]:
    plain: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": sink.port,
        "security": "none",
        "sender": "УК «Окно» <office@okno.example>",
        "local_name": "okno.example",
        "per_second": 1000.0,
    }
    opened = EmailChannel(EmailSettings(**(plain | settings)))
    await opened.open()
    try:
        yield opened
    finally:
        await opened.close()


def kept(folder: Path, number: int = 1) -> EmailMessage:
    raw = (folder / f"{number:06d}.eml").read_bytes()
    return message_from_bytes(raw, policy=policy.default)


async def test_a_letter_arrives_whole_with_all_its_headers(tmp_path: Path) -> None:
    outgoing = letter(unsubscribe_url="https://okno.example/stop?" + "a" * 120, headers={"X-Account": "12345"})
    async with SmtpSink(folder=tmp_path) as sink, channel(sink) as email:
        sent = await email.send(outgoing)
    found = kept(tmp_path)
    assert sent.provider_id == f"<{outgoing.id}@okno.example>" == found["Message-ID"]
    assert found["Subject"] == outgoing.subject
    assert found["From"] == "УК «Окно» <office@okno.example>"
    assert found["To"] == "resident@dom.example"
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["List-Unsubscribe"] == f"<{outgoing.unsubscribe_url}>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert found["X-Account"] == "12345"
    assert found["Date"].datetime.tzinfo is not None
    plain, html = found.get_body(("plain",)), found.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n") == outgoing.text
    assert html.get_content().strip() == outgoing.html


async def test_what_the_sink_wrote_down_is_what_was_sent(tmp_path: Path) -> None:
    outgoing = letter()
    async with SmtpSink(folder=tmp_path) as sink, channel(sink) as email:
        await email.send(outgoing)
    (line,) = read(tmp_path)
    assert (line.to, line.message_id, line.subject) == (outgoing.to, outgoing.id, outgoing.subject)
    assert line.text == outgoing.text.rstrip("\n")
    assert line.taken


async def test_a_letter_of_the_same_number_carries_the_same_message_id(tmp_path: Path) -> None:
    outgoing = letter()
    async with SmtpSink(folder=tmp_path) as sink, channel(sink) as email:
        first = await email.send(outgoing)
        second = await email.send(outgoing)
    assert first.provider_id == second.provider_id


async def test_letters_share_a_connection(tmp_path: Path) -> None:
    async with SmtpSink(folder=tmp_path) as sink, channel(sink, connections=2) as email:
        await asyncio.gather(*(email.send(letter()) for _ in range(12)))
        assert len([a for a in sink.arrivals if a.taken]) == 12
        assert sink.connections <= 2


async def test_a_worn_connection_is_replaced(tmp_path: Path) -> None:
    async with SmtpSink(folder=tmp_path) as sink, channel(sink, messages_per_connection=1) as email:
        for _ in range(3):
            await email.send(letter())
        assert sink.connections == 3


async def test_a_refusal_does_not_cost_a_connection(tmp_path: Path) -> None:
    async with SmtpSink(folder=tmp_path) as sink, channel(sink, connections=1) as email:
        for to in ("bounce@dom.example", "later@dom.example", "resident@dom.example"):
            with contextlib.suppress(Refused):
                await email.send(letter(to=to))
        assert [arrival.taken for arrival in sink.arrivals] == [False, False, True]
        assert sink.connections == 1


async def test_after_the_server_hung_up_the_next_letter_goes(tmp_path: Path) -> None:
    async with SmtpSink(folder=tmp_path) as sink, channel(sink) as email:
        await email.send(letter())
        sink.hang_up()
        await email.send(letter())
        assert len(sink.arrivals) == 2


@pytest.mark.parametrize(
    ("to", "word", "code"),
    [
        ("bounce-12@dom.example", Word.NEVER, "smtp 550 5.1.1"),
        ("full@dom.example", Word.NOT_NOW, "smtp 552 5.2.2"),
        ("later@dom.example", Word.NOT_NOW, "smtp 451 4.3.2"),
        ("spam@dom.example", Word.REJECTED_BY_US, "smtp 550 5.7.1"),
    ],
)
async def test_a_refusal_is_told_in_our_word(tmp_path: Path, to: str, word: Word, code: str) -> None:
    async with SmtpSink(folder=tmp_path) as sink, channel(sink) as email:
        with pytest.raises(Refused) as caught:
            await email.send(letter(to=to))
        assert (caught.value.word, caught.value.code) == (word, code)
        assert caught.value.permanent is (word is not Word.NOT_NOW)
        await email.send(letter())
    assert [line.taken for line in read(tmp_path)] == [False, True]


async def test_a_refusal_after_the_text_is_a_refusal_too(tmp_path: Path) -> None:
    async with SmtpSink(folder=tmp_path, data_answer="554 5.6.0 Bad content") as sink, channel(sink) as email:
        with pytest.raises(Refused) as caught:
            await email.send(letter())
        assert caught.value.word is Word.REJECTED_BY_US


async def test_after_the_deadline_nothing_is_put_on_the_wire(tmp_path: Path) -> None:
    async with SmtpSink(folder=tmp_path) as sink, channel(sink) as email:
        with pytest.raises(TooLate) as caught:
            await email.send(letter(), deadline=time.monotonic() - 0.001)
        assert not caught.value.permanent
        assert sink.arrivals == []
        assert list(tmp_path.glob("*.eml")) == []


class SlowToListen(asyncio.Protocol):
    """A mail server that answers everything, and DATA only when it is told to."""

    def __init__(self) -> None:
        self.data_asked, self.heard = asyncio.Event(), bytearray()
        self.closed = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(b"220 slow\r\n")

    def data_received(self, data: bytes) -> None:
        self.heard += data
        if data == b"DATA\r\n":
            self.data_asked.set()
        elif data == b"QUIT\r\n":
            self.transport.write(b"221 bye\r\n")
        elif self.data_asked.is_set():
            self.transport.close()
        else:
            self.transport.write(b"250 ok\r\n")

    def connection_lost(self, error: Exception | None) -> None:
        self.closed.set()


@asynccontextmanager
async def slow_server() -> AsyncIterator[tuple[SlowToListen, int]]:
    peer = SlowToListen()
    server = await asyncio.get_running_loop().create_server(lambda: peer, "127.0.0.1", 0)
    async with server:
        yield peer, server.sockets[0].getsockname()[1]
        peer.transport.close()


def plain_channel(port: int) -> EmailChannel:
    return EmailChannel(EmailSettings(host="127.0.0.1", port=port, security="none", sender="a@okno.example"))


async def test_a_deadline_that_passes_during_the_dialogue_stops_the_text() -> None:
    async with slow_server() as (peer, port):
        email = plain_channel(port)
        deadline = time.monotonic() + 0.2
        sending = asyncio.create_task(email.send(letter(text="must not be seen"), deadline=deadline))
        await peer.data_asked.wait()
        while time.monotonic() < deadline:
            await asyncio.sleep(deadline - time.monotonic())
        peer.transport.write(b"354 go on\r\n")
        with pytest.raises(TooLate):
            await sending
        await peer.closed.wait()
        assert peer.heard.endswith(b"DATA\r\n")
        await email.close()


async def test_a_server_that_vanishes_with_the_text_in_its_hands_leaves_it_unknown() -> None:
    async with slow_server() as (peer, port):
        email = plain_channel(port)
        sending = asyncio.create_task(email.send(letter()))
        await peer.data_asked.wait()
        peer.transport.write(b"354 go on\r\n")
        with pytest.raises(Unanswered) as caught:
            await sending
        assert caught.value.word is Word.UNKNOWN
        assert caught.value.permanent
        await email.close()


async def test_a_server_that_vanishes_before_the_text_may_be_tried_again() -> None:
    async with slow_server() as (peer, port):
        email = plain_channel(port)
        sending = asyncio.create_task(email.send(letter()))
        await peer.data_asked.wait()
        peer.transport.close()
        with pytest.raises(Refused) as caught:
            await sending
        assert caught.value.word is Word.NOT_NOW
        await email.close()


async def test_a_server_that_is_not_there_is_tried_later(tmp_path: Path) -> None:
    async with SmtpSink(folder=tmp_path) as sink:
        port = sink.port
    with pytest.raises(Refused) as caught:
        await plain_channel(port).open()
    assert caught.value.word is Word.NOT_NOW


INJECTED = ["Долг\r\nBcc: thief@evil.example", "Долг\nX: y", "Долг\x0bX", "Долг\u2028X", "\x00"]


@pytest.mark.parametrize("subject", INJECTED)
async def test_a_subject_cannot_carry_another_header(tmp_path: Path, subject: str) -> None:
    async with SmtpSink(folder=tmp_path) as sink, channel(sink) as email:
        with pytest.raises(Refused) as caught:
            await email.send(letter(subject=subject))
        assert caught.value.word is Word.REJECTED_BY_US
        assert sink.arrivals == []


@pytest.mark.parametrize(
    "changes",
    [
        {"headers": {"X-A": "1\r\nBcc: thief@evil.example"}},
        {"headers": {"Bcc": "thief@evil.example"}},
        {"headers": {"X-A: 1\r\nBcc": "thief@evil.example"}},
        {"unsubscribe_url": "https://a.example/>\r\nBcc: thief@evil.example"},
        {"unsubscribe_url": "javascript:alert(1)"},
        {"sender": "a@okno.example\r\nBcc: thief@evil.example"},
        {"sender": "a@okno.example, b@okno.example"},
        {"id": "1\r\nBcc: thief@evil.example"},
        {"language": "ru\r\nBcc: thief@evil.example"},
        {"text": "\ud800"},
        {"html": "\ud800"},
        {"subject": "\ud800"},
    ],
)
async def test_no_other_field_can_carry_a_header_either(tmp_path: Path, changes: dict[str, Any]) -> None:
    async with SmtpSink(folder=tmp_path) as sink, channel(sink) as email:
        with pytest.raises(Refused) as caught:
            await email.send(letter(**changes))
        assert caught.value.word is Word.REJECTED_BY_US
        assert sink.arrivals == []


@pytest.mark.parametrize(
    "to",
    [
        "", "resident", "@dom.example", "resident@", "a@b@c.example", "a@dom..example", "a b@dom.example",
        "a@dom.example,b@dom.example", "a@dom.example\r\nRCPT TO:<b@dom.example>", "group: a@dom.example;",
        "a@dom.example>", "a@-dom.example", "a@" + "x" * 64 + ".example", "a" * 65 + "@dom.example",
    ],
)  # fmt: skip
async def test_what_is_not_one_address_is_never_written_to(tmp_path: Path, to: str) -> None:
    async with SmtpSink(folder=tmp_path) as sink, channel(sink) as email:
        with pytest.raises(Refused) as caught:
            await email.send(letter(to=to))
        assert caught.value.word is Word.NEVER
        assert sink.arrivals == []


async def test_a_cyrillic_domain_travels_in_ascii(tmp_path: Path) -> None:
    async with SmtpSink(folder=tmp_path) as sink, channel(sink) as email:
        await email.send(letter(to="Житель <resident@дом.рф>"))
    (line,) = read(tmp_path)
    assert line.to == "resident@xn--d1aqf.xn--p1ai"


async def test_a_cyrillic_mailbox_goes_when_the_server_can(tmp_path: Path) -> None:
    async with SmtpSink(folder=tmp_path) as sink, channel(sink) as email:
        await email.send(letter(to="житель@дом.рф"))
    (line,) = read(tmp_path)
    assert line.to == "житель@xn--d1aqf.xn--p1ai"


async def test_a_cyrillic_mailbox_is_refused_when_the_server_cannot() -> None:
    async with slow_server() as (_peer, port):
        email = plain_channel(port)
        with pytest.raises(Refused) as caught:
            await email.send(letter(to="житель@дом.рф"))
        assert (caught.value.word, caught.value.code) == (Word.NEVER, "no_smtputf8")
        await email.close()


async def test_starttls_and_login_are_used(tmp_path: Path, server_tls: ssl.SSLContext, ca_file: Path) -> None:
    async with (
        SmtpSink(folder=tmp_path, tls=server_tls, login=("okno", "тайна")) as sink,
        channel(sink, host="localhost", security="starttls", user="okno", password="тайна", ca_file=ca_file) as email,
    ):
        sent = await email.send(letter())
    assert isinstance(sent, Sent)


async def test_tls_from_the_first_octet(tmp_path: Path, server_tls: ssl.SSLContext, ca_file: Path) -> None:
    async with (
        SmtpSink(folder=tmp_path, tls=server_tls, tls_at_once=True) as sink,
        channel(sink, host="localhost", security="tls", ca_file=ca_file) as email,
    ):
        await email.send(letter())
    assert len(read(tmp_path)) == 1


async def test_a_wrong_password_is_our_fault(tmp_path: Path, server_tls: ssl.SSLContext, ca_file: Path) -> None:
    async with SmtpSink(folder=tmp_path, tls=server_tls, login=("okno", "right")) as sink:
        with pytest.raises(Refused) as caught:
            async with channel(
                sink, host="localhost", security="starttls", user="okno", password="wrong", ca_file=ca_file
            ):
                pass
    assert caught.value.word is Word.REJECTED_BY_US


async def test_a_server_without_tls_is_not_trusted_silently(tmp_path: Path) -> None:
    async with SmtpSink(folder=tmp_path) as sink:
        with pytest.raises(Refused) as caught:
            async with channel(sink, security="starttls"):
                pass
    assert caught.value.word is Word.REJECTED_BY_US


async def test_a_certificate_of_a_stranger_is_refused(tmp_path: Path, server_tls: ssl.SSLContext) -> None:
    async with SmtpSink(folder=tmp_path, tls=server_tls) as sink:
        with pytest.raises(Refused) as caught:
            async with channel(sink, host="localhost", security="starttls"):
                pass
        assert caught.value.code == "smtp_security"
        assert sink.arrivals == []


async def test_settings_are_checked_at_once() -> None:
    with pytest.raises(BadSettings, match="Адрес отправителя"):
        build("email", {"host": "127.0.0.1", "sender": "нет"})
    with pytest.raises(BadSettings, match="security"):
        build("email", {"host": "127.0.0.1", "sender": "a@okno.example", "security": "ssl"})
    with pytest.raises(BadSettings, match="латиницей"):
        build("email", {"host": "127.0.0.1", "sender": "окно@okno.example"})
    with pytest.raises(BadSettings, match="не подходят"):
        build("email", {"host": "127.0.0.1", "sender": "a@okno.example", "colour": "red"})
    with pytest.raises(BadSettings, match="Есть: email"):
        build("pigeon", {})


@given(st.text(max_size=60), st.sampled_from(["ru", "kk-KZ", ""]) | st.text(max_size=9))
async def test_whatever_the_words_a_letter_has_only_our_headers(subject: str, language: str) -> None:
    outgoing = letter(subject=subject, language=language)
    address = mailbox("a@okno.example")
    at = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)
    try:
        raw = bytes(compose(outgoing, sender=address, recipient=address, at=at))
    except Refused:
        return
    found = message_from_bytes(raw, policy=policy.default)
    assert set(found.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language", "MIME-Version",
        "Content-Type",
    }  # fmt: skip


@given(st.text(max_size=80))
async def test_an_address_is_one_address_or_refused(text: str) -> None:
    try:
        found = mailbox(text)
    except BadAddress:
        return
    assert found.domain.isascii()
    assert found.addr_spec.count("@") == 1
