"""A whole text for a voice: sums, days, hours, telephones and bare numbers in it put into words.

What the text says before a value decides its form: «до 15.12.2026», «с 15 по 25», «около 1 000 ₽».
"""

import re
from collections.abc import Callable
from datetime import date, time

from okno.common.money import Currency
from okno.speech.spoken import kazakh
from okno.speech.spoken.days import Stands, day, hour, month_of
from okno.speech.spoken.money import money
from okno.speech.spoken.numerals import MOST, Case, Language, TooLong, cardinal, in_order, ordinal
from okno.speech.spoken.telephones import with_telephones

_NUMBER = r"(\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d+)"
_CURRENCIES = {
    Currency.RUB: r"₽|руб(?:л(?:ь|я|ей))?\b\.?|р\.",
    Currency.KZT: r"₸|тенге\b|теңге\b|тг\b\.?",
    Currency.UAH: r"₴|грн\b\.?|грив(?:ня|ні|ень|ен|на|ны)\b",
}
_GENITIVE = {"ru": {"до", "от", "около", "более", "менее", "свыше"}, "uk": {"до", "від", "близько", "понад", "більше"}}
_SINCE = {"ru": {"с", "до", "от", "после"}, "uk": {"з", "із", "до", "від", "після"}}

#: The word for the year and how the number in order before it ends.
_YEAR = {"ru": {"года": "го", "году": "му", "год": "й"}, "uk": {"року": "го", "році": "му", "рік": "й"}}


def aloud(text: str, language: Language) -> str:
    """The text without figures that a voice would misread. Whatever is not understood is left as it stands."""
    for currency, names in _CURRENCIES.items():
        pattern = rf"(?:\b([^\W\d]+)\s+)?{_NUMBER}(?:[.,](\d\d))?[ \u00a0\u202f]?(?:{names})"
        text = re.sub(pattern, _sum(currency, language), text, flags=re.IGNORECASE)
    text = with_telephones(text, language)
    if language == "kk":
        return re.sub(rf"(?<![\w.,]){_NUMBER}(?![\w]|[.,]\d)", _bare(language), kazakh.with_endings(text))
    text = re.sub(r"\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b", _day(language), text)
    text = re.sub(r"(?:\b([^\W\d]+)\s+)?\b([01]?\d|2[0-3]):([0-5]\d)\b", _hour(language), text)
    text = re.sub(r"\b([сСзЗ]|із)\s+(\d{1,2})\s+(по|до)\s+(\d{1,2})\b(?!\s*%)", _from_to(language), text)
    text = re.sub(r"\b(\d{1,2})\s+([^\W\d_]+)", _day_of_month(language), text)
    text = re.sub(rf"\b(19|20)(\d\d)\s+({'|'.join(_YEAR[language])})\b", _year(language), text)
    text = re.sub(r"\b(\d{1,2})-([^\W\d_]{1,3})\b", _in_order(language), text)
    return re.sub(rf"(?<![\w.,]){_NUMBER}(?![\w]|[.,]\d)", _bare(language), text)


_Replace = Callable[["re.Match[str]"], str]


def _plain(figures: str) -> int:
    return int(re.sub(r"\D", "", figures))


def _sum(currency: Currency, language: Language) -> _Replace:
    def said(found: "re.Match[str]") -> str:
        before, whole, rest = found.groups()
        minor = _plain(whole) * 100 + int(rest or 0)
        if minor >= MOST:
            return found.group()
        genitive = (before or "").lower() in _GENITIVE.get(language, set())
        words = money(minor, currency, language, case=Case.GENITIVE if genitive else Case.ACCUSATIVE)
        return f"{before} {words}" if before else words

    return said


def _day(language: Language) -> _Replace:
    def said(found: "re.Match[str]") -> str:
        try:
            told = date(int(found[3]), int(found[2]), int(found[1]))
        except ValueError:
            return found.group()
        return day(told, language, Stands.WHEN)

    return said


def _hour(language: Language) -> _Replace:
    def said(found: "re.Match[str]") -> str:
        before = found[1] or ""
        genitive = before.lower() in _SINCE.get(language, set())
        case = Case.GENITIVE if genitive else Case.NOMINATIVE
        return f"{before} {hour(time(int(found[2]), int(found[3])), language, case=case)}".strip()

    return said


def _from_to(language: Language) -> _Replace:
    def said(found: "re.Match[str]") -> str:
        since, until = int(found[2]), int(found[4])
        if not (1 <= since <= 31 and 1 <= until <= 31):
            return found.group()
        last = ordinal(until, language, case=Case.GENITIVE if found[3] == "до" else Case.NOMINATIVE)
        return f"{found[1]} {ordinal(since, language, case=Case.GENITIVE)} {found[3]} {last}"

    return said


def _day_of_month(language: Language) -> _Replace:
    def said(found: "re.Match[str]") -> str:
        number = int(found[1])
        if not month_of(found[2].lower(), language) or not 1 <= number <= 31:
            return found.group()
        return f"{ordinal(number, language, case=Case.GENITIVE)} {found[2]}"

    return said


def _year(language: Language) -> _Replace:
    def said(found: "re.Match[str]") -> str:
        century, rest = int(found[1]) * 100, int(found[2])
        if not rest:
            return found.group()
        number = in_order(rest, language, _YEAR[language][found[3]])
        return f"{cardinal(century, language)} {number} {found[3]}"

    return said


def _in_order(language: Language) -> _Replace:
    def said(found: "re.Match[str]") -> str:
        try:
            return in_order(int(found[1]), language, found[2])
        except (LookupError, TooLong):
            return found.group()

    return said


def _bare(language: Language) -> _Replace:
    def said(found: "re.Match[str]") -> str:
        number = _plain(found[1])
        # Many figures are a number that names something, not one that counts: they are said one by one elsewhere.
        return found.group() if number >= 10**9 else cardinal(number, language)

    return said
