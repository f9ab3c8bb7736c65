"""Engines of speech that cost nothing: words travel as tones, so that they go over a real line and come out again.

The line, the sound and its timing are real. A voice says a phrase as a tone of 1,000 Hz, as long as the phrase; a
person's answer is a tone of its own pitch, by which the recogniser knows the words; speech is what is loud.
"""

import asyncio
from collections.abc import Sequence

from okno.speech.activity import Activity, Kind
from okno.speech.answering import By, Verdict, Who
from okno.speech.recogniser import Recognised
from okno.speech.trouble import TooBusy, Unavailable
from okno.telephony.frames import loudness
from tests.telephony.hearing import pitch
from tests.telephony.peers.rtp import tone

LOUD = 300
WORDS = {
    380: "на кухне",
    440: "течёт кран",
    500: "алло",
    560: "да",
    620: "нет",
    680: "вы ошиблись номером",
    740: "я заплачу в пятницу",
    800: "оператор",
    860: "оставьте сообщение после сигнала",
    1250: "двенадцать",
    1310: "перезвоните позже",
    1370: "қазақша сөйлеңізші",
}
NOISE = 1_700
"""A pitch that nobody can recognise."""
MUMBLE = 1_500
"""A pitch of words that nobody can make out."""


def said(words: str, seconds: float = 0.6) -> bytes:
    """The sound of a person's answer."""
    hertz = next(hertz for hertz, text in WORDS.items() if text == words)
    return sound(hertz, seconds)


def sound(hertz: float, seconds: float) -> bytes:
    return tone(hertz, seconds).astype("<i2").tobytes()


class ToneVoice:
    """Says every phrase as a tone; `texts` is what it was ever asked to say, `languages` in which languages.
    `missing` makes it unavailable."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.languages: list[str] = []
        self.missing = ""
        self.seconds_a_letter = 0.01

    async def speak(self, text: str, language: str, *, timeout: float = 3.0) -> bytes:
        if self.missing:
            raise Unavailable(self.missing)
        self.texts.append(text)
        self.languages.append(language)
        return sound(1_000, max(0.2, len(text) * self.seconds_a_letter))


class PitchRecogniser:
    """Knows a tone by its pitch; `busy` makes it too busy for so many questions."""

    def __init__(self) -> None:
        self.busy = 0
        self.asked = 0
        self.languages: list[str] = []
        self.seconds = 0.05

    async def recognise(
        self,
        pcm: bytes,
        language: str,
        *,
        vocabulary: Sequence[str] = (),
        likely: Sequence[str] = (),
        timeout: float = 2.0,
    ) -> Recognised:
        self.asked += 1
        self.languages.append(language)
        if self.busy:
            self.busy -= 1
            raise TooBusy
        await asyncio.sleep(self.seconds)
        heard = pitch(pcm)
        if abs(MUMBLE - heard) <= 20:
            return Recognised(text="бед", confidence=0.2, seconds=self.seconds, rejected="unsure")
        nearest = min(WORDS, key=lambda hertz: abs(hertz - heard))
        if abs(nearest - heard) > 20:
            return Recognised(text="", confidence=0.0, seconds=self.seconds, rejected="noise")
        return Recognised(text=WORDS[nearest], confidence=0.9, seconds=self.seconds)


class Loudness:
    """Speech is what is loud for 60 ms; it ends with `end_pause` of quiet, or after `longest` seconds."""

    def __init__(self, *, end_pause: float = 0.3, longest: float = 4.0) -> None:
        self.end_pause = end_pause
        self._longest = longest
        self._speech = bytearray()
        self._loud = self._quiet = 0
        self.speaking = False

    def feed(self, frame: bytes) -> Activity | None:
        loud = loudness(frame) > LOUD
        self._loud = self._loud + 1 if loud else 0
        self._quiet = 0 if loud else self._quiet + 1
        if loud or self.speaking:
            self._speech += frame
        if not self.speaking:
            if self._loud < 3:
                if not loud:
                    self._speech.clear()
                return None
            self.speaking = True
            return Activity(kind=Kind.STARTED)
        if self._quiet * 0.02 >= self.end_pause:
            speech = bytes(self._speech[: len(self._speech) - self._quiet * 320])
            return self._end(Activity(kind=Kind.ENDED, speech=speech))
        if len(self._speech) >= self._longest * 16_000:
            return self._end(Activity(kind=Kind.ENDED, speech=bytes(self._speech), cut=True))
        return None

    def close(self) -> None:
        """Nothing was lent."""

    def _end(self, activity: Activity) -> Activity:
        self._speech.clear()
        self.speaking = False
        self._loud = 0
        return activity


class FirstSound:
    """Takes whatever says something short for a person, something long for a machine, and silence for a person."""

    def __init__(self) -> None:
        self._activity = Loudness(longest=2.5)
        self._frames = 0
        self._done = False

    def feed(self, frame: bytes) -> Verdict | None:
        self._frames += 1
        activity = self._activity.feed(frame)
        if self._done:
            return None
        if activity is not None and activity.kind is Kind.ENDED:
            self._done = True
            who = Who.MACHINE if activity.cut else Who.PERSON
            return Verdict(who=who, by=By.GREETING, confidence=0.8, speech=activity.speech)
        if self._frames >= 75 and not self._activity.speaking:
            self._done = True
            return Verdict(who=Who.UNKNOWN, by=By.SILENCE, confidence=0.3)
        return None

    def close(self) -> None:
        """Nothing was lent."""


class Engines:
    """What a conversation asks for."""

    def __init__(self) -> None:
        self.voice = ToneVoice()
        self.recogniser = PitchRecogniser()
