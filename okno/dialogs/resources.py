"""Which resource a person speaks of when they name a meter themselves: "это горячая, восемьдесят четыре". Pure."""

import re
from collections.abc import Mapping
from itertools import pairwise

from okno.speech.understanding.lexicon import lexicon
from okno.speech.understanding.numbers import numbers
from okno.speech.understanding.words import cut

_WORDS: Mapping[str, Mapping[str, str]] = {
    "ru": {
        "cold_water": r"холодн\w+",
        "hot_water": r"горяч\w+",
        "electricity": r"свет(а|у|)|электр\w+",
        "gas": r"газ(а|у|)?|газов\w+",
        "heat": r"отоплени\w+|тепл(о|а|у)",
    },
    "uk": {
        "cold_water": r"холодн\w+",
        "hot_water": r"гаряч\w+",
        "electricity": r"світл(о|а|у)|електр\w+",
        "gas": r"газ(у|)|газов\w+",
        "heat": r"опаленн\w+|тепл(о|а|у)",
    },
    "kk": {
        "cold_water": r"(суық|салқын) су\w*|суық\w*",
        "hot_water": r"ыстық( су\w*)?",
        "electricity": r"жарық\w*|электр\w*|ток\w*",
        "gas": r"газ\w*",
        "heat": r"жылу\w*",
    },
}
"""By the codes of `okno.houses.models.MeterKind`."""


def resource(text: str, language: str) -> str | None:
    """The one resource that the words name; None where they name none or several."""
    plain = text.lower()
    told = [code for code, words in _WORDS[language].items() if re.search(rf"(?<!\w)(?:{words})(?!\w)", plain)]
    return told[0] if len(told) == 1 else None


def piece(text: str, language: str, asked: str | None) -> str:
    """What is told of the resource that was asked for, where each of several has its own figures.

    "Холодная сто двадцать два, горячая восемьдесят один"; all of the text where that is not so. Where none was asked
    for it is what was told first.
    """
    named = [
        found for words in _WORDS[language].values() for found in re.finditer(rf"(?i)(?<!\w)(?:{words})(?!\w)", text)
    ]
    named.sort(key=lambda found: found.start())
    if len(named) < 2:
        return text
    if _has_figures(text[: named[0].start()], language):
        cuts = [0, *(found.end() for found in named)]
    else:
        cuts = [*(found.start() for found in named), len(text)]
    pieces = [text[since:until] for since, until in pairwise(cuts)]
    if not all(_has_figures(one, language) for one in pieces):
        return text
    return pieces[0] if asked is None else next((one for one in pieces if resource(one, language) == asked), text)


def _has_figures(text: str, language: str) -> bool:
    words = lexicon(language)
    return bool(numbers(cut(text, words), words))
