"""chan_websocket: we connect to Asterisk, binary messages are sound, text messages are events and commands.

Asterisk paces, fills holes with silence and can forget what it has queued. `MEDIA_START` may come late: sound flows
without waiting for it.
"""

import asyncio
import json
from contextlib import suppress

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from okno.telephony.asterisk.ari import Ari, AriRefused
from okno.telephony.asterisk.pacing import Playing
from okno.telephony.asterisk.settings import AsteriskSettings
from okno.telephony.frames import SECOND_BYTES

_CONNECTION = "MEDIA_WEBSOCKET_CONNECTION_ID"
_MOST = 65_000
"""Asterisk takes messages under 65,500 bytes."""


class WebSocketSound:
    """See `driver.Sound`."""

    def __init__(self, settings: AsteriskSettings) -> None:
        self._settings = settings
        self._serving: asyncio.Task[None] | None = None
        self._arrived = bytearray()
        self._outgoing: asyncio.Queue[bytes | str] = asyncio.Queue()
        self._playing = Playing()
        self._connected = False
        self._stopped = False

    async def request(self, ari: Ari, channel: str) -> None:
        """Have Asterisk wait for us with the channel of this name, and connect."""
        await ari.ask(
            "POST",
            "/channels/externalMedia",
            channelId=channel,
            app=self._settings.app,
            external_host="INCOMING",
            encapsulation="none",
            transport="websocket",
            connection_type="server",
            format="slin",
        )
        answer = await ari.ask("GET", f"/channels/{channel}/variable", variable=_CONNECTION)
        connected: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        url = f"{self._settings.web_socket}/media/{answer['value']}"
        self._serving = asyncio.get_running_loop().create_task(self._attach(url, connected))
        await asyncio.wait((self._serving, connected), return_when=asyncio.FIRST_COMPLETED)
        if not connected.done():
            raise AriRefused(f"no connection for sound: {self._serving.exception()}")

    async def _attach(self, url: str, connected: "asyncio.Future[None]") -> None:
        async with connect(url, subprotocols=[Subprotocol("media")], compression=None, proxy=None) as socket:
            self._connected = True
            connected.set_result(None)
            sending = asyncio.create_task(self._send(socket))
            try:
                with suppress(ConnectionClosed):
                    async for message in socket:
                        self._receive(message)
            finally:
                self._connected = False
                sending.cancel()

    def take(self) -> bytes:
        arrived = bytes(self._arrived)
        self._arrived.clear()
        return arrived

    def waiting(self) -> int | None:
        return self._playing.left() if self._connected and not self._stopped else None

    def give(self, pcm: bytes) -> int:
        if not self._connected or self._stopped:
            return 0
        piece = pcm[:_MOST]
        self._outgoing.put_nowait(piece)
        self._playing.add(len(piece))
        return len(piece)

    def drop(self) -> None:
        self._playing.clear()
        if self._connected:
            self._outgoing.put_nowait("FLUSH_MEDIA")

    async def close(self) -> None:
        if self._connected:
            self._outgoing.put_nowait("HANGUP")

    async def _send(self, socket: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            while True:
                await socket.send(await self._outgoing.get())

    def _receive(self, message: bytes | str) -> None:
        if isinstance(message, bytes):
            self._arrived += message
            del self._arrived[:-SECOND_BYTES]
            return
        match _event(message):
            case "MEDIA_XOFF":
                self._stopped = True
            case "MEDIA_XON":
                self._stopped = False


def _event(message: str) -> str:
    """The name of an event, in either of Asterisk's two ways: plain words, or JSON of the newer releases."""
    if message.startswith("{"):
        with suppress(ValueError):
            return str(json.loads(message).get("event", ""))
    return message.partition(" ")[0]
