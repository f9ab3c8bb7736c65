"""Addresses said aloud: shortened words in full, house numbers in words."""

import re
from functools import partial

from okno.speech.spoken.numerals import Language, cardinal, kazakh_ordinal

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
        "к-сі": "көшесі", "д-лы": "даңғылы",
        "к": "көшесі", "көш": "көшесі", "даң": "даңғылы", "ықш": "ықшамаудан", "мкр": "ықшамаудан", "үй": "үй",
        "п": "пәтер", "пәт": "пәтер", "қ": "қаласы", "ауд": "ауданы", "обл": "облысы", "ул": "көшесі", "кв": "пәтер",
        "д": "үй",
    },
}  # fmt: skip
_KAZAKH_STREETS = {"көшесі": r"ул(?:ица)?", "даңғылы": r"пр(?:-т|осп(?:ект)?)?", "ықшамауданы": r"мкр[н]?|микрорайон"}
"""Russian words before a name, by the Kazakh ones that stand behind it."""
_STROKE = {"ru": "дробь", "uk": "дріб", "kk": "бөлшек"}
_HOUSE = {"ru": "дом", "uk": "будинок"}
_NUMBERED = re.compile(r"\s*-?\s*(?:үй|пәтер|кіреберіс|қабат)(?!\w)", re.IGNORECASE)
_WORD = re.compile(
    r"(\d+)\s*/\s*(\d+)|(\d+)(?:\s*-?\s*([^\W\d_])(?![^\W\d_]|\.))?|([^\W\d_]+(?:-[^\W\d_]+)?)(\.?)|([^\w\s])"
)


def _as_kazakhs_say(text: str) -> str:
    """«ул. Абая, 5, кв. 12» → «Абая көшесі, 5-үй, 12-пәтер»: the name first, the number before what it numbers."""
    for street, russian in _KAZAKH_STREETS.items():
        text = re.sub(rf"(?<![\w-])(?:{russian})(?:\.\s*|\s+)([^,\d]+)", rf"\1 {street}", text, flags=re.IGNORECASE)
    text = re.sub(r"(?<![\w-])(?:кв|пәт|п)\.?\s*(\d+)", r"\1-пәтер", text, flags=re.IGNORECASE)
    text = re.sub(r"(\d+)\s*-?\s*(?:пәт|п)\.", r"\1-пәтер", text, flags=re.IGNORECASE)
    text = re.sub(r"(?<![\w-])(?:д|дом)\.?\s*(\d+[^\W\d_]?)(?![^\W_])", r"\1-үй", text, flags=re.IGNORECASE)
    return re.sub(r"(,\s*\d+(?:\s*-?\s*[^\W\d_])?)\s*(?=,|$)", r"\1-үй", text)


def address(text: str, language: Language) -> str:
    """«ул. Ленина, 5А, кв. 12» → «улица Ленина, дом пять а, квартира двенадцать»."""
    told: list[str] = []
    text = _as_kazakhs_say(text) if language == "kk" else text
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
            is_kazakh_order = language == "kk" and not lower and _NUMBERED.match(text, found.end())
            said = (kazakh_ordinal if is_kazakh_order else partial(cardinal, language=language))(int(upper or number))
            said += f" {_STROKE[language]} {cardinal(int(lower), language)}" if lower else ""
            told.append(said + (f" {letter.lower()}" if letter else ""))
    return " ".join(told)
