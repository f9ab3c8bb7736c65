"""The other side itself: garbage does not kill it, and its book is true after the sender was killed."""

import asyncio
import contextlib
import signal
import smtplib
import struct
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okno.demo.sinks import pdu
from okno.demo.sinks.record import read
from okno.demo.sinks.smpp import SmscSink
from okno.demo.sinks.smtp import SmtpSink

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


BIND = pdu.Pdu(pdu.BIND_TRANSCEIVER, 0, 1, b"okno\0okno\0\0\x34\0\0\0")


def submit_body(text: bytes, *, esm_class: int = 0, coding: int = 0, tlvs: bytes = b"") -> bytes:
    return (
        b"\0\x05\0OKNO\0\x01\x0177011234599\0"
        + bytes((esm_class, 0, 0))
        + b"\0\0"
        + bytes((1, 0, coding, 0, len(text)))
        + text
        + tlvs
    )


class Client:
    """A sender that says whatever it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, *frames: pdu.Pdu) -> None:
        for frame in frames:
            self.writer.write(frame.octets())
        await self.writer.drain()

    async def hear(self) -> pdu.Pdu:
        return await pdu.Pdu.read(self.reader)


@contextlib.asynccontextmanager
async def client(sink: SmscSink, *, bound: bool = True):  # type: ignore[no-untyped-def]
    reader, writer = await asyncio.open_connection("127.0.0.1", sink.port)
    try:
        one = Client(reader, writer)
        if bound:
            await one.say(BIND)
            assert (await one.hear()).status == 0
        yield one
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def works(sink: SmscSink) -> bool:
    """A well-behaved sender is still served."""
    async with client(sink) as one:
        await one.say(pdu.Pdu(pdu.SUBMIT_SM, 0, 2, submit_body(b"hello")))
        heard = await one.hear()
    return (heard.command, heard.status) == (pdu.SUBMIT_SM | pdu.RESPONSE, 0)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.binary(max_size=200))
async def test_random_octets_do_not_kill_the_centre(tmp_path: Path, junk: bytes) -> None:
    async with SmscSink(folder=tmp_path) as sink:
        async with client(sink, bound=False) as one:
            one.writer.write(junk)
            one.writer.write_eof()
            await one.reader.read()
        assert await works(sink)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    command=st.sampled_from([1, 2, 3, 4, 5, 6, 9, 0x15, 0x103, 0x80000004, 0x80000005]) | st.integers(0, 2**32 - 1),
    body=st.binary(max_size=120) | st.builds(submit_body, st.binary(max_size=60), esm_class=st.just(0x40)),
)
async def test_a_well_framed_lie_does_not_kill_the_centre(tmp_path: Path, command: int, body: bytes) -> None:
    async with SmscSink(folder=tmp_path) as sink:
        async with client(sink) as one:
            await one.say(pdu.Pdu(command, 0, 7, body), pdu.Pdu(pdu.UNBIND, 0, 8))
            await one.reader.read()
        assert await works(sink)


@pytest.mark.parametrize("length", [0, 15, pdu.LONGEST + 1, 2**32 - 1])
async def test_an_impossible_length_is_answered_and_the_line_is_cut(tmp_path: Path, length: int) -> None:
    async with SmscSink(folder=tmp_path) as sink:
        async with client(sink) as one:
            one.writer.write(struct.pack("!IIII", length, 4, 0, 9))
            heard = await one.hear()
            assert (heard.command, heard.status) == (pdu.GENERIC_NACK, pdu.STATUSES["ESME_RINVCMDLEN"])
            assert await one.reader.read() == b""
        assert await works(sink)


async def test_nothing_is_taken_before_a_bind_or_after_a_wrong_password(tmp_path: Path) -> None:
    async with SmscSink(folder=tmp_path) as sink, client(sink, bound=False) as one:
        await one.say(pdu.Pdu(pdu.SUBMIT_SM, 0, 2, submit_body(b"hello")))
        assert (await one.hear()).status == pdu.STATUSES["ESME_RINVBNDSTS"]
        await one.say(pdu.Pdu(pdu.BIND_TRANSMITTER, 0, 3, b"okno\0wrong\0\0\x34\0\0\0"))
        assert (await one.hear()).status == pdu.STATUSES["ESME_RINVPASWD"]
        await one.say(pdu.Pdu(pdu.SUBMIT_SM, 0, 4, submit_body(b"hello")))
        assert (await one.hear()).status == pdu.STATUSES["ESME_RINVBNDSTS"]
    assert not any(line.taken for line in read(tmp_path))


async def test_a_transmitter_sends_and_a_receiver_gets_the_receipt(tmp_path: Path) -> None:
    async with (
        SmscSink(folder=tmp_path, receipt_after=0) as sink,
        client(sink, bound=False) as receiver,
        client(sink, bound=False) as transmitter,
    ):
        await receiver.say(pdu.Pdu(pdu.BIND_RECEIVER, 0, 1, BIND.body))
        await receiver.hear()
        await transmitter.say(pdu.Pdu(pdu.BIND_TRANSMITTER, 0, 1, BIND.body))
        await transmitter.hear()
        await transmitter.say(pdu.Pdu(pdu.SUBMIT_SM, 0, 2, submit_body(b"hello")))
        provider_id = (await transmitter.hear()).body.rstrip(b"\0")
        heard = await receiver.hear()
        assert heard.command == pdu.DELIVER_SM
        assert b"id:" + provider_id in heard.body
        await receiver.say(pdu.Pdu(pdu.SUBMIT_SM, 0, 5, submit_body(b"hello")))
        assert (await receiver.hear()).status == pdu.STATUSES["ESME_RINVBNDSTS"]


async def test_half_a_message_is_written_down_as_half(tmp_path: Path) -> None:
    async with SmscSink(folder=tmp_path) as sink, client(sink) as one:
        await one.say(pdu.Pdu(pdu.SUBMIT_SM, 0, 2, submit_body(b"\x05\0\x03\x07\x02\x01hel", esm_class=0x40)))
        await one.hear()
    (line,) = read(tmp_path)
    assert (line.answer, line.taken, line.text, line.parts) == ("INCOMPLETE", False, "hel", 1)


SENDER = """
import asyncio, sys, uuid
from okno.channels.base import Outgoing
from okno.channels.sms.smpp import SmppChannel, SmppSettings

async def main(port):
    channel = SmppChannel(SmppSettings(host="127.0.0.1", port=port, system_id="okno", password="okno", sender="OKNO",
                                       per_second=1000.0))
    await channel.open()
    for number in range(100000):
        sent = await channel.send(Outgoing(id=str(uuid.uuid4()), to="+77011234599", text=f"Сообщение {number} " * 10))
        print(number, sent.provider_id, flush=True)

asyncio.run(main(int(sys.argv[1])))
"""


async def test_after_the_sender_was_killed_the_book_holds_all_it_was_told(tmp_path: Path) -> None:
    async with SmscSink(folder=tmp_path) as sink:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", SENDER, str(sink.port), stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        told = [await process.stdout.readline() for _ in range(20)]
        process.send_signal(signal.SIGKILL)
        told += (await process.stdout.read()).splitlines(keepends=True)
        await process.wait()
    known = {line.split()[1].decode() for line in told if line.endswith(b"\n")}
    book = read(tmp_path)
    taken = {line.provider_id for line in book if line.taken}
    assert known <= taken
    # At most the one message that was in flight is in the book and not in the sender's words.
    assert len(book) - len(known) <= 1


async def test_the_mail_server_survives_a_caller_who_speaks_nonsense(tmp_path: Path) -> None:
    async with SmtpSink(folder=tmp_path) as sink:
        reader, writer = await asyncio.open_connection("127.0.0.1", sink.port)
        await reader.readline()
        writer.write(b"\xff\x00GET / HTTP/1.1\r\nDATA\r\nMAIL FROM:<>\r\nRCPT\r\n")
        assert (await reader.readline()).startswith(b"5")
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

        def deliver() -> None:
            with smtplib.SMTP("127.0.0.1", sink.port) as server:
                server.sendmail("a@okno.example", ["b@dom.example"], b"Subject: hi\r\n\r\nhello\r\n")

        await asyncio.to_thread(deliver)
    assert [line.text for line in read(tmp_path)] == ["hello"]


async def test_the_book_goes_on_where_it_was_left(tmp_path: Path) -> None:
    for _run in range(2):
        async with SmscSink(folder=tmp_path) as sink:
            assert await works(sink)
    assert len(read(tmp_path)) == 2
    assert read(tmp_path / "nothing here") == []
