"""One telephone call as the virtual operator sees it, whichever driver carries it."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Kind(StrEnum):
    """What became of an attempt to call. The only vocabulary that leaves this room."""

    ANSWERED = "answered"
    """Somebody or something picked up: a person, an answering machine, a screening bot."""
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    """It rang and nobody picked up."""
    REJECTED = "rejected"
    """The person, or a rule of theirs, declined."""
    INVALID_NUMBER = "invalid_number"
    """There is no such number; calling it again cannot help."""
    UNREACHABLE = "unreachable"
    """The phone is off, out of reach, or nothing came back at all."""
    FAILED = "failed"
    """The trunk, the network or our own process is at fault; nothing is known of the person."""
    CANCELLED = "cancelled"
    """We took the call back before an answer, e.g. because the payment came."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of an attempt to call.

    `sip_status` is the final status (None when none came), `q850` the cause of the telephone network behind the trunk,
    `words` what the other side or the driver said, for people who look after the trunk. `rang` is true when the
    far phone was said to ring; a call that only had an announcement played to it counts only if nothing came after it.
    """

    kind: Kind
    sip_status: int | None = None
    q850: int | None = None
    words: str = ""
    rang: bool = False

    @property
    def ours(self) -> bool:
        """True when the fault is on our side of the person's phone: the circuit breaker counts these."""
        return self.kind is Kind.FAILED or (self.kind is Kind.UNREACHABLE and self.sip_status is None)


class By(StrEnum):
    """Who ended a call that had been answered."""

    FAR = "far"
    US = "us"
    LOST = "lost"
    """No sound came for too long: the other side vanished without a word."""
    TRANSFERRED = "transferred"
    FAULT = "fault"
    """Our process or the trunk broke."""


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How an answered call ended; comes exactly once a call."""

    by: By
    q850: int | None = None
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Caller:
    """What an incoming call says of itself: phones or SIP addresses as they came, never proof of who calls.

    `number` is P-Asserted-Identity where the trunk gives it, else From. `called` is the number that was dialled,
    `diverted_from` the one it was forwarded from ("" when it was not).
    """

    number: str
    called: str
    diverted_from: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RecordingResult:
    """A finished recording: `seconds` are in the file, `cut` says why the rest of the call is not, "" when it is."""

    path: str
    seconds: float
    cut: str = ""


class Gone(Exception):
    """The call is over: there is nobody to say or send this to."""


class CannotTransfer(Exception):
    """The call was not handed over and goes on with us; `outcome` tells about the person who was called for it."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.words or outcome.kind.value)
        self.outcome = outcome


class CallLeg(Protocol):
    """One call. Sound is 8 kHz signed 16-bit mono (`frames`); every method but `write` and `flush` may be awaited.

    A leg is made by a line, dialled or answered once, and ends once.
    """

    caller: Caller | None
    """Who calls, for an incoming call; None for one we make."""

    async def dial(self, address: str, *, timeout: float) -> Outcome:
        """Call a phone (E.164) or a `sip:` address; `timeout` seconds until we give up. Never raises for telephony:
        whatever happens is an `Outcome`. Cancelling the task takes the call back."""

    async def answer(self) -> None:
        """Pick up an incoming call; raises `Gone` when the caller has given up."""

    async def hang_up(self) -> None:
        """End the call whatever its state; a call already over is no error."""

    async def transfer(self, to: str, *, timeout: float) -> None:
        """Hand the person over to `to` (a phone or a `sip:` address). On return the two are connected.

        By REFER, else both legs are joined in our own pump and the call lasts as long as they talk. Raises
        `CannotTransfer` when nobody took it, `Gone` when the person hung up meanwhile.
        """

    async def hold(self) -> None:
        """Tell the far side that it waits; nothing is heard or said until `resume`."""

    async def resume(self) -> None: ...

    async def read(self) -> bytes:
        """The next 20 ms that were heard, silence included, early media before the answer included. b"" for ever once
        the call is over. A reader that sleeps longer than a few seconds loses the oldest sound."""

    def write(self, pcm: bytes) -> None:
        """Say this after all that is already waiting; any length. Does nothing once the call is over."""

    def flush(self) -> None:
        """Stop talking: whatever was written and not yet sent is thrown away."""

    async def drained(self) -> None:
        """Wait until all that was written has been said, flushed, or the call is over."""

    def pressed(self) -> AsyncIterator[str]:
        """Keys the far side presses (0-9 * # A-D), one by one, until the call is over."""

    async def send_keys(self, keys: str) -> None:
        """Press keys towards the far side; raises `ValueError` for what is no key, `Gone`."""

    async def ended(self) -> Ending:
        """Wait for the end of an answered call."""

    async def recorded(self) -> RecordingResult | None:
        """Wait for the end of the recording; None when the call was not recorded."""
