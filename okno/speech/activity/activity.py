"""Speech told from silence and noise in a stream of frames."""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from okno.speech.activity.speechness import Speechness
from okno.speech.sound import FRAME_SECONDS

_BEGINS = 5
"""Of the last `_WINDOW` frames so many must be speech: 100 ms, longer than a click and shorter than «да»."""
_WINDOW = 8
_LEAD = 18
"""Frames before the first frame of speech that are kept: the quiet beginning of a word."""
_TAIL = 8
"""Frames after the last one."""
_LONGEST_SECONDS = 10.0


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
        self._speechness = Speechness()
        self._lately: deque[bool] = deque(maxlen=_WINDOW)
        self._before: deque[bytes] = deque(maxlen=_LEAD + _WINDOW)
        self._said: list[bytes] | None = None
        self._silent = 0

    def feed(self, frame: bytes) -> Activity | None:
        """The next 20 ms."""
        speech = self._speechness.feed(frame)
        return self._idle(frame, speech) if self._said is None else self._speaking(self._said, frame, speech)

    def close(self) -> None:
        """The stream has ended: what was lent for it goes back."""
        self._speechness.close()

    def _idle(self, frame: bytes, speech: bool) -> Activity | None:
        self._before.append(frame)
        self._lately.append(speech)
        if sum(self._lately) < _BEGINS:
            return None
        self._said = list(self._before)
        self._silent = 0
        self._before.clear()
        self._lately.clear()
        return Activity(kind=Kind.STARTED)

    def _speaking(self, said: list[bytes], frame: bytes, speech: bool) -> Activity | None:
        said.append(frame)
        self._silent = 0 if speech else self._silent + 1
        over = self._silent * FRAME_SECONDS >= self.end_pause
        cut = not over and len(said) * FRAME_SECONDS >= _LONGEST_SECONDS
        if not over and not cut:
            return None
        kept = said[: len(said) - self._silent + _TAIL] if over else said
        self._before.extend(said[len(kept) :])
        self._said = None
        return Activity(kind=Kind.ENDED, speech=b"".join(kept), cut=cut)
