"""The words of an address in Russian, Ukrainian and Kazakh, and what each of them announces.

A word announces a part of the address (city, street, house, block, flat) or something an address key leaves
out (region, entrance, storey). `addresses` reads by this table; a new word is one more spelling here.
"""

from dataclasses import dataclass
from typing import Literal

Role = Literal["region", "city", "street", "house", "block", "flat", "left_out"]


@dataclass(frozen=True, slots=True)
class Word:
    """What a word announces, and the short form it is written in."""

    role: Role
    short: str = ""
    #: Kazakh puts the word after what it announces: "Абай көш.", "10 үй", "5 пәтер".
    follows: bool = False


def _table(role: Role, spellings: dict[str, str], *, follows: bool = False) -> dict[str, Word]:
    return {spelling: Word(role, short, follows) for short, line in spellings.items() for spelling in line.split()}


_STREETS = {
    "ул": "ул улица",
    "вул": "вул вулиця",
    "пр-кт": "пр-кт пр-т пр просп проспект",
    "пер": "пер переулок",
    "пров": "пров провулок",
    "б-р": "б-р бул бульв бульвар",
    "мкр": "мкр мкрн мкр-н м-н микрорайон мікрорайон ықшамаудан ықшамауданы",
    "ш": "ш шоссе",
    "наб": "наб набережная",
    "пл": "пл площадь площа",
    "пр-д": "пр-д проезд проїзд",
    "туп": "туп тупик",
    "аллея": "аллея",
    "линия": "линия",
    "тракт": "тракт",
    "кв-л": "кв-л квартал",
    "ж/м": "ж/м жилмассив",
    "узвіз": "узвіз",
    "снт": "снт",
}
#: Full words for a kind of street that are street names too.
ALSO_NAMES = frozenset(
    ("набережная", "площадь", "площа", "аллея", "линия", "тракт", "проезд", "проїзд", "тупик", "шоссе", "бульвар")
)
_KAZAKH_STREETS = {"көш": "көш көшесі", "даңғ": "даңғ даңғылы", "тұйық": "тұйық тұйығы"}
_CITIES = (
    "г гор город пгт рп с село п пос поселок посёлок д дер деревня ст-ца станица м місто смт селище"
    " қ қала қаласы кент кенті ауыл ауылы"
)
_BLOCKS = {
    "к": "к корп корпус",
    "стр": "стр строение с",
    "лит": "лит литер литера",
    "соор": "соор сооружение",
    "бл": "блок",
    "секц": "секц секция",
}
_FLATS = {
    "": "кв квартира ап апарт апартаменты",
    "оф": "оф офис",
    "пом": "пом помещение приміщення",
    "комн": "комн ком комната",
    "гар": "гар гараж бокс",
    "м/м": "м/м машино-место машиноместо",
    "кл": "кладовая кладовка",
}

#: Words that announce a place by its name; the name may stand on either side.
PLACES: dict[str, Word] = {
    **_table("region", {"": "респ республика обл область край ао р-н район аудан ауданы облысы"}),
    **_table("city", {"": _CITIES}),
    **_table("street", _STREETS),
    **_table("street", _KAZAKH_STREETS, follows=True),
}

#: Words that announce a number.
NUMBERS: dict[str, Word] = {
    **_table("house", {"": "д дом буд будинок вл влд владение домовладение"}),
    **_table("house", {"": "үй"}, follows=True),
    **_table("block", _BLOCKS),
    **_table("flat", _FLATS),
    **_table("flat", {"": "пәтер"}, follows=True),
    **_table("left_out", {"": "под подъезд підʼїзд эт этаж поверх"}),
}

#: One kind of street in three languages, for comparing. The plain street compares as no kind at all.
STREET_KINDS = {"ул": "", "вул": "", "көш": "", "даңғ": "пр-кт", "пров": "пер", "тұйық": "туп"}

#: Kinds of street whose name may be a mere number: "мкр 5".
NUMBERED_STREETS = frozenset({"мкр", "кв-л", "линия", "ж/м"})

#: Kinds written after the name.
KAZAKH_STREETS = frozenset(_KAZAKH_STREETS)
