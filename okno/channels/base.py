"""What every channel takes, gives and may refuse."""

import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Word(StrEnum):
    """What became of a message. The only vocabulary that leaves this room."""

    ACCEPTED = "accepted"
    """The provider took it; what happens next comes as a receipt."""
    DELIVERED = "delivered"
    """It reached the person's device or mailbox."""
    NOT_NOW = "not_now"
    """It did not leave; the same message may be tried again later."""
    NEVER = "never"
    """This address will not take it, today or tomorrow: look for another one."""
    EXPIRED = "expired"
    """It was taken but the time for delivery ran out."""
    REJECTED_BY_US = "rejected_by_us"
    """Our text, sender's name, settings or money are at fault; the address may be good."""
    UNKNOWN = "unknown"
    """Nobody can say. It may have reached the person, so no machine sends it again."""

    @property
    def permanent(self) -> bool:
        """True when trying the same message again cannot help or may double it."""
        return self is not Word.NOT_NOW


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One finished message for one address.

    `id` is our own identifier (a UUID as text): it becomes Message-ID, user_message_reference or the
    provider's client id, so that the same message can be recognised on the other side. `to` is an e-mail
    address or a phone in E.164. `sender` replaces the sender of the channel's settings. `headers` are
    e-mail headers beyond ours.
    """

    id: str
    to: str
    text: str
    subject: str | None = None
    html: str | None = None
    language: str = "ru"
    sender: str | None = None
    unsubscribe_url: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """The provider took the message at `at`; `parts` is what it counts for money, `note` is its own words."""

    provider_id: str | None
    at: datetime
    parts: int = 1
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What the provider told afterwards.

    At least one of `provider_id` (as in `Sent`) and `message_id` (our `Outgoing.id`) is known. The same
    receipt may come twice, and may come before the caller has written down the `Sent` it belongs to.
    """

    provider_id: str | None
    message_id: str | None
    word: Word
    provider_code: str
    text: str
    at: datetime


class Refused(Exception):
    """The message was not accepted; `str()` is the explanation for people, in Russian.

    `word` says what it means, `code` is the provider's own code (`smtp 550 5.1.1`, `smpp 0x0000000B`).
    `permanent` is False only for `Word.NOT_NOW`: the message surely did not leave and may be tried again.
    """

    def __init__(self, message: str, *, word: Word, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.word = word
        self.code = code

    @property
    def permanent(self) -> bool:
        return self.word.permanent

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.message!r}, word={self.word.value}, code={self.code!r})"


class TooLate(Refused):
    """The deadline passed before the message was put on the wire. Nothing was sent: ask for a new permit."""

    def __init__(self) -> None:
        super().__init__(
            "Срок разрешения истёк раньше, чем сообщение ушло. Ничего не отправлено: нужно новое разрешение.",
            word=Word.NOT_NOW,
            code="too_late",
        )


class Unanswered(Refused):
    """It was put on the wire and no answer came: it may have arrived, so it is never repeated by itself."""

    def __init__(self, code: str = "no_answer") -> None:
        super().__init__(
            "Сообщение передано, но ответа о приёме нет. Само оно больше не уйдёт: решите, повторить ли его.",
            word=Word.UNKNOWN,
            code=code,
        )


class BadSettings(ValueError):
    """The channel cannot be built from these settings; `str()` says which one is wrong."""


class Channel(Protocol):
    """A way out. One object serves many tasks of one event loop at once."""

    async def open(self) -> None:
        """Make ready to send; raises `Refused` when the other side cannot be reached or does not let us
        in.
        """

    async def send(self, outgoing: Outgoing, *, deadline: float | None = None) -> Sent:
        """Hand over one message.

        `deadline` is a moment of `time.monotonic()` after which the message must not be put on the wire; it
        is checked immediately before the write and raises `TooLate`. Raises `Refused` or `Unanswered`.
        """

    def receipts(self) -> AsyncGenerator[Receipt]:
        """What became of messages, until the channel is closed.

        A receipt counts as taken when the next one is asked for; one that was not taken comes again.
        """

    async def close(self) -> None:
        """Let go of connections; sends in flight finish or end as `Unanswered`. May be called twice."""


def not_after(deadline: float | None) -> None:
    """Raise `TooLate` when the deadline (seconds of `time.monotonic()`) has passed."""
    if deadline is not None and time.monotonic() >= deadline:
        raise TooLate


def check_text(text: str) -> None:
    """Raise `Refused` when the text holds halves of characters, which no protocol can carry."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Refused("В тексте есть испорченные знаки.", word=Word.REJECTED_BY_US, code="bad_text") from error
