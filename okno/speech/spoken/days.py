"""Days and hours said aloud."""

from datetime import date, time
from enum import StrEnum

from okno.speech.spoken.numerals import Case, Language, cardinal, few, ordinal

_MONTHS = {
    "ru": (
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ),
    "uk": (
        "січня",
        "лютого",
        "березня",
        "квітня",
        "травня",
        "червня",
        "липня",
        "серпня",
        "вересня",
        "жовтня",
        "листопада",
        "грудня",
    ),
    "kk": (
        "қаңтар",
        "ақпан",
        "наурыз",
        "сәуір",
        "мамыр",
        "маусым",
        "шілде",
        "тамыз",
        "қыркүйек",
        "қазан",
        "қараша",
        "желтоқсан",
    ),
}
_KK_UNTIL = (
    "қаңтарға",
    "ақпанға",
    "наурызға",
    "сәуірге",
    "мамырға",
    "маусымға",
    "шілдеге",
    "тамызға",
    "қыркүйекке",
    "қазанға",
    "қарашаға",
    "желтоқсанға",
)
_KK_ON = (
    "қаңтарда",
    "ақпанда",
    "наурызда",
    "сәуірде",
    "мамырда",
    "маусымда",
    "шілдеде",
    "тамызда",
    "қыркүйекте",
    "қазанда",
    "қарашада",
    "желтоқсанда",
)
_KK_SINCE = (
    "қаңтардан",
    "ақпаннан",
    "наурыздан",
    "сәуірден",
    "мамырдан",
    "маусымнан",
    "шілдеден",
    "тамыздан",
    "қыркүйектен",
    "қазаннан",
    "қарашадан",
    "желтоқсаннан",
)


class Stands(StrEnum):
    """What the day is in the sentence: itself («пятнадцатое»), the day when («пятнадцатого»), the day until
    which, the day since which."""

    NAMED = "named"
    WHEN = "when"
    UNTIL = "until"
    SINCE = "since"


def day(told: date, language: Language, stands: Stands = Stands.WHEN) -> str:
    """The day without its year: «пятнадцатого декабря», «до пятнадцатого декабря», «он бесінші желтоқсанға дейін»."""
    month = told.month - 1
    if language == "kk":
        number = ordinal(told.day, "kk")
        if stands is Stands.UNTIL:
            return f"{number} {_KK_UNTIL[month]} дейін"
        forms = {Stands.WHEN: _KK_ON, Stands.SINCE: _KK_SINCE}.get(stands, _MONTHS["kk"])
        return f"{number} {forms[month]}"
    case = Case.NOMINATIVE if stands is Stands.NAMED else Case.GENITIVE
    words = f"{ordinal(told.day, language, case=case)} {_MONTHS[language][month]}"
    if stands is Stands.SINCE:
        return f"{'з' if language == 'uk' else 'со' if told.day == 2 else 'с'} {words}"
    return f"до {words}" if stands is Stands.UNTIL else words


def month_of(word: str, language: Language) -> bool:
    """Whether the word is the name of a month as it stands after its day."""
    return any(word.startswith(name) for name in _MONTHS[language])


def hour(told: time, language: Language, *, case: Case = Case.NOMINATIVE) -> str:
    """The time of the day: «девятнадцать часов», «с девяти часов тридцати минут»."""
    if language == "kk":
        minutes = f" {cardinal(told.minute, 'kk')} минут" if told.minute else ""
        return f"сағат {cardinal(told.hour, 'kk')}{minutes}"
    words = cardinal(told.hour, language, gender="m" if language == "ru" else "f", case=case)
    words = f"{words} {_counted(told.hour, _HOURS[language], case)}"
    if told.minute:
        minutes = cardinal(told.minute, language, gender="f", case=case)
        words += f" {minutes} {_counted(told.minute, _MINUTES[language], case)}"
    return words


#: One, few, many, and one in the genitive.
_HOURS = {"ru": ("час", "часа", "часов", "часа"), "uk": ("година", "години", "годин", "години")}
_MINUTES = {"ru": ("минута", "минуты", "минут", "минуты"), "uk": ("хвилина", "хвилини", "хвилин", "хвилини")}


def _counted(count: int, forms: tuple[str, str, str, str], case: Case) -> str:
    form = few(count)
    if case is Case.GENITIVE:
        return forms[3] if form == 0 else forms[2]
    return forms[form]
