"""The words that a pattern of the lexicon stands for, written out: "пят(ь|и)" is "пять" and "пяти".

Patterns of the lexicon use letters, groups, classes, `?` and repetition of `\\w`; what repeats is left out of the
words, and a word that goes on in any way ("рассроч\\w+") is told by its stem with a "…".
"""

import re
from itertools import product

ANY = "…"
"""Any letters at the end of a word."""
_FREE_WORDS = re.compile(r"\(\s?\\w[+*]\s?\)(?:\{\d,\d\}|[*+?])?|\( \\w\+\)(?:\{\d,\d\}|[*+?])?")
_MOST = 4000


def spellings(pattern: str) -> list[str]:
    """Every phrase of the pattern; none for a pattern that stands for too many."""
    told = _FREE_WORDS.sub("", pattern.replace(r"\A", "").replace(r"\Z", ""))
    found, _end = _alternatives(told, 0)
    return found if len(found) < _MOST else []


def _alternatives(pattern: str, place: int) -> tuple[list[str], int]:
    found: list[str] = []
    while True:
        told, place = _sequence(pattern, place)
        found += told
        if place == len(pattern) or pattern[place] == ")":
            return found, place
        place += 1


def _sequence(pattern: str, place: int) -> tuple[list[str], int]:
    found = [""]
    while place < len(pattern) and pattern[place] not in "|)":
        piece, place = _piece(pattern, place)
        piece, place = _repeated(piece, pattern, place)
        if len(found) * len(piece) >= _MOST:
            piece = piece[:1]
        found = [before + after for before, after in product(found, piece)]
    return found, place


def _piece(pattern: str, place: int) -> tuple[list[str], int]:
    """One letter, class or group and the place after it."""
    sign = pattern[place]
    if sign == "(":
        start = place + 3 if pattern.startswith("(?:", place) else place + 1
        found, end = _alternatives(pattern, start)
        return found, end + 1
    if sign == "[":
        end = pattern.index("]", place)
        return list(pattern[place + 1 : end]), end + 1
    if sign == "\\":
        return ([ANY] if pattern[place + 1] == "w" else [""]), place + 2
    return [sign], place + 1


def _repeated(piece: list[str], pattern: str, place: int) -> tuple[list[str], int]:
    sign = pattern[place] if place < len(pattern) else ""
    if sign and sign in "?*":
        return ([*piece, ""] if piece != [ANY] else piece), place + 1
    if sign == "{":
        return [*piece, ""], pattern.index("}", place) + 1
    return piece, place + (sign == "+")
