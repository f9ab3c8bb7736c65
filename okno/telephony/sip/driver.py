"""The SIP stack of the process: one runtime, one trunk, its calls."""

import asyncio
import os
import re
import socket
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from baresip import Account, BaresipError, Call, Config, Event, RegistrationError, Runtime, StackEvent, UserAgent

from okno.telephony.driver import DriverLeg, DriverRefused
from okno.telephony.leg import Caller
from okno.telephony.sip import guard
from okno.telephony.sip.leg import SipLeg
from okno.telephony.sip.settings import SipSettings

_EXPOSED = ("Reason", "P-Asserted-Identity", "Diversion", "To")
_BEFORE_DIAL_RETURNS = 2_000
"""Events kept for calls whose handle the stack has not told yet."""
_DEAD = 70
"""The process's exit code when the SIP thread died: it cannot be started twice in a process."""
_URI = re.compile(r"sips?:(?P<user>[^@;>]*)@[^;>\s]+")


class SipDriver:
    """See `driver.Driver`. A process may open it once."""

    def __init__(self, settings: SipSettings) -> None:
        self.settings = settings
        self.on_incoming: Callable[[DriverLeg], None] = lambda leg: None
        self.on_trunk: Callable[[bool, str], None] = lambda up, words: None
        self._runtime = Runtime()
        self._agent: UserAgent | None = None
        self._early: deque[StackEvent] = deque(maxlen=_BEFORE_DIAL_RETURNS)
        self._inviting = 0

    async def open(self) -> None:
        self._runtime.on_dead = lambda: os._exit(_DEAD)
        try:
            await self._runtime.start(_config(self.settings))
            guard.guard(self._port, self.settings.allowed or await _addresses(self.settings))
        except (BaresipError, OSError, ValueError) as error:
            raise DriverRefused(f"Телефония не запустилась: {error}") from error
        self._runtime.subscribe(self._on_stack)
        self._agent = await UserAgent.create(self._runtime, _account(self.settings), transfer_policy="reject")
        self._agent.on_incoming(self._on_call)
        if self.settings.register:
            await self._register()
        self.on_trunk(True, "")

    async def close(self) -> None:
        with suppress(BaresipError):
            if self._agent is not None and self.settings.register:
                await self._agent.unregister(timeout=2)
        with suppress(BaresipError):
            await self._runtime.close()

    def leg(self) -> SipLeg:
        return SipLeg(self)

    def turned_away(self) -> int:
        return guard.turned_away(self._port)

    async def invite(self, uri: str, headers: Mapping[str, str]) -> tuple[Call, Sequence[StackEvent]]:
        """Send the INVITE. Events that beat the stack's own answer to us are returned with the call.

        Without this a fast "486" or "200" is lost for ever, and the call looks unanswered.
        """
        assert self._agent is not None
        self._inviting += 1
        try:
            call = await self._agent.dial(uri, dict(headers))
        finally:
            self._inviting -= 1
        early = [event for event in self._early if event.call == call.handle]
        if not self._inviting:
            self._early.clear()
        return call, early

    @property
    def _port(self) -> int:
        return int(self.settings.listen.rpartition(":")[2])

    async def _register(self) -> None:
        assert self._agent is not None
        try:
            await self._agent.register(timeout=10)
        except RegistrationError as error:
            raise DriverRefused(f"АТС не приняла регистрацию: {error}") from error

    def _on_stack(self, event: StackEvent) -> None:
        if event.event is Event.REGISTER_FAIL:
            self.on_trunk(False, event.text or "")
        elif event.event is Event.REGISTER_OK:
            self.on_trunk(True, "")
        elif event.call and self._inviting:
            self._early.append(event)

    def _on_call(self, call: Call) -> None:
        headers = dict(call.headers)
        number = _address(headers.get("P-Asserted-Identity") or call.peer or "")
        caller = Caller(
            number=number,
            called=_address(headers.get("To", "")),
            diverted_from=_address(headers.get("Diversion", "")),
            headers=headers,
        )
        self.on_incoming(SipLeg(self, call, caller))


def _config(settings: SipSettings) -> Config:
    extra = {
        "sip_listen": settings.listen,
        "rtp_ports": settings.rtp_ports,
        # Left alone it is 100 ms fixed: a third of the time a reply may take.
        "audio_jitter_buffer_type": "adaptive",
        "audio_jitter_buffer_ms": "40-200",
        "call_hold_other_calls": "no",
    }
    return Config(
        net_interface=settings.interface,
        expose_headers=_EXPOSED,
        max_concurrent_calls=settings.calls,
        rtp_timeout=settings.lost_after,
        sip_trace=settings.trace,
        extra_config_text="".join(f"{key} {value}\n" for key, value in extra.items()),
    )


def _account(settings: SipSettings) -> Account:
    return Account(
        user=settings.user,
        domain=settings.domain,
        password=settings.password,
        auth_user=settings.auth_user,
        registrar=settings.proxy,
        reg_interval=settings.register_every if settings.register else 0,
        transport=settings.transport,
        audio_codecs=settings.codecs,
        dtmf_mode=settings.keys,
        # Whatever number of ours was dialled, the call is for this one agent.
        extra_params=("catchall=yes",),
    )


async def _addresses(settings: SipSettings) -> list[str]:
    """The IPv4 addresses of the trunk."""
    loop = asyncio.get_running_loop()
    found = set()
    for name in filter(None, (settings.domain, settings.proxy)):
        host = name.removeprefix("sip:").partition(";")[0].partition(":")[0]
        rows = await loop.getaddrinfo(host, None, family=socket.AF_INET)
        found |= {str(row[4][0]) for row in rows}
    return sorted(found)


def _address(header: str) -> str:
    """The phone inside a SIP header, or the whole SIP address when its user part is no phone."""
    uri = _URI.search(header)
    if uri is None:
        return header
    return uri["user"] if uri["user"].lstrip("+").isdigit() else uri[0]
