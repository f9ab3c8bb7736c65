"""Letters by SMTP over a few connections that are kept open and used again."""

import asyncio
import logging
import re
import ssl
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from pathlib import Path
from typing import Literal

import aiosmtplib

from okno.channels.base import (
    BadSettings,
    Outgoing,
    Receipt,
    Refused,
    Sent,
    Unanswered,
    Word,
    not_after,
)
from okno.channels.email.message import BadAddress, compose, mailbox
from okno.channels.email.receipts import returned_mail
from okno.channels.email.replies import refusal
from okno.channels.throttle import Throttle
from okno.common import clock

log = logging.getLogger(__name__)

Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True, kw_only=True)
class EmailSettings:
    """`sender` is the address in From, with or without a name; times in seconds.

    `bounces` is a Maildir into which the mail server puts what comes back to `envelope_sender` (the sender
    itself unless given); without it nothing is known after acceptance.
    """

    host: str
    sender: str
    port: int = 587
    security: Security = "starttls"
    user: str = ""
    password: str = ""
    envelope_sender: str = ""
    local_name: str = ""
    connections: int = 2
    messages_per_connection: int = 100
    idle_for: float = 30.0
    answer_within: float = 30.0
    per_second: float = 20.0
    bounces: Path | None = None
    look_every: float = 60.0
    ca_file: Path | None = None


class _Line:
    """One connection and how much it has carried; `in_step` when the last word was a reply of the server."""

    def __init__(self, client: aiosmtplib.SMTP) -> None:
        self.client = client
        self.carried = 0
        self.in_step = True
        self.used_at = asyncio.get_running_loop().time()


class EmailChannel:
    """Sends letters; tells of those that came back."""

    settings_class = EmailSettings

    def __init__(self, settings: EmailSettings, *, now: Callable[[], datetime] = clock.now) -> None:
        try:
            self._sender = mailbox(settings.sender)
            self._envelope = mailbox(settings.envelope_sender) if settings.envelope_sender else self._sender
        except BadAddress as error:
            raise BadSettings(f"Адрес отправителя писем не годится: {error}.") from error
        if not (self._sender.username.isascii() and self._envelope.username.isascii()):
            raise BadSettings("Имя ящика отправителя должно быть латиницей.")
        if settings.security not in ("starttls", "tls", "none"):
            raise BadSettings("security: starttls, tls или none.")
        self.settings = settings
        self._now = now
        self._tls = None if settings.security == "none" else ssl.create_default_context(cafile=settings.ca_file)
        self._throttle = Throttle(settings.per_second)
        self._places = asyncio.Semaphore(settings.connections)
        self._lines: list[_Line] = []
        self._closed = asyncio.Event()

    async def open(self) -> None:
        """Connect, shake hands and log in once, so that wrong settings are found before the first letter."""
        async with self._places:
            self._lines.append(await self._connect())

    async def send(self, outgoing: Outgoing, *, deadline: float | None = None) -> Sent:
        """Hand one letter to the server; see `Channel.send`."""
        sender, recipient = self._addresses(outgoing)
        letter = compose(outgoing, sender=sender, recipient=recipient, at=self._now())
        await self._throttle.take(deadline=deadline)
        async with self._places:
            line = await self._line()
            line.in_step = False
            try:
                answer = await self._transaction(line, recipient, bytes(letter), deadline)
                line.in_step = True
            except Refused as refused:
                line.in_step = refused.code.startswith("smtp ")
                raise
            finally:
                await self._put_back(line)
        self._throttle.ease()
        return Sent(provider_id=letter["Message-ID"], at=self._now(), parts=1, note=answer)

    async def receipts(self) -> AsyncGenerator[Receipt]:
        """Letters that came back to the Maildir; see `Channel.receipts`."""
        while not self._closed.is_set():
            if self.settings.bounces is not None:
                for receipt in returned_mail(self.settings.bounces, now=self._now):
                    yield receipt
            try:
                await asyncio.wait_for(self._closed.wait(), self.settings.look_every)
            except TimeoutError:
                continue

    async def close(self) -> None:
        """Say goodbye on idle connections."""
        self._closed.set()
        lines, self._lines = self._lines, []
        for line in lines:
            await _goodbye(line)

    def _addresses(self, outgoing: Outgoing) -> tuple[Address, Address]:
        try:
            sender = mailbox(outgoing.sender) if outgoing.sender else self._sender
        except BadAddress as error:
            raise Refused(f"Отправитель не годится: {error}.", word=Word.REJECTED_BY_US, code="bad_sender") from error
        if not sender.username.isascii():
            raise Refused("Имя ящика отправителя должно быть латиницей.", word=Word.REJECTED_BY_US, code="bad_sender")
        try:
            return sender, mailbox(outgoing.to)
        except BadAddress as error:
            raise Refused(f"Адрес не годится: {error}.", word=Word.NEVER, code="bad_address") from error

    async def _line(self) -> _Line:
        """A connection that still works, an old one if it is fresh enough."""
        now = asyncio.get_running_loop().time()
        while self._lines:
            line = self._lines.pop()
            worn = line.carried >= self.settings.messages_per_connection
            if worn or not line.client.is_connected or now - line.used_at > self.settings.idle_for:
                await _goodbye(line)
                continue
            try:
                await line.client.rset()
            except (aiosmtplib.SMTPException, OSError):
                line.client.close()
                continue
            return line
        return await self._connect()

    async def _put_back(self, line: _Line) -> None:
        line.carried += 1
        line.used_at = asyncio.get_running_loop().time()
        if not line.in_step:
            # The dialogue stopped at an unknown place; a new connection is cheaper than a mistaken one.
            line.client.close()
        elif self._closed.is_set():
            await _goodbye(line)
        else:
            self._lines.append(line)

    async def _connect(self) -> _Line:
        settings = self.settings
        client = aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            username=settings.user or None,
            password=settings.password or None,
            local_hostname=settings.local_name or None,
            timeout=settings.answer_within,
            use_tls=settings.security == "tls",
            start_tls=settings.security == "starttls",
            tls_context=self._tls,
        )
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
        except aiosmtplib.SMTPResponseException as error:
            client.close()
            raise refusal(error.code, error.message) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            raise self._no_connection(error) from error
        except BaseException:
            client.close()
            raise
        return _Line(client)

    def _no_connection(self, error: Exception) -> Refused:
        where = f"Почтовый сервер {self.settings.host}:{self.settings.port}"
        # What is neither a network fault nor a reply: a refused certificate, or STARTTLS and login not offered.
        if isinstance(error.__cause__ or error, ssl.SSLError) or not isinstance(error, OSError):
            return Refused(
                f"{where} не даёт защищённого соединения или входа: {error}",
                word=Word.REJECTED_BY_US,
                code="smtp_security",
            )
        return Refused(f"{where} не отвечает: {error}", word=Word.NOT_NOW, code="smtp_unreachable")

    async def _transaction(self, line: _Line, recipient: Address, letter: bytes, deadline: float | None) -> str:
        """MAIL, RCPT, DATA. Until the text is written a failure means "did not leave", afterwards "unknown"."""
        client = line.client
        options: list[str] = []
        if not recipient.username.isascii():
            if not client.supports_extension("smtputf8"):
                raise Refused(
                    "Почтовый сервер не умеет писать на адреса не латиницей.",
                    word=Word.NEVER,
                    code="no_smtputf8",
                )
            options = ["SMTPUTF8"]
        try:
            not_after(deadline)
            await client.mail(self._envelope.addr_spec, options=options)
            await client.rcpt(recipient.addr_spec, encoding="utf-8")
            not_after(deadline)
            started = await client.execute_command(b"DATA")
        except aiosmtplib.SMTPResponseException as error:
            raise self._heard(refusal(error.code, error.message)) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Refused(
                f"Связь с почтовым сервером прервалась до передачи письма: {error}",
                word=Word.NOT_NOW,
                code="smtp_disconnected",
            ) from error
        if started.code != aiosmtplib.SMTPStatus.start_input:
            raise self._heard(refusal(started.code, started.message))
        return await self._content(client, letter, deadline)

    async def _content(self, client: aiosmtplib.SMTP, letter: bytes, deadline: float | None) -> str:
        protocol = client.protocol
        if protocol is None:
            raise Refused("Связь с почтовым сервером прервалась.", word=Word.NOT_NOW, code="smtp_disconnected")
        # The server waits for the text. When the time is over we hang up: without the final dot it keeps
        # nothing (RFC 5321 §4.1.1.10).
        not_after(deadline)
        try:
            protocol.write(_dot_stuffed(letter))
            ended = await protocol.read_response(timeout=self.settings.answer_within)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Unanswered("smtp_no_answer") from error
        if ended.code != aiosmtplib.SMTPStatus.completed:
            raise self._heard(refusal(ended.code, ended.message))
        return " ".join(ended.message.split())

    def _heard(self, refused: Refused) -> Refused:
        """A server that is overloaded says 421 or 4.7.x to everybody: slow down for everybody."""
        if refused.code.startswith(("smtp 421", "smtp 450 4.7", "smtp 451 4.7", "smtp 452 4.3")):
            self._throttle.brake(1.0)
        return refused


async def _goodbye(line: _Line) -> None:
    try:
        if line.client.is_connected:
            await line.client.quit(timeout=2)
    except (aiosmtplib.SMTPException, OSError) as error:
        log.debug("the mail server hung up first: %s", error)
    finally:
        line.client.close()


def _dot_stuffed(letter: bytes) -> bytes:
    """RFC 5321 §4.5.2: lines that begin with a dot get another, a lone dot ends the letter."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", letter)
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", lines) + b".\r\n"
