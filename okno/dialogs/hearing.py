"""What an answer comes to by the kind of its question: a value out of words or of keys. Pure."""

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from okno.dialogs import shares
from okno.dialogs.resources import piece, resource
from okno.dialogs.scenario import Ask, Scenario
from okno.requests import categories
from okno.speech.understanding import Expect, Heard, understand
from okno.speech.understanding.hours import hour, minutes_ahead
from okno.speech.understanding.lexicon import lexicon
from okno.speech.understanding.numbers import numbers
from okno.speech.understanding.words import Word, cut

CATEGORY = "category"
"""A way of a question for words that tell what is broken, and the grammar that fills a slot with it."""
URGENCY = "urgency"
HOUR, MINUTES = "hour", "minutes"
"""An hour of the day ("18:00"), and minutes from now."""
WORDS = "words"
"""The words themselves."""
PLACE = "place"
"""Where something is: what is left of "нет, не на кухне, а в ванной" without what is denied."""
RESOURCE = "resource"
"""What a meter measures, when the words name it."""
PAST = "past"
"""A day that has been: "пятого" of a payment that was made is the last fifth, not the next."""
MOST_OF_WORDS = 0.5
"""An answer of the scenario's own that tells so much of the words goes before everything else heard in them."""
LOOK_BACK = (timedelta(days=7), timedelta(days=31))
"""How far back a day of the week and a day of the month are looked for."""

ANSWERS = ("yes", "no")
ROUTED = frozenset({"intent", "yesno", "choice"})
"""Questions whose answers are ways on, not values."""
FEW = 2
"""Words of a "yes" or a "no" that is surely one, however it may be heard otherwise."""
_READ_BACK = frozenset({"date", "past", "sum"})
_OF_FIGURES = frozenset({"reading", "rating"})

_BUT = re.compile(r"(?<!\w)(?:а|ал|але)\s+", re.IGNORECASE)
_PARTING = re.compile(r"(?<!\w)до (?:свидан\w*|встреч\w+|связи|скорого|завтра|вечера)", re.IGNORECASE)
"""A goodbye is no yes, although recognisers write "до" for "да"."""
_FLAT = re.compile(r"(?<!\w)(?:квартир\w*|кв|пәтер\w*)(?!\w)\.?", re.IGNORECASE)
_DENIED = re.compile(r"^\W*(?:нет|ні|жоқ|не)(?!\w)\W*", re.IGNORECASE)

NOTHING = Heard(value=None, confidence=0.0)


@dataclass(frozen=True, slots=True)
class Ear:
    """In which language and on which day something is heard."""

    language: str
    today: date
    #: What a part is taken of ("половину"), in minor units.
    whole: int | None = None
    #: What the meter that is asked for measures.
    measured: str | None = None

    @classmethod
    def of(cls, language: str, facts: Mapping[str, Any]) -> "Ear":
        told, whole = facts["today"], facts.get("debt")
        day = told if isinstance(told, date) else date.fromisoformat(str(told))
        measured = facts.get("resource")
        return cls(language, day, None if whole is None else int(whole), measured and str(measured))

    def intent(self, text: str) -> Heard:
        """What the person wants to say."""
        return understand(text, self.language, Expect.INTENT, self.today)

    def is_breakage(self, text: str) -> bool:
        """Whether the words tell of something that is to be mended, and complain of nothing else."""
        told = categories.understand(text, self.language)
        return told.category not in (categories.OTHER, categories.COMPLAINT)

    def danger(self, text: str) -> bool:
        """Whether somebody may be hurt."""
        return categories.is_danger(text, self.language)

    def value(self, scenario: Scenario, ask: Ask, text: str) -> Heard:
        """What the words answer to the question."""
        if ask.expect == "choice":
            return self.choice(scenario, text, ask.on)
        if ask.expect == "identity":
            # An account, a telephone, an address: none of them is told without a number.
            words = lexicon(self.language)
            return Heard(value=text.strip(), confidence=0.8) if numbers(cut(text, words), words) else NOTHING
        if ask.expect == PAST:
            return self._past(text)
        if ask.expect == "yesno":
            text = _PARTING.sub(" ", text)
        if ask.expect == Expect.READING:
            # What has no likely bounds is no meter's: "квартира двенадцать" is an answer there.
            text = piece(text, self.language, self.measured) if ask.likely else _FLAT.sub(" ", text)
        return understand(text, self.language, Expect(ask.expect), self.today)

    def besides(self, grammar: str, text: str) -> Any:
        """A value of another grammar that the same words hold, e.g. the day in "заплачу в пятницу"; None for none."""
        if grammar == CATEGORY:
            told = categories.understand(text, self.language).category
            return None if told == categories.OTHER else told
        if grammar == URGENCY:
            return categories.understand(text, self.language).urgency
        if grammar == HOUR:
            return hour(text, self.language)
        if grammar == MINUTES:
            return minutes_ahead(text, self.language)
        if grammar == WORDS:
            return text
        if grammar == PLACE:
            return _DENIED.sub("", _BUT.split(text)[-1]).strip(" .,!") or None
        if grammar in (RESOURCE, Expect.READING):
            text = piece(text, self.language, self.measured)
        if grammar == RESOURCE:
            return resource(text, self.language)
        if grammar == PAST:
            return self._past(text).value
        if grammar == Expect.SUM:
            return self._sum(text)
        return understand(text, self.language, Expect(grammar), self.today).value

    def keys(self, ask: Ask, digits: str) -> Any:
        """A value typed on the telephone: figures, "*" for the point, "#" at the end; None when it is none."""
        figures = digits.rstrip("#").replace("*", ".")
        if not figures.replace(".", "", 1).isdigit():
            return None
        if ask.expect == "rating":
            return int(figures) if figures.isdigit() and int(figures) <= 10 else None
        if ask.expect == "reading":
            return Decimal(figures)
        if ask.expect in {"account", "identity"}:
            return figures if figures.isdigit() else None
        if ask.expect == "sum":
            return int(Decimal(figures) * 100)
        if ask.expect == "date" and figures.isdigit() and len(figures) in {3, 4}:
            return understand(f"{figures[:-2]}.{figures[-2:]}", "ru", Expect.DATE, self.today).value
        return None

    def own(self, scenario: Scenario, text: str, among: Container[str]) -> str:
        """The scenario's own answer, of those `among`, or the category of what is broken, that tells most of the
        words; "" for none."""
        choice, letters = scenario.choice(text, self.language, among)
        return choice if letters >= MOST_OF_WORDS * sum(map(str.isalnum, text)) else ""

    def choice(self, scenario: Scenario, text: str, among: Container[str]) -> Heard:
        """An answer of the scenario's own, or what is broken, whichever more of the words tell."""
        choice, letters = scenario.choice(text, self.language, among)
        told = categories.understand(text, self.language)
        if CATEGORY in among and told.category != categories.OTHER and told.letters > letters:
            return Heard(value=CATEGORY, confidence=0.8)
        return Heard(value=choice, confidence=0.9) if choice else NOTHING

    def _sum(self, text: str) -> int | None:
        """A sum told beside a day: the figures that tell the day are none of the sum's, a part is of the whole."""
        words = lexicon(self.language)
        pieces = cut(text, words)
        day = understand(text, self.language, Expect.DATE, self.today).value
        for one in reversed(numbers(pieces, words) if day is not None else ()):
            left = [*pieces[: one.start], *pieces[one.end :]]
            if understand(_text(left), self.language, Expect.DATE, self.today).value != day:
                text, pieces = _text(left), left
        told = understand(text, self.language, Expect.SUM, self.today).value
        if told is None and self.whole is not None:
            return shares.of_whole(text, self.language, self.whole)
        return int(told) if isinstance(told, int) else None

    def _past(self, text: str) -> Heard:
        """A day that is not ahead of today, unless the words themselves count from today ("завтра")."""
        heard = understand(text, self.language, Expect.DATE, self.today)
        if not isinstance(heard.value, date) or heard.value <= self.today:
            return heard
        a_day = timedelta(days=1)
        if understand(text, self.language, Expect.DATE, self.today - a_day).value == heard.value - a_day:
            return heard
        for back in LOOK_BACK:
            earlier = understand(text, self.language, Expect.DATE, self.today - back)
            if isinstance(earlier.value, date) and earlier.value <= self.today:
                return earlier
        return heard


def may_be(ask: Ask, value: Any, way: str) -> bool:
    """Whether what stands in another way to hear an answer is to be trusted.

    Ways on are, and values that are read back. Of many words "да и церковь" is no "yes". Figures are too like each
    other, and whoever says the number of a flat must have said it; but words ("счётчик сломан") may stand in their
    place.
    """
    if value in ANSWERS and len(way.split()) > FEW:
        return False
    return ask.expect in ROUTED | _READ_BACK or ask.denied or (ask.expect in _OF_FIGURES and isinstance(value, str))


def _text(words: Sequence[Word]) -> str:
    return "".join(word.text if word.glued else f" {word.text}" for word in words).strip()
