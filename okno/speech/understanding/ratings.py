"""A rating from 0 to 10."""

from datetime import date

from okno.speech.understanding.lexicon import Lexicon
from okno.speech.understanding.meaning import Candidate
from okno.speech.understanding.numbers import numbers
from okno.speech.understanding.words import Word

TOP = 10


def candidates(words: list[Word], lexicon: Lexicon, today: date) -> list[Candidate]:
    """The one number that may be a rating; "восемь из десяти" is eight, "восемь-девять" is for the person to choose."""
    told = [one.value for one in numbers(words, lexicon)]
    for place, word in enumerate(words):
        told += [value for value, pattern in lexicon.ratings.items() if pattern.match(word.text) and not told]
        if place and lexicon.out_of.match(word.text) and len(told) > 1 and told[-1] == TOP:
            told.pop()
    fitting = [value for value in told if 0 <= value <= TOP]
    below_zero = any(lexicon.fractions["minus"].match(word.text) for word in words)
    if len(fitting) != len(told) or below_zero:
        return []
    halved = any(lexicon.fractions[name].match(word.text) for name in ("half", "and_half") for word in words)
    sure = 0.95 if len(set(fitting)) == 1 and not halved else 0.4
    return [Candidate(value, sure) for value in dict.fromkeys(fitting)]
