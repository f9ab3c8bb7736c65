"""How people answer a question of each kind: what a recogniser is told to expect. A YAML file a language."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import cast

import yaml

from okno.speech import spoken
from okno.speech.spoken.numerals import Case, Language
from okno.speech.understanding import Expect
from okno.speech.understanding.lexicon import LANGUAGES, UnknownLanguage

_FIGURES = frozenset({Expect.DATE, Expect.SUM, Expect.READING, Expect.RATING, Expect.ACCOUNT})
_COUNTED = (*range(21), *range(30, 100, 10), *range(100, 1000, 100), 1000)
_DAYS = (*range(1, 21), 30)
_EVERYWHERE = Expect.YESNO
"""Whatever is asked, people also answer yes, no and that they do not know."""


@lru_cache(maxsize=32)
def expected(expect: Expect, language: str) -> tuple[str, ...]:
    """Phrases and words for `Recogniser.recognise`, the likeliest first. Raises `UnknownLanguage`."""
    told = _told(language)
    return tuple(dict.fromkeys((*told[expect.value], *told[_EVERYWHERE.value], *_numbers(expect, language))))


def told_freely(kind: str, language: str) -> tuple[str, ...]:
    """How people begin what they tell in their own words: a `story` of what has happened, its `place`, a `choice` of
    what they want, the `language` they would rather speak. Raises `UnknownLanguage`."""
    return tuple(_told(language)[kind])


@lru_cache(maxsize=8)
def _told(language: str) -> "dict[str, list[str]]":
    if language not in LANGUAGES:
        raise UnknownLanguage(f"Слов языка «{language}» в программе нет, есть: {', '.join(LANGUAGES)}.")
    told: dict[str, list[str]] = yaml.safe_load(
        (Path(__file__).parent / f"{language}.yaml").read_text(encoding="utf-8")
    )
    return told


def _numbers(expect: Expect, language: str) -> Iterator[str]:
    """The words that numbers are made of, so that misheard ones are set right."""
    if expect in _FIGURES:
        for number in range(11) if expect is Expect.RATING else _COUNTED:
            yield from spoken.cardinal(number, cast(Language, language)).split()
    if expect is Expect.DATE:
        for number in _DAYS:
            yield from spoken.ordinal(number, cast(Language, language), case=Case.GENITIVE).split()
