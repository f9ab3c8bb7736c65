"""What residents ask for: a YAML file of categories with names, the words they are told by and what is dangerous.

Pure: no table and no Django, so that a dialog can ask it in the middle of a turn.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from okno.common.folding import near_letters

FILE = Path(__file__).parent / "categories.yaml"
OTHER, COMPLAINT = "other", "complaint"
"""The category of what no words of the file tell."""

LANGUAGES = ("ru", "kk", "uk", "en")
DANGER, URGENT, NORMAL = "danger", "urgent", "normal"


class UnknownCategory(LookupError):
    """No category has this code."""


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of request. `serious`: while one is open, reminders of a debt wait. `outage`: it can be off in a house."""

    code: str
    names: Mapping[str, str]
    urgency: str
    serious: bool
    outage: bool
    words: Mapping[str, tuple[re.Pattern[str], ...]]
    #: Places that tell the category when nothing else does.
    weak: Mapping[str, tuple[re.Pattern[str], ...]]

    def name(self, language: str) -> str:
        """The name in `language`, in Russian where it has none."""
        return self.names.get(language, self.names["ru"])


@dataclass(frozen=True, slots=True)
class Understood:
    """What a resident's own words tell: the category (`OTHER` when they tell none) and how urgent it is.

    `letters` is how much of the words tells the category.
    """

    category: str
    urgency: str
    letters: int = 0

    @property
    def is_danger(self) -> bool:
        return self.urgency == DANGER


@cache
def known() -> Mapping[str, Category]:
    """Every category by its code, in the order of the file."""
    return {code: _category(code, told) for code, told in _told()["categories"].items()}


def get(code: str) -> Category:
    """The category of this code. Raises `UnknownCategory`."""
    try:
        return known()[code]
    except KeyError:
        raise UnknownCategory(f"Вида заявки «{code}» нет, есть: {', '.join(known())}") from None


def understand(text: str, language: str) -> Understood:
    """The category and the urgency of what was said. Words of danger weigh more than the category's own urgency."""
    plain = _plain(text)
    category, letters = _best(plain, language)
    if is_danger(text, language):
        return Understood(category, DANGER, letters)
    urgency = known()[category].urgency
    urgent = urgency == NORMAL and _finds(_told_words("urgent", language), plain)
    return Understood(category, URGENT if urgent else urgency, letters)


def is_danger(text: str, language: str) -> bool:
    """Whether somebody may be hurt: gas, smoke, fire, sparks, people shut in a lift, water on wires."""
    return _finds(_told_words("danger", language), _plain(text))


def _best(plain: str, language: str) -> tuple[str, int]:
    """The category most words of which were said; the first of the file where two are told alike."""
    scores = {
        code: sum(len(found.group()) for pattern in one.words.get(language, ()) for found in pattern.finditer(plain))
        or int(_finds(one.weak.get(language, ()), plain))
        for code, one in known().items()
    }
    best = max(scores, key=lambda code: scores[code])
    return (best, scores[best]) if scores[best] else (OTHER, 0)


def _plain(text: str) -> str:
    """Small letters, near ones made one: recognised Kazakh comes with Russian letters in the place of its own."""
    return " ".join(re.findall(r"[^\W_]+", near_letters(text.lower())))


def _finds(patterns: tuple[re.Pattern[str], ...], plain: str) -> bool:
    return any(pattern.search(plain) for pattern in patterns)


@cache
def _told() -> Any:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


@cache
def _told_words(section: str, language: str) -> tuple[re.Pattern[str], ...]:
    return _patterns(_told()[section].get(language, ()))


def _category(code: str, told: Mapping[str, Any]) -> Category:
    return Category(
        code=code,
        names=told["name"],
        urgency=told.get("urgency", NORMAL),
        serious=told.get("serious", False),
        outage=told.get("outage", False),
        words=_by_language(told.get("words", {})),
        weak=_by_language(told.get("weak", {})),
    )


def _by_language(told: Mapping[str, Any]) -> dict[str, tuple[re.Pattern[str], ...]]:
    return {language: _patterns(words) for language, words in told.items()}


def _patterns(words: Any) -> tuple[re.Pattern[str], ...]:
    """Each line is a pattern of whole words in a row."""
    return tuple(re.compile(rf"(?<!\w)(?:{near_letters(line)})(?!\w)") for line in words)
