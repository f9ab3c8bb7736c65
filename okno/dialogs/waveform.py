"""The loudness of a recording through its time, ready to be drawn; nothing of the sound is kept."""

import wave
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy

LOUDEST = 32768.0


class Unreadable(ValueError):
    """The file is no recording of ours."""


@dataclass(frozen=True, slots=True)
class Waveform:
    """`far` and `near` are peaks from 0 to 1 of equal stretches of time: the person on top, we below."""

    seconds: float
    far: tuple[float, ...]
    near: tuple[float, ...]


def of(path: Path, columns: int = 400) -> Waveform:
    """The peaks of a stereo recording in so many columns. Raises `Unreadable`, `OSError`."""
    told = path.stat()
    return _of(path, told.st_size, told.st_mtime_ns, columns)


@lru_cache(maxsize=64)
def _of(path: Path, size: int, changed: int, columns: int) -> Waveform:
    try:
        with wave.open(str(path), "rb") as sound:
            if sound.getsampwidth() != 2 or sound.getnchannels() != 2:
                raise Unreadable(f"{path.name}: not 16-bit stereo")
            rate, frames = sound.getframerate(), sound.getnframes()
            both = numpy.frombuffer(sound.readframes(frames), dtype="<i2").reshape(-1, 2)
    except (wave.Error, EOFError) as error:
        raise Unreadable(f"{path.name}: {error}") from error
    if not len(both):
        return Waveform(0.0, (), ())
    edges = numpy.linspace(0, len(both), min(columns, len(both)) + 1, dtype=numpy.int64)[:-1]
    # int16's least value has no positive twin.
    loud = numpy.maximum.reduceat(numpy.abs(both.astype(numpy.int32)), edges, axis=0) / LOUDEST
    told = numpy.round(loud, 3)
    return Waveform(len(both) / rate, tuple(map(float, told[:, 0])), tuple(map(float, told[:, 1])))
