"""Text made comparable: for search boxes that forgive ё, Kazakh and Ukrainian letters and a wrong layout."""

import unicodedata
from typing import Literal

_FOLDED = str.maketrans(
    {
        "ё": "е", "і": "и", "ї": "и", "є": "е", "ґ": "г",
        "ә": "а", "ғ": "г", "қ": "к", "ң": "н", "ө": "о", "ұ": "у", "ү": "у", "һ": "х",
        # An apostrophe stands inside a Ukrainian word (П'ятихатки) and must not break it in two.
        "'": None, "’": None, "ʼ": None, "`": None, "‘": None,
    }
)  # fmt: skip

_LATIN_KEYS = "`qwertyuiop[]asdfghjkl;'zxcvbnm,./~QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>?"
_CYRILLIC_KEYS = {
    "ru": "ёйцукенгшщзхъфывапролджэячсмитьбю.ЁЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ,",
    "uk": "'йцукенгшщзхїфівапролджєячсмитьбю.₴ЙЦУКЕНГШЩЗХЇФІВАПРОЛДЖЄЯЧСМИТЬБЮ,",
}
_TO_CYRILLIC = {name: str.maketrans(_LATIN_KEYS, keys) for name, keys in _CYRILLIC_KEYS.items()}
_TO_LATIN = {name: str.maketrans(keys, _LATIN_KEYS) for name, keys in _CYRILLIC_KEYS.items()}


def fold(text: str) -> str:
    """Lower case, near letters made one (ё→е, і→и, қ→к …), punctuation to single spaces, apostrophes dropped.

    Folding twice changes nothing. The result is for comparing, never for showing.
    """
    folded = unicodedata.normalize("NFC", text).lower().translate(_FOLDED)
    return " ".join("".join(character if character.isalnum() else " " for character in folded).split())


def near_letters(text: str) -> str:
    """Near letters made one as in `fold`, and nothing else changed: for patterns that such text is searched by."""
    return text.translate(_FOLDED)


def swap_layout(text: str, layout: Literal["ru", "uk"] = "ru") -> str:
    """What the same keys give in the other keyboard layout: "ktybyf" → "ленина", "фзк" → "apr".

    The direction is from the alphabet most letters are in; without letters, from Latin. The Kazakh layout has
    Russian letters in their places and its own on the digits, which here are house numbers: use "ru" for it.
    """
    latin = sum(character.isascii() and character.isalpha() for character in text)
    cyrillic = sum("\u0400" <= character <= "\u04ff" for character in text)
    return text.translate(_TO_LATIN[layout] if cyrillic > latin else _TO_CYRILLIC[layout])
