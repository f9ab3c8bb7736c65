"""The one shape of sound in the room: 8,000 samples a second, signed 16-bit little-endian, one channel."""

import io
import wave
from typing import Any

import numpy
import numpy.typing

RATE = 8_000
"""Samples a second."""
FRAME_SECONDS = 0.02
FRAME_BYTES = 320
"""One frame of 20 ms: 160 samples."""
SECOND_BYTES = RATE * 2
_PEAK = 0.6
"""Of full scale: as loud as a person on a telephone, with room left for the line."""
_BLOCK = 8
"""A row of samples is made as long as a multiple of this in every rate, which keeps the transform quick."""

Samples = numpy.typing.NDArray[Any]


class NotSound(ValueError):
    """This is no WAV file with 16-bit samples."""


def seconds(pcm: bytes) -> float:
    """How long the sound lasts."""
    return len(pcm) / SECOND_BYTES


def silence(length: float) -> bytes:
    """So many seconds of nothing."""
    return bytes(round(length * RATE) * 2)


def samples(pcm: bytes) -> Samples:
    """The sound as numbers between -1 and 1; an odd last byte is let go."""
    return numpy.frombuffer(pcm[: len(pcm) // 2 * 2], dtype="<i2").astype(numpy.float32) / 32_768


def pcm_of(wave_form: Samples) -> bytes:
    """Numbers between -1 and 1 as sound; what is louder is clipped."""
    return bytes((numpy.clip(wave_form, -1, 32_767 / 32_768) * 32_768).astype("<i2").tobytes())


def resampled(wave_form: Samples, rate: int) -> Samples:
    """The same sound at 8 kHz without what a telephone does not carry above 4 kHz."""
    if rate == RATE:
        return wave_form.astype(numpy.float32)
    step = rate // numpy.gcd(rate, RATE) * _BLOCK
    padded = numpy.pad(wave_form, (0, -len(wave_form) % step))
    length = len(padded) * RATE // rate
    spectrum = numpy.fft.rfft(padded)[: length // 2 + 1]
    if len(spectrum) < length // 2 + 1:
        spectrum = numpy.pad(spectrum, (0, length // 2 + 1 - len(spectrum)))
    wanted = len(wave_form) * RATE // rate
    carried = numpy.fft.irfft(spectrum, length) * (length / len(padded))
    return numpy.asarray(carried[:wanted], dtype=numpy.float32)


def from_wav(file: bytes, *, even: bool = True) -> bytes:
    """A WAV file of 16-bit samples, any rate, as our sound; the first channel of several. `even` brings every voice to
    the same loudness. Raises `NotSound`."""
    try:
        with wave.open(io.BytesIO(file)) as opened:
            width, channels, rate = opened.getsampwidth(), opened.getnchannels(), opened.getframerate()
            # A program that writes into a pipe does not know the length and promises too much.
            body = opened.readframes(min(opened.getnframes(), len(file)))
    except (wave.Error, EOFError) as error:
        raise NotSound(str(error)) from error
    if width != 2 or not 4_000 <= rate <= 192_000:
        raise NotSound(f"{width * 8} bits, {rate} Hz")
    wave_form = resampled(samples(body[: len(body) // (2 * channels) * 2 * channels])[::channels], rate)
    peak = float(numpy.abs(wave_form).max()) if len(wave_form) else 0.0
    return pcm_of(wave_form * (_PEAK / peak) if even and peak > 0 else wave_form)


def to_wav(pcm: bytes) -> bytes:
    """Our sound as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as opened:
        opened.setnchannels(1)
        opened.setsampwidth(2)
        opened.setframerate(RATE)
        opened.writeframes(pcm)
    return file.getvalue()
