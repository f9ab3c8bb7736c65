"""The one door: what was heard, what is expected at this turn, and what comes of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from okno.speech.understanding import accounts, days, intents, ratings, readings, sums, yesno
from okno.speech.understanding.lexicon import Lexicon, lexicon
from okno.speech.understanding.meaning import Candidate, Value
from okno.speech.understanding.misheard import righted
from okno.speech.understanding.words import Word, cut

CERTAIN_ENOUGH = 0.5
"""Below this there is no value: the dialog asks again, then offers keys, then a person."""


class Expect(StrEnum):
    """What the dialog asks for at a turn."""

    INTENT = "intent"
    DATE = "date"
    SUM = "sum"
    READING = "reading"
    RATING = "rating"
    YESNO = "yesno"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was understood. `value` is None when it must not be guessed; `confidence` lies between 0 and 1.

    By what was expected: a day, minor units of a sum, a decimal reading, a rating 0–10, "yes" or "no", the figures of
    an account number, or the name of an intent. `alternatives` are the other possible values, the likeliest first.
    """

    value: Value | None
    confidence: float
    alternatives: tuple[Candidate, ...] = ()


_GRAMMARS: dict[Expect, Callable[[list[Word], Lexicon, date], list[Candidate]]] = {
    Expect.INTENT: intents.candidates,
    Expect.DATE: days.candidates,
    Expect.SUM: sums.candidates,
    Expect.READING: readings.candidates,
    Expect.RATING: ratings.candidates,
    Expect.YESNO: yesno.candidates,
    Expect.ACCOUNT: accounts.candidates,
}

_NUMBERS = ("cardinals", "ordinals", "fractions")
_TABLES: dict[Expect, tuple[str, ...]] = {
    Expect.INTENT: ("intents",),
    Expect.DATE: ("cardinals", "ordinals", "months", "weekdays", "days"),
    Expect.SUM: (*_NUMBERS, "months", "money", "things"),
    Expect.READING: (*_NUMBERS, "months", "account", "repeated"),
    Expect.RATING: ("cardinals", "ordinals", "ratings"),
    Expect.YESNO: ("yesno",),
    Expect.ACCOUNT: ("cardinals", "account", "repeated"),
}
"""Which words of the lexicon answers are made of: what was misheard is one of them."""


def understand(text: str, language: str, expect: Expect, today: date) -> Heard:
    """What `text`, said in "ru", "uk" or "kk" on `today`, answers to a question for `expect`.

    Raises `UnknownLanguage`.
    """
    told = lexicon(language)
    found = _GRAMMARS[expect](righted(cut(text, told), told, _TABLES[expect]), told, today)
    best = _distinct(found)
    if not best:
        return Heard(value=None, confidence=0.0)
    first, rest = best[0], tuple(best[1:4])
    if first.confidence < CERTAIN_ENOUGH:
        return Heard(value=None, confidence=first.confidence, alternatives=(first, *rest))
    return Heard(value=first.value, confidence=first.confidence, alternatives=rest)


def _distinct(found: list[Candidate]) -> list[Candidate]:
    """The surest first, each value once; two that are equally sure of different things are both unsure."""
    ordered = sorted(found, key=lambda one: -one.confidence)
    kept: dict[tuple[type, date | Decimal | int | str], Candidate] = {}
    for one in ordered:
        kept.setdefault((type(one.value), one.value), one)
    best = list(kept.values())
    if len(best) > 1 and best[0].confidence - best[1].confidence < 0.05:
        best[:2] = [replace(one, confidence=min(one.confidence, CERTAIN_ENOUGH - 0.05)) for one in best[:2]]
    return best
