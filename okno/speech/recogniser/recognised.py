"""What a recogniser promises."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

ENOUGH_SECONDS = 2.0
"""How long a conversation waits for words before it offers keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What was heard in a piece of sound.

    `confidence` lies between 0 and 1. `seconds` is the time from the question to the answer, the queue included.
    `rejected` tells why there are no words to go by ("" when there are): `silence`, `noise`, `unsure`; `text` is then
    what the engine would have said, for people who listen to the call, and must not be understood. `nearest` is the
    one of the likely answers that sounds like this where the text is none of them; "" when none surely does.
    `others` are other ways to hear the same, hardly less likely than `text`, the likeliest first.
    """

    text: str
    confidence: float
    seconds: float
    rejected: str = ""
    nearest: str = ""
    others: tuple[str, ...] = ()


class Recogniser(Protocol):
    async def recognise(
        self,
        pcm: bytes,
        language: str,
        *,
        vocabulary: Sequence[str] = (),
        likely: Sequence[str] = (),
        timeout: float = ENOUGH_SECONDS,
    ) -> Recognised:
        """The words in `pcm` (8 kHz, 16-bit, mono; what is longer than ten seconds is heard from its end), said in
        `language` ("ru", "uk", "kk").

        `vocabulary` are the words and phrases that the turn expects; misheard words near to them are set right.
        `likely` are whole answers of which it is probably one; an engine that cannot compare them tells no `nearest`.
        Raises `TooBusy` at once when too many wait, `Unavailable` after `timeout` seconds or when the engine is gone.
        """
