"""Figures told one after the other, as meters and accounts are read out: "три нуля семнадцать", "два раза по пять"."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from okno.speech.understanding import amends
from okno.speech.understanding.lexicon import Lexicon
from okno.speech.understanding.numbers import Number, numbers
from okno.speech.understanding.words import Word


def read_out(words: Sequence[Word], lexicon: Lexicon) -> list[Number]:
    """The numbers of the words, with figures told several at once written out: "три семёрки" is 777."""
    found = numbers(words, lexicon)
    told: list[Number] = []
    place = 0
    while place < len(found):
        one = found[place]
        following = found[place + 1] if place + 1 < len(found) else None
        place += 1
        if told and one.start < told[-1].end:
            continue
        count = one.value % 10
        if count > 1 and (one.value < 10 or one.value > 20) and (figure := _alike(words, one.end, lexicon)):
            before = one.figures[:-1] + "0" if one.value > 10 else ""
            told.append(_written_out(one, before + figure * count, one.start, one.end + 1))
        elif following and _are_times(words, one, following, lexicon):
            told.append(_written_out(one, following.figures * one.value, one.start, following.end))
            place += 1
        elif times := _named(lexicon.times, words, one.start - 1):
            told.append(_written_out(one, one.figures * times, one.start - 1, one.end))
        else:
            told.append(one)
    return told


def said_last(words: Sequence[Word], lexicon: Lexicon) -> tuple[list[Word], bool]:
    """What stands of figures that were put right while they were told, and whether that is clear.

    "Двести пять, нет, двести шесть" is told anew as a whole; after "сорок два ноль один, нет, два" nobody knows how
    much was taken back.
    """
    before, after = amends.split(words, lexicon)
    old, new = read_out(before, lexicon), read_out(after, lexicon)
    if not old:
        return _instead(new, after, lexicon) or list(words), True
    if not new:
        return list(words), not _denied(old, words, lexicon)
    whole = len(old) == len(new) == 1 and len(new[0].figures) >= len(old[0].figures)
    told, instead = ("".join(one.figures for one in found) for found in (old, new))
    return after, whole or (told[0] == instead[0] and len(instead) >= len(told))


def _instead(found: Sequence[Number], words: Sequence[Word], lexicon: Lexicon) -> list[Word]:
    """What follows a denied number of several figures at once: "не сто пятьдесят, сто шестьдесят"; [] elsewhere."""
    if len(found) != 2 or min(len(one.figures) for one in found) < 2:
        return []
    denied, told = found
    close = all(word.is_sign for word in words[denied.end : told.start])
    same = len(denied.figures) == len(told.figures)
    return list(words[denied.end :]) if close and same and _denied([denied], words, lexicon) else []


def _denied(found: Sequence[Number], words: Sequence[Word], lexicon: Lexicon) -> bool:
    return not any(amends.standing([(one.start, one.end) for one in found], words, lexicon))


def _alike(words: Sequence[Word], place: int, lexicon: Lexicon) -> str:
    """The figure of which there are several: "семёрки", "нуля"; "" for none."""
    if place < len(words) and lexicon.account["zeros"].match(words[place].text):
        return "0"
    figure = _named(lexicon.repeated, words, place)
    return "" if figure is None else str(figure)


def _are_times(words: Sequence[Word], one: Number, following: Number, lexicon: Lexicon) -> bool:
    """ "Три раза пять", "три раза по пять"."""
    told = 1 < one.value < 10 and one.end < len(words) and lexicon.account["times"].match(words[one.end].text)
    return bool(told) and following.start <= one.end + 2


def _named(patterns: Mapping[int, re.Pattern[str]], words: Sequence[Word], place: int) -> int | None:
    if not 0 <= place < len(words):
        return None
    return next((number for number, pattern in patterns.items() if pattern.match(words[place].text)), None)


def _written_out(one: Number, figures: str, start: int, end: int) -> Number:
    return replace(one, value=int(figures), figures=figures, start=start, end=end, implied=False)
