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

    def takes(self, value: int, *, counted: bool = False) -> bool:
        """Whether a word of this value may continue the number; `counted` ones multiply: "пять сотен"."""
        if value >= THOUSAND:
            return value < self.scale and (self.part > 0 or self.total == 0)
        if value == 0:
            return False
        if not self.part:
            return True
        if self._counts_hundreds(value, counted):
            return True
        return value < (100 if self.least >= 100 else 10 if self.least >= self.least_ten else 0)

    def add(self, value: int, *, counted: bool = False) -> None:
        if value >= THOUSAND:
            self.implied = self.part == 0
            self.total += (self.part or 1) * value
            self.part, self.least, self.scale = 0, 0, value
        elif self._counts_hundreds(value, counted):
            self.part, self.least = self.part * value, 100
        else:
            self.part, self.least = self.part + value, value % 10 or value % 100 or value

    def _counts_hundreds(self, value: int, counted: bool) -> bool:
        if self.multiplies_hundreds and value == 100:
            return 1 <= self.part < 10
        return counted and 1 < self.part < 10


def numbers(words: Sequence[Word], lexicon: Lexicon) -> list[Number]:
    """Every number of the words, in order."""
    return list(_numbers(words, lexicon))


def _numbers(words: Sequence[Word], lexicon: Lexicon) -> Iterator[Number]:
    place = 0
    while place < len(words):
        found = _at(words, place, lexicon)
        if found is None:
            place += 1
            continue
        if words[place].is_figure:
            found = _scaled(words, found, lexicon)
        yield found
        place = found.end


def _at(words: Sequence[Word], place: int, lexicon: Lexicon) -> Number | None:
    """The number that begins at `place`, in figures or in words."""
    if words[place].is_figure and not _begins_words(words, place, lexicon):
        return _written(words, place)
    return _spelt(words, place, lexicon)


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
    rest = _at(words, end, lexicon) if end < len(words) else None
    if rest is not None and 0 < rest.value < scale and not rest.ordinal and not rest.implied:
        value, end = value + rest.value, rest.end
    return Number(value, count.start, end, str(value))


def _begins_words(words: Sequence[Word], place: int, lexicon: Lexicon) -> bool:
    """Whether figures stand for the first word of a number, the rest of which is spelt: "20 пять"."""
    value = int(words[place].text)
    if value not in range(20, 100, 10) and value not in range(100, THOUSAND, 100):
        return False
    if words[place].in_order or place + 1 == len(words) or words[place + 1].is_figure:
        return False
    following, _in_order = value_of(words[place + 1].text, lexicon)
    return following is not None and 0 < following < (10 if value < 100 else 100)


def _spelt(words: Sequence[Word], place: int, lexicon: Lexicon) -> Number | None:
    building = _Building(multiplies_hundreds=lexicon.counts_apart, least_ten=10 if lexicon.counts_apart else 20)
    end, ordinal, scaled = place, False, place
    while end < len(words) and not ordinal:
        value, in_order = _worth(words, end, lexicon, alone=end == place)
        counted = bool((hundreds := lexicon.money.get("hundreds")) and hundreds.match(words[end].text))
        if value is None or (end > place and not building.takes(value, counted=counted)):
            break
        if value == 0:
            return Number(0, place, place + 1, "0")
        if in_order and building.total and not _is_year(words, place, end, building.total, lexicon):
            # "Пять тысяч двадцать пятого" is a sum and a day.
            return Number(building.total, place, scaled, str(building.total), implied=building.implied)
        building.add(value, counted=counted)
        ordinal, end = in_order, end + 1
        scaled = end if not building.part else scaled
        if building.implied and lexicon.money["thousands"].match(words[end - 1].text):
            break  # "тысяч пять": the count comes after its scale
    if end == place:
        return None
    total = building.total + building.part
    return Number(total, place, end, str(total), ordinal, building.implied)


def _worth(words: Sequence[Word], place: int, lexicon: Lexicon, *, alone: bool) -> tuple[int | None, bool]:
    """The value of the word at `place` of a number. Half of it may be in figures, as recognised speech writes: "сто 20
    пять", "двести 45"."""
    word = words[place]
    if not word.is_figure:
        return value_of(word.text, lexicon)
    value = int(word.text)
    if word.text != str(value) or value >= THOUSAND or (alone and not _begins_words(words, place, lexicon)):
        return None, False
    return value, word.in_order


def _is_year(words: Sequence[Word], start: int, place: int, total: int, lexicon: Lexicon) -> bool:
    """Whether a number in order after thousands tells a year: "две тысячи двадцать шестого года"."""
    ahead = words[place : place + 3]
    if any(lexicon.days["year"].match(word.text) for word in ahead):
        return True
    before = words[start - 1].text if start else ""
    return total == 2 * THOUSAND and any(pattern.match(before) for pattern in lexicon.months.values())


def value_of(text: str, lexicon: Lexicon) -> tuple[int | None, bool]:
    """The value of one word and whether it is a number in order; None when it is no number."""
    for value, pattern in lexicon.cardinals.items():
        if pattern.match(text):
            return value, False
    for value, pattern in lexicon.ordinals.items():
        if pattern.match(text):
            return value, True
    return None, False
