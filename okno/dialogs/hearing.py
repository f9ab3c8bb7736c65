"""What an answer comes to by the kind of its question: a value out of words or of keys. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from okno.dialogs.scenario import Ask, Scenario
from okno.requests import categories
from okno.speech.understanding import Expect, Heard, understand
from okno.speech.understanding.lexicon import lexicon
from okno.speech.understanding.numbers import numbers
from okno.speech.understanding.words import cut

CATEGORY = "category"
"""A way of a question for words that tell what is broken, and the grammar that fills a slot with it."""
URGENCY = "urgency"

NOTHING = Heard(value=None, confidence=0.0)


@dataclass(frozen=True, slots=True)
class Ear:
    """In which language and on which day something is heard."""

    language: str
    today: date

    @classmethod
    def of(cls, language: str, facts: Mapping[str, Any]) -> "Ear":
        told = facts["today"]
        return cls(language, told if isinstance(told, date) else date.fromisoformat(str(told)))

    def intent(self, text: str) -> Heard:
        """What the person wants to say."""
        return understand(text, self.language, Expect.INTENT, self.today)

    def danger(self, text: str) -> bool:
        """Whether somebody may be hurt."""
        return categories.is_danger(text, self.language)

    def value(self, scenario: Scenario, ask: Ask, text: str) -> Heard:
        """What the words answer to the question."""
        if ask.expect == "choice":
            return self._choice(scenario, ask, text)
        if ask.expect == "identity":
            # An account, a telephone, an address: none of them is told without a number.
            words = lexicon(self.language)
            return Heard(value=text.strip(), confidence=0.8) if numbers(cut(text, words), words) else NOTHING
        return understand(text, self.language, Expect(ask.expect), self.today)

    def besides(self, grammar: str, text: str) -> Any:
        """A value of another grammar that the same words hold, e.g. the day in "заплачу в пятницу"; None for none."""
        if grammar == CATEGORY:
            told = categories.understand(text, self.language).category
            return None if told == categories.OTHER else told
        if grammar == URGENCY:
            return categories.understand(text, self.language).urgency
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

    def _choice(self, scenario: Scenario, ask: Ask, text: str) -> Heard:
        """An answer of the scenario's own, or what is broken, whichever more of the words tell."""
        choice, letters = scenario.choice(text, self.language)
        told = categories.understand(text, self.language)
        if CATEGORY in ask.on and told.category != categories.OTHER and told.letters > letters:
            return Heard(value=CATEGORY, confidence=0.8)
        return Heard(value=choice, confidence=0.9) if choice in ask.on else NOTHING
