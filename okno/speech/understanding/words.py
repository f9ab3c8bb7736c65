"""What was heard, cut into words and figures, alike for every language."""

import re
from dataclasses import dataclass

from okno.speech.understanding.lexicon import Lexicon

_IN_ORDER = (
    "го|ого|его|е|ое|му|ому|й|ый|м|ым|ом|те|та|ту|"
    "ш[іи]|шы|нш[іи]|ншы|[іи]|ы|с[іи]|сы|де|да|не|на|ге|[ғг]а|[іи]не|ына|с[іи]не|сына|[іи]нде|ында|с[іи]нде|сында"
)
"""How a number in order ends where it is written in figures, in all three languages: "15-го", "15-те", "15-інде",
in the spelling of its lexicon."""
_PIECE = re.compile(
    rf"(?P<figures>\d+)(?:(?P<in_order>-(?:{_IN_ORDER})\b|(?:ого|го|ому|му|ш[іи]|шы|нш[іи]|ншы)\b)|-(?:х|ти)\b)?"
    r"|[^\W\d_]+(?:['’ʼ`-][^\W\d_]+)*|[.,:/+₽₸₴-]",
    re.UNICODE,
)
"""Figures with their ending, which is no word of its own (that of "3-х дней" tells no order), a word, or a sign."""
_APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "`": "'"})


@dataclass(frozen=True, slots=True)
class Word:
    """A word in small letters, a run of figures, or a sign; `glued` when nothing stood before it, `in_order` for
    figures written as a number in order ("15-го")."""

    text: str
    glued: bool = False
    in_order: bool = False

    @property
    def is_figure(self) -> bool:
        return self.text.isdigit()

    @property
    def is_sign(self) -> bool:
        return not self.text[0].isalnum()


def cut(text: str, lexicon: Lexicon) -> list[Word]:
    """Small letters, one spelling of each letter, hyphens opened, signs apart."""
    plain = lexicon.folded(text.translate(_APOSTROPHES))
    words: list[Word] = []
    end = -1
    for found in _PIECE.finditer(plain):
        glued = found.start() == end
        if figures := found.group("figures"):
            words.append(Word(figures, glued, in_order=found.group("in_order") is not None))
            end = found.end()
            continue
        for place, part in enumerate(found.group().split("-") if len(found.group()) > 1 else [found.group()]):
            if part:
                words.append(Word(part, glued and place == 0))
        end = found.end()
    return words


def spoken(words: list[Word]) -> str:
    """The words without signs, one blank between: what phrases are sought in."""
    return " ".join(word.text for word in words if not word.is_sign)
