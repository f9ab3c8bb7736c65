"""Speech told from silence and noise in a stream of frames."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    STARTED = "started"
    """A person began to speak: the robot falls silent."""
    ENDED = "ended"
    """The person has been silent for the end pause, or has spoken for as long as one answer may last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """A beginning or an end of speech. With an end comes `speech`: the sound from a little before the beginning to the
    last word, 8 kHz. `cut` is true when the person goes on speaking and the answer was ended for its length."""

    kind: Kind
    speech: bytes = b""
    cut: bool = False


class VoiceActivity:
    """One listener a call.

    `end_pause` is the silence in seconds that ends an answer; it may be changed between frames (a number said in
    groups needs a longer one than yes or no).
    """

    def __init__(self, *, end_pause: float = 0.3) -> None:
        self.end_pause = end_pause

    def feed(self, frame: bytes) -> Activity | None:
        """The next 20 ms."""
        raise NotImplementedError
