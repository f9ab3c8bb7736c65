"""A sum of money said aloud, in minor units: "две пятьсот", "полторы тысячи", "сто рублей пятьдесят копеек"."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from okno.speech.understanding import amends, things
from okno.speech.understanding.lexicon import Lexicon
from okno.speech.understanding.meaning import Candidate
from okno.speech.understanding.numbers import THOUSAND, Number, numbers
from okno.speech.understanding.words import Word

MINOR = 100
MOST = 10**12
SMALLEST_BARE = 100
"""A lesser number without the name of the money may be thousands as well: "пять" is for the person to say."""
DOUBTFUL = 0.45


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount told in the words `[start, end)`, in whole units of money or, when `minor`, in kopecks."""

    amount: Decimal
    start: int
    end: int
    sure: float
    minor: bool = False
    named: bool = False

    @property
    def minor_units(self) -> int:
        return int(self.amount if self.minor else self.amount * MINOR)


def candidates(words: list[Word], lexicon: Lexicon, today: date) -> list[Candidate]:
    """Every sum told that stands. "Всё" and "половина" are no sums: the dialog knows of what, the words do not."""
    if any(lexicon.fractions["minus"].match(word.text) for word in words):
        return []
    told = list(_added([*_sums(words, lexicon)], words, lexicon)) or list(_one_and_a_half(words, lexicon))
    standing = amends.standing([(one.start, one.end) for one in told], words, lexicon)
    kept = [
        one
        for one, stands in zip(told, standing, strict=True)
        if stands and 0 < one.minor_units <= MOST and not _denied(one, words, lexicon)
    ]
    if len({one.minor_units for one in kept}) != 1:
        return [Candidate(one.minor_units, DOUBTFUL) for one in kept]
    first = kept[0]
    if len(told) > 1 and not all(standing) and (instead := _instead(first, told, standing)):
        return instead
    if first.amount < SMALLEST_BARE and not any(one.named or one.minor for one in kept):
        return [Candidate(first.minor_units, DOUBTFUL), Candidate(first.minor_units * THOUSAND, 0.4)]
    unclear = (
        things.inexact(words, lexicon)
        or _in_turn(kept, words, lexicon)
        or _several_times(first, words, lexicon)
        or _is(lexicon, "half", words, first.end)
        or _of_others(words, lexicon)
        or _misheard(first, words, lexicon)
    )
    return [Candidate(one.minor_units, DOUBTFUL if unclear else one.sure) for one in kept]


def _instead(one: Amount, told: Sequence[Amount], standing: Sequence[bool]) -> list[Candidate]:
    """What a lesser number means instead of thousands that were taken back: "пять тысяч, ой, четыре" are thousands
    again, of "две пятьсот, нет, шестьсот" nobody knows what was put right. [] where it is clear by itself."""
    place = max((at for at, stands in enumerate(standing) if not stands), default=0)
    before = told[place].amount
    if one.named or one.minor or one.start < told[place].end or before < THOUSAND or one.amount >= THOUSAND:
        return []
    again = Amount(one.amount * THOUSAND, one.start, one.end, 0.65).minor_units
    if one.amount < SMALLEST_BARE:
        return [Candidate(again, 0.65)] if before % THOUSAND in {0, 500} else []
    if before % THOUSAND == 0:
        return []
    added = int(before // THOUSAND * THOUSAND + one.amount) * MINOR
    return [Candidate(added, DOUBTFUL), Candidate(one.minor_units, DOUBTFUL)]


def _several_times(one: Amount, words: Sequence[Word], lexicon: Lexicon) -> bool:
    """ "Два раза по тысяче" is no thousand."""
    before = words[max(one.start - 2, 0) : one.start]
    return any(_told(lexicon.account["times"], word) for word in before)


def _of_others(words: Sequence[Word], lexicon: Lexicon) -> bool:
    """ "Пенсия пятнадцать тысяч" is what the person gets, unless they say what they will pay; "кредит пятнадцать тысяч
    плачу" is what they pay to others."""
    income, owed, paying = lexicon.things.get("income"), lexicon.things.get("owed"), lexicon.days.get("paying")
    if any(_told(owed, word) for word in words):
        return True
    return any(_told(income, word) for word in words) and not any(_told(paying, word) for word in words)


def _told(pattern: re.Pattern[str] | None, word: Word) -> bool:
    return pattern is not None and bool(pattern.match(word.text))


def _misheard(one: Amount, words: Sequence[Word], lexicon: Lexicon) -> bool:
    """Whether a part of the sum is missing: half a number, a count of something else, kopecks without their number, or
    a few roubles among words that nobody says with them."""
    if things.broken(words, lexicon) or things.miscounted(words, lexicon):
        return True
    ends = {number.end for number in numbers(words, lexicon)}
    minor = [place for place in range(len(words)) if _is(lexicon, "minor", words, place)]
    if any(place not in ends for place in minor):
        return True
    few = one.minor or one.amount < SMALLEST_BARE
    money = [word for place, word in enumerate(words) if not _names_money(place, words, lexicon)]
    return few and not things.familiar(money, lexicon)


def _names_money(place: int, words: Sequence[Word], lexicon: Lexicon) -> bool:
    return any(_is(lexicon, name, words, place) for name in ("major", "minor", "plus", "about"))


def _in_turn(kept: Sequence[Amount], words: Sequence[Word], lexicon: Lexicon) -> bool:
    """ "Тысячу сейчас и тысячу потом", "тысячу сразу, тысячу потом" are no thousand; the same just told twice is."""
    joined = lexicon.fractions["and"]
    gaps = [range(one.end, other.start) for one, other in pairwise(kept)]
    return any(
        _is(lexicon, "later", words, place) or (len(gap) > 1 and joined.match(words[place].text))
        for gap in gaps
        for place in gap
    )


def _denied(one: Amount, words: Sequence[Word], lexicon: Lexicon) -> bool:
    """ "Не могу пять тысяч", "пять тысяч, нет, не смогу"; "больше не могу" denies only more than that."""
    if _unable(words, one.start - 2, lexicon):
        return True
    behind = [place for place in range(one.end, min(one.end + 4, len(words))) if not words[place].is_sign]
    behind = behind[1:] if behind and _is(lexicon, "major", words, behind[0]) else behind
    return bool(behind) and (_unable(words, behind[0], lexicon) or _is_no(words[behind[0]], lexicon))


def _is_no(word: Word, lexicon: Lexicon) -> bool:
    no = lexicon.amends.get("no")
    return no is not None and bool(no.match(word.text))


def _unable(words: Sequence[Word], place: int, lexicon: Lexicon) -> bool:
    denied = lexicon.amends.get("not")
    if denied is None or not 0 <= place < len(words) or not denied.match(words[place].text):
        return False
    return _is(lexicon, "unable", words, place + 1) and not _is(lexicon, "more", words, place - 1)


def _one_and_a_half(words: Sequence[Word], lexicon: Lexicon) -> Iterator[Amount]:
    """ "Полторы" are thousands where nothing else is told: the word is of their gender."""
    for place in range(len(words)):
        if _is(lexicon, "fem_half", words, place):
            yield Amount(Decimal(THOUSAND) * Decimal("1.5"), place, place + 1, 0.6)


def _sums(words: Sequence[Word], lexicon: Lexicon) -> Iterator[Amount]:
    """Amounts with the name of the money, and kopecks put to their roubles."""
    found = [one for one in numbers(words, lexicon) if not one.ordinal]
    told = _joined(things.without(found, words, lexicon), words, lexicon)
    place = 0
    while place < len(told):
        one = told[place]
        place += 1
        if _is(lexicon, "minor", words, one.end) and one.amount < MINOR:
            yield Amount(one.amount, one.start, one.end, one.sure, minor=True)
            continue
        named = _is(lexicon, "major", words, one.end)
        if one.amount < MINOR and not named and _is(lexicon, "one_major", words, one.start - 1):
            yield Amount(1 + one.amount / MINOR, one.start - 1, one.end, 0.75, named=True)  # "рубль семьдесят"
            continue
        sure = min(one.sure, 0.65) if _is(lexicon, "major", words, one.start - 1) else one.sure
        sure = sure if named or sure < 0.9 else 0.85
        amount, end = one.amount, one.end
        named = named or _is(lexicon, "major", words, one.start - 1)
        unheard = _unheard(one, words, lexicon)
        if unheard or (not named and _is(lexicon, "major", words, one.end + 1)):
            sure = DOUBTFUL  # a word that was not understood stands before "рублей"
        if place < len(told) and (kopecks := _kopecks(one, told[place], words, lexicon)) is not None:
            between = words[one.end + 1 : told[place].start]
            sure = sure if things.familiar(between, lexicon) else DOUBTFUL
            amount, end, place = amount + kopecks / MINOR, told[place].end, place + 1
        yield Amount(amount, one.start, end, sure, named=named)


def _unheard(one: Amount, words: Sequence[Word], lexicon: Lexicon) -> bool:
    """ "Инмистота рублей двадцать пять": the number before "рублей" was misheard."""
    before = words[: one.start - 1] if _is(lexicon, "major", words, one.start - 1) else words[:0]
    return not things.familiar(before[-1:], lexicon)


def _kopecks(one: Amount, other: Amount, words: Sequence[Word], lexicon: Lexicon) -> Decimal | None:
    """What `other` adds to the roubles of `one`: kopecks by name, or right after the word for roubles."""
    if other.amount >= MINOR:
        return None
    if _is(lexicon, "minor", words, other.end):
        return other.amount
    right_after = _is(lexicon, "major", words, one.end) and other.start == one.end + 1
    return other.amount if right_after and not _is(lexicon, "major", words, other.end) else None


def _added(told: Sequence[Amount], words: Sequence[Word], lexicon: Lexicon) -> Iterator[Amount]:
    """ "Тысяча рублей и ещё пятьсот" is one sum."""
    before: Amount | None = None
    for one in told:
        gap = range(before.end, one.start) if before else range(0)
        if before and len(gap) <= 3 and any(_is(lexicon, "plus", words, place) for place in gap):
            before = Amount(before.amount + one.amount, before.start, one.end, 0.65, named=before.named or one.named)
            continue
        if before:
            yield before
        before = one
    if before:
        yield before


def _is(lexicon: Lexicon, name: str, words: Sequence[Word], place: int) -> bool:
    pattern = lexicon.money.get(name)
    return pattern is not None and 0 <= place < len(words) and bool(pattern.match(words[place].text))


def _joined(found: Sequence[Number], words: Sequence[Word], lexicon: Lexicon) -> list[Amount]:
    """Fractions, "полторы тысячи" and "пять двести" put together."""
    told: list[Amount] = []
    place = 0
    while place < len(found):
        one = found[place]
        following = found[place + 1] if place + 1 < len(found) else None
        place += 1
        if one.implied and _uncounted(one, words, lexicon):
            continue
        pair = _pair(one, following, words, lexicon) if following else None
        told.append(pair or _single(one, words, lexicon))
        place += pair is not None
    return told


def _uncounted(one: Number, words: Sequence[Word], lexicon: Lexicon) -> bool:
    """ "Несколько тысяч", "тыщонку-другую"."""
    before, after = one.start - 1, one.end
    other = lexicon.days.get("other")
    if before >= 0 and lexicon.days["several"].match(words[before].text):
        return True
    return other is not None and after < len(words) and bool(other.match(words[after].text))


def _single(one: Number, words: Sequence[Word], lexicon: Lexicon) -> Amount:
    before = words[one.start - 1].text if one.start else ""
    amount = Decimal(one.value)
    if one.implied and lexicon.fractions["half"].match(before):
        return Amount(amount * Decimal("1.5"), one.start - 1, one.end, 0.95)
    if one.implied and one.end < len(words) and lexicon.fractions["half"].match(words[one.end].text):
        return Amount(amount * Decimal("1.5"), one.start, one.end + 1, 0.65)  # "тыщи полторы"
    if (one.implied or one.value == 100) and lexicon.days["couple"].match(before):
        return Amount(amount * 2, one.start - 1, one.end, 0.65)
    if one.implied and _is(lexicon, "counted", words, one.start):
        return Amount(amount, one.start, one.end, DOUBTFUL)  # what is left of "две с половиной тысячи"
    halves = [word.text for word in (*words[one.start - 1 : one.start], *words[one.end : one.end + 1])]
    if any(lexicon.fractions["half"].match(text) for text in halves):
        return Amount(amount, one.start, one.end, DOUBTFUL)  # "две тысячи полторы", "полторы 2025"
    if half := _and_a_half(words, one.end, lexicon):
        scale = 10**6 if one.value >= 10**6 else THOUSAND if one.value >= THOUSAND else 1
        return Amount(amount + Decimal(scale) / 2, one.start, one.end + half, 0.95)
    return Amount(amount, one.start, one.end, 0.95)


def _pair(one: Number, other: Number, words: Sequence[Word], lexicon: Lexicon) -> Amount | None:
    """One amount of two numbers: "1250,50", "1,5 тысячи", "тысяч пять", "две с половиной тысячи", "пять двести"."""
    point = one.end + 1 < len(words) and words[one.end].text in {",", "."} and words[one.end].glued
    if point and words[one.end + 1].is_figure and other.start == one.end + 1:
        scale = other.value // int(words[other.start].text) if other.end > other.start + 1 else 1
        return Amount(_decimal(one, words[other.start]) * scale, one.start, other.end, 0.95)
    if one.implied and _turned_round(one, other):
        return Amount(Decimal(one.value * other.value), one.start, other.end, 0.6)
    if other.implied and _half_between(one, other, words, lexicon):
        return Amount((one.value + Decimal("0.5")) * other.value, one.start, other.end, 0.95)
    if _spoken_in_thousands(one, other):
        either = 5 <= one.value < 10 and other.value < 200  # "семь сто" may be "семьсот"
        return Amount(Decimal(one.value * THOUSAND + other.value), one.start, other.end, DOUBTFUL if either else 0.6)
    if other.start == one.end and one.value == 0 and other.value < 10:
        return Amount(Decimal(other.value), one.start, other.end, 0.95)  # "ноль шесть копеек"
    if other.start == one.end and one.value >= THOUSAND and one.value % THOUSAND == 0 and 0 < other.value < THOUSAND:
        return Amount(Decimal(one.value + other.value), one.start, other.end, 0.65)  # "3000 500"
    return None


def _decimal(whole: Number, fraction: Word) -> Decimal:
    """ "123,45" has kopecks; no kopecks have three figures: "4,730" is how recognised speech writes thousands."""
    if len(fraction.text) == 3 and len(whole.figures) <= 3:
        return Decimal(f"{whole.figures}{fraction.text}")
    return Decimal(f"{whole.figures}.{fraction.text}")


def _spoken_in_thousands(one: Number, other: Number) -> bool:
    """ "Пять двести" is five thousand two hundred: a small count, then hundreds at once."""
    return 1 <= one.value < 100 <= other.value < THOUSAND and other.start == one.end


def _turned_round(one: Number, other: Number) -> bool:
    """ "Тысяч пять" is about five thousand: the count stands behind its scale."""
    return one.end - one.start == 1 and 1 < other.value < THOUSAND and other.start == one.end


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
