"""Numbers out of words: "две тысячи пятьсот", "жиырма бес мың", "двадцять третього", "12 345".

A number ends where the next word could not continue it: "двадцать три сорок" is two numbers, "сто два" is one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from okno.speech.understanding.lexicon import Lexicon
from okno.speech.understanding.words import Word

THOUSAND = 1000


@dataclass(frozen=True, slots=True)
class Number:
    """A number in the words `[start, end)`; `figures` keeps how it is written down, leading zeros and all.

    `implied` marks a scale without a count ("тысяча"), `ordinal` a number in order ("пятого").
    """

    value: int
    start: int
    end: int
    figures: str
    ordinal: bool = False
    implied: bool = False


@dataclass(slots=True)
class _Building:
    """A number while it is being said: whole scales in `total`, what is below the next scale in `part`."""

    #: Kazakh says "two hundred" and "ten one" where Russian has words of their own.
    multiplies_hundreds: bool
    least_ten: int
    total: int = 0
    part: int = 0
    least: int = 0
    scale: int = 10**9
    implied: bool = False

    def takes(self, value: int) -> bool:
        """Whether a word of this value may continue the number."""
        if value >= THOUSAND:
            return value < self.scale and (self.part > 0 or self.total == 0)
        if value == 0:
            return False
        if not self.part:
            return True
        if self._counts_hundreds(value):
            return True
        return value < (100 if self.least >= 100 else 10 if self.least >= self.least_ten else 0)

    def add(self, value: int) -> None:
        if value >= THOUSAND:
            self.implied = self.part == 0
            self.total += (self.part or 1) * value
            self.part, self.least, self.scale = 0, 0, value
        elif self._counts_hundreds(value):
            self.part, self.least = self.part * 100, 100
        else:
            self.part, self.least = self.part + value, value

    def _counts_hundreds(self, value: int) -> bool:
        return self.multiplies_hundreds and value == 100 and 1 < self.part < 10


def numbers(words: Sequence[Word], lexicon: Lexicon) -> list[Number]:
    """Every number of the words, in order."""
    return list(_numbers(words, lexicon))


def _numbers(words: Sequence[Word], lexicon: Lexicon) -> Iterator[Number]:
    place = 0
    while place < len(words):
        if words[place].is_figure:
            yield (found := _scaled(words, _written(words, place), lexicon))
            place = found.end
            continue
        spelt = _spelt(words, place, lexicon)
        if spelt is None:
            place += 1
            continue
        yield spelt
        place = spelt.end


def _written(words: Sequence[Word], place: int) -> Number:
    """Figures; groups of three after a blank are one number ("12 345"), as long as the first has one to three."""
    figures, end = words[place].text, place + 1
    if words[place].in_order:
        return Number(int(figures), place, end, figures, ordinal=True)
    while (
        end < len(words)
        and words[end].is_figure
        and len(words[end].text) == 3
        and len(words[place].text) <= 3
        and not words[place].text.startswith("0")
        and not words[end].in_order
    ):
        figures += words[end].text
        end += 1
    return Number(int(figures), place, end, figures)


def _scaled(words: Sequence[Word], count: Number, lexicon: Lexicon) -> Number:
    """Figures before a scale, as recognised speech writes them: "5 тысяч", "12 тысяч 500"."""
    if count.end == len(words) or not 0 < count.value < THOUSAND or count.figures.startswith("0"):
        return count
    scale, in_order = value_of(words[count.end].text, lexicon)
    if scale is None or in_order or scale < THOUSAND:
        return count
    value, end = count.value * scale, count.end + 1
    rest: Number | None = None
    if end < len(words):
        rest = _written(words, end) if words[end].is_figure else _spelt(words, end, lexicon)
    if rest is not None and 0 < rest.value < scale and not rest.ordinal and not rest.implied:
        value, end = value + rest.value, rest.end
    return Number(value, count.start, end, str(value))


def _spelt(words: Sequence[Word], place: int, lexicon: Lexicon) -> Number | None:
    building = _Building(multiplies_hundreds=lexicon.counts_apart, least_ten=10 if lexicon.counts_apart else 20)
    end, ordinal = place, False
    while end < len(words) and not ordinal:
        value, in_order = value_of(words[end].text, lexicon)
        if value is None and end > place and words[end].is_figure:
            # Half in words and half in figures, as recognised speech may come: "сто 20 пять".
            value, in_order = _round(words[end]), words[end].in_order
        if value is None or (end > place and not building.takes(value)):
            break
        if value == 0:
            return Number(0, place, place + 1, "0")
        building.add(value)
        ordinal, end = in_order, end + 1
        if building.implied and lexicon.money["thousands"].match(words[end - 1].text):
            break  # "тысяч пять": the count comes after its scale
    if end == place:
        return None
    total = building.total + building.part
    return Number(total, place, end, str(total), ordinal, building.implied)


def _round(word: Word) -> int | None:
    """Figures that stand for one word of a number: 20, 300, 7; None for others."""
    value = int(word.text)
    alone = word.text == str(value) and (value < 20 or value in range(20, 100, 10) or value in range(100, 1000, 100))
    return value if alone else None


def value_of(text: str, lexicon: Lexicon) -> tuple[int | None, bool]:
    """The value of one word and whether it is a number in order; None when it is no number."""
    for value, pattern in lexicon.cardinals.items():
        if pattern.match(text):
            return value, False
    for value, pattern in lexicon.ordinals.items():
        if pattern.match(text):
            return value, True
    return None, False
