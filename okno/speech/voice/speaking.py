"""What a voice promises."""

from typing import Protocol

ENOUGH_SECONDS = 3.0
"""How long a conversation waits for a phrase."""


class Voice(Protocol):
    async def speak(self, text: str, language: str, *, timeout: float = ENOUGH_SECONDS) -> bytes:
        """`text` said aloud in `language` ("ru", "uk", "kk") as 8 kHz, 16-bit, mono sound.

        Figures, sums and days in the text are put into words first. A phrase once said comes from the disk; what an
        announcer has recorded is taken before anything is synthesised. Raises `TooBusy` at once when too many wait,
        `Unavailable` after `timeout` seconds or when the engine is gone.
        """
