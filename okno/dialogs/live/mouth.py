"""The robot's voice in a call: phrases sentence by sentence, stopped at once when the person speaks."""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy

from okno.dialogs.live.book import Book
from okno.dialogs.turn import Phrase
from okno.speech.trouble import Died, TooBusy, Unavailable
from okno.speech.voice import Voice
from okno.speech.voice.speaking import ENOUGH_SECONDS
from okno.telephony.frames import SILENCE
from okno.telephony.leg import CallLeg

_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
_SHORT = 24
"""Letters: a sentence shorter than this is said together with the next one."""
_PAUSE = SILENCE * 9
"""Between two phrases, 180 ms."""
_LOUD, _LEAD_SAMPLES = 250, 160
_NOBODY_WAITS = 20.0
"""Seconds a phrase may take while nobody is on the line."""
_BUSY_PAUSES = (0.1, 0.3, 0.6, 0.0)


class NoVoice(Exception):
    """Nothing can be said: `str()` says why, in Russian."""


@dataclass(frozen=True, slots=True)
class AllSaid:
    """What was begun as number `number` has been said, or the voice has failed."""

    number: int


def pieces(text: str) -> list[str]:
    """A phrase in pieces that are said one after another, so that the first sounds before the last is made."""
    told: list[str] = []
    for sentence in _SENTENCE.split(text.strip()):
        if told and len(told[-1]) < _SHORT:
            told[-1] = f"{told[-1]} {sentence}"
        else:
            told.append(sentence)
    return [piece for piece in told if piece]


def from_first_sound(pcm: bytes) -> bytes:
    """Without the silence that synthesis puts before a phrase: it would be a part of every reply's delay."""
    loud = numpy.flatnonzero(numpy.abs(numpy.frombuffer(pcm, dtype="<i2").astype(numpy.int32)) > _LOUD)
    return pcm[max(0, int(loud[0]) - _LEAD_SAMPLES) * 2 :] if len(loud) else pcm


async def prepare(voice: Voice, phrases: Sequence[Phrase]) -> None:
    """Have these phrases made, so that saying them begins at once. Raises `NoVoice`."""
    for phrase in phrases:
        for piece in pieces(phrase.text):
            await made(voice, piece, phrase.language, timeout=_NOBODY_WAITS)


async def made(voice: Voice, piece: str, language: str, *, timeout: float = ENOUGH_SECONDS) -> bytes:
    """The sound of a piece; a voice that is busy is asked a few times more, one that died once. Raises `NoVoice`."""
    died = False
    for pause in _BUSY_PAUSES:
        try:
            return await voice.speak(piece, language, timeout=timeout)
        except TooBusy:
            await asyncio.sleep(pause)
        except Died as error:
            if died:
                raise NoVoice(str(error)) from error
            died = True
        except Unavailable as error:
            raise NoVoice(str(error)) from error
    raise NoVoice("Голос перегружен: прибавьте процессов голоса")


class Mouth:
    """Says phrases on a leg, each in its language, and writes down what was said; `tell` gets `AllSaid` when all is.

    `answer_ended` is the moment of the loop's clock at which the person's answer ended: the next sound is the reply.
    """

    def __init__(self, leg: CallLeg, voice: Voice, book: Book, tell: Callable[[AllSaid], None]) -> None:
        self.answer_ended: float | None = None
        self.unsaid: list[Phrase] = []
        self._leg = leg
        self._voice = voice
        self._book = book
        self._tell = tell
        self._count = 0
        self._saying: asyncio.Task[None] | None = None
        self._row: int | None = None

    def begin(self, phrases: Sequence[Phrase]) -> None:
        """Say these one after another; what was being said before is not said any more."""
        self._end()
        self.unsaid = list(phrases)
        self._saying = asyncio.create_task(self._say_all(self._count))

    @property
    def silent(self) -> bool:
        return self._saying is None or self._saying.done()

    def said(self, event: AllSaid) -> bool:
        """Whether `event` is about what was begun last. Raises `NoVoice` when it could not be said."""
        if event.number != self._count or self._saying is None:
            return False
        self._saying.result()
        return True

    def hush(self) -> None:
        """Fall silent now, whatever is being said; `unsaid` has what was not heard to its end."""
        if not self.silent:
            self._leg.flush()
        self._end()

    def _end(self) -> None:
        self._count += 1
        if self._saying is not None and not self._saying.done():
            self._saying.cancel()
        self._written(cut=True)

    async def _say_all(self, number: int) -> None:
        try:
            while self.unsaid:
                await self._say(self.unsaid[0])
                self.unsaid.pop(0)
        finally:
            self._tell(AllSaid(number))

    async def _say(self, phrase: Phrase) -> None:
        for number, piece in enumerate(parts := pieces(phrase.text)):
            # The next piece is made while this one sounds.
            pcm = await made(self._voice, piece, phrase.language)
            if number == 0:
                pcm = from_first_sound(pcm)
                self._sounds(phrase)
            self._leg.write(pcm if number + 1 < len(parts) else pcm + _PAUSE)
        await self._leg.drained()
        self._written(cut=False)

    def _sounds(self, phrase: Phrase) -> None:
        """The first sound of a phrase goes out now."""
        reply = None
        if self.answer_ended is not None:
            reply = max(0, round((asyncio.get_running_loop().time() - self.answer_ended) * 1000))
            self.answer_ended = None
        self._row = self._book.says(phrase.name, phrase.text, reply_ms=reply)

    def _written(self, *, cut: bool) -> None:
        if self._row is not None:
            self._book.said(self._row, cut=cut)
            self._row = None
