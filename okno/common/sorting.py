"""Order of words as their alphabet has it, for a database that sorts by code point."""

import re
import unicodedata

_RUSSIAN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
_ALPHABETS = {
    "ru": _RUSSIAN,
    "kk": "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
    # The letters of Russian names that Ukrainian lacks stand beside the nearest of its own.
    "uk": "абвгґдеёєжзиыіїйклмнопрстуфхцчшщъьэюя",
    "en": _RUSSIAN,
}
#: Letters of the other languages, put after the one they look like, so that a mixed list still reads well.
_GUESTS = {"ґ": "г", "є": "е", "і": "и", "ї": "и", "ә": "а", "ғ": "г", "қ": "к", "ң": "н", "ө": "о", "ұ": "у",
           "ү": "у", "һ": "х"}  # fmt: skip

_DIGITS = re.compile(r"[0-9]+")
#: Ranks start above Latin letters and digits, which keep their own code points.
_FIRST_RANK = 0x0400


def sort_key(text: str, language: str) -> str:
    """A text that, compared by code point, orders as the alphabet of `language` (ru, kk, uk, en) does.

    Case and punctuation do not matter; numbers order by size ("2" before "10"), before letters; Latin letters
    come before Cyrillic. Equal keys mean "no order": break ties by something else.
    """
    ranks = _RANKS.get(language, _RANKS["ru"])
    lowered = unicodedata.normalize("NFC", text).lower()
    words = "".join(character if character.isalnum() else " " for character in lowered).split()
    return _DIGITS.sub(_padded, " ".join(words).translate(ranks))


def _padded(number: re.Match[str]) -> str:
    return number[0].lstrip("0").rjust(9, "0")


def _ranks(alphabet: str) -> dict[int, int]:
    letters = list(alphabet)
    for guest, host in _GUESTS.items():
        if guest not in letters:
            letters.insert(letters.index(host) + 1, guest)
    return {ord(letter): _FIRST_RANK + rank for rank, letter in enumerate(letters)}


_RANKS = {language: _ranks(alphabet) for language, alphabet in _ALPHABETS.items()}
