"""An account number said aloud: figures one by one, in groups, with "два нуля" and "трижды пять" among them."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from okno.speech.understanding import things
from okno.speech.understanding.figures import read_out, said_last
from okno.speech.understanding.lexicon import Lexicon
from okno.speech.understanding.meaning import Candidate
from okno.speech.understanding.numbers import Number, numbers
from okno.speech.understanding.words import Word

LEAST = 4
"""A shorter run of figures is a flat or a house rather than an account."""
MOST = 13
"""A longer run was told more than once."""
LONG = 6
"""So many figures hardly ever come twice in a row within one number."""
DOUBTFUL = 0.4


def candidates(words: list[Word], lexicon: Lexicon, today: date) -> list[Candidate]:
    """The figures in the order they were said; leading zeros stay."""
    last, clear = said_last(words, lexicon)
    found = things.without(read_out(last, lexicon), last, lexicon)
    figures = "".join(one.figures for one in found)
    if not figures:
        return []
    raw = numbers(last, lexicon)
    if _zero_or_zeros(raw, last, lexicon):
        single = "".join(one.figures for one in raw)
        counted = "0" * raw[0].value + single[2:]
        # Whoever groups figures would have said "жиырма" for 2 and 0; whoever says them one by one says zeros so too.
        likely, other = (counted, single) if any(one.value > 9 for one in raw) else (single, counted)
        return [Candidate(likely, 0.6), Candidate(other, 0.4)]
    if half := _told_twice(figures, found, last):
        return [Candidate(half, DOUBTFUL), Candidate(figures, DOUBTFUL)]
    whole = clear and LEAST <= len(figures) <= MOST and not things.strange(found, last, lexicon)
    return [Candidate(figures, 0.9 if whole else DOUBTFUL)]


def _told_twice(figures: str, found: Sequence[Number], words: Sequence[Word]) -> str:
    """The figures that were told, then told again in a sentence of their own or after a word; the account may as well
    be made so. "" for none."""
    half = figures[: len(figures) // 2]
    if len(half) < LEAST or half * 2 != figures:
        return ""
    if len(half) >= LONG:
        return half
    length = 0
    for one, other in pairwise(found):
        length += len(one.figures)
        if length == len(half):
            gap = words[one.end : other.start]
            return half if any(word.text == "." or not word.is_sign for word in gap) else ""
    return ""


def _zero_or_zeros(found: Sequence[Number], words: Sequence[Word], lexicon: Lexicon) -> bool:
    """Whether the number begins with what may be a figure and a zero, or that many zeros: Kazakh counts without a
    plural, "екі нөл" is both. A second zero after it tells that zeros are said one by one."""
    either = lexicon.account.get("zero_or_zeros")
    if either is None or len(found) < 3 or not 1 < found[0].value < 5 or found[1].start != found[0].end:
        return False
    return bool(either.match(words[found[1].start].text)) and found[2].value != 0
