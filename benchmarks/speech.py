"""How well speech is recognised and understood, and how fast.

Words: sentences of the reader of festvox-ru at 8 kHz, clean and in noise (one reader, who is also the voice of
festival: no sample of a population). Slots: short answers of residents said by festival, recognised with what the turn
expects (some of these very phrases stand there) and with nothing expected, and understood; readings of meters whose
bounds are known besides (`by_sound`). Needs no database.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy
import yaml
from rapidfuzz.distance import Levenshtein

from benchmarks import by_sound, talking
from okno.speech.engines import Engines, Settings
from okno.speech.recogniser import Recognised, expected
from okno.speech.sound import Samples, pcm_of
from okno.speech.spoken import aloud
from okno.speech.understanding import Expect, understand

if TYPE_CHECKING:
    from benchmarks.posting import Row

TODAY = date(2026, 11, 18)
SENTENCES = 30
NOISES: tuple[float | None, ...] = (None, 15.0, 5.0)
"""Decibels of speech above the noise; None is clean."""
_PHRASES = Path(__file__).with_name("speech.yaml")
_PATIENCE = 30.0


@dataclass(frozen=True)
class Heard:
    """One recognition of what was `said`; `right` whether the slot came out."""

    said: str
    found: Recognised
    right: bool | None = None
    wrong: bool = False
    """A value was understood, and it was another one."""


def run(sentences: int = SENTENCES, **_: object) -> "list[Row]":
    """Words, slots and time."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measured(Path(folder), sentences))


async def _measured(folder: Path, sentences: int) -> "list[Row]":
    engines = await Engines.start(Settings(folder=folder))
    await engines.ready()
    rows: list[Row] = []
    everything: list[Heard] = []
    try:
        read = _spread(list(talking.recorded(2, 9)), sentences)
        for noise in NOISES:
            heard = [await _sentence(engines, text, sound, noise) for text, sound in read]
            rows += _words(heard, noise)
        for noise in NOISES:
            slots = {expect: [one async for one in _slots(engines, expect, noise)] for expect in Expect}
            rows += _slot_rows(slots, noise)
            everything += [one for heard in slots.values() for one in heard]
        bare = {expect: [one async for one in _slots(engines, expect, None, helped=False)] for expect in Expect}
        rows += [{**row, "name": f"{row['name']}, nothing expected"} for row in _slot_rows(bare, None)][-2:]
        rows += await by_sound.rows(engines.recogniser)
        rows += _rejections([await _nothing(engines, number) for number in range(8)])
        alone = [one.found.seconds for heard in bare.values() for one in heard]
        rows += _times([one.found.seconds for one in everything], alone)
        rows += await _voice(engines)
    finally:
        await engines.stop()
    return rows


def _spread(read: "list[tuple[str, Samples]]", count: int) -> "list[tuple[str, Samples]]":
    """So many of them from all over the corpus."""
    return read[:: max(1, len(read) // count)][:count]


async def _sentence(engines: Engines, text: str, sound: Samples, noise: float | None) -> Heard:
    return Heard(text, await engines.recogniser.recognise(_pcm(sound, noise, text), "ru", timeout=_PATIENCE))


async def _slots(engines: Engines, expect: Expect, noise: float | None, *, helped: bool = True) -> AsyncIterator[Heard]:
    told: dict[str, Any] = yaml.safe_load(_PHRASES.read_text(encoding="utf-8"))[expect.value]
    for text, value in told.items():
        sound = numpy.concatenate([talking.quiet(0.2), talking.said(text, "ru"), talking.quiet(0.2)])
        vocabulary = expected(expect, "ru") if helped else ()
        found = await engines.recogniser.recognise(
            _pcm(sound, noise, text), "ru", vocabulary=vocabulary, timeout=_PATIENCE
        )
        value_heard = None if found.rejected else understand(found.text, "ru", expect, TODAY).value
        same = _same(value_heard, value)
        yield Heard(text, found, same, wrong=value_heard not in (None, "unknown") and not same)


def _same(heard: Any, value: Any) -> bool:
    if heard is None or value is None:
        return heard is value
    return str(heard) == str(value) or (isinstance(value, int | float) and float(heard) == float(value))


def _pcm(sound: Samples, noise: float | None, seed: str) -> bytes:
    return pcm_of(sound if noise is None else talking.noisy(sound, noise, seed))


async def _nothing(engines: Engines, number: int) -> Recognised:
    """Two seconds of hiss while something is expected."""
    hiss = talking.hiss(2.0, 0.01 * (number + 1), f"nothing {number}")
    return await engines.recogniser.recognise(
        pcm_of(hiss), "ru", vocabulary=expected(Expect.YESNO, "ru"), timeout=_PATIENCE
    )


def _words(heard: list[Heard], noise: float | None) -> "Iterator[Row]":
    pairs = [(_plain(one.said), _plain(one.found.text)) for one in heard]
    words = sum(len(said.split()) for said, _ in pairs)
    wrong = sum(Levenshtein.distance(said.split(), found.split()) for said, found in pairs)
    letters = sum(len(said) for said, _ in pairs)
    misheard = sum(Levenshtein.distance(said, found) for said, found in pairs)
    yield _row(f"a person reads, {_named(noise)}: words wrong", wrong / words * 100, "%")
    yield _row(f"a person reads, {_named(noise)}: letters wrong", misheard / letters * 100, "%")


def _slot_rows(slots: dict[Expect, list[Heard]], noise: float | None) -> "Iterator[Row]":
    for expect, heard in slots.items():
        yield _row(f"{expect}, {_named(noise)}: understood", _share(one.right for one in heard), f"% of {len(heard)}")
    everything = [one for heard in slots.values() for one in heard]
    yield _row(f"all, {_named(noise)}: understood", _share(one.right for one in everything), f"% of {len(everything)}")
    yield _row(
        f"all, {_named(noise)}: another value", _share(one.wrong for one in everything), f"% of {len(everything)}"
    )


def _share(told: Any) -> float:
    every = list(told)
    return sum(bool(one) for one in every) / len(every) * 100


def _rejections(heard: Sequence[Recognised]) -> "Iterator[Row]":
    yield _row("hiss alone: words made of it", sum(not one.rejected for one in heard), f"of {len(heard)}")


def _times(helped: list[float], bare: list[float]) -> "Iterator[Row]":
    for name, place in (("p50", 9), ("p95", 18)):
        ours, alone = (statistics.quantiles(seconds, n=20)[place] * 1000 for seconds in (helped, bare))
        row = _row(f"a short answer: time to its words, {name}", ours, "ms", "≤ 400 of the 700 for a reply")
        limit = {"limit_name": "nothing expected", "limit": round(alone, 2), "ratio": round(ours / alone, 2)}
        yield {**row, **limit}


async def _voice(engines: Engines) -> "list[Row]":
    rows: list[Row] = []
    for language, text in (
        ("ru", "Здравствуйте! Это робот управляющей компании."),
        ("uk", "Добрий день! Це робот управляючої компанії."),
        ("kk", "Сәлеметсіз бе! Бұл басқарушы компанияның роботы."),
    ):
        fresh = []
        for number in range(5):
            began = time.perf_counter()
            await engines.voice.speak(text.replace("!", ", " * number + "!"), language, timeout=_PATIENCE)
            fresh.append(time.perf_counter() - began)
        began = time.perf_counter()
        await engines.voice.speak(text, language)
        rows.append(_row(f"voice {language}: a new sentence", statistics.median(fresh) * 1000, "ms"))
        rows.append(_row(f"voice {language}: said before", (time.perf_counter() - began) * 1000, "ms"))
    return rows


def _plain(text: str) -> str:
    """Figures as words, small letters, no signs: what two spellings of one sentence have in common."""
    words = aloud(text, "ru").lower().replace("ё", "е")
    return " ".join("".join(letter if letter.isalnum() else " " for letter in words).split())


def _named(noise: float | None) -> str:
    return "clean" if noise is None else f"noise {noise:.0f} dB"


def _row(name: str, figure: float, unit: str, budget: str = "") -> "Row":
    return {
        "name": name,
        "figure": round(figure, 2),
        "unit": unit,
        "limit_name": "",
        "limit": None,
        "ratio": None,
        "budget": budget,
    }
