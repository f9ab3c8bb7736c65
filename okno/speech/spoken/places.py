"""Addresses said aloud: shortened words in full, house numbers in words."""

import re

from okno.speech.spoken.numerals import Language, cardinal

_FULL: dict[str, dict[str, str]] = {
    "ru": {
        "ул": "улица", "пр": "проспект", "пр-т": "проспект", "просп": "проспект", "пер": "переулок",
        "пл": "площадь", "б-р": "бульвар", "бул": "бульвар", "наб": "набережная", "ш": "шоссе", "пр-д": "проезд",
        "мкр": "микрорайон", "мкрн": "микрорайон", "д": "дом", "корп": "корпус", "к": "корпус", "стр": "строение",
        "кв": "квартира", "пом": "помещение", "под": "подъезд", "эт": "этаж", "г": "город", "пос": "посёлок",
        "с": "село", "обл": "область", "р-н": "район", "им": "имени",
    },
    "uk": {
        "вул": "вулиця", "просп": "проспект", "пр-т": "проспект", "пров": "провулок", "пл": "площа",
        "б-р": "бульвар", "бул": "бульвар", "наб": "набережна", "ш": "шосе", "мкр": "мікрорайон", "буд": "будинок",
        "б": "будинок", "корп": "корпус", "кв": "квартира", "прим": "приміщення", "під": "під'їзд", "пов": "поверх",
        "м": "місто", "с": "село", "смт": "селище", "обл": "область", "р-н": "район", "ім": "імені",
    },
    "kk": {
        "к": "көшесі", "көш": "көшесі", "даң": "даңғылы", "ықш": "ықшамаудан", "мкр": "ықшамаудан", "үй": "үй",
        "п": "пәтер", "пәт": "пәтер", "қ": "қаласы", "ауд": "ауданы", "обл": "облысы", "ул": "көшесі", "кв": "пәтер",
        "д": "үй",
    },
}  # fmt: skip
_STROKE = {"ru": "дробь", "uk": "дріб", "kk": "бөлшек"}
_HOUSE = {"ru": "дом", "uk": "будинок"}
_WORD = re.compile(
    r"(\d+)\s*/\s*(\d+)|(\d+)(?:\s*-?\s*([^\W\d_])(?![^\W\d_]|\.))?|([^\W\d_]+(?:-[^\W\d_]+)?)(\.?)|([^\w\s])"
)


def address(text: str, language: Language) -> str:
    """«ул. Ленина, 5А, кв. 12» → «улица Ленина, дом пять а, квартира двенадцать»."""
    told: list[str] = []
    for found in _WORD.finditer(text):
        upper, lower, number, letter, word, dot, sign = found.groups()
        if sign:
            if sign in ",;" and told:
                told[-1] += ","
        elif word:
            told.append(_FULL[language].get(word.lower(), word) if dot or "-" in word or len(word) < 3 else word)
        else:
            if language != "kk" and told and told[-1].endswith(","):
                told.append(_HOUSE[language])  # a number right after a comma is a house that nobody called one
            said = cardinal(int(upper or number), language)
            said += f" {_STROKE[language]} {cardinal(int(lower), language)}" if lower else ""
            told.append(said + (f" {letter.lower()}" if letter else ""))
    return " ".join(told)
