"""A sum of money said aloud, in minor units: "две пятьсот", "полторы тысячи", "сто рублей пятьдесят копеек"."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from okno.speech.understanding.lexicon import Lexicon
from okno.speech.understanding.meaning import Candidate
from okno.speech.understanding.numbers import THOUSAND, Number, numbers
from okno.speech.understanding.words import Word

MINOR = 100
MOST = 10**12


def candidates(words: list[Word], lexicon: Lexicon, today: date) -> list[Candidate]:
    """Every sum told. "Всё" and "половина" are no sums: the dialog knows of what, the words do not."""
    found = [one for one in _sums(words, lexicon) if 0 < one[0] <= MOST]
    values = {minor for minor, _sure in found}
    return [Candidate(minor, sure if len(values) == 1 else 0.45) for minor, sure in found]


def _sums(words: Sequence[Word], lexicon: Lexicon) -> Iterator[tuple[int, float]]:
    told = _joined([one for one in numbers(words, lexicon) if not one.ordinal], words, lexicon)
    place = 0
    while place < len(told):
        amount, start, end, sure = told[place]
        place += 1
        if _is(lexicon, "minor", words, end) and amount < MINOR:
            yield int(amount), sure
            continue
        minor = int(amount * MINOR)
        if _is(lexicon, "major", words, start - 1):
            sure = min(sure, 0.65)
        named = _is(lexicon, "major", words, end)
        if place < len(told) and told[place][0] < MINOR and _is(lexicon, "minor", words, told[place][2]):
            minor += int(told[place][0])
            place += 1
        yield minor, sure if named or sure < 0.9 else 0.85


def _is(lexicon: Lexicon, name: str, words: Sequence[Word], place: int) -> bool:
    return 0 <= place < len(words) and bool(lexicon.money[name].match(words[place].text))


def _joined(found: Sequence[Number], words: Sequence[Word], lexicon: Lexicon) -> list[tuple[Decimal, int, int, float]]:
    """(amount, first word, word after, how sure): fractions, "полторы тысячи" and "пять двести" put together."""
    told: list[tuple[Decimal, int, int, float]] = []
    place = 0
    while place < len(found):
        one = found[place]
        place += 1
        amount, start, end, sure = Decimal(one.value), one.start, one.end, 0.95
        if one.implied and start and lexicon.fractions["half"].match(words[start - 1].text):
            amount, start = amount * Decimal("1.5"), start - 1
        if end + 1 < len(words) and words[end].text in {",", "."} and words[end].glued and words[end + 1].is_figure:
            amount, end, place = _decimal(one, words[end + 1]), end + 2, place + 1
        elif one.implied and place < len(found) and _turned_round(one, found[place]):
            amount, end, sure = Decimal(one.value * found[place].value), found[place].end, 0.6
            place += 1
        elif place < len(found) and found[place].implied and _half_between(one, found[place], words, lexicon):
            amount, end = (one.value + Decimal("0.5")) * found[place].value, found[place].end
            place += 1
        elif place < len(found) and _spoken_in_thousands(one, found[place]):
            amount, end, sure = Decimal(one.value * THOUSAND + found[place].value), found[place].end, 0.6
            place += 1
        elif one.value >= THOUSAND and (half := _and_a_half(words, end, lexicon)):
            scale = 10**6 if one.value >= 10**6 else THOUSAND
            amount, end = amount + Decimal(scale) / 2, end + half
        elif one.value < 100 and (half := _and_a_half(words, end, lexicon)):
            # "Две с половиной" of what nobody told.
            amount, end, sure = (one.value + Decimal("0.5")) * THOUSAND, end + half, 0.45
        told.append((amount, start, end, sure))
    return told


def _decimal(whole: Number, fraction: Word) -> Decimal:
    """ "123,45" has kopecks; no kopecks have three figures: "4,730" is how recognised speech writes thousands."""
    if len(fraction.text) == 3 and len(whole.figures) <= 3:
        return Decimal(f"{whole.figures}{fraction.text}")
    return Decimal(f"{whole.figures}.{fraction.text}")


def _spoken_in_thousands(one: Number, other: Number) -> bool:
    """ "Пять двести" is five thousand two hundred: a small count, then hundreds at once."""
    return (
        1 <= one.value < 100 and other.value in range(100, 1000, 10) and other.start == one.end and other.value >= 100
    )


def _turned_round(one: Number, other: Number) -> bool:
    """ "Тысяч пять" is about five thousand: the count stands behind its scale."""
    return one.end - one.start == 1 and 1 < other.value < 100 and other.start == one.end


def _half_between(one: Number, other: Number, words: Sequence[Word], lexicon: Lexicon) -> bool:
    """ "Две с половиной тысячи", "екі жарым мың": the half stands before the scale it is of."""
    return other.start > one.end and other.start == one.end + _and_a_half(words, one.end, lexicon)


def _and_a_half(words: Sequence[Word], place: int, lexicon: Lexicon) -> int:
    """How many words at `place` say "and a half": "с половиной" two, "жарым" one, anything else none."""
    told = [word.text for word in words[place : place + 2]]
    if told and lexicon.fractions["and_half"].match(told[0]):
        return 1
    if len(told) == 2 and lexicon.fractions["with"].match(told[0]) and lexicon.fractions["and_half"].match(told[1]):
        return 2
    return 0
