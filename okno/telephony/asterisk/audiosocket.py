"""AudioSocket: Asterisk connects to us over TCP, once a call, and names the call by a UUID.

A message is a type (1 byte), a length (2 bytes, big-endian) and a body: 0x00 hang-up, 0x01 UUID, 0x03 a key, 0x10 sound
of 8 kHz, 0xff an error. Pacing is ours. Keys are not read here: ARI tells each of them too, and they would count twice.
"""

import asyncio
import struct
from collections.abc import Callable, Iterable
from contextlib import suppress
from uuid import UUID

from okno.telephony.asterisk.ari import Ari
from okno.telephony.asterisk.pacing import Playing
from okno.telephony.frames import SECOND_BYTES, SILENCE

_HEAD = struct.Struct("!BH")
_HANG_UP, _UUID, _SOUND = 0x00, 0x01, 0x10
_NAMES_ITSELF_SECONDS = 5.0
_CLOGGED = SECOND_BYTES
"""Bytes that wait in the socket after which the network is taken for stuck and nothing more is given."""


class AudioSocketSound:
    """See `driver.Sound`. Silence is sent whenever there is nothing to say: a channel that gets no sound at once stays
    silent for ever on some releases."""

    def __init__(self, name: UUID, app: str, reach: str, forget: Callable[[UUID], object]) -> None:
        self._forget = forget
        self._name = name
        self._app = app
        self._reach = reach
        self._writer: asyncio.StreamWriter | None = None
        self._arrived = bytearray()
        self._playing = Playing()

    async def request(self, ari: Ari, channel: str) -> None:
        """Have Asterisk connect to us for the channel of this name."""
        await ari.ask(
            "POST",
            "/channels/externalMedia",
            channelId=channel,
            app=self._app,
            external_host=self._reach,
            encapsulation="audiosocket",
            transport="tcp",
            format="slin",
            data=str(self._name),
        )

    async def attach(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve the connection until either side ends it."""
        self._writer = writer
        self._send(SILENCE)
        try:
            while True:
                kind, length = _HEAD.unpack(await reader.readexactly(_HEAD.size))
                body = await reader.readexactly(length)
                if kind == _HANG_UP:
                    return
                if kind == _SOUND:
                    self._arrived += body
                    del self._arrived[:-SECOND_BYTES]
        finally:
            self._writer = None

    def take(self) -> bytes:
        arrived = bytes(self._arrived)
        self._arrived.clear()
        if self._writer is not None and self._playing.left() == 0:
            self._send(SILENCE)
        return arrived

    def waiting(self) -> int | None:
        if self._writer is None or self._writer.transport.get_write_buffer_size() > _CLOGGED:
            return None
        return self._playing.left()

    def give(self, pcm: bytes) -> int:
        if self._writer is None:
            return 0
        self._send(pcm)
        return len(pcm)

    def drop(self) -> None:
        """What was given is gone; it is 60 ms at most."""
        self._playing.clear()

    async def close(self) -> None:
        self._forget(self._name)
        if self._writer is not None:
            self._writer.write(_HEAD.pack(_HANG_UP, 0))
            self._writer.close()

    def _send(self, pcm: bytes) -> None:
        assert self._writer is not None
        self._writer.write(_HEAD.pack(_SOUND, len(pcm)) + pcm)
        self._playing.add(len(pcm))


class AudioSocketServer:
    """Where Asterisk connects. A connection from an unknown address or with an unknown name is closed and counted."""

    def __init__(self, host: str, port: int, *, allowed: Iterable[str], app: str, reach: str) -> None:
        self.turned_away = 0
        self._host, self._port = host, port
        self._allowed = frozenset(allowed)
        self._app, self._reach = app, reach
        self._expected: dict[UUID, AudioSocketSound] = {}
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, self._host, self._port)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()

    def expect(self, name: UUID) -> AudioSocketSound:
        """The sound of a connection that will name itself so."""
        sound = self._expected[name] = AudioSocketSound(name, self._app, self._reach, self._unexpect)
        return sound

    def _unexpect(self, name: UUID) -> None:
        self._expected.pop(name, None)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            sound = await self._known(reader, writer)
            if sound is None:
                self.turned_away += 1
            else:
                with suppress(asyncio.IncompleteReadError, ConnectionError):
                    await sound.attach(reader, writer)
        finally:
            writer.close()

    async def _known(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> AudioSocketSound | None:
        if writer.get_extra_info("peername")[0] not in self._allowed:
            return None
        try:
            async with asyncio.timeout(_NAMES_ITSELF_SECONDS):
                kind, length = _HEAD.unpack(await reader.readexactly(_HEAD.size))
                if (kind, length) != (_UUID, 16):
                    return None
                return self._expected.pop(UUID(bytes=await reader.readexactly(length)), None)
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
            return None
