"""Working days: the country's holidays and transfers, and what a person has entered over them.

The base is the `holidays` library (official transfers for Russia and Kazakhstan, none of Ukraine's holidays under
martial law: they are working days, закон 2136-IX ст. 6). It knows no shortened and no regional days and cannot know
next year's decree, so an imported table of single days stands above it.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from holidays import country_holidays

from okno.common.days import NotADay, parse_day

OverrideKind = Literal["working", "holiday", "short"]
DayOff = Literal["weekend", "holiday", "override"]

_KINDS: dict[str, OverrideKind] = {
    "рабочий": "working",
    "working": "working",
    "выходной": "holiday",
    "праздник": "holiday",
    "holiday": "holiday",
    "короткий": "short",
    "сокращенный": "short",
    "short": "short",
}


@dataclass(frozen=True, slots=True)
class Override:
    """One day a person has entered. A short day is a working day."""

    day: date
    kind: OverrideKind
    source: str


class BadOverrides(ValueError):
    """The table of days cannot be read; `complaints` are (line number, what is wrong), in Russian."""

    def __init__(self, complaints: list[tuple[int, str]]) -> None:
        super().__init__("; ".join(f"строка {line}: {text}" for line, text in complaints))
        self.complaints = complaints


class WorkingCalendar:
    """Which days are worked in a country. Immutable; make one an organisation and keep it."""

    def __init__(self, country: str, overrides: Iterable[Override] = ()) -> None:
        self.country = country
        self.overrides: Mapping[date, Override] = {override.day: override for override in overrides}

    def is_working(self, day: date) -> bool:
        """Whether the day is worked, in full or in part."""
        return self.day_off(day) is None

    def is_short(self, day: date) -> bool:
        """Whether the day was entered as a shortened one."""
        override = self.overrides.get(day)
        return override is not None and override.kind == "short"

    def day_off(self, day: date) -> DayOff | None:
        """Why the day is not worked; None when it is."""
        override = self.overrides.get(day)
        if override is not None:
            return "override" if override.kind == "holiday" else None
        if day not in _days_off(self.country, day.year):
            return None
        return "weekend" if day.weekday() >= 5 else "holiday"

    def is_worked_holiday(self, day: date) -> bool:
        """Whether the day would be off in peace: under martial law Ukraine works its holidays and moves none of them.

        A day that a person has entered is no longer in question.
        """
        if day in self.overrides or not self.is_working(day):
            return False
        moved = (day - timedelta(days=1), day - timedelta(days=2)) if day.weekday() == 0 else ()
        return any(one in _worked_holidays(self.country, one.year) for one in (day, *moved))

    def next_working_day(self, on_or_after: date) -> date:
        """The first working day, `on_or_after` itself included."""
        day = on_or_after
        while not self.is_working(day):
            day += timedelta(days=1)
        return day

    def add_working_days(self, day: date, count: int) -> date:
        """The day `count` working days after `day`; `day` itself is not counted, whatever it is. `count` ≥ 0."""
        if count < 0:
            raise ValueError("Число рабочих дней не может быть отрицательным.")
        for _ in range(count):
            day = self.next_working_day(day + timedelta(days=1))
        return day


def parse_overrides(text: str) -> list[Override]:
    """Read a table "день;вид;источник" (or by commas), where вид is рабочий, выходной or короткий.

    A header line and empty lines are passed over. Raises `BadOverrides` with every bad line at once.
    """
    delimiter = ";" if ";" in text else ","
    found: dict[date, Override] = {}
    complaints: list[tuple[int, str]] = []
    for line, row in enumerate(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=delimiter), start=1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (line == 1 and cells[0].lower() in ("день", "дата", "day", "date")):
            continue
        try:
            override = _override(cells)
        except (NotADay, ValueError) as error:
            complaints.append((line, str(error)))
            continue
        if override.day in found:
            complaints.append((line, f"день {override.day:%d.%m.%Y} указан дважды"))
        found[override.day] = override
    if complaints:
        raise BadOverrides(complaints)
    return [found[day] for day in sorted(found)]


def _override(cells: list[str]) -> Override:
    if len(cells) != 3 or not cells[2]:
        raise ValueError("нужны три столбца: день, вид, источник")
    kind = _KINDS.get(cells[1].lower().replace("ё", "е"))
    if kind is None:
        raise ValueError(f"вид дня «{cells[1]}» неизвестен: бывает рабочий, выходной, короткий")
    return Override(day=parse_day(cells[0]), kind=kind, source=cells[2])


@lru_cache(maxsize=256)
def _days_off(country: str, year: int) -> frozenset[date]:
    """Days not worked by the library's knowledge: weekends and holidays, less the weekend days worked instead."""
    known = country_holidays(country.upper(), years=year)
    first = date(year, 1, 1)
    days = (first + timedelta(days=offset) for offset in range((date(year + 1, 1, 1) - first).days))
    return frozenset(day for day in days if not known.is_working_day(day))


@lru_cache(maxsize=256)
def _worked_holidays(country: str, year: int) -> frozenset[date]:
    """The holidays that are worked, by the library's knowledge; only Ukraine's since 2022."""
    if country != "ua":
        return frozenset()
    return frozenset(country_holidays("UA", years=year, categories=("workday",)))
