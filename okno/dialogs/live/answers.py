"""Answers: how long a pause ends one, when typed keys are whole, which words and numbers a question expects."""

import math
import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import cast

from okno.dialogs.scenario import Ask
from okno.dialogs.turn import Happened, Said
from okno.speech import spoken
from okno.speech.recogniser import Recognised
from okno.speech.recogniser.expected import expected, told_freely
from okno.speech.spoken.numerals import Language
from okno.speech.understanding import Expect

_GRAMMARS = frozenset(Expect)

_PAUSES = {"yesno": 0.3, "intent": 0.35, "rating": 0.3, "date": 0.45, "sum": 0.5, "reading": 0.55, "account": 0.6}
_OWN_WORDS = 1.0
"""Somebody who tells a story stops to think."""

_TYPED = {"reading", "account", "identity", "date", "sum", "rating"}
"""Answers of several figures."""

_WHOLE_RATINGS = frozenset("23456789")
"""Figures that can only be a rating by themselves: one may become ten, nought is also the wish for a person."""

_FREELY = {"choice": "choice", "category": "story", "place": "place", "language": "language"}
"""What is asked for, heard besides or kept of an answer, and the words in which people begin such a one."""

_ASKED_ANEW = frozenset({"yesno", "intent", "choice"})
"""Questions at which people ask to be spoken to in another language: the greeting's, and whatever has no value."""

_MOST_LIKELY = 1_000
"""Numbers out of which one can be told by its sound."""

UNSURE = "unsure"
"""Why a recogniser tells no words where somebody has spoken."""
UNCLEAR = Happened("unclear")
"""Words that nobody could recognise: no scenario names it, so the question is asked again."""

_MARK = re.compile(r"[.,!?…](?=\s|$)")
_SENTENCES = re.compile(r"(?<=[.!?…])\s+")


def end_pause(expect: str) -> float:
    """Seconds of silence that end an answer to such a question."""
    return _PAUSES.get(expect, _OWN_WORDS)


def keys_complete(keys: str, ask: Ask) -> bool:
    """Whether these keys are a whole answer already: a listed key, or figures ended by "#"."""
    if keys.endswith("#") or ask.expect not in _TYPED:
        return True
    return ask.expect == "rating" and keys in _WHOLE_RATINGS


def vocabulary(ask: Ask, language: str) -> Sequence[str]:
    """The words the recogniser should expect; what stands in no list is recognised all the same."""
    told: list[str] = []
    for name in (ask.expect, *ask.also, ask.slot, *(("language",) if ask.expect in _ASKED_ANEW else ())):
        if name in _FREELY:
            told += told_freely(_FREELY[name], language)
        elif name in _GRAMMARS:
            told += expected(Expect(name), language)
    return tuple(dict.fromkeys(told))


def likely(bounds: tuple[Decimal, Decimal] | None, language: str) -> Sequence[str]:
    """The whole numbers between the bounds (both inclusive) as they are said; none where nobody knows the bounds."""
    if bounds is None:
        return ()
    least, most = math.ceil(bounds[0]), math.floor(bounds[1])
    return _said(max(0, least), most, language) if most - least < _MOST_LIKELY else ()


@lru_cache(maxsize=256)
def _said(least: int, most: int, language: str) -> Sequence[str]:
    told = [spoken.cardinal(number, cast(Language, language)) for number in range(least, most + 1)]
    # "Одна тысяча двести" is said as "тысяча двести".
    one = spoken.cardinal(1000, cast(Language, language)).split()[0]
    return (*told, *(text.split(" ", 1)[1] for text in told if text.startswith(f"{one} ") and " " in text))


def said(found: Recognised, ask: Ask) -> Said:
    """What was recognised, as a dialog hears it."""
    return Said(plain(found.text, ask), found.nearest, tuple(plain(one, ask) for one in found.others))


def plain(text: str, ask: Ask) -> str:
    """Recognised words as the person said them: of figures said one after another a recogniser makes sentences
    ("Двадцать. Восемь."), and what it did not hear well it writes twice."""
    if ask.expect not in _TYPED:
        return text
    sentences = _SENTENCES.split(text.strip())
    once = [one for number, one in enumerate(sentences) if number == 0 or one != sentences[number - 1]]
    return _MARK.sub("", " ".join(once))
