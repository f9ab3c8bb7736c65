"""Short messages through an aggregator's HTTP interface, whatever it calls its fields."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx

from okno.channels.base import (
    BadSettings,
    Outgoing,
    Receipt,
    Refused,
    Sent,
    Unanswered,
    Word,
    check_text,
    not_after,
)
from okno.channels.sms.phone import digits, sender_name
from okno.channels.sms.profiles import PROFILES, Profile
from okno.channels.sms.text import measure
from okno.channels.throttle import Throttle
from okno.common import clock

log = logging.getLogger(__name__)

_MEANINGS: dict[Word, str] = {
    Word.NOT_NOW: "SMS-агрегатор просит повторить позже",
    Word.NEVER: "На этот номер SMS не доставить",
    Word.REJECTED_BY_US: "SMS-агрегатор отклонил сообщение: проверьте доступ, деньги, имя отправителя и текст",
    Word.UNKNOWN: "SMS-агрегатор ответил кодом, которого мы не знаем",
}


@dataclass(frozen=True, kw_only=True)
class HttpSmsSettings:
    """`url` is the folder of the interface (`https://smsc.kz/sys/`); times in seconds; `longest` in parts.

    `password` is the token when the profile wants one. Statuses are asked every `look_every` for `watch_for`.
    """

    url: str
    password: str
    sender: str
    login: str = ""
    profile: str = "smsc"
    answer_within: float = 15.0
    connections: int = 4
    per_second: float = 10.0
    longest: int = 10
    look_every: float = 60.0
    watch_for: float = 3 * 24 * 3600


@dataclass(frozen=True)
class _Watched:
    message_id: str
    to: str
    since: float


class _Progress:
    """Whether the request has begun to leave, and the last look at the clock before it does."""

    def __init__(self, deadline: float | None) -> None:
        self.deadline = deadline
        self.written = False

    async def trace(self, event: str, details: Mapping[str, Any]) -> None:
        # Connecting and the TLS handshake may take seconds, so the clock is read again at the first octet.
        if event.endswith("send_request_headers.started"):
            not_after(self.deadline)
            self.written = True


class HttpSmsChannel:
    """Sends short messages; asks what became of them."""

    settings_class = HttpSmsSettings

    def __init__(self, settings: HttpSmsSettings, *, now: Callable[[], datetime] = clock.now) -> None:
        if settings.profile not in PROFILES:
            raise BadSettings(f"Профиля «{settings.profile}» нет. Есть: {', '.join(sorted(PROFILES))}.")
        if not settings.url.startswith(("https://", "http://127.0.0.1:")) or not settings.url.endswith("/"):
            raise BadSettings("Адрес SMS-агрегатора начинается с https:// и кончается знаком /.")
        try:
            sender_name(settings.sender)
        except Refused as refused:
            raise BadSettings(str(refused)) from refused
        self.settings = settings
        self.profile = PROFILES[settings.profile]
        self._now = now
        self._throttle = Throttle(settings.per_second)
        self._watched: dict[str, _Watched] = {}
        self._closed = asyncio.Event()
        self._client: httpx.AsyncClient | None = None

    async def open(self) -> None:
        """Nothing is asked of the other side: most aggregators count every request."""
        headers = {}
        if self.profile.auth == "bearer":
            headers["Authorization"] = f"Bearer {self.settings.password}"
        self._client = httpx.AsyncClient(
            base_url=self.settings.url,
            headers=headers,
            timeout=self.settings.answer_within,
            follow_redirects=False,
            limits=httpx.Limits(max_connections=self.settings.connections),
        )

    async def send(self, outgoing: Outgoing, *, deadline: float | None = None) -> Sent:
        """Hand over one message; see `Channel.send`."""
        check_text(outgoing.text)
        measured = measure(outgoing.text)
        if not 1 <= measured.parts <= self.settings.longest:
            raise Refused(
                f"В SMS {measured.parts} частей, можно от 1 до {self.settings.longest}.",
                word=Word.REJECTED_BY_US,
                code="too_long" if measured.parts else "empty",
            )
        fields = self._fields(outgoing)
        await self._throttle.take(deadline=deadline)
        answer = await self._ask(self.profile.send_path, fields, deadline)
        profile = self.profile
        if (code := _text(answer, profile.answer_error)) not in ("", "0"):
            raise self._refusal(code, _text(answer, profile.answer_words))
        provider_id = _text(answer, profile.answer_id)
        if not provider_id:
            raise Unanswered("http_no_id")
        self._throttle.ease()
        self.watch(provider_id, message_id=outgoing.id, to=outgoing.to)
        parts = _text(answer, profile.answer_parts)
        return Sent(
            provider_id=provider_id,
            at=self._now(),
            parts=int(parts) if parts.isdecimal() else measured.parts,
            note=_text(answer, profile.answer_cost),
        )

    def watch(self, provider_id: str, *, message_id: str, to: str) -> None:
        """Ask about this message from now on; for messages sent before a restart."""
        self._watched[provider_id] = _Watched(message_id, to, time.monotonic())

    async def receipts(self) -> AsyncGenerator[Receipt]:
        """Asks about every message until it has an end; see `Channel.receipts`."""
        while not self._closed.is_set():
            for provider_id, watched in list(self._watched.items()):
                if receipt := await self._look(provider_id, watched):
                    yield receipt
                    self._watched.pop(provider_id, None)
                elif time.monotonic() - watched.since > self.settings.watch_for:
                    self._watched.pop(provider_id, None)
            try:
                await asyncio.wait_for(self._closed.wait(), self.settings.look_every)
            except TimeoutError:
                continue

    async def close(self) -> None:
        """Let the connections go."""
        self._closed.set()
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _look(self, provider_id: str, watched: _Watched) -> Receipt | None:
        profile = self.profile
        if not profile.status_path:
            return None
        fields = {
            **profile.status_fixed,
            profile.status_id_field: provider_id,
            profile.status_to_field: digits(watched.to),
        }
        try:
            answer = await self._ask(profile.status_path, self._signed(fields), None)
        except Refused as refused:
            log.info("the status of an SMS could not be asked: %s", refused.code)
            return None
        return receipt_of(answer, profile, provider_id=provider_id, message_id=watched.message_id, at=self._now())

    def _fields(self, outgoing: Outgoing) -> dict[str, str]:
        profile = self.profile
        return self._signed(
            {
                **profile.fixed,
                profile.to_field: digits(outgoing.to),
                profile.text_field: outgoing.text,
                profile.sender_field: sender_name(outgoing.sender or self.settings.sender),
                profile.id_field: client_id(outgoing.id, profile),
            }
        )

    def _signed(self, fields: dict[str, str]) -> dict[str, str]:
        if self.profile.auth == "fields":
            fields[self.profile.login_field] = self.settings.login
            fields[self.profile.password_field] = self.settings.password
        return fields

    async def _ask(self, path: str, fields: dict[str, str], deadline: float | None) -> Mapping[str, Any]:
        """The answer as JSON. Raises `Refused` when the request surely had no effect, else `Unanswered`."""
        if self._client is None:
            raise Refused("Канал SMS не открыт.", word=Word.NOT_NOW, code="closed")
        progress = _Progress(deadline)
        body: dict[str, Any] = {"json": fields} if self.profile.body == "json" else {"data": fields}
        try:
            # The time-outs of httpx are for each step; this one is for the whole.
            async with asyncio.timeout(self.settings.answer_within):
                response = await self._client.post(path, extensions={"trace": progress.trace}, **body)
        except (httpx.HTTPError, TimeoutError) as error:
            if progress.written:
                raise Unanswered("http_no_answer") from error
            raise Refused(
                f"SMS-агрегатор не отвечает: {type(error).__name__}", word=Word.NOT_NOW, code="http_unreachable"
            ) from error
        return self._read(response)

    def _read(self, response: httpx.Response) -> Mapping[str, Any]:
        status = response.status_code
        if status in self.profile.http_errors:
            raise self._refusal_of_http(status, self.profile.http_errors[status])
        if status in (429, 503):
            # RFC 6585 §4, RFC 9110 §15.6.4: not processed, come again.
            self._throttle.brake(1.0)
            raise self._refusal_of_http(status, Word.NOT_NOW)
        if status >= 500:
            # A gateway may say so after the message went on.
            raise Unanswered(f"http {status}")
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if isinstance(answer, dict) and (status < 300 or _text(answer, self.profile.answer_error)):
            return answer
        if status < 300:
            raise Unanswered("http_unreadable")
        raise self._refusal_of_http(status, Word.REJECTED_BY_US)

    def _refusal(self, code: str, words: str) -> Refused:
        word = self.profile.errors.get(code, Word.UNKNOWN)
        if word is Word.NOT_NOW:
            self._throttle.brake(1.0)
        return Refused(f"{_MEANINGS[word]} ({words or code})", word=word, code=f"{self.settings.profile} {code}")

    def _refusal_of_http(self, status: int, word: Word) -> Refused:
        return Refused(f"{_MEANINGS[word]} (HTTP {status})", word=word, code=f"http {status}")


def client_id(our_id: str, profile: Profile) -> str:
    """Our id for the aggregator. Raises `Refused` when it is not a UUID."""
    try:
        number = UUID(our_id).int
    except ValueError as error:
        raise Refused("Номер сообщения должен быть UUID.", word=Word.REJECTED_BY_US, code="bad_id") from error
    return str(number % 0x7FFFFFFF + 1) if profile.id_as == "number" else our_id


def receipt_of(
    answer: Mapping[str, Any], profile: Profile, *, provider_id: str, message_id: str | None, at: datetime
) -> Receipt | None:
    """The state of one message out of a status answer; None while it is on its way or nothing is said."""
    status = _text(answer, profile.status_value)
    word = profile.statuses.get(status, Word.UNKNOWN)
    if not status or word is None:
        return None
    error = _text(answer, profile.status_error)
    return Receipt(
        provider_id=provider_id,
        message_id=message_id,
        word=word,
        provider_code=f"status {status} {error}".strip(),
        text="",
        at=at,
    )


def _text(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    return "" if value is None or isinstance(value, dict | list) else str(value)
