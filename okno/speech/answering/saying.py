"""What the first words tell of who speaks them. The phrases are in `words/<language>.yaml`."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from rapidfuzz import fuzz

from okno.speech.understanding.lexicon import LANGUAGES, UnknownLanguage

_ALIKE = 84.0
"""Of 100: how like the recognised words must be to a phrase."""
_EXACT_LETTERS = 7
"""A phrase shorter than this must be there to the letter: everything is like a short one."""
_TOLD_HINTS = 2
_ALSO = {"kk": ("ru",), "uk": (), "ru": ()}
"""Languages whose announcements are heard in a country too."""


@dataclass(frozen=True)
class Sayings:
    """Phrases of machines and screening robots that settle it alone (`sure`) or in twos (`hints`); what a person says
    first, one or several of these and nothing else."""

    sure: "dict[str, tuple[str, ...]]"
    hints: "dict[str, tuple[str, ...]]"
    person: re.Pattern[str]


@lru_cache(maxsize=8)
def sayings(language: str) -> Sayings:
    """Raises `UnknownLanguage`."""
    if language not in LANGUAGES:
        raise UnknownLanguage(f"Слов языка «{language}» в программе нет, есть: {', '.join(LANGUAGES)}.")
    folder = Path(__file__).parent / "words"
    told: dict[str, Any] = yaml.safe_load((folder / f"{language}.yaml").read_text(encoding="utf-8"))
    Draft202012Validator(json.loads((folder / "schema.json").read_text(encoding="utf-8"))).validate(told)
    kinds = ("machine", "screening")
    return Sayings(
        sure={kind: tuple(plain(one) for one in told[kind]["sure"]) for kind in kinds},
        hints={kind: tuple(plain(one) for one in told[kind]["hints"]) for kind in kinds},
        person=_any_of(plain(one) for one in told["person"]),
    )


def weight(text: str, language: str) -> dict[str, float]:
    """How much speaks for a machine and for a screening robot: 1 and more settles it."""
    said = plain(text)
    weights = {"machine": 0.0, "screening": 0.0}
    for spoken in (language, *_ALSO.get(language, ())):
        told = sayings(spoken)
        for kind in weights:
            sure = sum(_stands(phrase, said) for phrase in told.sure[kind])
            hints = sum(_stands(phrase, said) for phrase in told.hints[kind])
            weights[kind] += sure + hints / _TOLD_HINTS
    return weights


def of_a_person(text: str, language: str) -> bool:
    """Whether this is how a person answers and nothing else."""
    said = plain(text)
    return any(sayings(spoken).person.fullmatch(said) for spoken in (language, *_ALSO.get(language, ())))


def plain(text: str) -> str:
    """Words in small letters with one blank between."""
    return " ".join(re.findall(r"[^\W_]+", text.lower().replace("ё", "е")))


def _any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    one = "|".join(sorted(map(re.escape, phrases), key=len, reverse=True))
    return re.compile(f"(?:{one})(?: (?:{one}))*")


def _stands(phrase: str, said: str) -> bool:
    if f" {phrase} " in f" {said} ":
        return True
    if len(phrase) < _EXACT_LETTERS or len(said) < len(phrase) - 2:
        return False
    return fuzz.partial_ratio(phrase, said) >= _ALIKE
