"""Asterisk's side of ARI, chan_websocket and AudioSocket, spoken for real over TCP.

Channels to a number behave as `fates` says: "answer", "busy", "absent", "silent" (rings for ever) or "refuse" (ARI
itself says no). Every channel's far party talks a tone of 700 Hz and hears what comes, a frame each 20 ms.
"""

import asyncio
import base64
import hashlib
import json
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from tests.telephony.peers.rtp import tone

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TONE = tone(700, 1.0).astype("<i2").tobytes()
_FRAME = 320


class Party:
    """Who is behind a channel of sound: what was played to them, what is still queued."""

    def __init__(self) -> None:
        self.heard = bytearray()
        self.queued = bytearray()
        self.flushes = 0
        self.connected = asyncio.Event()

    async def talk(self, send: Callable[[bytes], Any]) -> None:
        at = 0
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            await send(_TONE[at : at + _FRAME])
            at = (at + _FRAME) % len(_TONE)
            self.heard += self.queued[:_FRAME].ljust(_FRAME, b"\0")
            del self.queued[:_FRAME]
            due += 0.02
            await asyncio.sleep(max(0.0, due - loop.time()))


class Asterisk:
    """`async with Asterisk(fates) as pbx`; `parties` by the name of the channel whose far side they are."""

    def __init__(self, fates: dict[str, str]) -> None:
        self.fates = fates
        self.parties: dict[str, Party] = {}
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.channels: dict[str, str] = {}
        self.port = 0
        self._events: list[asyncio.StreamWriter] = []
        self._bridged: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> "Asterisk":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.sleep(0)

    def settings(self, **more: Any) -> dict[str, Any]:
        return {
            "url": f"http://127.0.0.1:{self.port}",
            "user": "okno",
            "password": "secret",
            "endpoint": "PJSIP/{number}@trunk",
            **more,
        }

    def tell(self, event: str, name: str, **values: Any) -> None:
        """An event about a channel to everybody who listens."""
        body = {"type": event, "application": "okno", "channel": {"id": name, "state": "Ring"}, **values}
        for writer in self._events:
            writer.write(_frame(1, json.dumps(body).encode()))

    def ring_in(self, channel: str, caller: str, called: str) -> None:
        """Somebody calls us."""
        self.channels[channel] = "in"
        about = {"id": channel, "state": "Ring", "caller": {"number": caller}, "dialplan": {"exten": called}}
        self.tell("StasisStart", channel, channel=about)

    def end(self, channel: str, cause: int = 16) -> None:
        """The channel goes away."""
        if self.channels.pop(channel, None) is not None:
            self.tell("ChannelDestroyed", channel, cause=cause, cause_txt=f"cause {cause}")

    def cut_events(self) -> None:
        """The connection of events breaks."""
        for writer in self._events:
            writer.close()
        self._events.clear()

    def party(self, channel: str) -> Party:
        return self.parties[f"okno-m-{channel}"]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                method, target, _ = head[0].split(" ")
                headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
                raw = dict(line.split(": ", 1) for line in head[1:] if line)
                url = urlsplit(target)
                if headers.get("upgrade") == "websocket":
                    key = next(value for name, value in raw.items() if name.lower() == "sec-websocket-key")
                    await self._upgrade(reader, writer, url.path, dict(parse_qsl(url.query)), key, headers)
                    return
                status, body = self._answer(method, url.path.removeprefix("/ari"), dict(parse_qsl(url.query)))
                text = json.dumps(body).encode() if body is not None else b""
                writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text)
        writer.close()

    def _answer(self, method: str, path: str, values: dict[str, str]) -> tuple[int, dict[str, Any] | None]:
        self.requests.append((method, path, values))
        parts = path.strip("/").split("/")
        match method, parts:
            case "POST", ["channels", "create"]:
                number = values["endpoint"].removeprefix("PJSIP/").partition("@")[0]
                if self.fates.get(number) == "refuse":
                    return 400, {"message": "no such endpoint"}
                self.channels[values["channelId"]] = number
            case "POST", ["channels", "externalMedia"]:
                self._sound(values)
            case "GET", ["channels", channel, "variable"]:
                return 200, {"value": f"media-{channel}"}
            case "POST", ["channels", channel, "dial"]:
                self._start(self._fate(channel, self.fates.get(self.channels[channel], "answer")))
            case "DELETE", ["channels", channel]:
                if channel not in self.channels:
                    return 404, {"message": "Channel not found"}
                self.end(channel)
            case "GET", ["channels", channel] if channel not in self.channels:
                return 404, {"message": "Channel not found"}
        return (200, {}) if method == "GET" else (204, None)

    async def _fate(self, channel: str, fate: str) -> None:
        def dial(status: str) -> None:
            self.tell("Dial", channel, dialstatus=status, peer={"id": channel})

        dial("RINGING") if fate != "absent" else dial("PROGRESS")
        await asyncio.sleep(0.2)
        match fate:
            case "answer":
                dial("ANSWER")
            case "busy":
                dial("BUSY")
                self.end(channel, 17)
            case "absent":
                self.end(channel, 20)

    def _sound(self, values: dict[str, str]) -> None:
        party = self.parties[values["channelId"]] = Party()
        if values["encapsulation"] == "audiosocket":
            self._start(self._audiosocket(party, values["external_host"], UUID(values["data"])))

    async def _audiosocket(self, party: Party, where: str, name: UUID) -> None:
        host, _, port = where.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(struct.pack("!BH", 1, 16) + name.bytes)
        party.connected.set()

        async def send(pcm: bytes) -> None:
            writer.write(struct.pack("!BH", 0x10, len(pcm)) + pcm)

        talking = asyncio.create_task(party.talk(send))
        try:
            while True:
                kind, length = struct.unpack("!BH", await reader.readexactly(3))
                body = await reader.readexactly(length)
                if kind == 0:
                    return
                party.queued += body
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            talking.cancel()
            writer.close()

    async def _upgrade(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        path: str,
        values: dict[str, str],
        key: str,
        headers: dict[str, str],
    ) -> None:
        if path == "/ari/events" and values.get("api_key") != "okno:secret":
            writer.write(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
            writer.close()
            return
        accept = base64.b64encode(hashlib.sha1(key.encode() + _GUID).digest()).decode()
        extra = "Sec-WebSocket-Protocol: media\r\n" if "sec-websocket-protocol" in headers else ""
        writer.write(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"{extra}Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
        )
        if path == "/ari/events":
            self._events.append(writer)
            while await _receive(reader):
                pass
        else:
            await self._media(self.parties[path.removeprefix("/media/media-")], reader, writer)

    async def _media(self, party: Party, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def send(pcm: bytes) -> None:
            writer.write(_frame(2, pcm))

        party.connected.set()
        talking = asyncio.create_task(party.talk(send))
        # Late on purpose: sound must not wait for it.
        late = asyncio.get_running_loop().call_later(
            0.3, writer.write, _frame(1, b"MEDIA_START connection_id:x channel:y format:slin optimal_frame_size:320")
        )
        try:
            while message := await _receive(reader):
                kind, body = message
                if kind == 2:
                    party.queued += body
                elif body == b"FLUSH_MEDIA":
                    party.flushes += 1
                    party.queued.clear()
                elif body == b"HANGUP":
                    return
        finally:
            late.cancel()
            talking.cancel()
            writer.close()

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _frame(kind: int, body: bytes) -> bytes:
    """A WebSocket message of a server (RFC 6455): 1 text, 2 binary."""
    length = bytes([len(body)]) if len(body) < 126 else b"\x7e" + struct.pack("!H", len(body))
    return bytes([0x80 | kind]) + length + body


async def _receive(reader: asyncio.StreamReader) -> tuple[int, bytes] | None:
    """A message of a client; None at the end."""
    try:
        first, second = await reader.readexactly(2)
        length = second & 0x7F
        if length == 126:
            length = struct.unpack("!H", await reader.readexactly(2))[0]
        mask = await reader.readexactly(4)
        body = bytes(byte ^ mask[at % 4] for at, byte in enumerate(await reader.readexactly(length)))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return None if first & 15 == 8 else (first & 15, body)
