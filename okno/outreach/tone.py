"""How a template may not speak: threats, shouting, shaming, insults. Word stems in the four languages.

A stem is looked for at the beginning of a word, whatever its ending and case; "ё" counts as "е". A phrase is several
stems one after another. The lists are plain on purpose: whoever is stopped by mistake sees the word and the reason.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

STEMS: dict[str, tuple[str, ...]] = {
    "threat": (
        # Russian
        "коллектор", "угрож", "пожалеете", "расправ", "последн* предупрежд", "последств* не замедл", "заставим",
        "отберем", "выселим", "выгоним", "арестуем", "посадим", "уголовн", "приставы прид", "опишем имущ",
        "сообщим на работ", "сообщим работодат", "сообщим родствен", "сообщим сосед", "лишим", "вам хуже",
        "не поздоров", "вынужд* вас",
        # Kazakh
        "қорқыт", "өкінесіз", "соңғы ескерту", "көшіріп жібер", "тартып аламыз", "қамаймыз", "қылмыстық",
        "жұмыс орныңызға хабарла", "туыстарыңызға айт", "көршілеріңізге айт", "айырамыз",
        # Ukrainian
        "колектор", "погрож", "пошкоду", "останн* попередж", "змусимо", "відберемо", "виселимо", "виженемо",
        "заарешту", "посадимо", "кримінальн", "повідомимо на робот", "повідомимо роботодав", "повідомимо родич",
        "повідомимо сусід", "позбавимо", "буде гірше",
        # English
        "collector", "threat", "you will regret", "last warning", "final warning", "evict", "we will seize",
        "arrest", "jail", "criminal", "tell your employer", "tell your neighbo", "tell your relatives", "or else",
    ),
    "pressure": (
        "заплатите немедленно", "немедленно заплат", "немедленно оплат", "немедленно погас", "срочно заплат",
        "срочно оплат", "срочно погас", "обязаны сегодня",
        "дереу төле", "шұғыл төле", "дереу өте",
        "негайно сплат", "негайно заплат", "терміново сплат", "заплатіть негайно",
        "pay immediately", "pay at once", "pay now or", "immediate payment",
    ),
    "shame": (
        "неплательщик", "злостн", "должник", "позор", "стыд", "совест", "наживае* за счет", "из за вас",
        "все соседи платят",
        "борышкер", "ұят", "масқара", "арсыз", "сіздің кесіріңізден",
        "неплатник", "боржник", "ганьб", "сором", "совіст", "через вас", "злісн",
        "debtor", "deadbeat", "shame", "because of you", "your neighbours pay", "your neighbors pay",
    ),
    "insult": (
        "алкогол", "алкаш", "пьян", "наркоман", "тунеяд", "бездельник", "нищ", "идиот", "дурак", "дура", "псих",
        "больн* на голов", "инвалид", "жулик", "вор", "мошенник", "бомж", "халявщик", "неряха",
        "маскүнем", "нашақор", "жалқау", "ақымақ", "алаяқ", "ұры", "қайыршы", "жынды",
        "п яниц", "п яни", "ледар", "нероб", "жебрак", "ідіот", "дурень", "дурн", "шахра", "злоді", "божевільн",
        "alcoholic", "drunk", "addict", "lazy", "beggar", "idiot", "stupid", "crazy", "crook", "thief", "thieves",
        "fraudster",
    ),
}  # fmt: skip
"""Kind of fault → stems. `*` in a phrase stands for any ending; a hyphen or an apostrophe parts words like a space."""

WHOLE = frozenset({"вор", "нищ", "псих", "дура", "ұры", "ұят"})
"""Short stems that other, innocent words begin with: only the word with an ordinary ending counts."""

_ENDING = r"(?:а|у|е|и|ы|ой|ом|ов|ам|ами|ах|ий|ая|ие|их|им|ей|лар|лер|тар|тер)?"
_SHOUTED = re.compile(r"\b[^\W\d_]{4,}\b")
_ABBREVIATIONS = frozenset({"ЖКУ", "МКД", "ГИС", "СНИЛС", "ЕРКЦ", "ОСББ", "HTTP", "HTTPS"})


@dataclass(frozen=True, slots=True)
class Fault:
    """A word that may not stand in a message, and why: threat, pressure, shame, insult or shouting."""

    kind: str
    word: str


def faults(text: str) -> list[Fault]:
    """Everything in the text that is against good tone, each word once, in the order of kinds."""
    plain = _folded(text)
    found = [Fault(kind, match.group(0)) for kind, pattern in _patterns() if (match := pattern.search(plain))]
    return found + [Fault("shouting", word) for word in shouted(text)]


def shouted(text: str) -> list[str]:
    """Words of four letters and more in capitals; one known abbreviation is no shouting."""
    without_places = re.sub(r"\{[a-z_]*\}|https?://\S+", " ", text)
    words = [word for word in _SHOUTED.findall(without_places) if word.isupper()]
    return [word for word in dict.fromkeys(words) if word not in _ABBREVIATIONS]


def _folded(text: str) -> str:
    return " ".join(re.sub(r"\{[a-z_]*\}", " ", text).casefold().replace("ё", "е").split())


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    return [(kind, _pattern(stem)) for kind, stems in STEMS.items() for stem in dict.fromkeys(stems)]


def _pattern(stem: str) -> re.Pattern[str]:
    parts = [re.escape(part.rstrip("*")) + (r"\w*" if part.endswith("*") else "") for part in stem.split(" ")]
    tail = _ENDING + r"\b" if stem in WHOLE else r"\w*"
    return re.compile(r"\b" + r"\W+".join(parts) + tail)
