"""Phrases already said, on the disk: the same words in the same voice are made once.

The sounds may hold names and sums: the folder is the owner's alone, and what was not said for a month is thrown away.
"""

import hashlib
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import structlog

_log = structlog.get_logger("okno.speech")
_KEPT_SECONDS = 30 * 86_400
_MOST_BYTES = 1 << 30
_LOOK_EVERY = 2_000
"""New phrases between two looks at the folder's size."""


class Cache:
    """Sounds by voice and text, under `folder`. A disk that is full or broken only costs time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept = 0

    def get(self, voice: str, text: str) -> bytes | None:
        path = self._path(voice, text)
        try:
            sound = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        return sound

    def put(self, voice: str, text: str, sound: bytes) -> None:
        path = self._path(voice, text)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=".")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(sound)
                os.replace(name, path)
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            _log.warning("a phrase was not kept", error=str(error))
            return
        self._kept += 1
        if self._kept % _LOOK_EVERY == 1:
            self.tidy(time.time())

    def tidy(self, now: float) -> None:
        """Throw away what was last said a month before `now` (seconds of the epoch), then the oldest above 1 GiB."""
        files = []
        for path in self._folder.glob("*/*.pcm"):
            with suppress(OSError):
                stat = path.stat()
                files.append((stat.st_mtime, stat.st_size, path))
        left = sum(size for _, size, _ in files)
        for said, size, path in sorted(files):
            if said > now - _KEPT_SECONDS and left <= _MOST_BYTES:
                break
            with suppress(OSError):
                path.unlink()
                left -= size

    def _path(self, voice: str, text: str) -> Path:
        name = hashlib.sha256(f"{voice}\n{text}".encode()).hexdigest()
        return self._folder / name[:2] / f"{name}.pcm"
