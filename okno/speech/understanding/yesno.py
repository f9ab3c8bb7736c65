"""Yes, no, or neither."""

from datetime import date

from okno.speech.understanding import amends
from okno.speech.understanding.lexicon import Lexicon
from okno.speech.understanding.meaning import Candidate
from okno.speech.understanding.words import Word, spoken


def candidates(words: list[Word], lexicon: Lexicon, today: date) -> list[Candidate]:
    """What was said for and against, the longest phrase at each place; both or doubt means: ask again.

    What was taken back counts no more: "да, то есть нет", "нет, ой, да".
    """
    _before, last = amends.split(words, lexicon, only="slip")
    told = _answers(spoken(last), lexicon) or _answers(spoken(words), lexicon)
    named = [name for name in ("yes", "no") if name in told]
    if "unsure" in told or len(named) > 1:
        return [Candidate(name, 0.3) for name in named]
    return [Candidate(name, 0.95 if len(words) <= 6 else 0.8) for name in named]


def _is_denied(text: str, start: int, end: int, lexicon: Lexicon) -> bool:
    """ "Не точно", "не обязательно", "жақсы емес" are no "yes" whatever else they are."""
    before, after = text[:start].split()[-1:], text[end:].split()[:1]
    denied = [(lexicon.amends.get("not"), before), (lexicon.amends.get("not_behind"), after)]
    return any(pattern is not None and pattern.match(word) for pattern, told in denied for word in told)


def _is_aside(text: str, start: int, end: int, lexicon: Lexicon) -> bool:
    """ "Вы обязательно перезвоните": a word of consent in the middle of a sentence about something else."""
    if not _is_weak(text, start, end, lexicon) or not text[end:].strip():
        return False
    lead = lexicon.yesno.get("lead", ())
    return any(not any(pattern.fullmatch(word) for pattern in lead) for word in text[:start].split())


def _is_weak(text: str, start: int, end: int, lexicon: Lexicon) -> bool:
    return any(pattern.fullmatch(text, start, end) for pattern in lexicon.yesno.get("weak", ()))


def _denies(text: str, lexicon: Lexicon) -> bool:
    """Whether something is denied in what is left beside the answers."""
    denied = lexicon.amends.get("not")
    return denied is not None and any(denied.match(word) for word in text.split()[:-1])


def _answers(text: str, lexicon: Lexicon) -> set[str]:
    """The answers that stand in the text; of two that begin at one place the longer one. "Точно вам никто не скажет"
    is doubt: a word of consent that may be of the sentence, and the sentence denies something."""
    place, told, weak, left = 0, set(), True, ""
    while place < len(text):
        found = [
            (match.start(), -match.end(), answer)
            for answer in ("unsure", "no", "yes")
            for pattern in lexicon.yesno[answer]
            if (match := pattern.search(text, place))
        ]
        if not found:
            break
        start, end, answer = min(found)
        if answer == "yes" and _is_aside(text, start, -end, lexicon):
            place = -end
            continue
        told.add("unsure" if answer == "yes" and _is_denied(text, start, -end, lexicon) else answer)
        weak, left = weak and _is_weak(text, start, -end, lexicon), f"{left} {text[place:start]}"
        place = -end
    return {"unsure"} if told == {"yes"} and weak and _denies(left + text[place:], lexicon) else told
