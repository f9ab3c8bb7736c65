"""Misheard words set right by what the turn expects: "облатил" where "оплатил" is expected.

A word that is good in itself is never touched ("оплачу" does not become "оплатил"), nor a short one, for which
everything is near. A long word that is no word and has the consonants of one number is that number.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from rapidfuzz import fuzz, process

from okno.speech.understanding.lexicon import LANGUAGES, lexicon

_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*")
_SAID = re.compile(r"\w+")
_BREAK = re.compile(r"(?<=[^\W\d_])\.\s+([^\W\d_])")
"""An end of a sentence between two words: told several answers, a model cuts one into several."""
_PAIR = re.compile(r"\b([^\W\d_]+) ([^\W\d_]+)\b")
_HUNDRED, _HUNDREDS = "сто", ("ста", "сот", "сти")
"""How hundreds end in Russian and in Ukrainian."""
_STRANGE = 0.2
"""What a strange word costs, in the logarithm of probability a token."""
_MUCH_LESS = 0.6
"""The same, by which another way to hear an answer is too unlikely to be looked at."""
_NEAR_PHRASE = 82.0
"""Of 100: how like an expected phrase a whole answer must be to be taken for it."""
_NEAR_WORD = 76.0
_NEAR_NUMBER = 86.0
"""Numbers are like each other: "пятьсот" and "девятьсот"."""
_AHEAD = 8.0
"""By how much the likest word must be ahead of the next, or nobody knows which was meant."""
_NEAR_CONSONANTS = 79.0
"""Of 100: how like the consonants of a number those of a strange word must be, and by how much ahead of the next."""
_CONSONANTS_AHEAD = 6.0
_LONG = 8
"""Letters of a strange word whose consonants tell a number: the short ones are each other's."""
_LONGER = 2
"""So many more letters than the number a strange word may have: "подавайте" is no "девять"."""
_SOFT = frozenset("аеёиоуыэюяйьъієї'’")
_UNVOICED = str.maketrans("бвгґджз", "пфкктшс")
_SHORTEST = 5
"""Letters of a word that may be set right."""


def snapped(text: str, vocabulary: Sequence[str], language: str) -> str:
    """The text with the words that were misheard set right."""
    if not vocabulary or language not in LANGUAGES:
        return text
    expected = _Expected.of(tuple(vocabulary), language)
    text = expected.joined(_BREAK.sub(lambda found: f" {found.group(1).lower()}", text))
    words = [_plain(found.group()) for found in _WORD.finditer(text)]
    if not words or all(expected.good(word) for word in words):
        return text
    if any(symbol.isdigit() for symbol in text):
        return _WORD.sub(lambda found: expected.nearest(found.group()), text)
    phrase = expected.phrase(" ".join(words))
    return phrase or _WORD.sub(lambda found: expected.nearest(found.group()), text)


def ranked(ways: Sequence[tuple[str, float]], vocabulary: Sequence[str], language: str) -> list[str]:
    """The ways to hear an answer (text, average log-probability), set right: first the one that is likely and has few
    strange words, then whatever is not much less likely than the likeliest; none twice."""
    told = [(snapped(text, vocabulary, language), score) for text, score in ways]
    least = max(score for _text, score in told) - _MUCH_LESS
    if vocabulary and language in LANGUAGES:
        expected = _Expected.of(tuple(vocabulary), language)
        told.sort(key=lambda one: _STRANGE * expected.strange(one[0]) - one[1])
    by_words: dict[tuple[str, ...], str] = {}
    for place, (text, score) in enumerate(told):
        if place == 0 or score >= least:
            by_words.setdefault(tuple(map(_plain, _SAID.findall(text))), text)
    return list(by_words.values())


class _Expected:
    """What a turn expects, ready for comparison."""

    def __init__(self, vocabulary: Iterable[str], language: str) -> None:
        self._language = language
        self._phrases = sorted({" ".join(_plain(word) for word in _WORD.findall(one)) for one in vocabulary} - {""})
        self._words = sorted({word for phrase in self._phrases for word in phrase.split()})
        self._known = set(self._words)
        longest = (word for word in self._words if len(word) > _SHORTEST and _counts(word, language))
        self._numbers = {word: _consonants(word) for word in longest}

    @staticmethod
    @lru_cache(maxsize=64)
    def of(vocabulary: tuple[str, ...], language: str) -> "_Expected":
        return _Expected(vocabulary, language)

    def good(self, word: str) -> bool:
        """Expected here, or a word that answers are made of."""
        return word in self._known or _means(word, self._language)

    def joined(self, text: str) -> str:
        """ "Шесть сот" and "три сто" are one word where that is expected."""

        def one(found: re.Match[str]) -> str:
            endings = _HUNDREDS if _plain(found.group(2)) == _HUNDRED else (found.group(2),)
            both = [found.group(1) + ending for ending in endings]
            return next((word for word in both if _plain(word) in self._known), found.group())

        return _PAIR.sub(one, text)

    def strange(self, text: str) -> int:
        """How many words of the text are neither expected nor such as answers are made of."""
        return sum(not self.good(_plain(found.group())) for found in _WORD.finditer(text))

    def phrase(self, said: str) -> str:
        """The phrase that the whole answer nearly is; "" when there is none, or two."""
        if len(said) < 2 * _SHORTEST:
            return ""
        found = process.extract(said, self._phrases, scorer=fuzz.ratio, score_cutoff=_NEAR_PHRASE, limit=2)
        if not found or (len(found) == 2 and found[0][1] - found[1][1] < _AHEAD):
            return ""
        # What differs must be misheard, not another good word: "оплачу завтра" is not "оплачу сегодня".
        told = str(found[0][0])
        lost = set(said.split()) - set(told.split())
        same_length = len(said.split()) == len(told.split())
        return told if same_length and not any(self.good(word) for word in lost) else ""

    def nearest(self, word: str) -> str:
        plain = _plain(word)
        if len(plain) < _SHORTEST or self.good(plain):
            return word
        found = process.extract(plain, self._words, scorer=fuzz.ratio, score_cutoff=_NEAR_WORD, limit=2)
        if not found or (len(found) == 2 and found[0][1] - found[1][1] < _AHEAD):
            return self._by_consonants(plain) or word
        likest, alike = str(found[0][0]), found[0][1]
        if alike < _NEAR_NUMBER and _counts(likest, self._language):
            return self._by_consonants(plain) or word
        return likest

    def _by_consonants(self, plain: str) -> str:
        """The number whose consonants are those of a word that is no word: "девинации" is "двенадцать"; "" for none."""
        if len(plain) < _LONG or not self._numbers:
            return ""
        found = process.extract(
            _consonants(plain), self._numbers, scorer=fuzz.ratio, score_cutoff=_NEAR_CONSONANTS, limit=2
        )
        if not found or (len(found) == 2 and found[0][1] - found[1][1] < _CONSONANTS_AHEAD):
            return ""
        number = str(found[0][2])
        return number if len(plain) <= len(number) + _LONGER else ""


def _plain(word: str) -> str:
    return word.lower().replace("ё", "е")


def _consonants(word: str) -> str:
    """What a telephone leaves of a word: its consonants, none of them voiced."""
    return "".join(letter for letter in word if letter not in _SOFT).translate(_UNVOICED)


def _counts(word: str, language: str) -> bool:
    told = lexicon(language)
    word = told.folded(word)
    return any(pattern.match(word) for table in (told.cardinals, told.ordinals) for pattern in table.values())


@lru_cache(maxsize=8192)
def _means(word: str, language: str) -> bool:
    told = lexicon(language)
    word = told.folded(word)
    tables = (told.cardinals, told.ordinals, told.months, told.weekdays, told.ratings, told.repeated, told.times)
    named = (told.days, told.money, told.fractions, told.account, told.amends)
    if any(pattern.match(word) for table in tables for pattern in table.values()):
        return True
    if any(pattern.match(word) for table in named for pattern in table.values()):
        return True
    phrases = [pattern for patterns in told.yesno.values() for pattern in patterns]
    phrases += [pattern for intent in told.intents.values() for pattern in intent.phrases]
    return any(pattern.fullmatch(word) for pattern in phrases)
