"""A part of a debt told in words: "половину", "всю сумму", "жартысын". Pure; the whole is known to the dialog."""

import re
from collections.abc import Mapping
from fractions import Fraction

_SHARES: Mapping[str, Mapping[Fraction, str]] = {
    "ru": {
        Fraction(1, 2): r"половин\w+|полсуммы|50 процентов",
        Fraction(1, 3): r"треть",
        Fraction(1, 4): r"четверть",
        Fraction(1): r"(весь|всю|целиком|полностью)( \w+){0,2}|все сразу|всё сразу",
    },
    "uk": {
        Fraction(1, 2): r"половин\w+|50 відсотків",
        Fraction(1, 3): r"третин\w+",
        Fraction(1, 4): r"чверть",
        Fraction(1): r"(весь|всю|усю|увесь|цілком|повністю)( \w+){0,2}|усе одразу|все одразу",
    },
    "kk": {
        Fraction(1, 2): r"жарты(сын|сы)|жартысын ғана",
        Fraction(1, 3): r"үштен бір(ін|і)",
        Fraction(1, 4): r"төрттен бір(ін|і)|ширегін",
        Fraction(1): r"(барлығын|бәрін|толығымен|толық)( \w+){0,2}",
    },
}


def share(text: str, language: str) -> Fraction | None:
    """The part of the whole that the words name; None where they name none, or two different ones."""
    plain = text.lower()
    told = [part for part, words in _SHARES[language].items() if re.search(rf"(?<!\w)(?:{words})(?!\w)", plain)]
    return told[0] if len(told) == 1 else None


def of_whole(text: str, language: str, whole: int) -> int | None:
    """The same of `whole` minor units, rounded up: half of a debt is never a kopeck short."""
    part = share(text, language)
    return None if part is None else -(-whole * part.numerator // part.denominator)
