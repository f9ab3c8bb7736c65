"""A mail server on the loopback that takes every letter and answers as it was told."""

import asyncio
import re
import ssl
from collections.abc import Callable, Mapping
from datetime import datetime
from email import message_from_bytes, policy
from email.message import MIMEPart
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from okno.common import clock
from okno.demo.sinks.record import Arrival, Record

ANSWERS: Mapping[str, str] = {
    r"bounce.*@": "550 5.1.1 No such mailbox here",
    r"full.*@": "552 5.2.2 Mailbox full",
    r"later.*@": "451 4.3.2 Try again later",
    r"spam.*@": "550 5.7.1 Message refused by policy",
}
"""What the server says to RCPT, by the beginning of the recipient's address."""


class SmtpSink:
    """`async with SmtpSink(folder=…) as sink`: listens on 127.0.0.1:`sink.port`.

    Letters land in `folder` as `<number>.eml`, and a line about each in `messages.jsonl`. `answers` maps a
    regular expression for the recipient to the reply of RCPT. With `tls` the server offers STARTTLS (or
    speaks TLS at once when `tls_at_once`); with `login` it wants that user and password first, after TLS.
    """

    def __init__(
        self,
        *,
        folder: Path,
        port: int = 0,
        keep: int = 10_000,
        answers: Mapping[str, str] = ANSWERS,
        data_answer: str = "250 2.0.0 Taken",
        tls: ssl.SSLContext | None = None,
        tls_at_once: bool = False,
        login: tuple[str, str] | None = None,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self.folder = folder
        self.port = port
        self.answers = dict(answers)
        self.data_answer = data_answer
        self.connections = 0
        self.record = Record(folder, keep=keep, now=now)
        self._tls, self._tls_at_once, self._login = tls, tls_at_once, login
        self._sessions: list[SMTP] = []

    @property
    def arrivals(self) -> list[Arrival]:
        """What came, oldest first."""
        return list(self.record.arrivals)

    async def __aenter__(self) -> Self:
        self.record.__enter__()
        self._number = len(list(self.folder.glob("*.eml")))
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            self._session, "127.0.0.1", self.port, ssl=self._tls if self._tls_at_once else None
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self.hang_up()
        await self._server.wait_closed()
        self.record.__exit__(kind, error, trace)

    def hang_up(self) -> None:
        """Drop every connection, as a server does that is being restarted."""
        for session in self._sessions:
            if session.transport is not None:
                cast("asyncio.Transport", session.transport).abort()
        self._sessions.clear()

    def _session(self) -> SMTP:
        self.connections += 1
        options: dict[str, Any] = {}
        if self._tls is not None and not self._tls_at_once:
            options |= {"tls_context": self._tls, "require_starttls": True}
        if self._login is not None:
            options |= {"authenticator": self._authenticate, "auth_required": True}
        session = SMTP(self, hostname="sink.invalid", enable_SMTPUTF8=True, ident="Sink", **options)
        self._sessions.append(session)
        return session

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: LoginPassword
    ) -> AuthResult:
        assert self._login is not None
        right = (given.login.decode(), given.password.decode()) == self._login
        return AuthResult(success=right, handled=False)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Sender ok"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        for pattern, answer in self.answers.items():
            if re.match(pattern, address, re.IGNORECASE):
                self.record.add(self._refused(envelope, address, answer))
                return answer
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Recipient ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        raw = cast("bytes", envelope.content or b"")
        letter = message_from_bytes(raw, policy=policy.default)
        taken = self.data_answer.startswith("2")
        self._number += 1
        path = self.folder / f"{self._number:06d}.eml"
        if taken:
            path.write_bytes(raw)
        plain = letter.get_body(("plain", "html"))
        for recipient in envelope.rcpt_tos:
            self.record.add(
                Arrival(
                    at=self.record.moment(),
                    channel="email",
                    to=recipient,
                    sender=envelope.mail_from or "",
                    subject=str(letter["Subject"] or ""),
                    text=_text(plain) if plain is not None else "",
                    parts=1,
                    message_id=_bare(str(letter["Message-ID"] or "")),
                    provider_id=path.stem,
                    answer=self.data_answer,
                    taken=taken,
                )
            )
        return self.data_answer

    def _refused(self, envelope: Envelope, address: str, answer: str) -> Arrival:
        return Arrival(
            at=self.record.moment(),
            channel="email",
            to=address,
            sender=envelope.mail_from or "",
            subject="",
            text="",
            parts=0,
            message_id="",
            provider_id="",
            answer=answer,
            taken=False,
        )


def _text(body: MIMEPart) -> str:
    """The words as they were written; the line ends of the wire and the last line break say nothing."""
    return str(body.get_content()).replace("\r\n", "\n").rstrip("\n")


def _bare(message_id: str) -> str:
    """Our id out of `<id@domain>`."""
    return message_id.strip("<> ").partition("@")[0]
