"""An account number said aloud: figures one by one, in groups, with "два нуля" and "трижды пять" among them."""

from datetime import date

from okno.speech.understanding.lexicon import Lexicon
from okno.speech.understanding.meaning import Candidate
from okno.speech.understanding.numbers import numbers
from okno.speech.understanding.words import Word

LEAST = 4
"""A shorter run of figures is a flat or a house rather than an account."""


def candidates(words: list[Word], lexicon: Lexicon, today: date) -> list[Candidate]:
    """The figures in the order they were said; leading zeros stay."""
    figures = ""
    skip_until = 0
    found = numbers(words, lexicon)
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
    if not figures:
        return []
    return [Candidate(figures, 0.9 if len(figures) >= LEAST else 0.4)]
