"""Kazakh figures with the endings written after them: «15.12.2026 дейін», «9:00-ден», «2-кіреберіс», «5-ке».

A hyphen between a number and a word that is no ending makes it a number in order, as Kazakh is written.
"""

import re
from datetime import date, time

from okno.speech.spoken.days import Stands, day, hour, month_of
from okno.speech.spoken.numerals import cardinal, kazakh_ordinal

_TO, _IN, _FROM = ("ға", "ге", "қа", "ке"), ("да", "де", "та", "те"), ("дан", "ден", "тан", "тен", "нан", "нен")
_CASES = "|".join((*_FROM, *_TO, *_IN))
_ORDER = re.compile(r"(?:[іы]?н)?ш[іы]\Z")
_ENDING = re.compile(
    rf"(?:{_CASES}|[ндт][ыі]|[ндт][ыі]ң|[дт][ае]й|[дт][ыі]қ|[лдт]ік|[мбп]ен|с?[ыі]|с?[ыі]н|с?[ыі]н[дғг]?[ае]|с?[ыі]н[ае]н)\Z"
)
_UNVOICED = "қкпстшфхцчщ"
_LAST_YEAR = 2100


def with_endings(text: str) -> str:
    """The text with days, hours, years and numbers in order said; other figures stay."""
    text = re.sub(rf"\b(\d{{1,2}})\.(\d{{1,2}})\.(\d{{4}})\b(?:-({_CASES})\b)?(\s+дейін|\s+бастап)?", _day, text)
    clock = rf"(?:\b(сағат)\s+)?\b([01]?\d|2[0-3]):([0-5]\d)\b(?:-({_CASES})\b)?"
    text = re.sub(clock, _hour, text, flags=re.IGNORECASE)
    text = re.sub(r"\b(\d{1,2})\s+([^\W\d_]+)", _day_of_month, text)
    text = re.sub(r"\b((?:19|20)\d\d)(?=\s+жыл)", lambda found: kazakh_ordinal(int(found[1])), text)
    text = re.sub(r"\b([^\W\d_]+)-([^\W\d_]+)\b", _joined, text)
    return re.sub(r"(?<![\w.,-])(\d{1,9})-([^\W\d_]+)", _in_order, text)


def _day(found: "re.Match[str]") -> str:
    try:
        told = date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return found.group()
    ending, after = found[4] or "", (found[5] or "").strip()
    if after == "дейін":
        return day(told, "kk", Stands.UNTIL)
    if after == "бастап" or ending in _FROM:
        return f"{day(told, 'kk', Stands.SINCE)} {after}".strip()
    return day(told, "kk", Stands.WHEN if ending in _IN else Stands.NAMED)


def _hour(found: "re.Match[str]") -> str:
    hours, minutes, ending = int(found[2]), int(found[3]), found[4] or ""
    words = hour(time(hours, minutes), "kk").removeprefix("сағат ")
    return f"{found[1] or 'сағат'} {words}{_ending(words, ending)}"


def _ending(word: str, written: str) -> str:
    """The ending of the same case that this word asks for: «тоғыздан», «үштен», «оннан», «отыз минуттан»."""
    if not written:
        return ""
    vowels = [letter for letter in word if letter in "аәеиоөұүыіу"]
    vowel = "е" if (vowels[-2:] == ["е", "у"] or vowels[-1] in "әеөүі") else "а"
    unvoiced = word[-1] in _UNVOICED
    if written in _TO:
        return {"а": "қа" if unvoiced else "ға", "е": "ке" if unvoiced else "ге"}[vowel]
    if written in _FROM:
        return ("т" if unvoiced else "н" if word[-1] in "мнң" else "д") + vowel + "н"
    return ("т" if unvoiced else "д") + vowel


def _day_of_month(found: "re.Match[str]") -> str:
    number = int(found[1])
    if not month_of(found[2].lower(), "kk") or not 1 <= number <= 31:
        return found.group()
    return f"{kazakh_ordinal(number)} {found[2]}"


def _joined(found: "re.Match[str]") -> str:
    """ "Теңге-ге", left of "₸-ге", is one word."""
    return found[1] + found[2] if found[1] in {"теңге", "тиын"} and _ENDING.match(found[2]) else found.group()


def _in_order(found: "re.Match[str]") -> str:
    number, written = int(found[1]), found[2].lower()
    if number == 0 or number >= _LAST_YEAR:
        return found.group()
    if _ORDER.match(written):
        return kazakh_ordinal(number)
    if _ENDING.match(written):
        return cardinal(number, "kk") + found[2]
    return f"{kazakh_ordinal(number)} {found[2]}"
