"""Yes, no, or neither."""

import re
from collections.abc import Sequence
from datetime import date

from okno.speech.understanding.lexicon import Lexicon
from okno.speech.understanding.meaning import Candidate
from okno.speech.understanding.words import Word, spoken


def candidates(words: list[Word], lexicon: Lexicon, today: date) -> list[Candidate]:
    """What was said for and against, longer phrases first, each word once; both or doubt means: ask again."""
    text = spoken(words)
    doubted, text = _taken(text, lexicon.yesno["unsure"])
    against, text = _taken(text, lexicon.yesno["no"])
    agreed, _rest = _taken(text, lexicon.yesno["yes"])
    if doubted or (against and agreed):
        told = [name for name, count in (("yes", agreed), ("no", against)) if count]
        return [Candidate(name, 0.3) for name in told]
    if against or agreed:
        return [Candidate("no" if against else "yes", 0.95 if len(words) <= 6 else 0.8)]
    return []


def _taken(text: str, patterns: Sequence[re.Pattern[str]]) -> tuple[int, str]:
    """How many of the phrases stand in the text, and the text without them."""
    count = 0
    for pattern in sorted(patterns, key=lambda one: -len(one.pattern)):
        text, found = pattern.subn(" ", text)
        count += found
    return count, text
