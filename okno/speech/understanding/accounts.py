"""An account number said aloud: figures one by one, in groups, with "два нуля" and "трижды пять" among them."""

from collections.abc import Sequence
from datetime import date

from okno.speech.understanding.lexicon import Lexicon
from okno.speech.understanding.meaning import Candidate
from okno.speech.understanding.numbers import Number, numbers
from okno.speech.understanding.words import Word

LEAST = 4
"""A shorter run of figures is a flat or a house rather than an account."""


def candidates(words: list[Word], lexicon: Lexicon, today: date) -> list[Candidate]:
    """The figures in the order they were said; leading zeros stay."""
    found = numbers(words, lexicon)
    figures = _figures(found, words, lexicon)
    if not figures:
        return []
    if _zero_or_zeros(found, words, lexicon):
        zeros = "0" * found[0].value + figures[2:]
        return [Candidate(figures, 0.45), Candidate(zeros, 0.45)]
    return [Candidate(figures, 0.9 if len(figures) >= LEAST else 0.4)]


def _figures(found: Sequence[Number], words: Sequence[Word], lexicon: Lexicon) -> str:
    figures = ""
    skip_until = 0
    for place, one in enumerate(found):
        if one.start < skip_until:
            continue
        after = words[one.end].text if one.end < len(words) else ""
        if lexicon.account["zeros"].match(after) and 1 < one.value < 10:
            figures += "0" * one.value
            skip_until = one.end + 1
        elif lexicon.account["times"].match(after) and 1 < one.value < 10 and place + 1 < len(found):
            figures += found[place + 1].figures * one.value
            skip_until = found[place + 1].end
        else:
            figures += one.figures
    return figures


def _zero_or_zeros(found: Sequence[Number], words: Sequence[Word], lexicon: Lexicon) -> bool:
    """Whether the number begins with what may be a figure and a zero, or that many zeros: Kazakh counts without a
    plural, "екі нөл" is both. A second zero after it tells that zeros are said one by one."""
    either = lexicon.account.get("zero_or_zeros")
    if either is None or len(found) < 3 or not 1 < found[0].value < 5 or found[1].start != found[0].end:
        return False
    return bool(either.match(words[found[1].start].text)) and found[2].value != 0
