"""One SMPP connection that stays up, and every quirk of the library behind it.

aiosmpplib keeps the connection, binds, asks whether the other side is alive and packs the frames. What it does wrong
for us is put right here and nowhere else; each place says what would happen otherwise (seen in 0.7.4).
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from struct import pack, unpack
from typing import Any

from aiosmpplib import (
    ESME,
    AbstractBroker,
    AbstractCorrelator,
    AbstractHook,
    AbstractRetryTimer,
    AbstractThrottleHandler,
    DeliverSm,
    DeliverSmResp,
    GenericNack,
    PduHeader,
    SmppCommand,
    SmppCommandStatus,
    SmppMessage,
    SubmitSm,
    Unbind,
)
from aiosmpplib.correlator import SegmentStatus

from okno.channels.base import Refused, TooLate, Unanswered, Word

log = logging.getLogger(__name__)

_LONGEST_PDU = 70_000
_BIND_RESP, _UNBIND_RESP = SmppCommand.BIND_TRANSCEIVER_RESP, SmppCommand.UNBIND_RESP


@dataclass(frozen=True)
class Answer:
    """What the centre said to a submission."""

    status: int
    provider_id: str


@dataclass(frozen=True)
class Delivery:
    """A deliver_sm that came, not confirmed yet."""

    body: bytes
    sequence: int
    connection: int


class Submission:
    """One submit_sm on its way: waiting, written, answered."""

    def __init__(self, message: SubmitSm, deadline: float | None) -> None:
        loop = asyncio.get_running_loop()
        self.message = message
        self.deadline = deadline
        self.written: asyncio.Future[None] = loop.create_future()
        self.outcome: asyncio.Future[Answer | Refused] = loop.create_future()

    def end(self, outcome: Answer | Refused) -> None:
        """The first outcome is the true one."""
        if not self.outcome.done():
            self.outcome.set_result(outcome)


class _NotWritten(ValueError):
    """Stops a message right before the write. A ValueError, because the library takes any other for a broken link."""


def no_link() -> Refused:
    """The message did not leave: there is no connection."""
    return Refused("Нет связи с SMS-центром: сообщение не ушло.", word=Word.NOT_NOW, code="smpp_no_link")


class Session:
    """Keeps one transceiver bound, for ever and with growing pauses, and carries submissions over it."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        system_id: str,
        password: str,
        system_type: str,
        enquire_every: float,
        answer_within: float,
        pause: tuple[float, float],
        on_delivery: Callable[[Delivery], None],
        on_late_answer: Callable[[SubmitSm, Answer], None],
    ) -> None:
        self.connection = 0
        self.bound = asyncio.Event()
        self.refused: asyncio.Future[int] | None = None
        self.unbound = asyncio.Event()
        self.queue: asyncio.Queue[SmppMessage] = asyncio.Queue()
        self.on_delivery = on_delivery
        self._on_late_answer = on_late_answer
        self._answer_within = answer_within
        self._keys = count(1)
        self._waiting: dict[str, Submission] = {}
        self._written: dict[int, Submission] = {}
        self._running: asyncio.Task[None] | None = None
        self._link = _Link(
            self,
            smsc_host=host,
            smsc_port=port,
            system_id=system_id,
            password=password,
            system_type=system_type,
            enquire_link_interval=float(enquire_every),
            socket_timeout=float(answer_within),
            # The library writes whole messages, with phones and names, into its log: silence it, we keep our own.
            log_level="CRITICAL",
            log_handler=logging.NullHandler(),
            hook=_Hook(self),
            broker=_Broker(self),
            correlator=_NoCorrelation(),
            throttle_handler=_NoThrottle(),
            retry_timer=_Pause(self, *pause),
        )

    async def start(self, *, within: float) -> int | None:
        """Connect and bind; None when bound, else the status of the refusal or -1 when there was no answer.

        After a failure the session must be stopped.
        """
        self.refused = asyncio.get_running_loop().create_future()
        self._running = asyncio.create_task(self._link.start(), name="smpp")
        bound = asyncio.create_task(self.bound.wait())
        first: set[asyncio.Future[Any]] = {bound, self.refused}
        await asyncio.wait(first, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        bound.cancel()
        if self.bound.is_set():
            return None
        return self.refused.result() if self.refused.done() else -1

    async def stop(self) -> None:
        """Unbind, hang up, tell everybody who waits."""
        if self.bound.is_set():
            try:
                # The library's own stop() waits without end for a centre that does not answer.
                await asyncio.wait_for(self._unbind(), 1.0)
            except (TimeoutError, OSError):
                log.info("the SMS centre did not say goodbye")
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
            self._running = None
        self.lost()
        for submission in list(self._waiting.values()):
            submission.end(no_link())

    async def submit(self, message: SubmitSm, *, deadline: float | None) -> Answer:
        """Write one submit_sm before the deadline (`time.monotonic()`) and wait for its answer.

        Raises `TooLate` or `Refused` (not_now) when it was not written, `Unanswered` when it was and nothing came.
        """
        submission = Submission(message, deadline)
        message.log_id = key = str(next(self._keys))
        self._waiting[key] = submission
        try:
            self.queue.put_nowait(message)
            patience = self._answer_within
            if deadline is not None:
                patience = min(patience, max(0.0, deadline - time.monotonic()))
            first: set[asyncio.Future[Any]] = {submission.written, submission.outcome}
            await asyncio.wait(first, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            if not submission.written.done():
                submission.end(TooLate() if deadline is not None and time.monotonic() >= deadline else no_link())
            await asyncio.wait({submission.outcome}, timeout=self._answer_within)
        finally:
            # Still in the library's queue, perhaps; without its place here it will not be written.
            del self._waiting[key]
            submission.end(Unanswered())
        outcome = submission.outcome.result()
        if isinstance(outcome, Refused):
            raise outcome
        return outcome

    async def confirm(self, delivery: Delivery) -> None:
        """Tell the centre that the receipt is ours now; on another connection it will send it again anyway."""
        if delivery.connection == self.connection and self.bound.is_set():
            try:
                await self._link.say(DeliverSmResp(delivery.sequence))
            except OSError as error:
                log.info("a receipt could not be confirmed: %s", error)

    def lost(self) -> None:
        """The connection is gone; an answer to what was written can never come (a new one counts anew)."""
        self.bound.clear()
        written, self._written = self._written, {}
        for submission in written.values():
            submission.end(Unanswered("smpp_link_lost"))

    def about_to_write(self, message: SubmitSm, sequence: int) -> None:
        """The last check, with nothing between it and the write. Raises `_NotWritten`."""
        submission = self._waiting.get(message.log_id)
        if submission is None or submission.outcome.done():
            raise _NotWritten("withdrawn")
        if submission.deadline is not None and time.monotonic() >= submission.deadline:
            submission.end(TooLate())
            raise _NotWritten("too late")
        if not self._link.alive:
            submission.end(no_link())
            raise _NotWritten("no link")
        submission.written.set_result(None)
        self._written[sequence] = submission

    def write_failed(self, message: SubmitSm) -> None:
        """The library gave up on a message: before the write it did not leave, after it nobody knows."""
        submission = self._waiting.get(message.log_id)
        if submission is not None:
            submission.end(Unanswered("smpp_link_lost") if submission.written.done() else no_link())

    def answered(self, sequence: int, answer: Answer) -> None:
        """A response came; one that is too late for its sender goes another way."""
        submission = self._written.pop(sequence, None)
        if submission is None:
            log.warning("the SMS centre answers a submission that nobody made: %s", sequence)
        elif submission.outcome.done():
            self._on_late_answer(submission.message, answer)
        else:
            submission.end(answer)

    async def _unbind(self) -> None:
        await self._link.say(Unbind())
        await self.unbound.wait()


class _Link(ESME):
    """The library's client with its faults put right."""

    def __init__(self, session: Session, **settings: object) -> None:
        super().__init__(**settings)  # type: ignore[arg-type]
        self._session = session

    @property
    def alive(self) -> bool:
        bound = self._bound.is_set() and self._session_state == self.bind_mode.session_state
        return bound and self._writer is not None and not self._writer.is_closing()

    async def say(self, message: SmppMessage) -> None:
        await self._send_data(message)

    async def connect(self) -> None:
        # Otherwise every reconnection leaves a socket open.
        await self._disconnect()
        await super().connect()
        assert self._writer is not None
        # Nothing may lie in a buffer here while its deadline passes: the next write waits until this one is gone.
        self._writer.transport.set_write_buffer_limits(high=0)

    async def _disconnect(self) -> None:
        # The library sends EOF but never closes; Session.stop() has already unbound.
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    async def _end_task(self, task: "asyncio.Task[None]") -> None:
        # Otherwise each reconnection waits half a second for every task, and an unforeseen exception in one of them
        # ends the client for good, leaving the others running.
        task.cancel()
        (outcome,) = await asyncio.gather(task, return_exceptions=True)
        if isinstance(outcome, Exception):
            log.info("the SMPP connection ended: %r", outcome)

    async def _get_pdu(self) -> tuple[bytes, PduHeader]:
        # Otherwise one unknown command or a maker's own status (0x400…) breaks the connection and takes with it the
        # answers of everybody else. The true status stays in the octets, where _Hook.received reads it.
        assert self._reader is not None
        while True:
            head = await self._reader.readexactly(16)
            length, command, status, sequence = unpack("!IIII", head)
            if not 16 <= length <= _LONGEST_PDU:
                raise ValueError(f"a frame of {length} octets")
            body = await self._reader.readexactly(length - 16)
            if command not in SmppCommand._value2member_map_:
                if self._bound.is_set() and not command & 0x80000000:
                    await self._send_data(GenericNack(sequence, SmppCommandStatus.ESME_RINVCMDID))
                continue
            if command == _BIND_RESP and not body:
                # A refused bind often has no body, which the library takes for damage and hides the reason.
                body = b"\0"
                head = pack("!IIII", 17, command, status, sequence)
            known = status in SmppCommandStatus._value2member_map_
            meant = SmppCommandStatus(status) if known else SmppCommandStatus.ESME_RUNKNOWNERR
            return head + body, PduHeader(16 + len(body), SmppCommand(command), meant, sequence)

    async def _handle_request(self, pdu: bytes, header: PduHeader) -> SmppMessage | None:
        if header.smpp_command == SmppCommand.DELIVER_SM:
            # The library's reading of receipts dies of an error code with letters or of a date with seconds, and takes
            # the connection with it; then the centre sends the same receipt again. None: confirmed later, when it is
            # taken (Session.confirm).
            self._session.on_delivery(Delivery(pdu[16:], header.sequence_num, self._session.connection))
            return None
        return await super()._handle_request(pdu, header)

    async def _handle_response(self, pdu: bytes, header: PduHeader) -> SmppMessage | None:
        # Nothing is needed from the library's reading of responses; its own breaks on fields that are optional.
        return None


class _Hook(AbstractHook):
    """Where the library tells what it is about to write and what it has read."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def sending(self, smpp_message: SmppMessage, pdu: bytes, client_id: str) -> None:
        if isinstance(smpp_message, SubmitSm):
            # Before the write, not after it as the library's correlator does: an answer may be quicker.
            self._session.about_to_write(smpp_message, smpp_message.sequence_num)

    async def received(self, smpp_message: SmppMessage | None, pdu: bytes, client_id: str) -> None:
        _length, command, status, sequence = unpack("!IIII", pdu[:16])
        if command in (SmppCommand.SUBMIT_SM_RESP, SmppCommand.GENERIC_NACK):
            # A response without a body is allowed when it is a refusal (§4.4.2).
            provider_id = pdu[16:].partition(b"\0")[0].decode("latin-1")
            if command == SmppCommand.GENERIC_NACK and status == 0:
                status = SmppCommandStatus.ESME_RUNKNOWNERR
            self._session.answered(sequence, Answer(status, provider_id))
        elif command == _BIND_RESP and status and self._session.refused and not self._session.refused.done():
            self._session.refused.set_result(status)
        elif command == _UNBIND_RESP:
            self._session.unbound.set()

    async def send_error(self, smpp_message: SmppMessage, error: Exception, client_id: str) -> None:
        if isinstance(smpp_message, SubmitSm):
            self._session.write_failed(smpp_message)


class _Broker(AbstractBroker):
    """Hands over what Session.submit put in; never holds anything back."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def enqueue(self, message: SmppMessage) -> None:
        await self._session.queue.put(message)

    async def dequeue(self) -> SmppMessage:
        return await self._session.queue.get()


class _Pause(AbstractRetryTimer):
    """Pauses between attempts to connect; also the only place where the library says "up" and "down"."""

    def __init__(self, session: Session, shortest: float, longest: float) -> None:
        self._session = session
        self._shortest, self._longest = shortest, longest
        self._next = shortest

    async def wait(self) -> None:
        self._session.lost()
        # Scattered, so that a hundred senders do not come back to a restarted centre in the same instant.
        pause, self._next = self._next * random.uniform(0.5, 1.0), min(self._next * 2, self._longest)
        await asyncio.sleep(pause)

    def reset(self) -> None:
        self._next = self._shortest
        self._session.connection += 1
        self._session.bound.set()

    def next_delay(self) -> float:
        return self._next


class _NoThrottle(AbstractThrottleHandler):
    """The pace is kept by Throttle before the queue, where a deadline can still be respected."""

    async def throttled(self) -> None:
        return None

    async def not_throttled(self) -> None:
        return None

    async def allow_request(self) -> bool:
        return True

    async def throttle_delay(self) -> float:
        return 0.0


class _NoCorrelation(AbstractCorrelator):
    """Answers are matched by Session.

    The library's own correlator forgets after fifteen seconds, mixes up two long messages that share one of 256
    reference numbers, and keeps parts in memory for three days.
    """

    def get_cumulated_status(self, ref_num: int) -> int:
        return 0

    async def expired(self, smpp_message: SmppMessage) -> None:
        return None

    async def put(self, smpp_message: SmppMessage) -> None:
        return None

    async def put_delivery(self, smsc_message_id: str, submit_sm: SubmitSm) -> None:
        return None

    async def put_delivery_segmented(self, deliver_sm: DeliverSm) -> DeliverSm | None:
        return deliver_sm

    async def get(self, response: SmppMessage) -> SmppMessage | None:
        return None

    async def get_segmented(self, smpp_seq_num: int, remove: bool = False) -> tuple[SegmentStatus | None, int]:
        return None, 0

    async def get_delivery(self, receipt: DeliverSm) -> SubmitSm | None:
        return None
