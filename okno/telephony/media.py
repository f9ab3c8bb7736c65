"""The pump: one clock of 20 ms that moves the sound of all legs of a process.

Per leg and beat it takes what has arrived and hands on exactly one frame of it (silence when nothing came, so that
whoever listens has an unbroken time line), and keeps 60 ms of what we say ahead of the wire: enough to ride over a late
beat, little enough that `flush` silences us at once. Nothing here waits for a database, a recogniser or a disk.
"""

import asyncio
from collections.abc import Callable

from okno.telephony.driver import Sound
from okno.telephony.frames import FRAME_BYTES, FRAME_SECONDS, SILENCE, whole
from okno.telephony.recording import Recording

LEAD_BYTES = 3 * FRAME_BYTES
"""60 ms ahead of the wire."""
MOST_LEGS = 100
_MOST_WAITING = 600 * 50 * FRAME_BYTES
"""Ten minutes of speech: nobody means to say more at once."""
_JITTER_BYTES = 10 * FRAME_BYTES
"""200 ms: a longer burst is caught up by dropping its oldest sound, or the conversation would lag for ever."""
_GIVE_UP_CATCHING = 50
"""Beats: after a stall of a second the clock starts anew instead of running after it."""


class Stream:
    """The sound of one leg in the pump.

    `hear` gets every frame of 20 ms; `emptied` the count of all bytes ever said, once they have left. `recording` may
    be set at any time.
    """

    def __init__(self, sound: Sound, *, hear: Callable[[bytes], None], emptied: Callable[[int], None]) -> None:
        self.recording: Recording | None = None
        self.dropped = 0
        self.said = 0
        self._sound = sound
        self._hear = hear
        self._emptied = emptied
        self._arrived = bytearray()
        self._waiting = bytearray()
        self._on_wire = bytearray()
        self._flowing = False
        self._told = 0
        self._joined: Stream | None = None

    def say(self, pcm: bytes) -> None:
        """Say this after what is waiting; while joined to another leg we keep silent."""
        self.said += len(pcm)
        if self._joined is None and len(self._waiting) < _MOST_WAITING:
            self._waiting += pcm

    def flush(self) -> None:
        """Forget what was not yet sent, in the driver too."""
        self._waiting.clear()
        self._on_wire.clear()
        self._sound.drop()

    def join(self, other: "Stream") -> None:
        """From now on each of the two hears the other; both still are heard and recorded here."""
        for one, two in ((self, other), (other, self)):
            one.flush()
            one._joined = two

    def beat(self) -> None:
        """One step of 20 ms."""
        self._arrived += self._sound.take()
        self._send()
        if not self._flowing:
            self._flowing = bool(self._arrived) or bool(self._on_wire)
        if self._flowing:
            self._pass_on()

    def _pass_on(self) -> None:
        if len(self._arrived) > _JITTER_BYTES:
            surplus = len(self._arrived) - _JITTER_BYTES // 2
            self.dropped += surplus
            del self._arrived[:surplus]
        far, near = _frame(self._arrived), _frame(self._on_wire)
        self._hear(far)
        if self._joined is not None:
            self._joined._relay(far)
        if self.recording is not None:
            self.recording.add(far, near)

    def _relay(self, frame: bytes) -> None:
        self._waiting += frame
        if len(self._waiting) > _JITTER_BYTES:
            del self._waiting[: len(self._waiting) - _JITTER_BYTES // 2]

    def _send(self) -> None:
        ahead = self._sound.waiting()
        if ahead is None:
            return
        while self._waiting and ahead < LEAD_BYTES:
            piece = whole(bytes(self._waiting[:FRAME_BYTES]))
            count = self._sound.give(piece)
            if not count:
                return
            del self._waiting[:count]
            self._on_wire += piece[:count]
            ahead += count
        if not self._waiting and ahead == 0 and self._told != self.said:
            self._told = self.said
            self._emptied(self.said)


class Pump:
    """The clock. `after` runs at the end of every beat."""

    def __init__(self, after: Callable[[], None] = lambda: None) -> None:
        self.streams: set[Stream] = set()
        self.latest = 0.0
        """The longest a beat was late, in seconds, since this was last read and set to 0."""
        self._after = after

    async def run(self) -> None:
        """Beat until cancelled."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            late = loop.time() - due
            self.latest = max(self.latest, late)
            if late > _GIVE_UP_CATCHING * FRAME_SECONDS:
                due = loop.time()
            for stream in tuple(self.streams):
                stream.beat()
            self._after()
            due += FRAME_SECONDS
            await asyncio.sleep(max(0.0, due - loop.time()))


def _frame(buffer: bytearray) -> bytes:
    """The next frame of the buffer; silence while it has less than one."""
    if len(buffer) < FRAME_BYTES:
        return SILENCE
    frame = bytes(buffer[:FRAME_BYTES])
    del buffer[:FRAME_BYTES]
    return frame
