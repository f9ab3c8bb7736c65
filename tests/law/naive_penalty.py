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
from holidays import country_holidays

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
    #: All bills asked about: a method that looks at the whole debt needs them.
    bills: tuple[Bill, ...] = ()


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
    known = question.known_as_of or date.max
    if known >= date(2020, 4, 2) and date(2020, 4, 6) <= day <= date(2020, 12, 31) and (repair or debtor != "other"):
        return Fraction(0)
    if moratorium != "off" and known >= date(2022, 3, 28) and bill.due_on < date(2022, 4, 1) <= day:
        last = date(2022, 9, 30) if moratorium == "until_2022_09_30" else date(2022, 10, 1)
        if day <= last:
            return Fraction(0)
    if question.settings["after_limitation"] == "not_counted" and day > _ru_last_day_in_time(bill.due_on):
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


def _ru_last_day_in_time(due_on: date) -> date:
    """The due day's number three years later (ГК ст. 196, 192); February without a 29th ends on its 28th."""
    try:
        return due_on.replace(year=due_on.year + 3)
    except ValueError:
        return date(due_on.year + 3, 2, 28)


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
    supposed = _assumed(assumed, day)
    if supposed is not None:
        return supposed
    if known is not None and day > known:
        return None
    value = on(RU_REFINANCING if day < date(2016, 1, 1) else RU_KEY, day, known)
    return None if value is None else Fraction(value)


def _assumed(text: str, day: date) -> Fraction | None:
    """The rate somebody supposes for a day: "14.00@2027-01-01;…"."""
    supposed = None
    for entry in text.split(";") if text else ():
        percent, since = entry.split("@")
        if date.fromisoformat(since) <= day:
            supposed = Fraction(percent)
    return supposed


def _ru_last_key(day: date, known: date | None) -> Fraction:
    last = Fraction(0)
    for entry in RU_KEY:
        if entry["since"] <= (day if known is None else min(day, known)):
            last = Fraction(entry["value"])
    return last


KZ_BASE = sheet("kz/base_rate.yaml")["percent"]
KZ_REFINANCING = sheet("kz/refinancing_rate.yaml")["percent"]


def kazakhstan(bill: Bill, question: Question) -> dict[str, Fraction | None]:
    """ГК РК ст. 353 by ст. 34-1 п. 9 of the law on housing, and by contracts of supply for utilities."""
    total = Fraction(0)
    try:
        for last, amount in parts(bill, question.as_of):
            for _, day in days_late(bill, last):
                if day == last and question.settings["payment_day"] == "excluded":
                    continue
                share = _kz_share(bill, question.settings, day)
                if share:
                    total += amount * share * _kz_rate(question, day, last)
    except NotKnown:
        return {"penalty": None}
    return {"penalty": total}


def _kz_share(bill: Bill, settings: Mapping[str, str], day: date) -> Fraction:
    if bill.regime == "other":
        if day < date(2015, 3, 27):
            raise NotKnown
        times = Fraction(3, 2) if settings["utilities_contract"] == "legal_entity" else Fraction(1)
        return times / 365
    month_after = date(bill.due_on.year + bill.due_on.month // 12, bill.due_on.month % 12 + 1, 1)
    return Fraction(0) if day < min(month_after, date(2020, 1, 7)) else Fraction(1, 365)


def _kz_rate(question: Question, day: date, paid_on: date) -> Fraction:
    settings = question.settings
    rate_day = day if settings["rate_of"] == "each_day" else paid_on
    if settings["rate_on"]:
        rate_day = date.fromisoformat(settings["rate_on"])
    assumed = _assumed(settings["base_rate"], rate_day)
    if assumed is not None:
        return assumed / 100
    if question.known_as_of is not None and rate_day > question.known_as_of:
        raise NotKnown
    table = KZ_REFINANCING if rate_day < date(2017, 4, 1) else KZ_BASE
    value = on(table, rate_day, question.known_as_of)
    if value is None:
        raise NotKnown
    return Fraction(value) / 100


UA_PENALTY = sheet("ua/penalty.yaml")
UA_BANS = sheet("ua/bans.yaml")
UA_YEARLY = sheet("ua/article_625.yaml")["percent"]
UA_INDEX = sheet("ua/cpi.yaml")["month_to_month"]


def ukraine(bill: Bill, question: Question) -> dict[str, Fraction | None]:
    """2189-VIII ст. 26, and on demand ЦК ст. 625."""
    if bill.regime != "housing":
        return {}
    lines = {"penalty": _ua_penalty}
    if question.settings["claim_625"] == "yes":
        lines |= {"three_percent": _ua_three_percent, "inflation": _ua_inflation}
    told: dict[str, Fraction | None] = {}
    for line, cost in lines.items():
        try:
            told[line] = cost(bill, question)
        except NotKnown:
            told[line] = None
    return told


def _ua_penalty(bill: Bill, question: Question) -> Fraction:
    settings = question.settings
    if settings["exempt"] == "yes" or not settings["contract_rate"]:
        return Fraction(0)
    start = bill.due_on + ONE_DAY
    while not country_holidays("UA", years=start.year).is_working_day(start):
        start += ONE_DAY
    total = Fraction(0)
    for last, amount in parts(bill, question.as_of):
        unit = Fraction(0)
        for _, day in days_late(bill, last):
            if _ua_free(question, day, last, ("quarantine", "ordinance_206", "damaged_home")):
                continue
            if day < date(2019, 5, 1):
                raise NotKnown
            if day >= start:
                most = on(UA_PENALTY["most_a_day"], day, question.known_as_of)
                if most is None:
                    raise NotKnown
                unit += min(Fraction(settings["contract_rate"]), Fraction(most)) / 100
        total += amount * min(unit, Fraction(1))
    return total


def _ua_three_percent(bill: Bill, question: Question) -> Fraction:
    settings, total = question.settings, Fraction(0)
    for last, amount in parts(bill, question.as_of):
        for _, day in days_late(bill, last):
            if _ua_free(question, day, last, ("ordinance_206", "damaged_home")):
                continue
            percent = settings["yearly_percent"] or on(UA_YEARLY, day, question.known_as_of)
            if percent is None:
                raise NotKnown
            leap = day.year % 4 == 0 and settings["year_days"] == "calendar"
            total += amount * Fraction(percent) / 100 / (366 if leap else 365)
    return total


def _ua_free(question: Question, day: date, last: date, bans: tuple[str, ...]) -> bool:
    if day == last and question.settings["payment_day"] == "excluded":
        return True
    return _ua_banned(question, day, bans)


def _ua_banned(question: Question, day: date, bans: tuple[str, ...]) -> bool:
    if question.settings["debtor"] != "population":
        return False
    meant = [ban for ban in bans if ban != "damaged_home" or question.settings["damaged_home"] == "yes"]
    return any(on(UA_BANS[ban], day, question.known_as_of) == "true" for ban in meant)


def _ua_inflation(bill: Bill, question: Question) -> Fraction:
    left = bill.amount - sum(amount for day, amount in bill.paid if day <= question.as_of)
    if not left or bill.due_on >= question.as_of:
        return Fraction(0)
    due_on = bill.due_on
    if question.settings["inflation"] == "balance":
        due_on = min(other.due_on for other in question.bills if _is_late(other, question.as_of))
    risen, day = Fraction(1), _next_month(due_on + ONE_DAY)
    while (end := _next_month(day) - ONE_DAY) <= question.as_of:
        risen *= _ua_index(bill, question, day, end)
        day = _next_month(day)
    return left * max(risen - 1, Fraction(0))


def _is_late(bill: Bill, as_of: date) -> bool:
    return any(last > bill.due_on for last, _ in parts(bill, as_of))


def _ua_index(bill: Bill, question: Question, month: date, end: date) -> Fraction:
    days = [month + number * ONE_DAY for number in range((end - month).days + 1)]
    if any(_ua_banned(question, day, ("ordinance_206", "damaged_home")) for day in days):
        return Fraction(1)
    if any(since <= day <= until for day in days for since, until in bill.paused):
        return Fraction(1)
    for entry in question.settings["cpi"].split(";") if question.settings["cpi"] else ():
        index, named = entry.split("@")
        if named == f"{month:%Y-%m}":
            return Fraction(index) / 100
    known = question.known_as_of
    value = None if known is not None and end > known else on(UA_INDEX, month, known)
    if value is None:
        raise NotKnown
    return Fraction(value) / 100


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


COUNTRIES: dict[str, Naive] = {"ru": russia, "kz": kazakhstan, "ua": ukraine}
