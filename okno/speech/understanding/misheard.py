"""Words written down as they sound, set right: "севодня", "пяцот", "по слезавтра", "впятницу".

A recogniser that does not know a word writes what it heard, and people who write do the same. Such a word sounds like
one of the words that answers to this question are made of, and is no such word itself. How a language sounds is told
in its lexicon (`sounds`); where nothing is told, nothing is set right. Words of its own that only sound alike stand
there too (`own`), and halves that are two words only where a recogniser parts them (`apart`: "за плачу"), and one word
written for another before some (`instead`: "ни верно").
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from okno.speech.understanding.lexicon import Lexicon, lexicon
from okno.speech.understanding.lexicon.spellings import ANY, spellings
from okno.speech.understanding.words import Word

SHORTEST = 4
"""Letters of a word that may be set right: the short ones are each other's."""
_SHORTEST_IN_PHRASES = 6
"""The same among the words of intents, which are many."""
_SHORTEST_ALIKE = 3
"""Letters of a word that may be set right where it sounds exactly like a whole word."""
_LONG = 6
"""Sounds of a word that may be a compound number or a day of the week with one of them misheard: hardly any other word
is like them."""
_ANOTHER = 2
"""Sounds by which another word is still as likely meant."""
_NEARLY = ("weekdays", "cardinals", "ordinals")
_COMPOUND = frozenset({*range(11, 40), *range(50, 100), *range(200, 1000)})
Meaning = tuple[str, int]
_LENGTHENED = re.compile(r"(\w)\1{2,}|([аеиоуыэюя])\2+")
_PARTICLES = ("в", "во", "к", "ко", "до", "на", "с", "за", "через")
"""What is written together with the next word."""
_FULL = ("во", "ко")
_CLUSTER = re.compile("[бвгджзклмнпрстфхцчшщ]{2}")


def righted(words: Sequence[Word], told: Lexicon, tables: Sequence[str]) -> list[Word]:
    """The words with those set right that sound like words of the lexicon's `tables`."""
    if not told.sounds:
        return list(words)
    return list(_Ear.of(told.language, tuple(tables)).righted(words))


@dataclass(frozen=True)
class _Ear:
    """The words that one kind of answer is made of, by how they sound."""

    told: Lexicon
    known: frozenset[str] = frozenset()
    by_sound: Mapping[str, Sequence[str]] = field(default_factory=dict)
    stems: tuple[tuple[str, str], ...] = ()
    begun: tuple[str, ...] = ()
    shortest: int = SHORTEST
    near: Mapping[str, tuple[str, Meaning]] = field(default_factory=dict)

    @staticmethod
    @lru_cache(maxsize=32)
    def of(language: str, tables: tuple[str, ...]) -> "_Ear":
        told = lexicon(language)
        words = {word for table in tables for phrase in _phrases(told, table) for word in phrase.split()}
        whole = {word for word in words if ANY not in word}
        stems = {word[: word.index(ANY)] for word in words - whole}
        shortest = _SHORTEST_IN_PHRASES if "intents" in tables else SHORTEST
        sounds: dict[str, list[str]] = {}
        for word in sorted(whole):
            sounds.setdefault(_sound(word, told), []).append(word)
        long_stems = [stem for stem in sorted(stems) if len(stem) >= _SHORTEST_IN_PHRASES]
        return _Ear(
            told,
            frozenset(whole),
            sounds,
            tuple((_sound(stem, told, whole=False), stem) for stem in long_stems),
            tuple(stem for stem in sorted(stems) if len(stem) >= SHORTEST),
            shortest,
            {_sound(word, told): (word, meaning) for word, meaning in _long_words(told, tables)},
        )

    def righted(self, words: Sequence[Word]) -> Iterator[Word]:
        place = 0
        while place < len(words):
            word = words[place]
            after = words[place + 1] if place + 1 < len(words) else None
            if after and word.is_figure and self.told.ending and self.told.ending.fullmatch(after.text):
                yield Word(word.text, word.glued, in_order=True)
                place += 2
                continue
            both = self._together(word, after) if after else ""
            if both:
                yield Word(both, word.glued)
                place += 2
                continue
            instead = next((one for one in self.told.instead if after and one[0] == word.text), None)
            if instead and after and instead[1].fullmatch(after.text):
                word = Word(instead[2], word.glued)
            yield from self._one(word)
            place += 1

    def _together(self, word: Word, after: Word) -> str:
        """The word that two halves make: "по слезавтра", "восем сот"; "" for none."""
        if word.is_figure or after.is_figure or word.is_sign or after.is_sign:
            return ""
        if any(word.text == first and rest.fullmatch(after.text) for first, rest in self.told.apart):
            return word.text + after.text
        if self._knows(after.text) or after.text in self.told.own or (len(word.text) > 2 and len(after.text) < 3):
            return ""
        return self._by_sound(word.text + after.text, stems=not self._knows(word.text))

    def _one(self, word: Word) -> Iterator[Word]:
        if word.is_figure or word.is_sign or self._knows(word.text) or word.text in self.told.own:
            yield word
            return
        if right := self._by_sound(word.text) or self._shortened(word.text):
            yield Word(right, word.glued)
            return
        for particle in _PARTICLES:
            rest = word.text.removeprefix(particle)
            if rest == word.text or len(rest) <= SHORTEST or not _may_stand_before(particle, rest):
                continue
            alike = "" if rest in self.known else self._by_sound(rest, stems=False, shortest=_SHORTEST_IN_PHRASES)
            if right := alike or (rest if rest in self.known else ""):
                yield Word(particle, word.glued)
                yield Word(right)
                return
        yield word

    def _shortened(self, text: str) -> str:
        """The word whose sound was drawn out ("нееет"), or a short one: of two letters only the drawn out, the others
        are words of their own ("до" is not "да")."""
        short = _LENGTHENED.sub(r"\1\2", text)
        return self._by_sound(short, shortest=2 if short != text else _SHORTEST_ALIKE)

    def _nearly(self, sound: str) -> str:
        """The long word of which one sound was misheard; "" where with one more it may be another that means something
        else: "девинасадь" is nearly ninety, and nearly twelve."""
        alike = process.extract(sound, list(self.near), scorer=OSA.distance, score_cutoff=_ANOTHER, limit=None)
        if len({self.near[str(one[0])][1] for one in alike}) != 1:
            return ""
        nearest, distance, _place = alike[0]
        word, (table, _number) = self.near[str(nearest)]
        # Of a number whose first sound is missing nobody knows which it was: "…надцатого".
        return word if distance <= 1 and (table == "weekdays" or len(nearest) == len(sound)) else ""

    def _knows(self, text: str) -> bool:
        return text in self.known or text.startswith(self.begun)

    def _by_sound(self, text: str, *, stems: bool = True, shortest: int | None = None) -> str:
        if text in self.told.own or len(text) < (shortest or self.shortest):
            return ""
        if text in self.known:
            return text
        sound = _sound(text, self.told)
        if alike := self.by_sound.get(sound):
            return min(alike, key=lambda one: OSA.distance(one, text))
        if len(sound) >= _LONG and (right := self._nearly(sound)):
            return right
        if not stems:
            return ""
        found = next((one for one in self.stems if sound.startswith(one[0])), None)
        return found[1] + sound[len(found[0]) :] if found else ""


def _long_words(told: Lexicon, tables: Sequence[str]) -> Iterator[tuple[str, Meaning]]:
    """The long words for numbers and days, and what each of them means: the table and the number."""
    for table in (one for one in _NEARLY if one in tables):
        for number, pattern in getattr(told, table).items():
            if table != "weekdays" and number not in _COMPOUND:
                continue
            for word in spellings(_bare(pattern.pattern)):
                if ANY not in word and len(_sound(word, told)) >= _LONG:
                    yield word, (table, number)


def _may_stand_before(particle: str, word: str) -> bool:
    """ "Во" and "ко" are said before two consonants alone ("во вторник"): "восемёрка" is no "во семёрка"."""
    return particle not in _FULL or bool(_CLUSTER.match(word))


def _phrases(told: Lexicon, table: str) -> Iterator[str]:
    patterns: Iterable[re.Pattern[str]]
    if table == "intents":
        patterns = (pattern for intent in told.intents.values() for pattern in intent.phrases)
    elif table == "yesno":
        patterns = (pattern for answers in told.yesno.values() for pattern in answers)
    else:
        patterns = getattr(told, table).values()
    for pattern in patterns:
        yield from spellings(_bare(pattern.pattern))


def _bare(pattern: str) -> str:
    """The pattern without what makes it one of whole words."""
    return pattern.removeprefix(r"(?<!\S)").removesuffix(r"(?!\S)").removesuffix(r"\Z")


@lru_cache(maxsize=65536)
def _sounds_of(text: str, language: str, whole: bool) -> str:
    for pattern, sound in lexicon(language).sounds:
        if whole or not pattern.pattern.endswith(r"\Z"):
            text = pattern.sub(sound, text)
    return text


def _sound(text: str, told: Lexicon, *, whole: bool = True) -> str:
    """How a word (or its stem, which does not end there) sounds."""
    return _sounds_of(text, told.language, whole)
