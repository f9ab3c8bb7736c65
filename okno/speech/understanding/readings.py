"""A meter's reading said aloud: "ноль ноль сто двадцать три", "триста сорок целых пять десятых", "123,45"."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

from okno.speech.understanding.lexicon import Lexicon
from okno.speech.understanding.meaning import Candidate
from okno.speech.understanding.numbers import Number, numbers
from okno.speech.understanding.words import Word

_PARTS = (("tenth", 1), ("hundredth", 2), ("thousandth", 3))
LONGEST = 9


def candidates(words: list[Word], lexicon: Lexicon, today: date) -> list[Candidate]:
    """The reading: whole part and fraction. Figures said one by one make one number, leading zeros are dropped."""
    told = _without_count_of_zeros(numbers(words, lexicon), words, lexicon)
    if not told:
        return []
    whole, fraction, sure = _parts(told, words, lexicon)
    if not whole or len(whole) > LONGEST or len(fraction) > LONGEST:
        return []
    if any(lexicon.money["major"].match(word.text) for word in words):
        sure = min(sure, 0.45)  # A meter counts no money: another question was answered.
    return [Candidate(Decimal(f"{whole}.{fraction or '0'}").normalize() + 0, sure)]


def _without_count_of_zeros(told: Sequence[Number], words: Sequence[Word], lexicon: Lexicon) -> Sequence[Number]:
    """ "Три нуля сорок пять" is forty-five: how many zeros stand before it changes nothing."""
    if len(told) > 1 and told[0].end < len(words) and lexicon.account["zeros"].match(words[told[0].end].text):
        return [one for one in told[1:] if one.start > told[0].end] or told[1:]
    return told


def _parts(told: Sequence[Number], words: Sequence[Word], lexicon: Lexicon) -> tuple[str, str, float]:
    cut = next((place for place in range(len(words)) if _divides(words, place, lexicon)), None)
    if cut is None:
        return (*_undivided(told, words, lexicon),)
    whole = [one for one in told if one.end <= cut]
    rest = [one for one in told if one.start > cut]
    if not rest:
        return _figures(whole), "", 0.7
    # The denominator follows in Russian and Ukrainian and precedes in Kazakh.
    asked = (_places(words, at, lexicon) for at in (rest[-1].end, rest[-1].end - 1, rest[-1].start - 1))
    places = next((count for count in asked if count), 0)
    fraction = _figures([one for one in rest if not one.ordinal] or rest)
    return _figures(whole) or "0", fraction.zfill(places) if places else fraction, 0.9


def _undivided(told: Sequence[Number], words: Sequence[Word], lexicon: Lexicon) -> tuple[str, str, float]:
    """No word for the point: one number, figures one by one, or several numbers that may mean anything."""
    if any(lexicon.account["alike"].match(word.text) for word in words):
        return _figures(told), "", 0.45
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
    one_by_one = all(one.value < 10 for one in rest)
    side_by_side = all(one.end == other.start for one, other in pairwise(rest))
    return _figures(told), "", 0.85 if one_by_one and side_by_side else 0.45


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
