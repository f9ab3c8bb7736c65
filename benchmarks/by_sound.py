"""Readings of meters whose bounds are known: how many are understood by their words, and how many by their sound too.

Whole numbers drawn at random, said by festival, clean and in noise; the bounds are drawn around them as a meter has
them (12, 30 or 300 units of room), and once more so that the number lies outside: then nothing may be taken for it.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

import numpy

from benchmarks import talking
from okno.dialogs.live import answers
from okno.speech.recogniser import Recogniser, expected
from okno.speech.sound import pcm_of
from okno.speech.spoken import cardinal
from okno.speech.understanding import Expect, understand

if TYPE_CHECKING:
    from benchmarks.posting import Row

TODAY = date(2026, 11, 18)
READINGS = 30
SEED = 1811
NOISES: tuple[float | None, ...] = (None, 15.0)
_ROOMS = (12, 30, 300)
_PATIENCE = 30.0


@dataclass(frozen=True)
class Reading:
    """One recognition: the value of the words, and that of the likely reading that it sounds like."""

    said: int
    inside: bool
    words: Decimal | None
    sound: Decimal | None


async def rows(recogniser: Recogniser, readings: int = READINGS) -> "list[Row]":
    """The shares for each noise."""
    told: list[Row] = []
    for noise in NOISES:
        told += _rows([one async for one in _heard(recogniser, noise, readings)], noise)
    return told


async def _heard(recogniser: Recogniser, noise: float | None, readings: int) -> AsyncIterator[Reading]:
    chance = Random(SEED)
    for _reading in range(readings):
        number = chance.choice((chance.randint(10, 99), chance.randint(100, 999), chance.randint(1_000, 9_999)))
        text = cardinal(number, "ru").removeprefix("одна ")
        sound = numpy.concatenate([talking.quiet(0.2), talking.said(text, "ru"), talking.quiet(0.2)])
        pcm = pcm_of(sound if noise is None else talking.noisy(sound, noise, text))
        for inside in (True, False):
            bounds = _bounds(number, inside, chance)
            found = await recogniser.recognise(
                pcm,
                "ru",
                vocabulary=expected(Expect.READING, "ru"),
                likely=answers.likely(bounds, "ru"),
                timeout=_PATIENCE,
            )
            words = None if found.rejected else _value(found.text)
            within = words is not None and bounds[0] <= words <= bounds[1]
            yield Reading(number, inside, words, words if within or not found.nearest else _value(found.nearest))


def _bounds(number: int, inside: bool, chance: Random) -> tuple[Decimal, Decimal]:
    room = chance.choice(_ROOMS)
    least = number - chance.randint(1, room // 3) if inside else number + chance.choice((5, 40, room, 1_000))
    return Decimal(max(0, least)), Decimal(max(0, least) + room)


def _value(text: str) -> Decimal | None:
    value: Any = understand(text, "ru", Expect.READING, TODAY).value
    return value


def _rows(heard: list[Reading], noise: float | None) -> "Iterator[Row]":
    named = "clean" if noise is None else f"noise {noise:.0f} dB"
    inside = [one for one in heard if one.inside]
    for name, values in (("words", [one.words for one in inside]), ("words and sound", [one.sound for one in inside])):
        right = sum(value == one.said for one, value in zip(inside, values, strict=True))
        wrong = sum(value not in (None, one.said) for one, value in zip(inside, values, strict=True))
        yield _row(f"reading within its bounds, {named}: understood by {name}", right, len(inside))
        yield _row(f"reading within its bounds, {named}: another value by {name}", wrong, len(inside))
    outside = [one for one in heard if not one.inside]
    taken = sum(one.sound != one.words for one in outside)
    yield _row(f"reading outside its bounds, {named}: taken for one within", taken, len(outside))


def _row(name: str, count: int, of: int) -> "Row":
    return {
        "name": name,
        "figure": round(count / of * 100, 2),
        "unit": f"% of {of}",
        "limit_name": "",
        "limit": None,
        "ratio": None,
        "budget": "",
    }
