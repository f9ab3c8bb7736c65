"""A rating from 0 to 10."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from okno.speech.understanding import amends, things
from okno.speech.understanding.lexicon import Lexicon
from okno.speech.understanding.meaning import Candidate
from okno.speech.understanding.numbers import Number, numbers
from okno.speech.understanding.words import Word

TOP = 10
DOUBTFUL = 0.4


def candidates(words: list[Word], lexicon: Lexicon, today: date) -> list[Candidate]:
    """The one number that may be a rating; "восемь из десяти" is eight, "восемь-девять" is for the person to choose.

    "Пять из пяти" is told on another scale, and "пять с минусом" at school: both are asked about.
    """
    rated = things.without(numbers(words, lexicon), words, lexicon)
    told = [one for one in rated if not _of_the_clock(one, words, lexicon)]
    standing = amends.standing([(one.start, one.end) for one in told], words, lexicon)
    scales = [one for one in told if _is_scale(one, words, lexicon)]
    left = [one for one, stands in zip(told, standing, strict=True) if stands and (one not in scales or len(told) == 1)]
    values = [one.value for one in left] or _by_name(words, told, lexicon)
    below_zero = any(lexicon.fractions["minus"].match(word.text) for word in words)
    if below_zero or not all(0 <= value <= TOP for value in values):
        return []
    other_scale = len(told) > 1 and any(one.value != TOP for one in scales)
    part = lexicon.things.get("part")
    whole = part is None or not any(part.match(words[one.end - 1].text) for one in left)
    clear = whole and not other_scale and not _between_two(words, lexicon) and not _with_something(left, words, lexicon)
    sure = 0.95 if len(set(values)) == 1 and clear else DOUBTFUL
    return [Candidate(value, sure) for value in dict.fromkeys(values)]


def _is_scale(one: Number, words: Sequence[Word], lexicon: Lexicon) -> bool:
    """ "Из пяти"; Kazakh tells it by the ending before the rating: "бестен төрт"."""
    ending = lexicon.things.get("scale")
    by_ending = ending is not None and one.end < len(words) and bool(ending.match(words[one.end - 1].text))
    return by_ending or bool(one.start and lexicon.out_of.match(words[one.start - 1].text))


def _of_the_clock(one: Number, words: Sequence[Word], lexicon: Lexicon) -> bool:
    """Ukrainian tells hours in order: "о третій"."""
    hour = lexicon.days.get("hour")
    return one.ordinal and hour is not None and bool(hour.match(words[one.end - 1].text))


def _by_name(words: Sequence[Word], told: Sequence[Number], lexicon: Lexicon) -> list[int]:
    """A rating that has a name of its own ("кол", "высший балл", "самую высокую"), when no number was told."""
    if told:
        return []
    named = [word.text for word in words] + [f"{word.text} {after.text}" for word, after in pairwise(words)]
    return [value for name in named for value, pattern in lexicon.ratings.items() if pattern.match(name)]


def _with_something(left: Sequence[Number], words: Sequence[Word], lexicon: Lexicon) -> bool:
    """ "На тройку с плюсом", whatever was heard of the plus."""
    joined = lexicon.fractions["with"]
    return any(
        one.end < len(words) and joined.match(words[one.end].text) and not lexicon.out_of.match(words[one.end].text)
        for one in left
    )


def _between_two(words: Sequence[Word], lexicon: Lexicon) -> bool:
    """Halves, and marks with a plus or a minus."""
    patterns = [lexicon.fractions["half"], lexicon.fractions["and_half"], lexicon.money["half"]]
    if shade := lexicon.things.get("shade"):
        patterns.append(shade)
    return any(pattern.match(word.text) for pattern in patterns for word in words)
