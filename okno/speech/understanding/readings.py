"""A meter's reading said aloud: "ноль ноль сто двадцать три", "триста сорок целых пять десятых", "123,45"."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

from okno.speech.understanding import things
from okno.speech.understanding.figures import read_out, said_last
from okno.speech.understanding.lexicon import Lexicon
from okno.speech.understanding.meaning import Candidate
from okno.speech.understanding.numbers import THOUSAND, Number
from okno.speech.understanding.words import Word

_PARTS = (("tenth", 1), ("hundredth", 2), ("thousandth", 3))
LONGEST = 9
DOUBTFUL = 0.45


def candidates(words: list[Word], lexicon: Lexicon, today: date) -> list[Candidate]:
    """The reading: whole part and fraction. Figures said one by one make one number, leading zeros are dropped."""
    last, clear = said_last(words, lexicon)
    told = things.without(read_out(last, lexicon), last, lexicon)
    if not told:
        return []
    whole, fraction, sure = _parts(told, last, lexicon)
    shaded = any(_is(lexicon.things.get("shade"), word) for word in last)
    misheard = things.strange(told, last, lexicon) or things.miscounted(last, lexicon)
    if not clear or shaded or misheard or things.inexact(last, lexicon) or things.approximate(last, lexicon):
        sure = min(sure, DOUBTFUL)
    if not whole or len(whole) > LONGEST or len(fraction) > LONGEST:
        return []
    if told[0].ordinal and _is(lexicon.things.get("of_a_day"), last[told[0].end - 1]):
        sure = min(sure, DOUBTFUL)  # "Двадцать пятого" is a day: another question was answered.
    if any(lexicon.fractions["minus"].match(word.text) for word in last):
        return []
    if len(whole.lstrip("0")) < 2 and not things.familiar(last, lexicon):
        sure = min(sure, DOUBTFUL)  # One figure out of many words is what is left of a number.
    if any(lexicon.money["major"].match(word.text) for word in last):
        sure = min(sure, DOUBTFUL)  # A meter counts no money: another question was answered.
    return [Candidate(Decimal(f"{whole}.{fraction or '0'}").normalize() + 0, sure)]


def _parts(told: Sequence[Number], words: Sequence[Word], lexicon: Lexicon) -> tuple[str, str, float]:
    points = [place for place in range(len(words)) if _divides(words, place, lexicon)]
    cut = points[0] if points else None
    if len(points) > 1 and all(words[place].is_sign for place in points):
        return (*_undivided(told, words, lexicon),)  # "0,1,2,3,5" is read out figure by figure
    if cut is None:
        cut = _divided_by_name(told, words, lexicon)
    if cut is None:
        return (*_undivided(_once(told), words, lexicon),)
    whole = [one for one in told if one.end <= cut]
    rest = [one for one in told if one.start > cut]
    if not rest:
        return _fraction_first(whole, words, cut, lexicon)
    nothing_before = words[cut].is_sign and not int(_figures(whole) or "0")
    counts = [one.value for one in rest if not one.ordinal]
    wholes = [one.value for one in whole]
    several = any(sum(count > 0 for count in told) > 1 and max(told) > 9 for told in (counts, wholes))
    # "0,320" is how "ноль ноль триста двадцать" is written, too, and "пятьдесят шестьсот" are no hundredths.
    sure = DOUBTFUL if nothing_before or several or not whole else 0.9
    # The denominator follows in Russian and Ukrainian and precedes in Kazakh.
    asked = (_places(words, at, lexicon) for at in (rest[-1].end, rest[-1].end - 1, rest[-1].start - 1))
    places = next((count for count in asked if count), 0)
    fraction = _figures([one for one in rest if not one.ordinal] or rest)
    return _figures(whole) or "0", fraction.zfill(places) if places else fraction, sure


def _fraction_first(
    whole: Sequence[Number], words: Sequence[Word], cut: int, lexicon: Lexicon
) -> tuple[str, str, float]:
    """No figures behind the point: "двенадцать и сорок после запятой" tells the fraction before it."""
    behind = lexicon.fractions.get("behind")
    if cut == 0 or behind is None or not behind.match(words[cut - 1].text):
        return _figures(whole), "", 0.7
    if len(whole) == 2 and whole[0].end < whole[1].start and whole[1].end == cut - 1:
        return whole[0].figures, whole[1].figures, 0.8
    return _figures(whole), "", DOUBTFUL


def _undivided(told: Sequence[Number], words: Sequence[Word], lexicon: Lexicon) -> tuple[str, str, float]:
    """No word for the point: one number, figures one by one, or several numbers that may mean anything."""
    if any(lexicon.account["alike"].match(word.text) for word in words) and not lexicon.repeated:
        return _figures(told), "", DOUBTFUL
    if any(lexicon.fractions["half"].match(word.text) for word in words):
        return "", "", 0.0
    halves = [place for place in range(len(words)) if lexicon.fractions["and_half"].match(words[place].text)]
    if halves and len(told) == 1:
        return _figures(told), "5", 0.8
    leading = 0
    while leading < len(told) - 1 and told[leading].value == 0:
        leading += 1
    rest = told[leading:]
    if len(rest) == 1:
        return _figures(told), "", 0.9
    if len(rest) == 2 and rest[0].value % THOUSAND == 0 and rest[1].value < THOUSAND and rest[0].end == rest[1].start:
        return str(rest[0].value + rest[1].value), "", 0.7  # "2000 104"
    one_by_one = all(one.value < 10 for one in rest)
    side_by_side = all(all(word.is_sign for word in words[one.end : other.start]) for one, other in pairwise(rest))
    return _figures(told), "", 0.85 if one_by_one and side_by_side else DOUBTFUL


def _once(told: Sequence[Number]) -> Sequence[Number]:
    """A number of three figures or more told twice is one: it was said again to be heard."""
    alike = len(told) > 1 and len({one.figures for one in told}) == 1 and len(told[0].figures) > 2
    return told[:1] if alike else told


def _divided_by_name(told: Sequence[Number], words: Sequence[Word], lexicon: Lexicon) -> int | None:
    """Where the fraction begins that only its name tells: "и семь десятых", "красные триста десять"."""
    for before, after in pairwise(told):
        for place in range(before.end, after.start):
            named = _places(words, after.end, lexicon)
            if _is(lexicon.fractions.get("red"), words[place]) or (
                _is(lexicon.fractions["and"], words[place]) and named
            ):
                return place
    return None


def _is(pattern: re.Pattern[str] | None, word: Word) -> bool:
    return pattern is not None and bool(pattern.match(word.text))


def _figures(told: Sequence[Number]) -> str:
    return "".join(one.figures for one in told)


def _divides(words: Sequence[Word], place: int, lexicon: Lexicon) -> bool:
    """A point between figures, or a word for it."""
    word = words[place]
    if word.text in {",", "."}:
        return word.glued and place + 1 < len(words) and words[place + 1].is_figure and words[place + 1].glued
    return bool(lexicon.fractions["point"].match(word.text) or lexicon.fractions["whole"].match(word.text))


def _places(words: Sequence[Word], place: int, lexicon: Lexicon) -> int:
    """How many places "десятых", "сотых", "тысячных" at `place` ask for; 0 when none is named."""
    if not 0 <= place < len(words):
        return 0
    return next((count for name, count in _PARTS if lexicon.fractions[name].match(words[place].text)), 0)
