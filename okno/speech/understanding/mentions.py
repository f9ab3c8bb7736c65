"""A day mentioned in what was said, and what the words around it make of it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from okno.speech.understanding.lexicon import Lexicon
from okno.speech.understanding.numbers import Number, numbers
from okno.speech.understanding.words import Word


@dataclass(frozen=True, slots=True)
class Mention:
    """A day mentioned in the words `[start, end)`."""

    day: date
    sure: float
    start: int
    end: int
    #: Told by the day of the week: it may stand beside a date as its name.
    weekday: bool = False


@dataclass(frozen=True)
class Said:
    """What was said about a day, with its numbers found."""

    words: list[Word]
    lexicon: Lexicon
    today: date

    @cached_property
    def numbers(self) -> list[Number]:
        return numbers(self.words, self.lexicon)

    def is_a(self, name: str, place: int) -> bool:
        """Whether the word at `place` is one of the words for `name`."""
        return self._told(self.lexicon.days.get(name), place)

    def is_order(self, number: Number) -> bool:
        """Whether a number in order has the form of a day: "пятого", not "пятую" or "пятых"."""
        form = self.lexicon.days.get("in_order")
        if form is None or not number.ordinal or self.words[number.end - 1].is_figure:
            return True
        return self._told(form, number.end - 1)

    def is_half(self, place: int) -> bool:
        """Whether the word at `place` is a half of something."""
        return self._told(self.lexicon.money["half"], place)

    def has(self, name: str, since: int = 0, until: int | None = None) -> bool:
        """Whether a word for `name` stands between the places."""
        until = len(self.words) if until is None else min(until, len(self.words))
        return any(self.is_a(name, place) for place in range(max(since, 0), until))

    def far(self, mention: Mention, place: int) -> int:
        """How many words stand between a mention and the word at `place`; a sign counts as three."""
        between = range(mention.end, place) if place >= mention.end else range(place + 1, mention.start)
        told = [at for at in between if not any(self.is_a(name, at) for name in ("before", "on", "into"))]
        return sum(3 if self.words[at].is_sign else 1 for at in told)

    def denied(self, start: int, end: int) -> bool:
        """Whether the words are denied: "не завтра", "сегодня не могу", "ертең емес"; a "нет" before them is an answer
        of its own, but for what there is none of: "денег нет завтра"."""
        words = self.lexicon.days
        before = self._told(words.get("not"), start - 1)
        before |= self.is_a("no", start - 1) and self._told(self.lexicon.things.get("lacking"), start - 2)
        after = self._told(words.get("not_behind", words.get("not")), end) and not self.is_a("before", end + 1)
        return before or after

    def is_after(self, mention: Mention) -> bool:
        """Whether only a bound was told: "после двадцатого", "не раньше этой пятницы", "жұмадан кейін"."""
        before, behind = self.lexicon.days.get("after"), self.lexicon.days.get("later")
        place = mention.start - 1
        if self.is_a("this", place) or self.is_a("next", place):
            place -= 1
        return self._told(before, place) or self._told(behind, mention.end)

    def impossible(self, mention: Mention, places: Sequence[tuple[int, int]]) -> bool:
        """Whether what follows says that the day will not do: "в понедельник никак, во вторник"."""
        until = min((start for start, _end in places if start >= mention.end), default=len(self.words))
        for place in range(mention.end, until):
            if self.words[place].is_sign or self.is_a("paying", place):
                return False
            if any(self.is_a(name, place) for name in ("not", "no", "unable")):
                return not self.is_a("before", place + 1) and until < len(self.words)
        return False

    def unsure(self, mention: Mention) -> bool:
        """Whether the person asks for the day or does not know it: "какое сегодня число", "не знаю, может завтра"."""
        asked = self.has("which", mention.start - 2, mention.end + 2)
        knows_not = any(self.is_a("not", at) and self.is_a("know", at + 1) for at in range(len(self.words)))
        return asked or knows_not or sum(self.is_a("maybe", at) for at in range(len(self.words))) > 1

    def _told(self, pattern: re.Pattern[str] | None, place: int) -> bool:
        return pattern is not None and 0 <= place < len(self.words) and bool(pattern.match(self.words[place].text))

    def month_of(self, place: int) -> int | None:
        return _named(self.lexicon.months, self.words, place)

    def weekday_of(self, place: int) -> int | None:
        return _named(self.lexicon.weekdays, self.words, place)


def _named(patterns: Mapping[int, re.Pattern[str]], words: Sequence[Word], place: int) -> int | None:
    if not 0 <= place < len(words):
        return None
    return next((number for number, pattern in patterns.items() if pattern.match(words[place].text)), None)
