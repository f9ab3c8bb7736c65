"""What was heard, cut into words and figures, alike for every language."""

import re
from dataclasses import dataclass

from okno.speech.understanding.lexicon import Lexicon

_PIECE = re.compile(r"\d+|[^\W\d_]+(?:['’ʼ`-][^\W\d_]+)*|[.,:/+₽₸₴-]", re.UNICODE)
_IN_ORDER = re.compile(r"(\d)-(?:го|ого|его|е|ое|му|ому|й|ый|м|х|ші|шы|нші|ншы)\b")
"""The ending of a number in order, as it is written: "15-го" stands for "15"."""
_APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "`": "'"})


@dataclass(frozen=True, slots=True)
class Word:
    """A word in small letters, a run of figures, or a sign; `glued` when nothing stood before it."""

    text: str
    glued: bool = False

    @property
    def is_figure(self) -> bool:
        return self.text.isdigit()

    @property
    def is_sign(self) -> bool:
        return not self.text[0].isalnum()


def cut(text: str, lexicon: Lexicon) -> list[Word]:
    """Small letters, one spelling of each letter, hyphens opened, signs apart."""
    plain = _IN_ORDER.sub(r"\1", text.translate(_APOSTROPHES).lower())
    for old, new in lexicon.letters.items():
        plain = plain.replace(old, new)
    words: list[Word] = []
    end = -1
    for found in _PIECE.finditer(plain):
        glued = found.start() == end
        for place, part in enumerate(found.group().split("-") if len(found.group()) > 1 else [found.group()]):
            if part:
                words.append(Word(part, glued and place == 0))
        end = found.end()
    return words


def spoken(words: list[Word]) -> str:
    """The words without signs, one blank between: what phrases are sought in."""
    return " ".join(word.text for word in words if not word.is_sign)
