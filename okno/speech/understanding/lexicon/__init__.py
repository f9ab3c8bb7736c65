"""The words of each language: a YAML file a language (two where its intents are many), checked against `schema.json`.

A phrase and the patterns it is sought by are written alike: one spelling of each letter (`letters`), so that a Kazakh
word typed with Russian letters and a Ukrainian one without its apostrophe are the words they are.
"""

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

_DENIED = r"\1~\2"
"""How a word and its denial are joined, so that no pattern of the word alone is found in them."""
_GAP, _GAP_NOT_DENIED = r"( \w+)", r"( (?!не\s)\w+)"
"""A word that may stand between those of a phrase: "я не сусідка" is not "я … сусідка"."""


class UnknownLanguage(LookupError):
    """Nobody has written down the words of this language."""


@dataclass(frozen=True)
class Intent:
    """Phrases that tell an intent, phrases that tell it where nothing else was asked, and those that deny it."""

    phrases: tuple[re.Pattern[str], ...]
    mild: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]


@dataclass(frozen=True)
class Lexicon:
    """The words of a language, as patterns of whole words (phrases: of words in a row)."""

    language: str
    #: One spelling for letters that are heard or typed in several, and one way of saying for what has several.
    letters: Mapping[str, str]
    #: Tens and ones, a count and its hundreds are words apart: "он бес", "екі жүз".
    counts_apart: bool
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
    #: Two words that deny together what the first alone would tell: "сатқан жоқ".
    denials: re.Pattern[str] | None
    #: What the same people say in another language, asked when `intents` tell nothing.
    borrowed: Mapping[str, Intent]
    #: How the letters of a word sound, one rule after the other; "сч" and "щ" alike.
    sounds: tuple[tuple[re.Pattern[str], str], ...]
    #: Words that only sound like those of the lexicon.
    own: frozenset[str]
    #: What recognisers write as two words: the first and those that may follow it.
    apart: tuple[tuple[str, re.Pattern[str]], ...]
    #: How a number in order ends where its ending stands apart from the figures.
    ending: re.Pattern[str] | None
    #: A word that recognisers write before some words for another: it, those, the other.
    instead: tuple[tuple[str, re.Pattern[str], str], ...]
    #: Figures told several at once: the "fives" of "three fives".
    repeated: Mapping[int, re.Pattern[str]]
    #: "Twice", "thrice".
    times: Mapping[int, re.Pattern[str]]
    #: What is counted `after` a number and numbered `before` it without being money, a reading or a rating.
    things: Mapping[str, re.Pattern[str]]
    #: Words that take back what was said before them.
    amends: Mapping[str, re.Pattern[str]]

    def sought(self, text: str) -> str:
        """The text as intents are sought in it: a denied word is no longer that word."""
        return text if self.denials is None else self.denials.sub(_DENIED, text)

    def folded(self, text: str) -> str:
        """Small letters, one spelling of each."""
        plain = text.lower()
        for old, new in self.letters.items():
            plain = plain.replace(old, new)
        return plain


@lru_cache(maxsize=8)
def lexicon(language: str) -> Lexicon:
    """The words of "ru", "uk" or "kk". Raises `UnknownLanguage`."""
    if language not in LANGUAGES:
        raise UnknownLanguage(f"Слов языка «{language}» в программе нет, есть: {', '.join(LANGUAGES)}.")
    told = _read(language)
    single = {old: new for old, new in told["letters"].items() if len(old) == 1}
    said_alike = {old: new for old, new in told["letters"].items() if len(old) > 1}
    borrowed = _read(told["borrows"])["intents"] if "borrows" in told else {}
    letters = single | {_spelt(old, single): _spelt(new, single) for old, new in said_alike.items()}
    told = _spelt(told, single)
    listed = {_spelt(name, single): words for name, words in told.get("listed", {}).items()}
    denials = re.compile(told["denials"]) if "denials" in told else None
    return Lexicon(
        language=language,
        letters=letters,
        counts_apart=told.get("counts_apart", False),
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
        intents=_intents(told["intents"], listed, denials),
        denials=denials,
        borrowed=_intents(_spelt(borrowed, single), {}, denials),
        sounds=tuple((re.compile(sound), heard) for sound, heard in told.get("sounds", [])),
        own=frozenset(told.get("own", [])),
        apart=tuple((first, re.compile(rest)) for first, rest in told.get("apart", {}).items()),
        ending=re.compile(told["ending"]) if "ending" in told else None,
        instead=tuple((word, re.compile(one["before"]), one["meant"]) for word, one in told.get("instead", {}).items()),
        repeated=_by_number(told.get("repeated", {})),
        times=_by_number(told.get("times", {})),
        things=_named(told.get("things", {})),
        amends=_named(told.get("amends", {})),
    )


def spelt(told: Any, language: str) -> Any:
    """Patterns that stand in another file, in the one spelling in which the words of the language are cut."""
    return _spelt(told, {old: new for old, new in lexicon(language).letters.items() if len(old) == 1})


def _read(language: str) -> dict[str, Any]:
    """The file of the language, and the one of its intents where they stand apart."""
    here = Path(__file__).parent
    told: dict[str, Any] = {}
    for path in (here / f"{language}.yaml", here / f"{language}.intents.yaml"):
        if path.exists():
            told |= yaml.safe_load(path.read_text(encoding="utf-8"))
    Draft202012Validator(json.loads((here / "schema.json").read_text(encoding="utf-8"))).validate(told)
    return told


def _spelt(told: Any, letters: Mapping[str, str]) -> Any:
    """The same with one spelling of each letter; names, which are no patterns, stay."""
    if isinstance(told, dict):
        return {name: _spelt(one, letters) for name, one in told.items()}
    if isinstance(told, list):
        return [_spelt(one, letters) for one in told]
    if isinstance(told, str):
        for old, new in letters.items():
            told = told.replace(old, new)
    return told


def _by_number(patterns: dict[str, str]) -> dict[int, re.Pattern[str]]:
    return {int(number): re.compile(f"(?:{pattern})\\Z") for number, pattern in patterns.items()}


def _named(patterns: dict[str, str]) -> dict[str, re.Pattern[str]]:
    return {name: re.compile(f"(?:{pattern})\\Z") for name, pattern in patterns.items()}


def _phrases(patterns: list[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rf"(?<!\S)(?:{pattern})(?!\S)") for pattern in patterns)


def _intents(told: dict[str, Any], listed: Mapping[str, str], denials: re.Pattern[str] | None) -> dict[str, Intent]:
    """Phrases in which `<name>` is one of the words listed under it, and no gap steps over a denial."""

    def ready(patterns: list[str]) -> tuple[re.Pattern[str], ...]:
        for name, words in listed.items():
            patterns = [pattern.replace(f"<{name}>", f"(?:{words})") for pattern in patterns]
        if denials is not None:
            patterns = [denials.sub(_DENIED, pattern) for pattern in patterns]
        return _phrases([pattern.replace(_GAP, _GAP_NOT_DENIED) for pattern in patterns])

    return {
        name: Intent(ready(one["phrases"]), ready(one.get("mild", [])), ready(one.get("unless", [])))
        for name, one in told.items()
    }
