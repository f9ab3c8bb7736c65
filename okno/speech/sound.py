"""The one shape of sound in the room: 8,000 samples a second, signed 16-bit little-endian, one channel."""

RATE = 8_000
"""Samples a second."""
FRAME_SECONDS = 0.02
FRAME_BYTES = 320
"""One frame of 20 ms: 160 samples."""
SECOND_BYTES = RATE * 2


def seconds(pcm: bytes) -> float:
    """How long the sound lasts."""
    return len(pcm) / SECOND_BYTES
