"""The one shape of sound inside the room: 8,000 samples a second, signed 16-bit little-endian, one channel."""

import numpy

RATE = 8_000
"""Samples a second."""
FRAME_MS = 20
FRAME_SECONDS = FRAME_MS / 1000
FRAME_BYTES = RATE * FRAME_MS // 1000 * 2
"""One frame of 20 ms: 160 samples."""
SECOND_BYTES = RATE * 2
SILENCE = bytes(FRAME_BYTES)


def whole(pcm: bytes) -> bytes:
    """The same sound with silence after it up to a whole number of frames; half a sample raises `ValueError`."""
    if len(pcm) % 2:
        raise ValueError("half a sample: 16-bit sound has an even number of bytes")
    return pcm + bytes(-len(pcm) % FRAME_BYTES)


def stereo(left: bytes, right: bytes) -> bytes:
    """Two channels of equal length as one, sample by sample."""
    both = numpy.empty((len(left) // 2, 2), dtype="<i2")
    both[:, 0] = numpy.frombuffer(left, dtype="<i2")
    both[:, 1] = numpy.frombuffer(right, dtype="<i2")
    return both.tobytes()


def loudness(pcm: bytes) -> float:
    """Root mean square of the samples, 0 for nothing; full scale is 32,768."""
    if not pcm:
        return 0.0
    samples = numpy.frombuffer(pcm, dtype="<i2").astype(numpy.float64)
    return float(numpy.sqrt(numpy.mean(samples * samples)))
