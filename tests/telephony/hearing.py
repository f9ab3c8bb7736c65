"""What a stretch of sound is, for sentences about who heard whom."""

import numpy

from okno.telephony.frames import FRAME_BYTES, RATE, loudness


def loud_seconds(pcm: bytes) -> float:
    """How long something is heard in it."""
    return sum(loudness(pcm[at : at + FRAME_BYTES]) > 300 for at in range(0, len(pcm), FRAME_BYTES)) * 0.02


def pitch(pcm: bytes) -> float:
    """The strongest tone of it, in hertz."""
    samples = numpy.frombuffer(pcm[: len(pcm) // 2 * 2], dtype="<i2").astype(float)
    spectrum = numpy.abs(numpy.fft.rfft(samples * numpy.hanning(len(samples))))
    return float(numpy.argmax(spectrum) * RATE / len(samples))
