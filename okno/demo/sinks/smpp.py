"""An SMS centre on the loopback: takes short messages, joins their parts, tells what became of them."""

import asyncio
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from okno.common import clock
from okno.demo.sinks import pdu
from okno.demo.sinks.pdu import Fields, Malformed, Pdu, Submission
from okno.demo.sinks.record import Arrival, Record

_NAMES = {code: name for name, code in pdu.STATUSES.items()}
_BINDS = (pdu.BIND_RECEIVER, pdu.BIND_TRANSMITTER, pdu.BIND_TRANSCEIVER)


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """How the centre treats a number.

    `status` refuses the submission (only the first `times` submissions when `times` is given); None gives no answer at
    all. `state` and `error` go into the delivery receipt; an empty `state` sends no receipt.
    """

    status: int | None = 0
    times: int | None = None
    state: str = "DELIVRD"
    error: str = "000"


BEHAVIOURS: Mapping[str, Behaviour] = {
    "01": Behaviour(status=pdu.STATUSES["ESME_RINVDSTADR"]),
    "02": Behaviour(state="UNDELIV", error="001"),
    "03": Behaviour(state="EXPIRED", error="027"),
    "04": Behaviour(status=pdu.STATUSES["ESME_RTHROTTLED"], times=1),
}
"""By the end of the number; every other number gets its message."""


@dataclass
class _Whole:
    """A message whose parts are still coming."""

    at: str
    first: Submission
    parts: dict[int, bytes] = field(default_factory=dict)
    ids: dict[int, str] = field(default_factory=dict)

    def text(self) -> str:
        return pdu.text_of(b"".join(octets for _number, octets in sorted(self.parts.items())), self.first.coding)


@dataclass(eq=False)
class _Session:
    """One connection; `bound` is the bind command that was accepted, 0 before it."""

    writer: asyncio.StreamWriter
    bound: int = 0
    sequence: int = 0
    unconfirmed: dict[int, bytes] = field(default_factory=dict)
    wholes: dict[tuple[str, str, int], _Whole] = field(default_factory=dict)

    def say(self, answer: Pdu) -> None:
        if not self.writer.is_closing():
            self.writer.write(answer.octets())

    def tell(self, body: bytes) -> None:
        """Send a receipt; it is kept until the other side confirms it."""
        self.sequence += 1
        self.unconfirmed[self.sequence] = body
        self.say(Pdu(pdu.DELIVER_SM, 0, self.sequence, body))


class SmscSink:
    """`async with SmscSink(folder=…) as sink`: listens on 127.0.0.1:`sink.port`.

    A line about each message goes to `messages.jsonl`: the whole text with all its parts joined, `provider_id` of its
    last part, `at` of its first. A message that never became whole is written down at the end as `INCOMPLETE`.
    Receipts go out `receipt_after` seconds later, over any connection that may take them; those not confirmed go out
    again on the next connection. More than `per_second` submissions in a second are throttled.
    """

    def __init__(
        self,
        *,
        folder: Path,
        port: int = 0,
        keep: int = 10_000,
        system_id: str = "okno",
        password: str = "okno",
        receipt_after: float = 0.05,
        per_second: float | None = None,
        behaviours: Mapping[str, Behaviour] = BEHAVIOURS,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self.port = port
        self.record = Record(folder, keep=keep, now=now)
        self.behaviours = dict(behaviours)
        self.per_second = per_second
        self.binds = self.submissions = self.throttled = self.link_enquiries = 0
        self._credentials = (system_id, password)
        self._receipt_after = receipt_after
        self._seen: dict[str, int] = {}
        self._sessions: set[_Session] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: list[bytes] = []
        self._second, self._in_second = 0, 0

    @property
    def arrivals(self) -> list[Arrival]:
        """What came, oldest first."""
        return list(self.record.arrivals)

    async def __aenter__(self) -> Self:
        self.record.__enter__()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self.hang_up()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()
        self.record.__exit__(kind, error, trace)

    def hang_up(self) -> None:
        """Drop every connection without a word, as a centre does that is being restarted."""
        for session in self._sessions:
            session.writer.transport.abort()

    def enquire(self) -> None:
        """Ask every sender whether it is alive."""
        for session in self._sessions:
            session.sequence += 1
            session.say(Pdu(pdu.ENQUIRE_LINK, 0, session.sequence))

    def unbind(self) -> None:
        """Ask every sender to go, as before maintenance."""
        for session in self._sessions:
            session.sequence += 1
            session.say(Pdu(pdu.UNBIND, 0, session.sequence))

    def tell(self, body: bytes) -> None:
        """Send a deliver_sm with any body to the first sender that may take it, or keep it for the next one."""
        for session in self._sessions:
            if session.bound in (pdu.BIND_RECEIVER, pdu.BIND_TRANSCEIVER) and not session.writer.is_closing():
                session.tell(body)
                return
        self._waiting.append(body)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        session = _Session(writer)
        self._tasks.add(task)
        self._sessions.add(session)
        try:
            await self._listen(session, reader)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        except Malformed:
            # Where the next frame begins nobody knows any more: say so and hang up.
            session.say(Pdu(pdu.GENERIC_NACK, pdu.STATUSES["ESME_RINVCMDLEN"], 0))
        finally:
            self._sessions.discard(session)
            self._tasks.discard(task)
            self._waiting += session.unconfirmed.values()
            self._write_down_incomplete(session.wholes.values())
            writer.close()

    async def _listen(self, session: _Session, reader: asyncio.StreamReader) -> None:
        while True:
            heard = await Pdu.read(reader)
            if heard.command in _BINDS:
                self._bind(session, heard)
            elif heard.command == pdu.SUBMIT_SM:
                self._submit(session, heard)
            elif heard.command == pdu.ENQUIRE_LINK:
                self.link_enquiries += 1
                session.say(Pdu(pdu.ENQUIRE_LINK | pdu.RESPONSE, 0, heard.sequence))
            elif heard.command == pdu.UNBIND:
                session.say(Pdu(pdu.UNBIND | pdu.RESPONSE, 0, heard.sequence))
                return
            elif heard.command == pdu.UNBIND | pdu.RESPONSE:
                return
            elif heard.command == pdu.DELIVER_SM | pdu.RESPONSE:
                session.unconfirmed.pop(heard.sequence, None)
            elif not heard.command & pdu.RESPONSE:
                session.say(Pdu(pdu.GENERIC_NACK, pdu.STATUSES["ESME_RINVCMDID"], heard.sequence))

    def _bind(self, session: _Session, heard: Pdu) -> None:
        fields = Fields(heard.body)
        try:
            given = (fields.word(), fields.word())
        except Malformed:
            given = ("", "")
        if session.bound:
            status = 0x05
        elif given != self._credentials:
            status = pdu.STATUSES["ESME_RINVPASWD"]
        else:
            status, session.bound = 0, heard.command
            self.binds += 1
        # A refused bind has no body, as many centres do it.
        body = b"sink\0" if status == 0 else b""
        session.say(Pdu(heard.command | pdu.RESPONSE, status, heard.sequence, body))
        if status == 0:
            waiting, self._waiting = self._waiting, []
            for receipt in waiting:
                self.tell(receipt)

    def _submit(self, session: _Session, heard: Pdu) -> None:
        self.submissions += 1
        at = self.record.moment()
        try:
            message = Submission.parse(heard.body)
            pdu.text_of(message.octets if message.total == 1 else b"", message.coding)
        except Malformed:
            session.say(Pdu(heard.command | pdu.RESPONSE, pdu.STATUSES["ESME_RINVMSGLEN"], heard.sequence))
            return
        behaviour = self._behaviour(message.destination)
        status = self._status(session, message, behaviour)
        if status:
            self.record.add(_refused(message, at, status))
            session.say(Pdu(heard.command | pdu.RESPONSE, status, heard.sequence))
            return
        provider_id = secrets.token_hex(8)
        self._join(session, message, at, provider_id)
        if status is None:
            return
        session.say(Pdu(heard.command | pdu.RESPONSE, 0, heard.sequence, provider_id.encode() + b"\0"))
        if message.wants_receipt and behaviour.state:
            asyncio.get_running_loop().call_later(
                self._receipt_after, self.tell, self._receipt(message, provider_id, behaviour)
            )

    def _behaviour(self, number: str) -> Behaviour:
        return next((known for end, known in self.behaviours.items() if number.endswith(end)), Behaviour())

    def _status(self, session: _Session, message: Submission, behaviour: Behaviour) -> int | None:
        if session.bound not in (pdu.BIND_TRANSMITTER, pdu.BIND_TRANSCEIVER):
            return pdu.STATUSES["ESME_RINVBNDSTS"]
        if self._too_fast():
            self.throttled += 1
            return pdu.STATUSES["ESME_RTHROTTLED"]
        if behaviour.times is not None:
            seen = self._seen[message.destination] = self._seen.get(message.destination, 0) + 1
            return behaviour.status if seen <= behaviour.times else 0
        return behaviour.status

    def _too_fast(self) -> bool:
        second = int(time.monotonic())
        self._in_second = self._in_second + 1 if second == self._second else 1
        self._second = second
        return self.per_second is not None and self._in_second > self.per_second

    def _join(self, session: _Session, message: Submission, at: str, provider_id: str) -> None:
        key = (message.source, message.destination, message.reference)
        whole = session.wholes.setdefault(key, _Whole(at, message)) if message.total > 1 else _Whole(at, message)
        whole.parts[message.number] = message.octets
        whole.ids[message.number] = provider_id
        if len(whole.parts) == whole.first.total:
            session.wholes.pop(key, None)
            self.record.add(_arrival(whole, "ESME_ROK", taken=True))

    def _write_down_incomplete(self, wholes: Iterable[_Whole]) -> None:
        for whole in wholes:
            self.record.add(_arrival(whole, "INCOMPLETE", taken=False))

    def _receipt(self, message: Submission, provider_id: str, behaviour: Behaviour) -> bytes:
        return pdu.receipt_body(
            source=message.destination,
            destination=message.source if message.source.isdigit() else "",
            provider_id=provider_id,
            state=behaviour.state,
            error=behaviour.error,
            at=self.record.now(),
        )


def _arrival(whole: _Whole, answer: str, *, taken: bool) -> Arrival:
    first = whole.first
    try:
        text = whole.text()
    except Malformed as error:
        text = f"<{error}>"
    return Arrival(
        at=whole.at,
        channel="sms",
        to="+" + first.destination,
        sender=first.source,
        subject="",
        text=text,
        parts=len(whole.parts),
        message_id="" if first.user_reference is None else f"{first.user_reference:04x}",
        provider_id=whole.ids[max(whole.ids)],
        answer=answer,
        taken=taken,
    )


def _refused(message: Submission, at: str, status: int) -> Arrival:
    whole = _Whole(at, message, {message.number: message.octets}, {message.number: ""})
    return _arrival(whole, _NAMES.get(status, f"{status:#010x}"), taken=False)
