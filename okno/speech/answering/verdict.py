"""The verdict on who picked up."""

from dataclasses import dataclass
from enum import StrEnum


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

    def feed(self, frame: bytes) -> Verdict | None:
        """The next 20 ms of the far side."""
        raise NotImplementedError


def verdict_of_words(text: str, language: str) -> Verdict | None:
    """What the first words tell of who speaks them; None when they tell nothing."""
    raise NotImplementedError


def settled(sound: Verdict, words: Verdict | None) -> Verdict:
    """One verdict of both: words that tell something weigh more than the length of a greeting, a beep more than all."""
    raise NotImplementedError
