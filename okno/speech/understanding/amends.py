"""What a person took back: "пять, нет, шесть", "не в пятницу, а в субботу", "хотел пять, но шесть", "бес емес"."""

from collections.abc import Sequence
from itertools import pairwise

from okno.speech.understanding.lexicon import Lexicon
from okno.speech.understanding.words import Word

_FAR = 6
"""Words between what was taken back and what was said instead; more is another sentence."""
_PREPOSITIONS = 2
"""Words that may stand between "не" and what it denies: "не в эту пятницу"."""

Span = tuple[int, int]


def standing(spans: Sequence[Span], words: Sequence[Word], lexicon: Lexicon) -> list[bool]:
    """Whether each of the things said in `[start, end)`, told in order, still stands after all was said."""
    stands = [
        not _denied(span, spans[:place], words, lexicon)
        and not _denied_behind(span, spans[place + 1 :], words, lexicon)
        for place, span in enumerate(spans)
    ]
    for place, (one, other) in enumerate(pairwise(spans)):
        gap = words[one[1] : other[0]]
        if _takes_back(gap, lexicon) or (_has(gap, "but", lexicon) and _wished(spans[: place + 1], words, lexicon)):
            stands[place] = False
    return stands


def split(words: Sequence[Word], lexicon: Lexicon, only: str = "") -> tuple[list[Word], list[Word]]:
    """What was said before the last word that takes back, and what was said after it; all of it, where there is none.

    `only` names the words that count, where others (a "нет") are answers themselves.
    """
    for place in range(len(words) - 1, 0, -1):
        if _is(lexicon, only or "back", words, place) or _that_is(words, place, lexicon):
            return list(words[:place]), list(words[place + 1 :])
        if only:
            continue
        if _is(lexicon, "but", words, place) and any(_is(lexicon, "not", words, at) for at in range(place)):
            return list(words[:place]), list(words[place + 1 :])
    return [], list(words)


def _denied(span: Span, before: Sequence[Span], words: Sequence[Word], lexicon: Lexicon) -> bool:
    """ "Не пять": the word right before, prepositions and pronouns aside, denies it."""
    place = span[0] - 1
    least = max(span[0] - 1 - _PREPOSITIONS, before[-1][1] if before else 0)
    while place > least and _is(lexicon, "between", words, place):
        place -= 1
    return _is(lexicon, "not", words, place)


def _denied_behind(span: Span, behind: Sequence[Span], words: Sequence[Word], lexicon: Lexicon) -> bool:
    """ "Десять не поставлю"; Kazakh denies behind: "он емес", "бес мың төлей алмаймын"."""
    if _is(lexicon, "not", words, span[1]) and _is(lexicon, "refused", words, span[1] + 1):
        return True
    place, until = span[1], behind[0][0] if behind else len(words)
    while place < min(until, span[1] + _PREPOSITIONS) and _is(lexicon, "between", words, place):
        place += 1
    return place < until and _is(lexicon, "not_behind", words, place)


def _wished(spans: Sequence[Span], words: Sequence[Word], lexicon: Lexicon) -> bool:
    """Whether the last of the spans was only meant before: "хотел десять, но…", "было бы десять, но…"."""
    since = spans[-2][1] if len(spans) > 1 else 0
    return _has(words[since : spans[-1][0]], "wished", lexicon)


def _has(words: Sequence[Word], name: str, lexicon: Lexicon) -> bool:
    return any(_is(lexicon, name, words, place) for place in range(len(words)))


def _takes_back(gap: Sequence[Word], lexicon: Lexicon) -> bool:
    told = [word for word in gap if not word.is_sign]
    if len(told) > _FAR:
        return False
    return any(_is(lexicon, "back", told, place) or _that_is(told, place, lexicon) for place in range(len(told)))


def _that_is(words: Sequence[Word], place: int, lexicon: Lexicon) -> bool:
    """ "То есть"."""
    return place > 0 and _is(lexicon, "that", words, place - 1) and _is(lexicon, "is", words, place)


def _is(lexicon: Lexicon, name: str, words: Sequence[Word], place: int) -> bool:
    pattern = lexicon.amends.get(name)
    return pattern is not None and 0 <= place < len(words) and bool(pattern.match(words[place].text))
