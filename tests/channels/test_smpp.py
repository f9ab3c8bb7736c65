"""Short messages through a real SMS centre on the loopback."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okno.channels.base import BadSettings, Outgoing, Receipt, Refused, Sent, TooLate, Unanswered, Word
from okno.channels.registry import build
from okno.channels.sms.smpp import SmppChannel, SmppSettings
from okno.demo.sinks import pdu
from okno.demo.sinks.record import read
from okno.demo.sinks.smpp import BEHAVIOURS, Behaviour, SmscSink

pytestmark = pytest.mark.anyio

RUSSIAN = (
    "Здравствуйте! За квартиру 12 по адресу ул. Абая, 15 на 22 ноября долг 12 345,67 ₸. Оплатить можно в банке, "
    "по QR-коду на квитанции или в кассе. Если вы уже заплатили, не отвечайте: напоминания прекратятся сами. "
)
KAZAKH = (
    "Сәлеметсіз бе! Абай көшесі, 15 үй, 12 пәтер бойынша қарызыңыз 12 345,67 ₸. Төлеуге үлгермесеңіз, бізге "
    "хабарласыңыз: бірге шешімін табамыз. Ғимарат, өңір, ұйым, һәм әріптестер 😀."
)


def sms(to: str = "+77011234599", text: str = "Privet", **changes: Any) -> Outgoing:
    return replace(Outgoing(id=str(uuid4()), to=to, text=text), **changes)


@asynccontextmanager
async def channel(sink: SmscSink, **changes: Any) -> AsyncIterator[SmppChannel]:
    plain: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": sink.port,
        "system_id": "okno",
        "password": "okno",
        "sender": "OKNO",
        "per_second": 1000.0,
        "answer_within": 5.0,
        "pause_from": 0.02,
        "pause_to": 0.5,
        "brake_for": 0.05,
    }
    opened = SmppChannel(SmppSettings(**(plain | changes)))
    await opened.open()
    try:
        yield opened
    finally:
        await opened.close()


async def first(channel: SmppChannel) -> Receipt:
    async with asyncio.timeout(10):
        return await anext(channel.receipts())


async def until(sink: SmscSink, count: int) -> None:
    """Wait for so many arrivals; the sink writes them down before it answers, so this is for unanswered ones."""
    async with asyncio.timeout(10):
        while len(sink.arrivals) < count:
            await asyncio.sleep(0.005)


async def noticed_loss(channel: SmppChannel) -> None:
    """Wait until the channel knows that the link is gone; what is written before that is honestly unknown."""
    async with asyncio.timeout(10):
        while channel.connected:
            await asyncio.sleep(0.005)


async def test_a_short_message_arrives_as_it_was_written(tmp_path: Path) -> None:
    async with SmscSink(folder=tmp_path) as sink, channel(sink) as out:
        sent = await out.send(sms(text="Dolg 100 {EUR} €"))
    (line,) = read(tmp_path)
    assert (line.to, line.sender, line.text, line.parts) == ("+77011234599", "OKNO", "Dolg 100 {EUR} €", 1)
    assert sent.parts == 1
    assert sent.provider_id == line.provider_id


@pytest.mark.parametrize("concatenation", ["udh", "sar"])
@pytest.mark.parametrize("text", [RUSSIAN, KAZAKH, RUSSIAN + KAZAKH, "[€]" * 120], ids=["ru", "kk", "both", "gsm"])
async def test_a_long_text_arrives_whole(tmp_path: Path, text: str, concatenation: str) -> None:
    async with SmscSink(folder=tmp_path) as sink, channel(sink, concatenation=concatenation) as out:
        sent = await out.send(sms(text=text))
    (line,) = read(tmp_path)
    assert line.text == text
    assert line.parts == sent.parts > 1
    assert sent.provider_id == line.provider_id


async def test_many_long_messages_at_once_are_not_mixed_up(tmp_path: Path) -> None:
    async with SmscSink(folder=tmp_path) as sink, channel(sink, window=8) as out:
        messages = [sms(to=f"+7701123{number:02d}99", text=f"{number}: {RUSSIAN}") for number in range(40)]
        sent = await asyncio.gather(*(out.send(message) for message in messages))
    assert {(line.to, line.text) for line in read(tmp_path)} == {(m.to, m.text) for m in messages}
    assert {line.provider_id for line in read(tmp_path)} == {s.provider_id for s in sent}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=600))
async def test_any_text_arrives_whole(tmp_path: Path, text: str) -> None:
    async with SmscSink(folder=tmp_path) as sink, channel(sink) as out:
        await out.send(sms(text=text))
        assert sink.arrivals[-1].text == text


@pytest.mark.parametrize(
    ("to", "word", "code"),
    [
        ("+77011234599", Word.DELIVERED, "smpp DELIVRD 000"),
        ("+77011234502", Word.NEVER, "smpp UNDELIV 001"),
        ("+77011234503", Word.EXPIRED, "smpp EXPIRED 027"),
    ],
)
@pytest.mark.parametrize("text", ["Privet", RUSSIAN])
async def test_a_receipt_tells_about_the_whole_message(
    tmp_path: Path, to: str, word: Word, code: str, text: str
) -> None:
    async with SmscSink(folder=tmp_path) as sink, channel(sink) as out:
        message = sms(to=to, text=text)
        sent = await out.send(message)
        receipt = await first(out)
    assert (receipt.word, receipt.provider_code) == (word, code)
    assert (receipt.provider_id, receipt.message_id) == (sent.provider_id, message.id)


async def test_an_invalid_number_is_refused_for_ever(tmp_path: Path) -> None:
    async with SmscSink(folder=tmp_path) as sink, channel(sink) as out:
        with pytest.raises(Refused) as caught:
            await out.send(sms(to="+77011234501", text=RUSSIAN))
    assert (caught.value.word, caught.value.code) == (Word.NEVER, "smpp 0x0000000b")
    (line,) = read(tmp_path)
    assert (line.answer, line.taken) == ("ESME_RINVDSTADR", False)


async def test_a_throttled_message_did_not_leave_and_may_be_tried_again(tmp_path: Path) -> None:
    async with SmscSink(folder=tmp_path) as sink, channel(sink) as out:
        message = sms(to="+77011234504")
        with pytest.raises(Refused) as caught:
            await out.send(message)
        assert (caught.value.word, caught.value.permanent) == (Word.NOT_NOW, False)
        assert isinstance(await out.send(message), Sent)
    assert [line.taken for line in read(tmp_path)] == [False, True]


async def test_parts_after_the_first_are_offered_again_when_throttled(tmp_path: Path) -> None:
    async with SmscSink(folder=tmp_path, per_second=1) as sink, channel(sink, brake_for=0.5) as out:
        sent = await out.send(sms(text=KAZAKH))
        assert sink.throttled >= 1
    whole = [line for line in read(tmp_path) if line.taken]
    assert [line.text for line in whole] == [KAZAKH]
    assert sent.parts == 3


async def test_our_own_pace_keeps_below_the_limit_of_the_centre(tmp_path: Path) -> None:
    async with SmscSink(folder=tmp_path, per_second=101) as sink, channel(sink, per_second=50) as out:
        await asyncio.gather(*(out.send(sms()) for _ in range(110)))
        assert (sink.submissions, sink.throttled) == (110, 0)


async def test_a_code_nobody_knows_is_unknown_and_breaks_nothing(tmp_path: Path) -> None:
    strange = {"66": Behaviour(status=0x0000_0467)}
    async with SmscSink(folder=tmp_path, behaviours=strange) as sink, channel(sink) as out:
        with pytest.raises(Refused) as caught:
            await out.send(sms(to="+77011234566"))
        assert (caught.value.word, caught.value.code) == (Word.UNKNOWN, "smpp 0x00000467")
        assert caught.value.permanent
        await out.send(sms())
        assert sink.binds == 1


async def test_no_answer_is_unknown_and_nothing_is_sent_twice(tmp_path: Path) -> None:
    silent = {"77": Behaviour(status=None)}
    async with SmscSink(folder=tmp_path, behaviours=silent) as sink, channel(sink, answer_within=0.3) as out:
        with pytest.raises(Unanswered) as caught:
            await out.send(sms(to="+77011234577"))
        assert (caught.value.word, caught.value.permanent) == (Word.UNKNOWN, True)
        await out.send(sms())
    assert [line.to for line in read(tmp_path)] == ["+77011234577", "+77011234599"]


async def test_a_link_lost_before_the_answer_leaves_it_unknown_and_is_not_repeated(tmp_path: Path) -> None:
    silent = {"77": Behaviour(status=None)}
    async with SmscSink(folder=tmp_path, behaviours=silent) as sink, channel(sink) as out:
        sending = asyncio.create_task(out.send(sms(to="+77011234577")))
        await until(sink, 1)
        sink.hang_up()
        with pytest.raises(Unanswered) as caught:
            await sending
        assert caught.value.code == "smpp_link_lost"
        await out.send(sms())
        assert sink.binds == 2
    assert [line.to for line in read(tmp_path)] == ["+77011234577", "+77011234599"]


async def test_a_centre_that_went_away_and_came_back_is_used_again(tmp_path: Path) -> None:
    async with SmscSink(folder=tmp_path) as sink, channel(sink) as out:
        await out.send(sms(text="before"))
        await sink.__aexit__(None, None, None)
        await noticed_loss(out)
        with pytest.raises(Refused) as caught:
            await out.send(sms(text="meanwhile"), deadline=time.monotonic() + 0.2)
        assert caught.value.word is Word.NOT_NOW
        async with SmscSink(folder=tmp_path, port=sink.port):
            await out.send(sms(text="after"))
        sink.record.__enter__()
    assert [line.text for line in read(tmp_path)] == ["before", "after"]


async def test_a_message_waits_for_the_link_within_its_deadline(tmp_path: Path) -> None:
    async with SmscSink(folder=tmp_path) as sink, channel(sink, pause_from=0.5) as out:
        sink.hang_up()
        await noticed_loss(out)
        await out.send(sms(), deadline=time.monotonic() + 5)
        assert sink.binds == 2


async def test_when_asked_to_unbind_the_channel_goes_and_comes_back(tmp_path: Path) -> None:
    async with SmscSink(folder=tmp_path) as sink, channel(sink) as out:
        sink.unbind()
        async with asyncio.timeout(10):
            while sink.binds < 2:
                await asyncio.sleep(0.005)
        await out.send(sms())


async def test_after_the_deadline_nothing_is_put_on_the_wire(tmp_path: Path) -> None:
    async with SmscSink(folder=tmp_path) as sink, channel(sink) as out:
        with pytest.raises(TooLate):
            await out.send(sms(), deadline=time.monotonic())
        assert sink.submissions == 0
        await out.send(sms())
        assert sink.submissions == 1


async def test_messages_that_wait_for_their_turn_past_the_deadline_do_not_leave(tmp_path: Path) -> None:
    async with SmscSink(folder=tmp_path) as sink, channel(sink, per_second=5.0) as out:
        deadline = time.monotonic() + 0.5
        ended = await asyncio.gather(*(out.send(sms(), deadline=deadline) for _ in range(20)), return_exceptions=True)
        taken = [one for one in ended if isinstance(one, Sent)]
        late = [one for one in ended if isinstance(one, TooLate)]
        assert len(taken) + len(late) == 20
        assert late
        assert sink.submissions == len(taken)


async def test_a_deadline_that_passes_without_a_link_leaves_nothing_behind(tmp_path: Path) -> None:
    async with SmscSink(folder=tmp_path) as sink, channel(sink) as out:
        port = sink.port
        await sink.__aexit__(None, None, None)
        await noticed_loss(out)
        with pytest.raises(Refused):
            await out.send(sms(text="late"), deadline=time.monotonic() + 0.1)
        async with SmscSink(folder=tmp_path, port=port) as back:
            await out.send(sms(text="in time"))
            assert back.submissions == 1
        sink.record.__enter__()
    assert [line.text for line in read(tmp_path)] == ["in time"]


async def test_a_receipt_nobody_took_comes_again(tmp_path: Path) -> None:
    async with SmscSink(folder=tmp_path) as sink:
        async with channel(sink) as out:
            sent = await out.send(sms())
            assert (await first(out)).provider_id == sent.provider_id
            # The reader went away with the receipt in its hands: it never asked for the next one.
        async with channel(sink) as again:
            repeated = await first(again)
    assert (repeated.provider_id, repeated.word) == (sent.provider_id, Word.DELIVERED)
    assert repeated.message_id is None


async def test_a_receipt_that_was_taken_does_not_come_again(tmp_path: Path) -> None:
    async with SmscSink(folder=tmp_path) as sink:
        async with channel(sink) as out:
            mine = await out.send(sms())
            news = out.receipts()
            assert (await anext(news)).provider_id == mine.provider_id
            other = await out.send(sms())
            assert (await anext(news)).provider_id == other.provider_id
        async with channel(sink) as again:
            assert (await first(again)).provider_id == other.provider_id


def damaged(**changes: str) -> bytes:
    plain = {"provider_id": "abc", "state": "DELIVRD", "error": "000"} | changes
    at = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    return pdu.receipt_body(source="77011234599", destination="77", at=at, **plain)


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"\0",
        b"\xff" * 40,
        damaged()[:30],
        damaged(error="0A1"),
        damaged(state="WHATEVER"),
        damaged().replace(b"done date:26", b"done date:2611221200265"),
        damaged() + b"\x00\x1e\xff\xff",
    ],
    ids=["empty", "zero", "ones", "cut", "letters", "state", "seconds", "tlv"],
)
async def test_a_strange_receipt_does_not_break_the_link(tmp_path: Path, junk: bytes) -> None:
    async with SmscSink(folder=tmp_path) as sink, channel(sink) as out:
        sink.tell(junk)
        sent = await out.send(sms())
        async with asyncio.timeout(10):
            async for receipt in out.receipts():
                if receipt.provider_id == sent.provider_id:
                    break
        assert sink.binds == 1


@pytest.mark.parametrize("command", [0x77, 0x03, 0x102, 0x80000004, 0x80000077, 0x80000000])
async def test_a_frame_nobody_expects_does_not_break_the_link(tmp_path: Path, command: int) -> None:
    async with SmscSink(folder=tmp_path) as sink, channel(sink) as out:
        for session in sink._sessions:
            session.say(pdu.Pdu(command, 0x500, 991, b"whatever"))
        await out.send(sms())
        assert sink.binds == 1


async def test_both_sides_ask_whether_the_other_is_alive(tmp_path: Path) -> None:
    async with SmscSink(folder=tmp_path) as sink, channel(sink, enquire_every=0.05) as out:
        sink.enquire()
        async with asyncio.timeout(10):
            while sink.link_enquiries < 3:
                await asyncio.sleep(0.02)
        await out.send(sms())
        assert sink.binds == 1


async def test_a_wrong_password_is_our_fault(tmp_path: Path) -> None:
    async with SmscSink(folder=tmp_path) as sink:
        with pytest.raises(Refused) as caught:
            async with channel(sink, password="wrong"):
                pass
    assert (caught.value.word, caught.value.code) == (Word.REJECTED_BY_US, "smpp 0x0000000e")


async def test_a_centre_that_is_not_there_is_tried_later(tmp_path: Path) -> None:
    async with SmscSink(folder=tmp_path) as sink:
        pass
    with pytest.raises(Refused) as caught:
        async with channel(sink, connect_within=0.2):
            pass
    assert (caught.value.word, caught.value.code) == (Word.NOT_NOW, "smpp_unreachable")


async def test_a_closed_channel_sends_nothing(tmp_path: Path) -> None:
    async with SmscSink(folder=tmp_path) as sink, channel(sink) as out:
        await out.close()
        await out.close()
        with pytest.raises(Refused) as caught:
            await out.send(sms())
        assert caught.value.word is Word.NOT_NOW
        assert [receipt async for receipt in out.receipts()] == []


@pytest.mark.parametrize(
    ("message", "word"),
    [
        (sms(to="77011234599"), Word.NEVER),
        (sms(to="+0701"), Word.NEVER),
        (sms(to="+77011234599\r\n"), Word.NEVER),
        (sms(text=""), Word.REJECTED_BY_US),
        (sms(text="ж" * 671), Word.REJECTED_BY_US),
        (sms(text="\ud800"), Word.REJECTED_BY_US),
        (sms(sender="ИМЯ"), Word.REJECTED_BY_US),
        (sms(sender="LONGERTHAN11"), Word.REJECTED_BY_US),
        (sms(id="not a uuid"), Word.REJECTED_BY_US),
    ],
    ids=["no plus", "zero", "line break", "empty", "too long", "surrogate", "cyrillic", "long name", "id"],
)
async def test_what_cannot_be_sent_is_refused_here(tmp_path: Path, message: Outgoing, word: Word) -> None:
    async with SmscSink(folder=tmp_path) as sink, channel(sink) as out:
        with pytest.raises(Refused) as caught:
            await out.send(message)
        assert caught.value.word is word
        assert sink.submissions == 0


@pytest.mark.parametrize("sender", ["OKNO", "1562", "+77172000000"])
async def test_names_short_numbers_and_phones_may_send(tmp_path: Path, sender: str) -> None:
    async with SmscSink(folder=tmp_path) as sink, channel(sink) as out:
        await out.send(sms(sender=sender))
        assert sink.arrivals[-1].sender == sender.removeprefix("+")


@pytest.mark.parametrize(
    "changes",
    [
        {"password": "longer than eight"},
        {"system_id": ""},
        {"concatenation": "payload"},
        {"window": 0},
        {"valid_for": 0},
        {"sender": "ИМЯ"},
    ],
)
def test_settings_are_checked_at_once(changes: dict[str, Any]) -> None:
    plain = {"host": "127.0.0.1", "system_id": "okno", "password": "okno", "sender": "OKNO"}
    with pytest.raises(BadSettings):
        build("sms_smpp", plain | changes)


async def test_the_numbers_that_misbehave_in_the_demo_are_these() -> None:
    assert set(BEHAVIOURS) == {"01", "02", "03", "04"}
