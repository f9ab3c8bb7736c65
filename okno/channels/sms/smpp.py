"""Short messages by SMPP 3.4, straight to an operator or an aggregator's centre."""

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from aiosmpplib import NPI, TON, OptionalParam, PhoneNumber, SubmitSm
from aiosmpplib.state import SAR_MSG_REF_NUM, SAR_SEGMENT_SEQNUM, SAR_TOTAL_SEGMENTS, USER_MESSAGE_REFERENCE

from okno.channels.base import BadSettings, Outgoing, Receipt, Refused, Sent, Word, check_text, not_after
from okno.channels.sms.phone import digits, sender_name
from okno.channels.sms.receipts import SLOW_DOWN, Parts, Unreadable, parse_receipt, refusal, word_for
from okno.channels.sms.session import Answer, Delivery, Session
from okno.channels.sms.text import Encoding, encode, encoding_of, split
from okno.channels.throttle import Throttle
from okno.common import clock

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class SmppSettings:
    """Times in seconds. `window` is how many submissions may await their answer at once.

    `valid_for` is how long the centre may go on trying: a reminder that comes the next day may come after the payment.
    `longest` is in parts. `concatenation`: a header in the text (`udh`, every phone and almost every centre) or the
    sar_ parameters, for centres that want to make the header themselves.
    """

    host: str
    system_id: str
    password: str
    sender: str
    port: int = 2775
    system_type: str = ""
    window: int = 10
    per_second: float = 10.0
    valid_for: float = 4 * 3600
    longest: int = 10
    concatenation: Literal["udh", "sar"] = "udh"
    connect_within: float = 10.0
    answer_within: float = 30.0
    enquire_every: float = 30.0
    pause_from: float = 0.5
    pause_to: float = 30.0
    brake_for: float = 1.0


class SmppChannel:
    """Sends short messages and tells what became of them."""

    settings_class = SmppSettings

    def __init__(self, settings: SmppSettings, *, now: Callable[[], datetime] = clock.now) -> None:
        _check(settings)
        self.settings = settings
        self._now = now
        self._throttle = Throttle(settings.per_second)
        self._window = asyncio.Semaphore(settings.window)
        self._parts = Parts()
        self._news: asyncio.Queue[Delivery | Receipt | None] = asyncio.Queue()
        self._reference = secrets.randbelow(256)
        self._closed = False
        self._session: Session | None = None

    @property
    def connected(self) -> bool:
        """Whether the centre is there now, as far as we have noticed."""
        return self._session is not None and self._session.bound.is_set()

    async def open(self) -> None:
        """Connect and bind; afterwards the connection comes back by itself. Raises `Refused`."""
        settings = self.settings
        session = Session(
            host=settings.host,
            port=settings.port,
            system_id=settings.system_id,
            password=settings.password,
            system_type=settings.system_type,
            enquire_every=settings.enquire_every,
            answer_within=settings.answer_within,
            pause=(settings.pause_from, settings.pause_to),
            on_delivery=self._news.put_nowait,
            on_late_answer=self._late,
        )
        status = await session.start(within=settings.connect_within)
        if status is None:
            self._session = session
            return
        await session.stop()
        if status >= 0:
            raise refusal(status)
        raise Refused(
            f"SMS-центр {settings.host}:{settings.port} не отвечает.", word=Word.NOT_NOW, code="smpp_unreachable"
        )

    async def send(self, outgoing: Outgoing, *, deadline: float | None = None) -> Sent:
        """Hand over one message, long or short; see `Channel.send`.

        The first part decides: while it is not accepted nothing else leaves. The parts after it follow even past the
        deadline, because half a message would be worse.
        """
        parts = self._submissions(outgoing)
        provider_ids: list[str] = []
        async with self._window:
            not_after(deadline)
            answer = await self._submit(parts[0], deadline)
            if answer.status:
                raise refusal(answer.status)
            provider_ids.append(answer.provider_id)
            for part in parts[1:]:
                provider_ids.append(await self._follow(part))
        if (receipt := self._parts.sent(outgoing.id, provider_ids, self._now())) is not None:
            self._news.put_nowait(receipt)
        return Sent(provider_id=provider_ids[-1], at=self._now(), parts=len(parts), note=" ".join(provider_ids))

    async def receipts(self) -> AsyncGenerator[Receipt]:
        """Delivery receipts, each confirmed to the centre when the next is asked for; see `Channel.receipts`."""
        while (news := await self._news.get()) is not None:
            if isinstance(news, Receipt):
                yield news
                continue
            try:
                fate = parse_receipt(news.body)
            except Unreadable as error:
                # Confirmed all the same: refused, it would come back for ever.
                log.warning("a delivery receipt cannot be read: %s", error)
                fate = None
            if fate is not None and (receipt := self._parts.receipt(fate, self._now())) is not None:
                yield receipt
            if self._session is not None:
                await self._session.confirm(news)
        # For another reader who waits.
        self._news.put_nowait(None)

    async def close(self) -> None:
        """Unbind and hang up."""
        if self._closed:
            return
        self._closed = True
        if self._session is not None:
            await self._session.stop()
        self._news.put_nowait(None)

    async def _submit(self, part: SubmitSm, deadline: float | None) -> Answer:
        if self._session is None or self._closed:
            raise Refused("Канал SMS не открыт.", word=Word.NOT_NOW, code="closed")
        await self._throttle.take(deadline=deadline)
        answer = await self._session.submit(part, deadline=deadline)
        if answer.status in SLOW_DOWN:
            self._throttle.brake(self.settings.brake_for)
        elif not answer.status:
            self._throttle.ease()
        return answer

    async def _follow(self, part: SubmitSm) -> str:
        """A later part of a message whose beginning is already accepted; returns the centre's id.

        "Later" means that this part surely was not taken, so asking again does not double it.
        """
        for _attempt in range(6):
            answer = await self._submit(part, None)
            if not answer.status:
                return answer.provider_id
            if word_for(answer.status) is not Word.NOT_NOW:
                break
        raise Refused(
            f"Ушло только начало длинного SMS, остальное центр не принял: {refusal(answer.status)}",
            word=Word.UNKNOWN,
            code=f"smpp torn {answer.status:#010x}",
        )

    def _submissions(self, outgoing: Outgoing) -> list[SubmitSm]:
        """The message as submit_sm, one a part. Raises `Refused`."""
        source = _source(sender_name(outgoing.sender or self.settings.sender))
        destination = PhoneNumber(digits(outgoing.to), TON.INTERNATIONAL, NPI.ISDN)
        check_text(outgoing.text)
        pieces, encoding = split(outgoing.text), encoding_of(outgoing.text)
        if not pieces:
            raise Refused("Пустое SMS не отправить.", word=Word.REJECTED_BY_US, code="empty")
        if len(pieces) > self.settings.longest:
            raise Refused(
                f"SMS из {len(pieces)} частей длиннее разрешённых {self.settings.longest}.",
                word=Word.REJECTED_BY_US,
                code="too_long",
            )
        self._reference = (self._reference + 1) % 256
        return [
            self._submission(outgoing, source, destination, encoding, piece, number, len(pieces))
            for number, piece in enumerate(pieces, start=1)
        ]

    def _submission(
        self,
        outgoing: Outgoing,
        source: PhoneNumber,
        destination: PhoneNumber,
        encoding: Encoding,
        piece: str,
        number: int,
        total: int,
    ) -> SubmitSm:
        octets = encode(piece, encoding)
        tlvs = [OptionalParam(USER_MESSAGE_REFERENCE, user_reference(outgoing.id))]
        esm_class = 0
        if total > 1 and self.settings.concatenation == "udh":
            esm_class = 0x40
            octets = bytes((5, 0, 3, self._reference, total, number)) + octets
        elif total > 1:
            tlvs.append(OptionalParam(SAR_MSG_REF_NUM, self._reference))
            tlvs.append(OptionalParam(SAR_TOTAL_SEGMENTS, total))
            tlvs.append(OptionalParam(SAR_SEGMENT_SEQNUM, number))
        message = SubmitSm(
            short_message=piece,
            source=source,
            destination=destination,
            esm_class=esm_class,
            encoding=encoding.value,
            registered_delivery=1,
            validity_period=timedelta(seconds=self.settings.valid_for),
            optional_params=tlvs,
            extra_data=outgoing.id if total == 1 else "",
        )
        # Cut and encoded by us: the library counts characters instead of septets, cuts `€` in two, puts a length octet
        # in front of a text that needs no cutting, and answers some texts with an unbound variable.
        message.set_encoded_message(octets)
        return message

    def _late(self, message: SubmitSm, answer: Answer) -> None:
        """An answer came after its sender had given up: tell it as a receipt, unless it is only about one part."""
        if not message.extra_data:
            return
        word = word_for(answer.status) if answer.status else Word.ACCEPTED
        if word is Word.ACCEPTED:
            self._parts.sent(message.extra_data, [answer.provider_id], self._now())
        self._news.put_nowait(
            Receipt(
                provider_id=answer.provider_id or None,
                message_id=message.extra_data,
                word=word,
                provider_code=f"smpp {answer.status:#010x}",
                text="Ответ SMS-центра пришёл позже срока.",
                at=self._now(),
            )
        )


def user_reference(our_id: str) -> int:
    """The sixteen bits of our id that fit into user_message_reference: a hint for the operator's log, not a key."""
    try:
        return UUID(our_id).int & 0xFFFF
    except ValueError as error:
        raise Refused("Номер сообщения должен быть UUID.", word=Word.REJECTED_BY_US, code="bad_id") from error


def _source(name: str) -> PhoneNumber:
    """Name, short number or phone, each with the type of number that centres expect."""
    number = name.removeprefix("+")
    if not number.isdigit():
        return PhoneNumber(name, TON.ALPHANUMERIC, NPI.UNKNOWN)
    if len(number) <= 6:
        return PhoneNumber(number, TON.NETWORK_SPECIFIC, NPI.UNKNOWN)
    return PhoneNumber(number, TON.INTERNATIONAL, NPI.ISDN)


def _check(settings: SmppSettings) -> None:
    if not 1 <= len(settings.system_id) <= 15 or len(settings.password) > 8:
        raise BadSettings("SMPP: system_id до 15 знаков, пароль до 8 (так велит протокол).")
    if settings.concatenation not in ("udh", "sar"):
        raise BadSettings("SMPP: concatenation — udh или sar.")
    if not 1 <= settings.window <= 1000 or settings.per_second <= 0 or not 1 <= settings.longest <= 255:
        raise BadSettings("SMPP: window от 1 до 1000, per_second больше нуля, longest от 1 до 255.")
    if not 0 < settings.valid_for <= 7 * 24 * 3600:
        raise BadSettings("SMPP: valid_for — секунды, больше нуля и не больше недели.")
    try:
        sender_name(settings.sender)
    except Refused as refused:
        raise BadSettings(f"SMPP: {refused}") from refused
