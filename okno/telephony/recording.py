"""Recordings of calls: stereo WAV, the far side on the left, we on the right, readable whenever the process dies.

The file is written a second at a time, and its header is made right after every step, so that a killed process leaves a
file that any player opens and that lacks its last second at most. One thread writes for all calls: a slow disk delays
no sound. When the disk is full the call goes on and the recording says that it is cut.
"""

import asyncio
import os
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

from okno.telephony.frames import RATE, SECOND_BYTES, stereo
from okno.telephony.leg import RecordingResult

_STEP_BYTES = SECOND_BYTES
"""One second of one side."""
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_SIDES = 2


class Recorder:
    """The writing thread of a process. `close` waits until all that was said is on disk."""

    def __init__(self) -> None:
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def start(self, path: Path) -> "Recording":
        """Begin a recording; the file must not exist yet, its folder must. What goes wrong is told by the result."""
        return Recording(path, self._work.put)

    def close(self) -> None:
        self._work.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (job := self._work.get()) is not None:
            job()


class Recording:
    """One call's recording. `add` and `finish` are called from the event loop, the rest runs in the writing thread."""

    def __init__(self, path: Path, later: Callable[[Callable[[], None]], None]) -> None:
        self._path = path
        self._later = later
        self._far = bytearray()
        self._near = bytearray()
        self._file: int | None = None
        self._written = 0
        self._cut = ""
        self._later(self._open)

    def add(self, far: bytes, near: bytes) -> None:
        """The same stretch of time from both sides, of equal length."""
        self._far += far
        self._near += near
        if len(self._far) >= _STEP_BYTES:
            self._step()

    async def finish(self) -> RecordingResult:
        """Write what is left and close."""
        self._step()
        loop = asyncio.get_running_loop()
        done: asyncio.Future[RecordingResult] = loop.create_future()

        def close() -> None:
            result = self._close()
            loop.call_soon_threadsafe(_settle, done, result)

        self._later(close)
        return await done

    def _step(self) -> None:
        far, near = bytes(self._far), bytes(self._near)
        self._far.clear()
        self._near.clear()
        if far:
            self._later(lambda: self._write(stereo(far, near)))

    def _open(self) -> None:
        try:
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            os.write(self._file, _header(0))
        except OSError as error:
            self._give_up(error)

    def _write(self, both: bytes) -> None:
        if self._file is None or self._cut:
            return
        rest = memoryview(both)
        try:
            while rest:
                count = os.write(self._file, rest)
                self._written += count
                rest = rest[count:]
            os.pwrite(self._file, _header(self._written), 0)
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        self._cut = error.strerror or type(error).__name__

    def _close(self) -> RecordingResult:
        self._written -= self._written % (2 * _SIDES)
        if self._file is not None:
            try:
                os.pwrite(self._file, _header(self._written), 0)
                os.ftruncate(self._file, _HEADER.size + self._written)
            except OSError as error:
                self._give_up(error)
            os.close(self._file)
            self._file = None
        return RecordingResult(path=str(self._path), seconds=self._written / (SECOND_BYTES * _SIDES), cut=self._cut)


def _settle(done: "asyncio.Future[RecordingResult]", result: RecordingResult) -> None:
    if not done.cancelled():
        done.set_result(result)


def _header(data: int) -> bytes:
    block = 2 * _SIDES
    rest = _HEADER.size - 8 + data
    return _HEADER.pack(b"RIFF", rest, b"WAVE", b"fmt ", 16, 1, _SIDES, RATE, RATE * block, block, 16, b"data", data)
