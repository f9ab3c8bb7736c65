"""Penalties counted the slowest way: every part of a bill, every day of its delay, one fraction after another.

It shares no code with `okno.law`: it reads the same YAML sheets with a reader of its own and knows the wordings by
heart, so that a mistake would have to be made twice. `COUNTRIES` is the register: a country adds its function there.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

LAW = Path(__file__).resolve().parents[2] / "okno" / "law"
ONE_DAY = timedelta(days=1)


class NotKnown(Exception):
    """A value is missing: there is no figure."""


@dataclass(frozen=True)
class Bill:
    """A bill in minor units; `paid` are (day, minor units), `paused` (first day, last day)."""

    regime: str
    due_on: date
    amount: int
    paid: tuple[tuple[date, int], ...] = ()
    paused: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True)
class Question:
    """What is asked of all bills."""

    as_of: date
    settings: Mapping[str, str]
    known_as_of: date | None = None


#: The exact cost of one bill by lines, in minor units; None for a line that cannot be told.
Naive = Callable[[Bill, Question], dict[str, Fraction | None]]


def parts(bill: Bill, as_of: date) -> Iterator[tuple[date, int]]:
    """(the last day of its delay, minor units) of each part: paid ones, then what is open."""
    left = bill.amount
    for day, amount in bill.paid:
        if day <= as_of:
            left -= amount
            yield day, amount
    if left:
        yield as_of, left


def days_late(bill: Bill, last: date) -> Iterator[tuple[int, date]]:
    """(the number of the day of delay, the day) through `last`, but for days the organisation paused."""
    day, number = bill.due_on + ONE_DAY, 1
    while day <= last:
        if not any(since <= day <= until for since, until in bill.paused):
            yield number, day
        day, number = day + ONE_DAY, number + 1


def sheet(path: str) -> dict[str, list[dict[str, Any]]]:
    """The values of a sheet by parameter, numbers as text, days as days."""
    loaded = yaml.load((LAW / path).read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return {name: [_entry(value) for value in entry["values"]] for name, entry in loaded.items()}


def _entry(value: dict[str, Any]) -> dict[str, Any]:
    since = date.fromisoformat(value["since"])
    return {
        "value": value["value"],
        "since": since,
        "until": date.fromisoformat(value["until"]) if "until" in value else date.max,
        "known": date.fromisoformat(value["known_since"]) if "known_since" in value else since,
    }


def on(entries: list[dict[str, Any]], day: date, known_as_of: date | None = None) -> Any | None:
    """The value of a day, as known on another; None where there is none."""
    found = None
    for entry in entries:
        known = known_as_of is None or entry["known"] <= known_as_of
        if known and entry["since"] <= day and (found is None or entry["since"] >= found["since"]):
            found = entry
    return found["value"] if found is not None and day <= found["until"] else None


RU_KEY = sheet("ru/key_rate.yaml")["percent"]
RU_REFINANCING = sheet("ru/refinancing_rate.yaml")["percent"]
RU_CAPS = sheet("ru/penalty.yaml")


def russia(bill: Bill, question: Question) -> dict[str, Fraction | None]:
    """ЖК РФ ст. 155 ч. 14 and 14.1, and the laws of supply for organisations."""
    total = Fraction(0)
    if bill.regime not in ("housing", "utility", "capital_repair"):
        return {"penalty": total}
    try:
        for last, amount in parts(bill, question.as_of):
            for number, day in days_late(bill, last):
                share = _ru_share(bill, question, number, day)
                if share:
                    total += amount * share * _ru_rate(bill, question, day, last)
    except NotKnown:
        return {"penalty": None}
    return {"penalty": total}


def _ru_share(bill: Bill, question: Question, number: int, day: date) -> Fraction:
    debtor, moratorium = question.settings["debtor"], question.settings["moratorium_2022"]
    repair = bill.regime == "capital_repair"
    if date(2020, 4, 6) <= day <= date(2020, 12, 31) and (repair or debtor != "other"):
        return Fraction(0)
    if moratorium != "off" and bill.due_on < date(2022, 4, 1) <= day:
        last = date(2022, 9, 30) if moratorium == "until_2022_09_30" else date(2022, 10, 1)
        if day <= last:
            return Fraction(0)
    if repair:
        if day < date(2015, 6, 30):
            raise NotKnown
        free = day >= date(2017, 7, 30) and number <= 30
        return Fraction(0) if free else Fraction(1, 300)
    if debtor == "resident":
        if day < date(2005, 3, 1):
            raise NotKnown
        if day < date(2016, 1, 1):
            return Fraction(1, 300)
    elif day < date(2016, 1, 1):
        raise NotKnown
    if debtor == "other":
        return Fraction(1, 130)
    if number > 90:
        return Fraction(1, 130)
    if debtor == "management_company":
        return Fraction(1, 300) if number <= 60 else Fraction(1, 170)
    return Fraction(1, 300) if number > 30 else Fraction(0)


def _ru_rate(bill: Bill, question: Question, day: date, paid_on: date) -> Fraction:
    settings, known = question.settings, question.known_as_of
    rate_day = day if settings["rate_of"] == "each_day" else paid_on
    cap_day = day if "each_day" in (settings["rate_of"], settings["cap_of"]) else paid_on
    bank = _ru_bank_rate(settings["key_rate"], rate_day, known)
    capped = bill.regime == "capital_repair" or settings["debtor"] != "other" or cap_day < date(2025, 1, 1)
    cap = on(RU_CAPS["rate_cap"], cap_day, known) if capped else None
    if cap is None and capped and cap_day >= date(2027, 1, 1) and settings["cap_after_2026"] == "prolonged":
        cap = "9.50" if known is None or known >= date(2022, 9, 23) else None
    fixed = on(RU_CAPS["rate_fixed"], cap_day, known) if capped and cap is None else None
    if fixed is not None:
        return Fraction(fixed) / 100
    if cap is not None:
        if bank is None and _ru_last_key(rate_day, known) < Fraction(cap):
            raise NotKnown
        return min(Fraction(cap), bank if bank is not None else Fraction(cap)) / 100
    if bank is None:
        raise NotKnown
    return bank / 100


def _ru_bank_rate(assumed: str, day: date, known: date | None) -> Fraction | None:
    supposed = None
    for entry in assumed.split(";") if assumed else ():
        percent, since = entry.split("@")
        if date.fromisoformat(since) <= day:
            supposed = Fraction(percent)
    if supposed is not None:
        return supposed
    if known is not None and day > known:
        return None
    value = on(RU_REFINANCING if day < date(2016, 1, 1) else RU_KEY, day, known)
    return None if value is None else Fraction(value)


def _ru_last_key(day: date, known: date | None) -> Fraction:
    last = Fraction(0)
    for entry in RU_KEY:
        if entry["since"] <= (day if known is None else min(day, known)):
            last = Fraction(entry["value"])
    return last


COUNTRIES: dict[str, Naive] = {"ru": russia}
