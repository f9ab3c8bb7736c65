"""Names of people: surname, first name, patronymic, out of one cell."""

import re
from dataclasses import dataclass

_PATRONYMIC = re.compile(r"\w+(?:вич|вна|ична|инична|івна|ївна|йович|ұлы|улы|қызы|кызы|оглы|гызы|угли)", re.IGNORECASE)
#: Second words of patronymics such as "Гасан оглы".
_PATRONYMIC_TAILS = {"оглы", "оглу", "кызы", "гызы", "угли", "улы", "ұлы", "қызы", "огли", "кизи"}
_INITIALS = re.compile(r"(\w)\.\s*(?:(\w)\.?)?")


class NotAName(ValueError):
    """The text holds no name."""


@dataclass(frozen=True, slots=True)
class PersonName:
    """Surname, first name, patronymic; the last two may be empty, or one letter with a dot (an initial)."""

    surname: str
    first: str
    patronymic: str

    def full(self) -> str:
        """ "Иванов Иван Иванович"."""
        return " ".join(part for part in (self.surname, self.first, self.patronymic) if part)


def split_name(text: str) -> PersonName:
    """Take apart "Иванов Иван Иванович", "Иван Иванович Иванов", "Иванов И.И.", "МАМЕДОВ АЛИ ГАСАН ОГЛЫ".

    The surname is first unless the patronymic stands in the middle of three words. Raises `NotAName`.
    """
    words = _words(text)
    if not words:
        raise NotAName("Имя не указано." if not text.strip() else f"Не похоже на имя: «{text}».")
    if len(words) >= 3 and words[-1].lower() in _PATRONYMIC_TAILS:
        words[-2:] = [f"{words[-2]} {words[-1].lower()}"]
    if len(words) == 3 and _PATRONYMIC.fullmatch(words[1]):
        words = [words[2], words[0], words[1]]
    if len(words) == 3 and _is_initial(words[0]) and _is_initial(words[1]):
        words = [words[2], words[0], words[1]]
    surname, first, *rest = [*words, ""] if len(words) == 1 else words
    return PersonName(surname=surname, first=first, patronymic=" ".join(rest))


def _words(text: str) -> list[str]:
    spaced = _INITIALS.sub(lambda found: " ".join(f"{letter}." for letter in found.groups() if letter), text)
    kept = re.sub(r"[^\w\s.'’ʼ-]", " ", spaced)
    return [_cased(word) for word in kept.split() if any(character.isalpha() for character in word)]


def _cased(word: str) -> str:
    """ "ПЕТРОВА-ВОДКИНА" and "петрова-водкина" → "Петрова-Водкина"; mixed case is left as it was written."""
    if word.isupper() or word.islower():
        return "-".join(part[:1].upper() + part[1:].lower() for part in word.split("-"))
    return word


def _is_initial(word: str) -> bool:
    return len(word) == 2 and word.endswith(".")
