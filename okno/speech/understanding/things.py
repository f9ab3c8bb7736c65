"""Numbers of something else than what is asked for: "через два часа", "25 ноября", "квартира пять"."""

from collections.abc import Sequence
from itertools import pairwise

from okno.speech.understanding.lexicon import Lexicon
from okno.speech.understanding.numbers import Number, value_of
from okno.speech.understanding.words import Word


def without(found: Sequence[Number], words: Sequence[Word], lexicon: Lexicon) -> list[Number]:
    """The numbers that count nothing of what the lexicon names."""
    return [one for one in found if not _counts_other(one, words, lexicon)]


def inexact(words: Sequence[Word], lexicon: Lexicon) -> bool:
    """Whether something was left unsaid: "триста с чем-то", "две тысячи с хвостиком"."""
    odd, joined = lexicon.things.get("odd"), lexicon.fractions["with"]
    return odd is not None and any(joined.match(word.text) and odd.match(after.text) for word, after in pairwise(words))


def approximate(words: Sequence[Word], lexicon: Lexicon) -> bool:
    """Whether the number was told by guess: "примерно двести"; a meter shows one number."""
    told = lexicon.things.get("approximate")
    return told is not None and any(told.match(word.text) for word in words)


def strange(found: Sequence[Number], words: Sequence[Word], lexicon: Lexicon) -> bool:
    """Whether a part of the figures may have been misheard: the word beside one of them is none that people say there:
    "чепись до восемь", "два перипет"."""
    if broken(words, lexicon):
        return True
    beside = lexicon.things.get("beside")
    within = {place for one in found for place in range(one.start, one.end)}
    neighbours = [place for one in found for place in (one.start - 1, one.end)]
    told = [words[place] for place in neighbours if 0 <= place < len(words) and place not in within]
    return beside is not None and not all(beside.match(word.text) or _belongs(word, lexicon) for word in told)


def familiar(words: Sequence[Word], lexicon: Lexicon) -> bool:
    """Whether all the words are some that people say with figures."""
    beside = lexicon.things.get("beside")
    return beside is None or all(beside.match(word.text) or _belongs(word, lexicon) for word in words)


def broken(words: Sequence[Word], lexicon: Lexicon) -> bool:
    """Whether a word ends as numbers do and is none: "невинадцать", "минцот"."""
    ends = lexicon.things.get("broken")
    return ends is not None and any(ends.match(word.text) and not _belongs(word, lexicon) for word in words)


def miscounted(words: Sequence[Word], lexicon: Lexicon) -> bool:
    """Whether two words stand side by side that do not agree, so that one was misheard: "две тысячу", "две месяца"."""
    single, disagree = lexicon.money.get("single"), lexicon.things.get("disagree")
    for before, word in pairwise(words):
        if disagree is not None and disagree.match(f"{before.text} {word.text}"):
            return True
        if single is None or not single.match(word.text):
            continue
        count = int(before.text) if before.is_figure else value_of(before.text, lexicon)[0]
        if count is not None and (count % 10 != 1 or count == 11):
            return True
    return False


def numbered(words: Sequence[Word], place: int, lexicon: Lexicon) -> bool:
    """Whether the word at `place` is something that has a number: "подъезд", "этаж"."""
    before = lexicon.things.get("before")
    return before is not None and place < len(words) and bool(before.match(words[place].text))


def _belongs(word: Word, lexicon: Lexicon) -> bool:
    """Whether answers of figures are made of the word, or figures count such things."""
    if word.is_sign or word.is_figure or value_of(word.text, lexicon)[0] is not None:
        return True
    tables = (lexicon.fractions, lexicon.account, lexicon.times, lexicon.repeated, lexicon.months)
    counted = (lexicon.things.get(name) for name in ("after", "before", "shade"))
    taken_back = (lexicon.amends.get(name) for name in ("back", "no", "but"))
    named = (*(pattern for table in tables for pattern in table.values()), *counted, *taken_back)
    return any(pattern is not None and pattern.match(word.text) for pattern in named)


def _counts_other(one: Number, words: Sequence[Word], lexicon: Lexicon) -> bool:
    after = words[one.end].text if one.end < len(words) else ""
    before = words[one.start - 1].text if one.start else ""
    named = ((lexicon.things.get("after"), after), (lexicon.things.get("before"), before))
    if any(pattern is not None and pattern.match(text) for pattern, text in named):
        return True
    return any(pattern.match(after) for pattern in lexicon.months.values())
