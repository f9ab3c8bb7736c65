"""The words of each language: a YAML file a language, checked against `schema.json` when it is read."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

LANGUAGES = ("ru", "uk", "kk")


class UnknownLanguage(LookupError):
    """Nobody has written down the words of this language."""


@dataclass(frozen=True)
class Intent:
    """Phrases that tell an intent, and phrases that tell it is not this one."""

    phrases: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]


@dataclass(frozen=True)
class Lexicon:
    """The words of a language, as patterns of whole words (phrases: of words in a row)."""

    language: str
    letters: Mapping[str, str]
    cardinals: Mapping[int, re.Pattern[str]]
    ordinals: Mapping[int, re.Pattern[str]]
    months: Mapping[int, re.Pattern[str]]
    weekdays: Mapping[int, re.Pattern[str]]
    days: Mapping[str, re.Pattern[str]]
    money: Mapping[str, re.Pattern[str]]
    fractions: Mapping[str, re.Pattern[str]]
    ratings: Mapping[int, re.Pattern[str]]
    #: "Of" in "eight of ten".
    out_of: re.Pattern[str]
    account: Mapping[str, re.Pattern[str]]
    yesno: Mapping[str, tuple[re.Pattern[str], ...]]
    intents: Mapping[str, Intent]


@lru_cache(maxsize=8)
def lexicon(language: str) -> Lexicon:
    """The words of "ru", "uk" or "kk". Raises `UnknownLanguage`."""
    if language not in LANGUAGES:
        raise UnknownLanguage(f"Слов языка «{language}» в программе нет, есть: {', '.join(LANGUAGES)}.")
    here = Path(__file__).parent
    told: dict[str, Any] = yaml.safe_load((here / f"{language}.yaml").read_text(encoding="utf-8"))
    Draft202012Validator(json.loads((here / "schema.json").read_text(encoding="utf-8"))).validate(told)
    return Lexicon(
        language=language,
        letters=told["letters"],
        cardinals=_by_number(told["cardinals"]),
        ordinals=_by_number(told["ordinals"]),
        months=_by_number(told["months"]),
        weekdays=_by_number(told["weekdays"]),
        days=_named(told["days"]),
        money=_named(told["money"]),
        fractions=_named(told["fractions"]),
        ratings=_by_number(told["ratings"]),
        out_of=re.compile(f"(?:{told['out_of']})\\Z"),
        account=_named(told["account"]),
        yesno={answer: _phrases(patterns) for answer, patterns in told["yesno"].items()},
        intents={
            name: Intent(_phrases(one["phrases"]), _phrases(one.get("unless", [])))
            for name, one in told["intents"].items()
        },
    )


def _by_number(patterns: dict[str, str]) -> dict[int, re.Pattern[str]]:
    return {int(number): re.compile(f"(?:{pattern})\\Z") for number, pattern in patterns.items()}


def _named(patterns: dict[str, str]) -> dict[str, re.Pattern[str]]:
    return {name: re.compile(f"(?:{pattern})\\Z") for name, pattern in patterns.items()}


def _phrases(patterns: list[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rf"(?<!\S)(?:{pattern})(?!\S)") for pattern in patterns)
