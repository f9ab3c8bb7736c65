"""What the operator's process and the media process say to each other over a pair of sockets made before the start.

A message is a head of 9 bytes, network order: kind (1 byte), call (4), length (4); then the body.

- kind 1: JSON, an order (`{"do": …}`, operator → media) or an event (`{"is": …}`, media → operator);
- kind 2: sound of the call, 8 kHz signed 16-bit mono, any whole number of samples, both ways.

Call 0 is the process itself. The operator numbers the calls it makes with odd numbers, the media process those that
come in with even ones. Messages of a call keep their order, so a `flush` between two sounds means what it says. Nobody
else can reach the pair; the end of either process is the end of the stream. Orders and events are listed in `served`
and `process`.
"""

import asyncio
import json
import struct
from collections.abc import Callable
from typing import Any, cast

_HEAD = struct.Struct("!BII")
_EVENT, _SOUND = 1, 2
_MOST = 16 * 1024 * 1024
_CLOGGED = 4 * 1024 * 1024
"""Bytes waiting to be sent after which sound is dropped; orders and events never are."""


class Wire(asyncio.Protocol):
    """One end. `on_values` and `on_sound` get (call, body); `on_lost` is called once when the other end is gone."""

    def __init__(
        self,
        on_values: Callable[[int, dict[str, Any]], None],
        on_sound: Callable[[int, bytes], None],
        on_lost: Callable[[], None],
    ) -> None:
        self.dropped = 0
        self._on_values = on_values
        self._on_sound = on_sound
        self._on_lost = on_lost
        self._transport: asyncio.WriteTransport | None = None
        self._received = bytearray()
        self._outgoing: list[bytes] = []
        self._scheduled = False

    def send(self, call: int, **values: Any) -> None:
        """An order or an event."""
        self._put(_EVENT, call, json.dumps(values, ensure_ascii=False).encode())

    def send_sound(self, call: int, pcm: bytes) -> None:
        if self._transport is not None and self._transport.get_write_buffer_size() > _CLOGGED:
            self.dropped += len(pcm)
            return
        self._put(_SOUND, call, pcm)

    def close(self) -> None:
        """Send what is left and close our end."""
        self._flush()
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._on_lost()

    def data_received(self, data: bytes) -> None:
        self._received += data
        at = 0
        while len(self._received) - at >= _HEAD.size:
            kind, call, length = _HEAD.unpack_from(self._received, at)
            if length > _MOST:
                raise ValueError("the other end does not speak this protocol")
            end = at + _HEAD.size + length
            if len(self._received) < end:
                break
            body = bytes(self._received[at + _HEAD.size : end])
            at = end
            if kind == _SOUND:
                self._on_sound(call, body)
            else:
                self._on_values(call, json.loads(body))
        del self._received[:at]

    def _put(self, kind: int, call: int, body: bytes) -> None:
        """A beat of a hundred legs makes a hundred messages: they leave in one write."""
        self._outgoing += (_HEAD.pack(kind, call, len(body)), body)
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._scheduled = False
        if self._transport is not None and self._outgoing:
            self._transport.write(b"".join(self._outgoing))
            self._outgoing.clear()
