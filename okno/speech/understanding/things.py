"""Numbers of something else than what is asked for: "через два часа", "25 ноября", "квартира пять"."""

from collections.abc import Sequence
from itertools import pairwise

from okno.speech.understanding.lexicon import Lexicon
from okno.speech.understanding.numbers import Number
from okno.speech.understanding.words import Word


def without(found: Sequence[Number], words: Sequence[Word], lexicon: Lexicon) -> list[Number]:
    """The numbers that count nothing of what the lexicon names."""
    return [one for one in found if not _counts_other(one, words, lexicon)]


def inexact(words: Sequence[Word], lexicon: Lexicon) -> bool:
    """Whether something was left unsaid: "триста с чем-то", "две тысячи с хвостиком"."""
    odd, joined = lexicon.things.get("odd"), lexicon.fractions["with"]
    return odd is not None and any(joined.match(word.text) and odd.match(after.text) for word, after in pairwise(words))


def _counts_other(one: Number, words: Sequence[Word], lexicon: Lexicon) -> bool:
    after = words[one.end].text if one.end < len(words) else ""
    before = words[one.start - 1].text if one.start else ""
    named = ((lexicon.things.get("after"), after), (lexicon.things.get("before"), before))
    if any(pattern is not None and pattern.match(text) for pattern, text in named):
        return True
    return any(pattern.match(after) for pattern in lexicon.months.values())
