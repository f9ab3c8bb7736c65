"""When to ring back on a day: "через час", "после шести вечера", "кешке". Pure.

A figure without "утра" or "вечера" is of the afternoon up to seven: nobody asks to be called at five in the morning.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from okno.speech.understanding.lexicon import lexicon, spelt
from okno.speech.understanding.numbers import Number, numbers
from okno.speech.understanding.words import Word, cut

FILE = Path(__file__).parent / "hours.yaml"
AFTERNOON = 12
LAST_OF_AFTERNOON = 7
MOST_MINUTES = 12 * 60
"""Who asks to be called in more hours than these names a day."""


def hour(text: str, language: str) -> str | None:
    """The hour of the day that the words name in "ru", "uk" or "kk", as "18:00"; None for none."""
    words = cut(text, lexicon(language))
    if minutes_ahead(text, language) is not None:
        return None
    for one in _clock(words, language):
        if not _is_ahead(words, one, language) and (told := _at(words, one, language)):
            return told
    plain = _plain(words)
    return next((f"{at}:00" for at, pattern in _told(language)["parts"].items() if _finds(pattern, plain)), None)


def minutes_ahead(text: str, language: str) -> int | None:
    """In how many minutes from now, to the next five: "через час", "жарты сағаттан кейін"; None for none."""
    words = cut(text, lexicon(language))
    for one in _clock(words, language):
        if _is_ahead(words, one, language):
            return _ahead(words, one, language)
    plain = _plain(words)
    return next((minutes for minutes, told in _told(language)["ahead"].items() if _finds(told, plain)), None)


def _clock(words: list[Word], language: str) -> list[Number]:
    return [one for one in numbers(words, lexicon(language)) if not one.ordinal or _of_the_clock(words, one, language)]


def _plain(words: list[Word]) -> str:
    return " ".join(word.text for word in words)


def _is_ahead(words: list[Word], one: Number, language: str) -> bool:
    """Whether a word that counts from now stands beside the number: "через два", "екі ... кейін"."""
    around = " ".join(word.text for word in words[max(0, one.start - 1) : one.end + 2])
    return _finds(_told(language)["from_now"], around)


def _ahead(words: list[Word], one: Number, language: str) -> int | None:
    """ "Через два часа", "40 минуттан кейін"; days ahead are no hours."""
    told = _told(language)
    unit = words[one.end].text if one.end < len(words) else ""
    minutes = one.value * (60 if _finds(told["hours"], unit) else 1 if _finds(told["minutes"], unit) else 0)
    return -(-minutes // 5) * 5 if 0 < minutes <= MOST_MINUTES else None


def _at(words: list[Word], one: Number, language: str) -> str | None:
    """ "В семь вечера", "после шести", "18:30"."""
    told = _told(language)
    minutes = _minutes(words, one)
    before = words[one.start - 1].text if one.start else ""
    after = " ".join(word.text for word in words[one.end : one.end + 2])
    by_clock = _finds(told["hours"], after) or any(_finds(told[part], after) for part in ("morning", "evening"))
    if one.value > 23 or not (by_clock or minutes or _finds(told["before"], before) or _finds(told["after"], after)):
        return None
    late = _finds(told["evening"], after) or (one.value <= LAST_OF_AFTERNOON and not _finds(told["morning"], after))
    return f"{one.value + AFTERNOON if late and one.value < AFTERNOON else one.value}:{minutes or '00'}"


def _minutes(words: list[Word], one: Number) -> str:
    """Figures of minutes written after the hour: "18:30"."""
    rest = [word.text for word in words[one.end : one.end + 2]]
    return rest[1] if len(rest) == 2 and rest[0] == ":" and re.fullmatch(r"[0-5]\d", rest[1]) else ""


def _of_the_clock(words: list[Word], one: Number, language: str) -> bool:
    """Ukrainian and Kazakh tell hours in order: "о шостій", "сағат алтыда"."""
    before = words[one.start - 1].text if one.start else ""
    return language != "ru" and _finds(_told(language)["before"], before)


def _finds(pattern: str, plain: str) -> bool:
    return re.search(rf"(?<!\w)(?:{pattern})(?!\w)", plain) is not None


@cache
def _told(language: str) -> Any:
    return spelt(yaml.safe_load(FILE.read_text(encoding="utf-8"))[language], language)
