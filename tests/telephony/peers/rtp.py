"""The sound of far ends: answers RTP with a tone of its own and keeps what it heard, with the kernel's own clock.

One thread serves many calls, one port each. Sound is G.711 A-law, 20 ms a packet.
"""

import math
import select
import socket
import struct
import threading
import time
from dataclasses import dataclass, field

import numpy

FRAME = 160
_TIMESTAMPNS = 35
"""SO_TIMESTAMPNS: when the packet reached the machine, not when this thread got to it."""
_HEAD = struct.Struct("!BBHII")
_KEYS = "0123456789*#ABCD"


def _alaw_table() -> numpy.ndarray:
    """The value of each of 256 A-law codes (ITU-T G.711)."""
    values = numpy.zeros(256, dtype=numpy.int16)
    for code in range(256):
        plain = code ^ 0x55
        exponent, mantissa = (plain >> 4) & 7, plain & 15
        size = (mantissa << 4) + 8 if exponent == 0 else ((mantissa << 4) + 0x108) << (exponent - 1)
        values[code] = size if plain & 0x80 else -size
    return values


ALAW = _alaw_table()


def decode(payload: bytes) -> numpy.ndarray:
    return ALAW[numpy.frombuffer(payload, dtype=numpy.uint8)]


def encode(samples: numpy.ndarray) -> bytes:
    """The nearest A-law code of every sample; slow, for a tone that is made once."""
    order = numpy.argsort(ALAW, kind="stable")
    places = numpy.clip(numpy.searchsorted(ALAW[order], samples), 1, 255)
    left, right = ALAW[order[places - 1]].astype(int), ALAW[order[places]].astype(int)
    nearer = numpy.where(samples - left <= right - samples, order[places - 1], order[places])
    return bytes(nearer.astype(numpy.uint8))


def tone(hertz: float, seconds: float, size: int = 8_000) -> numpy.ndarray:
    """A sine at 8 kHz."""
    at = numpy.arange(int(8_000 * seconds)) / 8_000
    return (size * numpy.sin(2 * math.pi * hertz * at)).astype(numpy.int16)


@dataclass
class FarSound:
    """What one far end heard: (arrival in seconds, sequence, loud?) of every packet of sound, and keys."""

    port: int
    packets: list[tuple[float, int, bool]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    heard: list[bytes] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)
    """When each packet of its own went out."""

    def pcm(self) -> bytes:
        return decode(b"".join(self.heard)).astype("<i2").tobytes()

    def gaps(self) -> list[float]:
        """Seconds between neighbours."""
        return [late - early for (early, *_), (late, *_) in zip(self.packets, self.packets[1:], strict=False)]

    def lost(self) -> int:
        """Packets that the sequence numbers say were sent and that did not come."""
        if not self.packets:
            return 0
        span = (self.packets[-1][1] - self.packets[0][1]) % 65_536 + 1
        return max(0, span - len(self.packets))


class RtpFarEnds:
    """`count` far ends on free ports; a packet in makes that end talk back a tone until its call goes silent.

    `keep` keeps the sound itself, not only its times. `talk` is whether they talk back.
    """

    def __init__(self, count: int, *, keep: bool = True, talk: bool = True) -> None:
        self._keep = keep
        self._talk = talk
        self._sockets = [self._open() for _ in range(count)]
        self.ends = [FarSound(port=one.getsockname()[1]) for one in self._sockets]
        self._peers: dict[int, tuple[str, int]] = {}
        self._sent = [0] * count
        self._stop = threading.Event()
        self._tone = encode(tone(440, 1.0))
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def storm(self, at: int, *, keys: int, seconds: float) -> None:
        """Press keys (RFC 4733) faster than any hand, from this end, evenly over the time."""
        for number in range(keys):
            for part, end in enumerate((0, 0x80)):
                payload = struct.pack("!BBH", number % 10, end | 10, 400)
                stamp = 1_000_000 + number * 800
                kind = 101 if part else 0x80 | 101
                head = _HEAD.pack(0x80, kind, (40_000 + number * 2 + part) & 0xFFFF, stamp, 7_000 + at)
                self._sockets[at].sendto(head + payload, self._peers[at])
            time.sleep(seconds / keys)

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        for one in self._sockets:
            one.close()

    @staticmethod
    def _open() -> socket.socket:
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.bind(("127.0.0.1", 0))
        one.setblocking(False)
        one.setsockopt(socket.SOL_SOCKET, _TIMESTAMPNS, 1)
        return one

    def _run(self) -> None:
        poll = select.epoll()
        numbers = {one.fileno(): at for at, one in enumerate(self._sockets)}
        for descriptor in numbers:
            poll.register(descriptor, select.EPOLLIN)
        due = time.monotonic()
        while not self._stop.is_set():
            for descriptor, _ in poll.poll(max(0.0, due - time.monotonic())):
                self._receive(numbers[descriptor])
            if time.monotonic() >= due:
                due += 0.02
                if self._talk:
                    self._say()
        poll.close()

    def _receive(self, at: int) -> None:
        while True:
            try:
                packet, extra, _, peer = self._sockets[at].recvmsg(2048, 128)
            except (BlockingIOError, ConnectionRefusedError):
                return
            whole, fraction = struct.unpack("qq", extra[0][2][:16])
            self._peers[at] = peer
            self._take(self.ends[at], packet, whole + fraction / 1e9)

    def _take(self, end: FarSound, packet: bytes, moment: float) -> None:
        if len(packet) < _HEAD.size:
            return
        _, kind, sequence, _, _ = _HEAD.unpack_from(packet)
        payload = packet[_HEAD.size :]
        if kind & 0x7F == 8:
            loud = int(numpy.abs(decode(payload).astype(int)).max(initial=0)) > 500
            end.packets.append((moment, sequence, loud))
            if self._keep:
                end.heard.append(payload)
        elif kind & 0x7F == 101 and kind & 0x80:
            # The first packet of a key carries the marker; its repetitions are not further keys.
            end.keys.append(_KEYS[payload[0]])

    def _say(self) -> None:
        for at, peer in list(self._peers.items()):
            count = self._sent[at]
            self._sent[at] += 1
            start = count * FRAME % (len(self._tone) - FRAME + 1)
            head = _HEAD.pack(0x80, 8, count & 0xFFFF, count * FRAME & 0xFFFFFFFF, 7_000 + at)
            try:
                self._sockets[at].sendto(head + self._tone[start : start + FRAME], peer)
                self.ends[at].sent.append(time.time())
            except OSError:
                del self._peers[at]
