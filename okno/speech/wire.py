"""What the operator's process and an engine's process say to each other over a pair of sockets.

A message is a head of 8 bytes, network order: length of the JSON (4), length of the sound (4); then both. The engine
first gets its settings and says `{"ready": true}` or `{"refused": words}`; then each request gets one reply, which is
`{"failed": words}` when the engine could not do it. The end of either process is the end of the stream.
"""

import asyncio
import json
import socket
import struct
from typing import Any

_HEAD = struct.Struct("!II")
_MOST = 64 * 1024 * 1024

Values = dict[str, Any]


def packed(values: Values, sound: bytes = b"") -> bytes:
    body = json.dumps(values, ensure_ascii=False).encode()
    return _HEAD.pack(len(body), len(sound)) + body + sound


async def received(stream: asyncio.StreamReader) -> tuple[Values, bytes]:
    """The next message; raises `EOFError` (as `IncompleteReadError`) when the other end is gone."""
    values, sound = _lengths(await stream.readexactly(_HEAD.size))
    return _values(await stream.readexactly(values)), await stream.readexactly(sound)


def receive(end: socket.socket) -> tuple[Values, bytes]:
    """The next message on a blocking socket; raises `EOFError`."""
    values, sound = _lengths(_exactly(end, _HEAD.size))
    return _values(_exactly(end, values)), _exactly(end, sound)


def _lengths(head: bytes) -> tuple[int, int]:
    values, sound = _HEAD.unpack(head)
    if values + sound > _MOST:
        raise EOFError("not a message")
    return values, sound


def _values(body: bytes) -> Values:
    values: Values = json.loads(body)
    return values


def _exactly(end: socket.socket, count: int) -> bytes:
    body = bytearray()
    while len(body) < count:
        piece = end.recv(min(count - len(body), 1 << 20))
        if not piece:
            raise EOFError("the other end is gone")
        body += piece
    return bytes(body)
