"""Days and months: arithmetic, and reading them from files without guessing.

A month is the `date` of its first day.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache

from babel.dates import get_month_names

EARLIEST = date(1990, 1, 1)
LATEST = date(2100, 12, 31)

#: Day 0 of the 1900 date system of spreadsheets, as it works out for every day after February 1900.
_SERIAL_EPOCH = date(1899, 12, 30)

_TIME = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?"
_ISO = re.compile(rf"(\d{{4}})-(\d{{1,2}})-(\d{{1,2}})(?:[t ]{_TIME}(?:z|[+-]\d{{2}}:?\d{{2}})?)?")
_DOTTED = re.compile(rf"(\d{{1,2}})([./-])(\d{{1,2}})\2(\d{{4}})(?: {_TIME})?(?: ?(?:г|р|ж)\.?)?")
_WORDED = re.compile(r"(\d{1,2}) (\w+)\.? (\d{4})(?: ?(?:г|р|ж|года|року|жыл|жылы)\.?)?")
_MONTH_DOTTED = re.compile(r"(\d{1,2})[./-](\d{4})")
_MONTH_ISO = re.compile(r"(\d{4})-(\d{1,2})")
_MONTH_WORDED = re.compile(r"(\w+)\.? (\d{4})(?: ?(?:г|р|ж|года|року|жыл|жылы)\.?)?")
_MONTH_KAZAKH = re.compile(r"(\d{4}) ?(?:ж\.?|жыл|жылғы|жылдың) (\w+)\.?")
_SHORT_YEAR = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2}")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")


class NotADay(ValueError):
    """The value cannot be read as a day (or month), or the day lies outside the allowed window."""


def month_of(day: date) -> date:
    """The month `day` lies in, as its first day."""
    return date(day.year, day.month, 1)


def add_months(month: date, count: int) -> date:
    """The month `count` months later (earlier if negative), as its first day."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def months_between(first: date, last: date) -> int:
    """How many months `last` is after `first` (negative if before); days within the months do not count."""
    return (last.year - first.year) * 12 + last.month - first.month


def month_range(first: date, last: date) -> Iterator[date]:
    """Every month from `first` to `last`, both inclusive; nothing when `last` is earlier."""
    for count in range(months_between(first, last) + 1):
        yield add_months(first, count)


def last_day(month: date) -> date:
    """The last day of the month that holds `month`."""
    return add_months(month, 1) - timedelta(days=1)


def day_in_month(month: date, number: int) -> date:
    """The day with this number in the month; its last day when the month is shorter."""
    return date(month.year, month.month, min(number, last_day(month).day))


def add_years(day: date, count: int) -> date:
    """The same day `count` years later; 29 February becomes 28 February in a common year (ГК РФ ст. 192)."""
    return day_in_month(date(day.year + count, day.month, 1), day.day)


def parse_day(value: str | date | float, *, since: date = EARLIEST, until: date = LATEST) -> date:
    """Read a day: 05.03.2026, 5/3/2026, 2026-03-05, "5 марта 2026", with or without time, or a serial.

    The day must lie within `since`…`until`, both inclusive. Refused: two-digit years, a month without a day.
    Raises `NotADay` in words for the person who mends the row.
    """
    if isinstance(value, datetime):
        day = value.date()
    elif isinstance(value, date):
        day = value
    elif isinstance(value, int | float):
        day = _from_serial(value)
    else:
        day = _day_from_text(_tidy(value))
    return _within(day, since, until)


def parse_month(value: str | date | float, *, since: date = EARLIEST, until: date = LATEST) -> date:
    """Read a month: "март 2026", "2026 ж. наурыз", 03.2026, 2026-03, or any day in it. Raises `NotADay`."""
    if isinstance(value, str):
        text = _tidy(value)
        month = _month_from_text(text)
        if month is not None:
            return _within(month, month_of(since), until)
    return month_of(parse_day(value, since=month_of(since), until=until))


def _day_from_text(text: str) -> date:
    if found := _ISO.fullmatch(text):
        return _date(int(found[1]), int(found[2]), int(found[3]), text)
    if found := _DOTTED.fullmatch(text):
        return _date(int(found[4]), int(found[3]), int(found[1]), text)
    if found := _WORDED.fullmatch(text):
        return _date(int(found[3]), _month_number(found[2], text), int(found[1]), text)
    if _SERIAL.fullmatch(text):
        return _from_serial(float(text))
    if _SHORT_YEAR.fullmatch(text):
        raise NotADay(f"В дате «{text}» год двумя цифрами. Укажите четыре: 05.03.2026.")
    if _month_from_text(text) is not None:
        raise NotADay(f"«{text}» это месяц, а нужен день, например 05.03.2026.")
    raise NotADay(f"Не похоже на дату: «{text}». Нужно так: 05.03.2026." if text else "Дата не указана.")


def _month_from_text(text: str) -> date | None:
    """The month the text names, or None when it is not in the shape of a month."""
    if found := _MONTH_DOTTED.fullmatch(text):
        return _date(int(found[2]), int(found[1]), 1, text)
    if found := _MONTH_ISO.fullmatch(text):
        return _date(int(found[1]), int(found[2]), 1, text)
    if found := _MONTH_WORDED.fullmatch(text):
        return _date(int(found[2]), _month_number(found[1], text), 1, text)
    if found := _MONTH_KAZAKH.fullmatch(text):
        return _date(int(found[1]), _month_number(found[2], text), 1, text)
    return None


def _from_serial(serial: float) -> date:
    if isinstance(serial, bool) or serial != serial or not 0 < serial < 100_000:
        raise NotADay(f"Не похоже на дату: {serial}.")
    return _SERIAL_EPOCH + timedelta(days=int(serial))


def _date(year: int, month: int, day: int, text: str) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise NotADay(f"Такого дня нет: «{text}».") from error


def _within(day: date, since: date, until: date) -> date:
    if not since <= day <= until:
        raise NotADay(f"Дата {day:%d.%m.%Y} вне пределов {since:%d.%m.%Y} … {until:%d.%m.%Y}.")
    return day


def _month_number(name: str, text: str) -> int:
    number = _month_names().get(name.rstrip("."))
    if number is None:
        raise NotADay(f"Не знаю такого месяца: «{text}».")
    return number


def _tidy(text: str) -> str:
    return " ".join(text.split()).lower()


@lru_cache(maxsize=1)
def _month_names() -> dict[str, int]:
    """Every Russian, Ukrainian, Kazakh and English name of a month, long and short, lower case, no dot."""
    return {
        name.lower().rstrip("."): number
        for language in ("en", "kk", "uk", "ru")
        for width in ("wide", "abbreviated")
        for context in ("format", "stand-alone")
        for number, name in get_month_names(width, context, language).items()
    }
