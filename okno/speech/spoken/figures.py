"""Readings and account numbers said aloud."""

from decimal import Decimal

from okno.speech.spoken.numerals import Language, cardinal

_WHOLE = {"ru": ("целая", "целых"), "uk": ("ціла", "цілих")}
_PARTS = {
    "ru": (("десятая", "десятых"), ("сотая", "сотых"), ("тысячная", "тысячных")),
    "uk": (("десята", "десятих"), ("сота", "сотих"), ("тисячна", "тисячних")),
}
_KK_PARTS = ("оннан", "жүзден", "мыңнан")


def reading(value: Decimal, language: Language) -> str:
    """A reading: «сто двадцать три», «сто двадцать три целых пять десятых». Up to three places are said.

    Raises ValueError for a value below zero or with more places.
    """
    if value < 0:
        raise ValueError(f"a reading below zero: {value}")
    whole, _point, fraction = f"{value.normalize():f}".partition(".")
    if not fraction:
        return cardinal(int(whole), language, gender="m")
    if len(fraction) > len(_KK_PARTS):
        raise ValueError(f"too many places: {value}")
    place = len(fraction) - 1
    if language == "kk":
        return f"{cardinal(int(whole), 'kk')} бүтін {_KK_PARTS[place]} {cardinal(int(fraction), 'kk')}"
    told = [cardinal(int(whole), language, gender="f"), _one_or_many(int(whole), _WHOLE[language])]
    told += [cardinal(int(fraction), language, gender="f"), _one_or_many(int(fraction), _PARTS[language][place])]
    return " ".join(told)


def _one_or_many(count: int, forms: tuple[str, str]) -> str:
    return forms[0] if count % 10 == 1 and count % 100 != 11 else forms[1]


GROUP = 3


def account_number(number: str, language: Language) -> str:
    """The figures one by one with a pause after every three, so that they can be written down."""
    said = [cardinal(int(sign), language) if sign.isdigit() else sign for sign in number if sign.isalnum()]
    groups = [" ".join(said[start : start + GROUP]) for start in range(0, len(said), GROUP)]
    return ", ".join(groups)
