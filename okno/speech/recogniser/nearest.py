"""Which of the likely answers was said, where the words that were heard are none of them.

A recogniser that writes "чепи сто пятьдесят шесть" has heard something, and of the readings that a meter can show now
only one sounds like that. It is asked how likely each of the nearest is to sound so, and the answer counts only when
it is nearly as likely as what the recogniser would rather write, and clearly likelier than the next.
"""

import re
from collections.abc import Callable, Iterable, Sequence

from rapidfuzz import fuzz, process

from okno.speech.spoken.numerals import MOST, Language, cardinal

LOOKED_AT = 8
"""Answers asked about: each costs some twenty milliseconds."""
_FOR_EACH = 12
_BEHIND = 8.0
"""By so much, in logarithm of probability, it may be less likely than what was written."""
_LEAST = -2.2
"""Average logarithm of probability a token, below which it was not said."""
_AHEAD = 1.0
"""By so much it must be likelier than the next."""
_FIGURES = re.compile(r"(\d+)(?:[.,]\d+)?")
_SIGNS = re.compile(r"[^\w ]+")

Likelihood = Callable[[str], tuple[float, int]]
"""Logarithm of the probability that these words were said, and how many tokens they are."""


def plain(text: str) -> str:
    """Small letters and blanks."""
    return " ".join(_SIGNS.sub(" ", text.lower()).split())


def nearest(heard: Sequence[str], likely: Sequence[str], likelihood: Likelihood, language: Language) -> str:
    """The one of the `likely` answers that sounds like this; "" when none surely does.

    `heard` are the ways in which it may be written, the best first, in `language`.
    """
    if not heard or not heard[0] or _spoken(heard[0], language) in set(map(plain, likely)):
        return ""
    told = sorted(
        ((*likelihood(text), text) for text in _near({_spoken(way, language) for way in heard}, likely)), reverse=True
    )
    if not told:
        return ""
    best, tokens, text = told[0]
    if best / tokens <= _LEAST or (len(told) > 1 and best - told[1][0] <= _AHEAD):
        return ""
    return text if best > likelihood(heard[0])[0] - _BEHIND else ""


def _spoken(text: str, language: Language) -> str:
    """The text with its figures in words; of a fraction those of its whole part."""

    def words(figures: re.Match[str]) -> str:
        number = int(figures.group(1))
        return cardinal(number, language) if number < MOST else figures.group()

    return plain(_FIGURES.sub(words, text))


def _near(heard: Iterable[str], likely: Sequence[str]) -> list[str]:
    """Those that are written most like one of the ways."""
    scores: dict[str, float] = {}
    for way in sorted(heard):
        for text, score, _place in process.extract(way, likely, scorer=fuzz.ratio, limit=_FOR_EACH):
            scores[text] = max(score, scores.get(text, 0.0))
    return sorted(scores, key=lambda text: (-scores[text], text))[:LOOKED_AT]
