"""Calls through the customer's Asterisk."""

import asyncio
import socket
from collections.abc import Callable, Coroutine
from typing import Any, Protocol
from uuid import uuid4

from okno.telephony.asterisk.ari import Ari, AriRefused
from okno.telephony.asterisk.audiosocket import AudioSocketServer
from okno.telephony.asterisk.leg import OURS, AsteriskLeg
from okno.telephony.asterisk.settings import AsteriskSettings
from okno.telephony.asterisk.websocket import WebSocketSound
from okno.telephony.driver import DriverLeg, DriverRefused, Sound
from okno.telephony.leg import Caller

_CLEANING_SECONDS = 2.0


class Media(Sound, Protocol):
    """The sound of a leg and how it is asked for."""

    async def request(self, ari: Ari, channel: str) -> None:
        """Have Asterisk make the channel of this name whose sound is ours; raises `AriRefused`."""

    async def close(self) -> None: ...


class AsteriskDriver:
    """See `driver.Driver`."""

    def __init__(self, settings: AsteriskSettings) -> None:
        self.settings = settings
        self.on_incoming: Callable[[DriverLeg], None] = lambda leg: None
        self.on_trunk: Callable[[bool, str], None] = lambda up, words: None
        self.ari = Ari(settings, self._on_event, self._on_link)
        self._legs: dict[str, AsteriskLeg] = {}
        self._server: AudioSocketServer | None = None
        self._cleaning: set[asyncio.Task[None]] = set()
        self._checking: asyncio.Task[None] | None = None

    async def open(self) -> None:
        try:
            if self.settings.media == "audiosocket":
                host, _, port = self.settings.listen.rpartition(":")
                self._server = AudioSocketServer(
                    host,
                    int(port),
                    allowed=self.settings.allowed or await self._addresses(),
                    app=self.settings.app,
                    reach=self.settings.reach or self.settings.listen,
                )
                await self._server.open()
            await self.ari.open()
        except (OSError, ValueError, AriRefused) as error:
            raise DriverRefused(f"Asterisk недоступен: {error}") from error

    async def close(self) -> None:
        if self._cleaning:
            await asyncio.wait(self._cleaning, timeout=_CLEANING_SECONDS)
        await self.ari.close()
        if self._server is not None:
            await self._server.close()

    def leg(self) -> AsteriskLeg:
        leg = AsteriskLeg(self)
        self._legs[leg.channel] = leg
        return leg

    def turned_away(self) -> int:
        return self._server.turned_away if self._server is not None else 0

    def media(self) -> Media:
        """The sound of a new leg."""
        if self._server is None:
            return WebSocketSound(self.settings)
        return self._server.expect(uuid4())

    def forget(self, leg: AsteriskLeg, cleaning: Coroutine[Any, Any, None]) -> None:
        """The leg is over; what is left of it in Asterisk is taken away in the background."""
        self._legs.pop(leg.channel, None)
        task = asyncio.get_running_loop().create_task(cleaning)
        self._cleaning.add(task)
        task.add_done_callback(self._cleaning.discard)

    def _on_event(self, event: dict[str, Any]) -> None:
        channel = event.get("channel") or event.get("peer") or {}
        name = str(channel.get("id", ""))
        if event["type"] == "StasisStart" and not name.startswith(OURS):
            self._take_in(name, channel)
        elif leg := self._legs.get(name):
            leg.on_ari(event)

    def _take_in(self, name: str, channel: dict[str, Any]) -> None:
        caller = Caller(
            number=str(channel.get("caller", {}).get("number", "")),
            called=str(channel.get("dialplan", {}).get("exten", "")),
        )
        leg = self._legs[name] = AsteriskLeg(self, channel=name, caller=caller)
        self.on_incoming(leg)

    def _on_link(self, up: bool, words: str) -> None:
        self.on_trunk(up, words)
        if up and self._legs:
            # Whatever ended while no events came ended without a word.
            self._checking = asyncio.get_running_loop().create_task(self._check())

    async def _check(self) -> None:
        for leg in tuple(self._legs.values()):
            try:
                await self.ari.ask("GET", f"/channels/{leg.channel}")
            except AriRefused as refused:
                if refused.status == 404:
                    leg.lost()

    async def _addresses(self) -> list[str]:
        rows = await asyncio.get_running_loop().getaddrinfo(self.settings.host, None, family=socket.AF_INET)
        return sorted({str(row[4][0]) for row in rows})
