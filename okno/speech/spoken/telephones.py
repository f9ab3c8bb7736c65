"""Telephone numbers said aloud in the groups they are written in: "+7 495 000-00-00", "(044) 123-45-67"."""

import re

from okno.speech.spoken.numerals import Language, cardinal

_RUN = re.compile(r"(?<![\w.,/:-])\+?\(?\d[\d() \u00a0\u202f-]{4,20}\d(?![\w:]|[.,/-]\d)")
_GROUPS = {7: (3, 2, 2), 10: (3, 3, 2, 2), 11: (1, 3, 3, 2, 2), 12: (3, 2, 3, 2, 2)}
"""How figures written without a gap are told apart, by how many there are."""
_LEAST, _MOST = 9, 13
_LEAST_OF_A_TOWN = 5


def with_telephones(text: str, language: Language) -> str:
    """The text with telephone numbers in words; other figures stay."""
    return _RUN.sub(lambda found: _said(found.group(), language), text)


def _said(written: str, language: Language) -> str:
    groups = re.findall(r"\d+", written)
    if not _is_telephone(written, groups):
        return written
    parts = [part for group in groups for part in _parts(group)]
    told = ", ".join(_group(part, language) for part in parts)
    return f"плюс {told}" if written.startswith("+") else told


def _is_telephone(written: str, groups: list[str]) -> bool:
    """A number that counts is written without signs and in groups of three; an account number in one piece."""
    count = sum(map(len, groups))
    if written.startswith("+"):
        return _LEAST <= count <= _MOST
    if len(groups) < 2 or len(groups[0]) > 3:
        return False
    if re.fullmatch(r"\d{1,3}-\d\d-\d\d", written):
        return count >= _LEAST_OF_A_TOWN
    by_threes = all(len(group) == 3 for group in groups[1:]) and not written.startswith("0")
    return _LEAST <= count <= _MOST and ("-" in written or "(" in written or not by_threes)


def _parts(group: str) -> list[str]:
    lengths = _GROUPS.get(len(group), (2,) * (len(group) // 2) + (1,) * (len(group) % 2)) if len(group) > 3 else ()
    if not lengths:
        return [group]
    ends = [sum(lengths[: place + 1]) for place in range(len(lengths))]
    return [group[end - length : end] for end, length in zip(ends, lengths, strict=True)]


def _group(figures: str, language: Language) -> str:
    rest = figures.lstrip("0")
    zeros = [cardinal(0, language)] * (len(figures) - len(rest))
    return " ".join([*zeros, *([cardinal(int(rest), language)] if rest else ())])
