"""What a person wants to say, as one of the intents the scenarios know."""

import re
from collections.abc import Mapping, Sequence
from datetime import date

from okno.speech.understanding.lexicon import Intent, Lexicon
from okno.speech.understanding.meaning import Candidate
from okno.speech.understanding.words import Word, spoken

UNKNOWN = "unknown"

FIRST = (
    "do_not_call",
    "died",
    "child",
    "sold",
    "owner_changed",
    "wrong_number",
    "third_party",
    "not_home",
    "refuse",
    "complaint",
    "dispute",
    "hardship",
    "instalments",
    "robot_question",
    "person",
    "how_to_pay",
    "already_paid",
    "promise",
    "call_later",
    "repeat",
)
"""Who is named earlier wins a draw: what changes whom we speak to, then what stops, then what pays."""

SUREST = 0.95
MILD = 0.74
"""What is broken is a complaint to whoever asks for money, but no more than a reason to whoever asks whether the work
is done: below what goes before an answer heard in the same words."""
BORROWED = 0.7
"""Words of another language must make up so much of what was said: few of them may mean something else in one's own."""


def candidates(words: list[Word], lexicon: Lexicon, today: date) -> list[Candidate]:
    """Every intent whose phrases stand in what was said, by how many of its words they cover."""
    text = lexicon.sought(spoken(words))
    if not text:
        return []
    found = _told(text, lexicon.intents)
    if not found:
        denied = {name for name, intent in lexicon.intents.items() if _has(text, intent.unless)}
        borrowed = {name: one for name, one in lexicon.borrowed.items() if name not in denied}
        found = [one for one in _told(text, borrowed) if one.confidence >= BORROWED]
    return _by_rank(found) or [Candidate(UNKNOWN, 0.6)]


def _told(text: str, intents: Mapping[str, Intent]) -> list[Candidate]:
    length = len(text.split())
    found: list[Candidate] = []
    for name, intent in intents.items():
        if _has(text, intent.unless):
            continue
        covered, most = _covered(text, intent.phrases), SUREST
        if not covered:
            covered, most = _covered(text, intent.mild), MILD
        if covered:
            sure = min(most, 0.6 + 0.35 * covered / length) - 0.001 * FIRST.index(name)
            found.append(Candidate(name, round(sure, 3)))
    return found


def _has(text: str, patterns: Sequence[re.Pattern[str]]) -> bool:
    return any(pattern.search(text) for pattern in patterns)


def _by_rank(found: list[Candidate]) -> list[Candidate]:
    """The first of FIRST keeps its certainty, the others stand well behind it, so that a draw is decided openly."""
    ordered = sorted(found, key=lambda one: (-round(one.confidence, 1), FIRST.index(str(one.value))))
    return [
        Candidate(one.value, one.confidence if place == 0 else min(one.confidence, ordered[0].confidence - 0.1))
        for place, one in enumerate(ordered)
    ]


def _covered(text: str, phrases: Sequence[re.Pattern[str]]) -> int:
    """How many words of the text stand in at least one of the phrases."""
    covered: set[int] = set()
    for pattern in phrases:
        for found in pattern.finditer(text):
            before = text[: found.start()].count(" ")
            covered.update(range(before, before + len(found.group().split())))
    return len(covered)
