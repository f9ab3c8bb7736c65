"""Who picked up, on generated telephone sound: people, answering machines, screening robots.

People are many voices of espeak-ng, festival and the reader of festvox-ru; machines read greetings and beep, networks
announce; screening robots introduce themselves. The table is a confusion matrix, by sound alone and with the words as
the recogniser hears them. Needs no database.
"""

import asyncio
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy
import yaml

from benchmarks import talking
from okno.speech.answering import Listener, Verdict, Who, settled, verdict_of_words
from okno.speech.engines import Engines, Settings
from okno.speech.sound import FRAME_BYTES, FRAME_SECONDS, Samples, pcm_of
from okno.speech.spoken.numerals import Language

if TYPE_CHECKING:
    from benchmarks.posting import Row

_PHRASES = Path(__file__).with_name("answering_machine.yaml")
_VOICES = ("m1", "m3", "m5", "m7", "f1", "f2", "f3", "f4")
_BEEPS = (480, 620, 800, 1000, 1400)
_HUMAN = 12
"""Sentences of a real person: their first words as answers, the whole of them as recorded greetings."""
_LOUDEST_HISS = 0.02


@dataclass(frozen=True)
class Sample:
    truth: Who
    language: Language
    sound: Samples
    what: str


def run(**_: object) -> "list[Row]":
    """The matrix and what it costs."""
    samples = list(_samples(random.Random(20)))
    with tempfile.TemporaryDirectory() as folder:
        judged = asyncio.run(_judged(samples, Path(folder)))
    return list(_rows(samples, judged))


@dataclass(frozen=True)
class Judged:
    """`after` seconds from the answer to the verdict by sound."""

    by_sound: Verdict
    by_both: Verdict
    beeped: bool
    after: float


def _samples(chance: random.Random) -> Iterator[Sample]:
    told = yaml.safe_load(_PHRASES.read_text(encoding="utf-8"))
    for language, kinds in told.items():
        for kind, texts in kinds.items():
            for number, text in enumerate(texts):
                voices = ["", _VOICES[number % len(_VOICES)]] if language == "ru" else [_VOICES[number % len(_VOICES)]]
                for voice in voices:
                    speech = talking.said(text, language, voice, pace=chance.randint(140, 185))
                    yield _sample(Who(kind), language, speech, text, chance)
    read = list(talking.recorded(5, 9))
    for text, speech in read[: _HUMAN * 9 : 9]:
        yield _sample(Who.PERSON, "ru", _first_words(speech), f"recorded, its first words: {text}", chance)
        yield _sample(Who.MACHINE, "ru", speech, f"recorded: {text}", chance)


def _first_words(speech: Samples) -> Samples:
    """Up to the reader's first pause after half a second, at most two seconds."""
    step = talking.RATE // 50
    loud = [float(numpy.abs(speech[place : place + step]).max()) > 0.03 for place in range(0, len(speech), step)]
    begin = loud.index(True)
    pause = next((place for place in range(begin + 25, begin + 100) if not any(loud[place : place + 6])), begin + 100)
    return speech[begin * step : pause * step]


def _sample(truth: Who, language: Language, speech: Samples, text: str, chance: random.Random) -> Sample:
    """With a pause before, and what follows: a machine's beep, a person's waiting."""
    parts = [talking.quiet(chance.uniform(0.2, 1.2)), speech]
    if truth is Who.MACHINE and chance.random() < 0.7:
        parts += [
            talking.quiet(chance.uniform(0.2, 0.8)),
            talking.tone(chance.choice(_BEEPS), chance.uniform(0.25, 0.9)),
        ]
    whole = numpy.concatenate([*parts, talking.quiet(3.0)])
    hiss = talking.hiss(len(whole) / talking.RATE, chance.uniform(0.0005, _LOUDEST_HISS), text)
    return Sample(truth, language, whole + hiss[: len(whole)], text)


async def _judged(samples: list[Sample], folder: Path) -> list[Judged]:
    engines = await Engines.start(Settings(folder=folder))
    await engines.ready()
    try:
        return [await _judge(one, engines) for one in samples]
    finally:
        await engines.stop()


async def _judge(sample: Sample, engines: Engines) -> Judged:
    listener, first, after, beeped = Listener(), None, 0.0, False
    pcm = pcm_of(sample.sound)
    for place in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES):
        verdict = listener.feed(pcm[place : place + FRAME_BYTES])
        if verdict is not None:
            beeped = beeped or verdict.beeped
            if first is None:
                first, after = verdict, (place / FRAME_BYTES + 1) * FRAME_SECONDS
    assert first is not None, sample.what
    both = first
    if first.speech and not first.beeped:
        heard = await engines.recogniser.recognise(first.speech, sample.language, timeout=30)
        both = settled(first, None if heard.rejected else verdict_of_words(heard.text, sample.language))
    return Judged(first, both, beeped, after)


def _rows(samples: list[Sample], judged: list[Judged]) -> "Iterator[Row]":
    for how in ("by_sound", "by_both"):
        table = Counter((one.truth, getattr(told, how).who) for one, told in zip(samples, judged, strict=True))
        name = "sound alone" if how == "by_sound" else "sound and words"
        for truth in (Who.PERSON, Who.MACHINE, Who.SCREENING):
            total = sum(count for (is_so, _), count in table.items() if is_so is truth)
            for taken_for in Who:
                if table[truth, taken_for]:
                    yield _row(f"{name}: {truth} taken for {taken_for}", table[truth, taken_for], f"of {total}")
        taken_in = sum(
            count
            for (truth, told), count in table.items()
            if truth is not Who.PERSON and told in (Who.PERSON, Who.UNKNOWN)
        )
        robots = sum(count for (truth, _), count in table.items() if truth is not Who.PERSON)
        yield _row(f"{name}: a robot spoken to as a person", taken_in / robots * 100, "%")
        lost = sum(count for (truth, told), count in table.items() if truth is Who.PERSON and told in _ROBOTS)
        people = sum(count for (truth, _), count in table.items() if truth is Who.PERSON)
        yield _row(f"{name}: a person taken for a robot", lost / people * 100, "%")
    waits = sorted(told.after for one, told in zip(samples, judged, strict=True) if one.truth is Who.PERSON)
    yield _row("a person waits for the verdict, p50", waits[len(waits) // 2], "s from the answer")
    yield _row("a person waits for the verdict, p95", waits[int(len(waits) * 0.95)], "s from the answer")


_ROBOTS = (Who.MACHINE, Who.SCREENING)


def _row(name: str, figure: float, unit: str) -> "Row":
    return {
        "name": name,
        "figure": round(figure, 2),
        "unit": unit,
        "limit_name": "",
        "limit": None,
        "ratio": None,
        "budget": "",
    }
