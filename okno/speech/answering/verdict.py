"""The verdict on who picked up."""

from dataclasses import dataclass, replace
from enum import StrEnum

from okno.speech.activity.speechness import Speechness
from okno.speech.answering.beep import Beep
from okno.speech.answering.saying import of_a_person, weight
from okno.speech.sound import FRAME_SECONDS

_SHORT = 1.3
"""Seconds of «алло» and «слушаю вас»."""
_GREETING = 2.9
"""Seconds of speech without a pause after which it is read from a paper: people ask and wait."""
_WAITS = 0.7
"""Seconds of silence after which who spoke waits for us."""
_NOBODY = 4.0
"""Seconds without a word."""
_LEAD = 15
"""Frames kept before the first word."""
_MOST_KEPT = 500
_MANY_WORDS, _CERTAIN = 4, 0.95
_BLIP = 4
"""Frames of speech in a row below which it was a click."""


class Who(StrEnum):
    PERSON = "person"
    MACHINE = "machine"
    """An answering machine, a voice mailbox or an announcement of the network."""
    SCREENING = "screening"
    """A robot that asks who calls and why, and passes it on."""
    UNKNOWN = "unknown"
    """Nothing was said in time: treat it as a person who waits for us to begin."""


class By(StrEnum):
    """What the verdict rests on."""

    BEEP = "beep"
    GREETING = "greeting"
    """How long and how evenly the first words went on."""
    WORDS = "words"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`confidence` lies between 0 and 1. `speech` is the sound the verdict rests on, to be recognised and judged by its
    words; `beeped` is true when the tone after which a machine records has been heard."""

    who: Who
    by: By
    confidence: float
    speech: bytes = b""
    beeped: bool = False


class Listener:
    """One call's first seconds, from the answer on. Gives one verdict by `feed`; only a beep may come after it."""

    def __init__(self) -> None:
        self._speechness = Speechness()
        self._beep = Beep()
        self._frames: list[bytes] = []
        self._spoken = 0
        self._silent = 0
        self._run = 0
        self._nobody = 0
        self._begun = False
        self._judged = False

    def feed(self, frame: bytes) -> Verdict | None:
        """The next 20 ms of the far side."""
        if self._beep.feed(frame):
            return self._told(Who.MACHINE, By.BEEP, 0.98, beeped=True)
        if self._judged:
            return None
        speech = self._speechness.feed(frame) and not self._beep.tone
        self._frames.append(frame)
        if not self._begun:
            self._wait(speech)
            return self._told(Who.UNKNOWN, By.SILENCE, 0.5) if self._nobody * FRAME_SECONDS >= _NOBODY else None
        return self._listen(speech)

    def close(self) -> None:
        """The call has ended, or who picked up is known otherwise: what was lent for it goes back."""
        self._speechness.close()

    def _wait(self, speech: bool) -> None:
        """Until somebody begins to speak."""
        self._nobody += 1
        self._run = self._run + 1 if speech else 0
        if self._run >= _BLIP:
            self._begun, self._spoken, self._silent = True, self._run, 0
        else:
            del self._frames[: -_LEAD - _BLIP]

    def _listen(self, speech: bool) -> Verdict | None:
        if speech:
            # A pause within the greeting belongs to it.
            self._spoken += self._silent + 1
            self._silent = 0
        else:
            self._silent += 1
        spoken = self._spoken * FRAME_SECONDS
        if spoken >= _GREETING or len(self._frames) >= _MOST_KEPT:
            return self._told(Who.MACHINE, By.GREETING, 0.7)
        if self._silent * FRAME_SECONDS >= _WAITS:
            return self._told(Who.PERSON, By.GREETING, 0.9 if spoken <= _SHORT else 0.65)
        return None

    def _told(self, who: Who, by: By, confidence: float, *, beeped: bool = False) -> Verdict:
        self._judged = True
        self._speechness.close()
        speech = b"".join(self._frames) if self._begun else b""
        self._frames = []
        return Verdict(who=who, by=by, confidence=confidence, speech=speech, beeped=beeped)


def verdict_of_words(text: str, language: str) -> Verdict | None:
    """What the first words tell of who speaks them; None when they tell nothing.

    Words in `language` ("ru", "uk", "kk"), recognised and therefore inexact. Raises `UnknownLanguage`.
    """
    weights = weight(text, language)
    # A screening robot speaks of subscribers and messages too; a machine never of being an assistant.
    for who in (Who.SCREENING, Who.MACHINE):
        if weights[who.value] >= 1.0:
            return Verdict(who=who, by=By.WORDS, confidence=min(0.97, 0.8 + 0.05 * weights[who.value]))
    if of_a_person(text, language):
        long = len(text.split()) >= _MANY_WORDS
        return Verdict(who=Who.PERSON, by=By.WORDS, confidence=_CERTAIN if long else 0.9)
    return None


def settled(sound: Verdict, words: Verdict | None) -> Verdict:
    """One verdict of both: words that tell something weigh more than the length of a greeting, a beep more than all."""
    if words is None or sound.by is By.BEEP:
        return sound
    # A machine whose first words were a greeting goes on talking: the length is the better witness, unless the words
    # fill it.
    if words.who is Who.PERSON and sound.who is Who.MACHINE and words.confidence < _CERTAIN:
        return replace(sound, confidence=0.55)
    return replace(words, speech=sound.speech, beeped=sound.beeped)
