"""A printed bill as a page of words: what the typst template is given, nothing left to decide but where it stands."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from okno.common.money import Currency
from okno.exchange.paper.codes.nbu import NbuCode
from okno.exchange.paper.contents import (
    Executor,
    Flat,
    MeterLine,
    OpenMonth,
    PaymentPart,
    PenaltyStep,
    PenaltyTold,
    PrintedBill,
    Recalculation,
    Received,
    Texts,
)
from okno.exchange.paper.fitting import fitting_size
from okno.exchange.paper.wording import Wording, figure, short_day, wording

Page = dict[str, Any]
"""What a template reads: texts, figures already written out, codes as bytes in Base64."""

CURRENCY = {"ru": Currency.RUB, "kz": Currency.KZT, "ua": Currency.UAH}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many rows of each kind a page shows; the rest is one row with its count and sum."""

    receipts: int = 8
    recalculations: int = 6
    months: int = 12
    steps: int = 8
    meters: int = 6


#: A bill is one page: the fullest give up rows, the statement has them all.
ALL_LIMITS = (
    Limits(),
    Limits(receipts=8, recalculations=4, months=6, steps=4, meters=4),
    Limits(receipts=4, recalculations=2, months=4, steps=0, meters=2),
    Limits(receipts=1, recalculations=1, months=1, steps=0, meters=1),
)


class TooFull(ValueError):
    """Even with the fewest rows the bill does not fit on a page."""


def bill_page(bill: PrintedBill) -> Page:
    """The page of one bill, with the size of its letters. Raises TooFull."""
    for limits in ALL_LIMITS:
        page = _page(bill, limits)
        fitting = fitting_size(page)
        if fitting is not None:
            page["size"], page["side"] = fitting
            return page
    raise TooFull(bill.flat.account)


def _page(bill: PrintedBill, limits: Limits) -> Page:
    words = wording(bill.country)
    sign = CURRENCY[bill.country].sign
    return {
        "sign": sign,
        "title": words.for_month("bill_title", bill.month),
        "subtitle": words.say("bill_subtitle"),
        "executor": executor_block(words, bill.executor),
        "flat": flat_block(words, bill.flat),
        "pay": _pay(words, bill, sign),
        "services": {
            "title": words.say("calculation"),
            "rows": [[line.name, figure(line.minor)] for line in bill.lines],
            "total": [words.say("total"), figure(bill.charged_minor)],
            "none": words.say("nothing_charged"),
        },
        "recalculations": _recalculations(words, bill, limits.recalculations),
        "receipts": _receipts(words, bill, limits.receipts),
        "debt": _debt(words, bill.open_months, limits.months),
        "penalty": penalty_block(words, bill.penalty, most=limits.steps),
        "information": _information(words, bill, limits.meters),
        "printed": words.say("printed", day=short_day(bill.issued_on)),
    }


def executor_block(words: Wording, told: Executor) -> Page:
    """Who bills, with where to ask."""
    # A long address of mail may be broken after its sign.
    email = told.email.replace("@", "@\u200b")
    facts = [("tax_number", told.tax_number), ("phone", told.phone), ("email", email)]
    return {
        "word": words.say("executor"),
        "name": told.name,
        "facts": [[words.say(key), value] for key, value in facts if value],
    }


def flat_block(words: Wording, flat: Flat) -> Page:
    """Whose page it is: people, address, account, area, residents."""
    if flat.people:
        name: Texts = (", ".join(flat.people),)
        if len(flat.people) > 2:
            name = tuple(f"{flat.people[0]} {rest}" for rest in words.say("and_others"))
    else:
        name = words.say("owner")
    facts: list[list[Any]] = []
    if flat.area is not None:
        facts.append([words.say("area"), f"{_decimal(flat.area)}\u00a0{words.say('square_metres')[0]}"])
    if flat.residents is not None:
        facts.append([words.say("residents"), str(flat.residents)])
    return {
        "word": words.say("payer"),
        "name": name,
        "address_word": words.say("address"),
        "address": flat.address,
        "account_word": words.say("account"),
        "account": flat.account,
        "facts": facts,
    }


def _pay(words: Wording, bill: PrintedBill, sign: str) -> Page:
    whole, _comma, rest = figure(bill.to_pay_minor).partition(",")
    owing = bill.to_pay_minor > 0
    return {
        "word": words.say("to_pay"),
        "by": _by(words, bill.due_on, bill.issued_on) if owing else words.say("nothing_to_pay"),
        "whole": whole,
        "rest": f",{rest}\u00a0{sign}",
        "advance": (
            words.say("advance_goes_on", sum=f"{figure(-bill.closing_minor)}\u00a0{sign}")
            if bill.closing_minor < 0
            else None
        ),
        "sums": _arithmetic(words, bill),
        "total": [
            words.say("to_pay" if bill.closing_minor >= 0 else "closing_advance"),
            figure(abs(bill.closing_minor)),
        ],
        "parts": [_part(words, bill, part) for part in bill.parts if part.minor > 0],
    }


def _by(words: Wording, due_on: date, issued_on: date) -> Texts:
    """Until when to pay; a day that has passed when the bill is printed is told as passed."""
    return words.say("by_day" if due_on >= issued_on else "by_passed", day=words.long_day(due_on))


def _arithmetic(words: Wording, bill: PrintedBill) -> list[list[Any]]:
    """How the sum was made, row by row; rows of nothing are left out, but for what was charged."""
    opening = bill.opening_minor
    key = "opening_debt" if opening > 0 else "opening_advance" if opening < 0 else "opening_even"
    rows: list[list[Any]] = [
        [words.say(key, day=words.long_day(bill.month)), figure(abs(opening)) if opening else "", opening < 0],
        [words.for_month("charged", bill.month), figure(bill.charged_minor), False],
    ]
    for word, minor in (
        ("recalculated", bill.recalculated_minor),
        ("penalty", bill.penalty.billed_minor),
    ):
        if minor or (word == "recalculated" and bill.recalculations):
            rows.append([words.say(word), figure(abs(minor)), minor < 0])
    received = words.say("received", day=words.long_day(bill.issued_on))
    rows.append([received, figure(bill.received_minor), bill.received_minor > 0])
    return rows


def _part(words: Wording, bill: PrintedBill, part: PaymentPart) -> Page:
    alone = len(bill.parts) == 1
    return {
        "covers": None if alone else part.covers,
        "sum": None if alone else f"{figure(part.minor)}\u00a0{CURRENCY[bill.country].sign}",
        "by": None if alone else _by(words, part.due_on, bill.issued_on),
        "payee_word": words.say("payee"),
        "payee": part.payee,
        "details": [[words.say(key), value] for key, value in part.details],
        "code": _code(words, part),
    }


def _code(words: Wording, part: PaymentPart) -> Page:
    if part.code is None:
        return {"caption": words.say("code_none"), "payload": None}
    kind = {"GostCode": "code_gost", "NbuCode": "code_nbu", "LinkCode": "code_link"}[type(part.code).__name__]
    return {
        "caption": words.say(kind),
        "payload": b64encode(part.code.payload()).decode(),
        # The rules of the National Bank: the sign is a must where the code is a link, and the code is of version 10–17.
        "hryvnia": isinstance(part.code, NbuCode) and part.code.format != "001",
    }


def _recalculations(words: Wording, bill: PrintedBill, most: int) -> Page | None:
    if not bill.recalculations:
        return None
    shown, rest = bill.recalculations[:most], bill.recalculations[most:]
    return {
        "title": words.say("recalculations"),
        "rows": [
            [words.for_month("for_month", row.month) if row.month else None, row.why, figure(row.minor)]
            for row in shown
        ],
        "more": _more(words, rest),
    }


def _receipts(words: Wording, bill: PrintedBill, most: int) -> Page:
    rest, shown = bill.received[:-most], bill.received[-most:]
    return {
        "title": words.say("receipts"),
        "rows": [[short_day(row.on), figure(row.minor)] for row in shown],
        "more": _more(words, rest),
        "none": words.say("no_receipts", since=short_day(bill.month), until=short_day(bill.issued_on)),
    }


def _more(words: Wording, rest: Sequence[Received | Recalculation]) -> list[Any] | None:
    """«и ещё 6» with the sum of those that are not shown."""
    return [words.say("and_more", count=len(rest)), figure(sum(row.minor for row in rest))] if rest else None


def _debt(words: Wording, months: Sequence[OpenMonth], most: int) -> Page | None:
    """Months that are not paid: each while they are few, by years when they are many, else from the first on."""
    if not months:
        return None
    years = sorted({row.month.year for row in months})
    if len(months) <= most:
        rows = [[_month_and_year(words, row.month), figure(row.minor)] for row in months]
    elif len(years) <= most:
        rows = [_year(words, [row for row in months if row.month.year == year]) for year in years]
    else:
        since, until = _month_and_year(words, months[0].month), _month_and_year(words, months[-1].month)
        span = tuple(f"{one} — {two} ({len(months)})" for one, two in zip(since, until, strict=True))
        rows = [[span, figure(sum(row.minor for row in months))]]
    return {"title": words.say("debt_by_month"), "rows": rows}


def _year(words: Wording, months: Sequence[OpenMonth]) -> list[Any]:
    return [_months_of_year(words, [row.month for row in months]), figure(sum(row.minor for row in months))]


def _month_and_year(words: Wording, month: date) -> Texts:
    return tuple(f"{name} {month.year}" for name in words.month(month))


def _months_of_year(words: Wording, months: Sequence[date]) -> Texts:
    """«март — декабрь 2024», with the number of months when there are gaps."""
    first, last = words.month(months[0]), words.month(months[-1])
    count = "" if len(months) == months[-1].month - months[0].month + 1 else f" ({len(months)})"
    span = first if len(months) == 1 else tuple(f"{one} — {two}" for one, two in zip(first, last, strict=True))
    return tuple(f"{text} {months[0].year}{count}" for text in span)


def penalty_block(words: Wording, told: PenaltyTold, *, most: int | None) -> Page | None:
    """The penalty with the rows that explain it; `most` rows, the newest, None: all of them."""
    if not told.says_something:
        return None
    steps = told.steps if most is None else told.steps[len(told.steps) - min(most, len(told.steps)) :]
    sums = []
    if told.billed_minor:
        sums.append([words.say("penalty_billed"), figure(told.billed_minor)])
    if told.accrued_minor:
        sums.append([words.say("penalty_accrued", day=short_day(told.as_of)), figure(told.accrued_minor)])
    notes = [words.say("penalty_not_asked")] if told.accrued_minor else []
    if told.accrued_minor is None:
        notes.append(words.say("penalty_unknown"))
    if (sums and not told.verified) or not all(step.verified for step in steps):
        notes.append(words.say("penalty_unverified"))
    if len(steps) < len(told.steps):
        if steps:
            notes.append(words.say("penalty_newest", shown=len(steps), total=len(told.steps)))
        notes.append(words.say("penalty_whole"))
    return {
        "title": words.say("penalty_title"),
        "sums": sums,
        "columns": [words.say(f"column_{name}") for name in _PENALTY_COLUMNS],
        "rows": [_step(words, step) for step in steps],
        "norms": list(dict.fromkeys(norm for step in steps for norm in step.norms)),
        "notes": notes,
    }


_PENALTY_COLUMNS = ("debt_of", "days", "days_count", "base", "rate", "share", "penalty")


def _step(words: Wording, step: PenaltyStep) -> list[Any]:
    return [
        f"{step.month:%m.%Y}",
        f"{step.since:%d.%m.%Y} — {step.until:%d.%m.%Y}",
        str(step.days),
        figure(step.base_minor),
        _rate(words, step),
        str(step.share) if step.share != 1 else "",
        figure(round(step.exact)),
    ]


def _rate(words: Wording, step: PenaltyStep) -> str:
    """«9,5 %»: of a year, or with the word when the norm speaks of a day."""
    text = f"{_fraction(step.rate * 100)}\u00a0%"
    return text if step.share != 1 else f"{text} {words.say('a_day')[0]}"


def _fraction(value: Fraction) -> str:
    return _decimal(Decimal(value.numerator) / Decimal(value.denominator))


def _decimal(value: Decimal) -> str:
    """Without needless zeros, with a comma: 54.30 → 54,3."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")


def _information(words: Wording, bill: PrintedBill, most_meters: int) -> Page:
    notes: list[Page] = []
    if bill.due_norm is not None:
        mark = None if bill.due_norm.verified else words.say("unverified")
        notes.append({"words": words.say("due_norm"), "value": bill.due_norm.norm, "mark": mark})
        if bill.due_norm.delivery_day is not None:
            told = words.say("delivery", day=bill.due_norm.delivery_day)
            notes.append({"words": told, "value": bill.due_norm.delivery_norm, "mark": None})
    ways = (bill.executor.phone.replace(" ", "\u00a0"), bill.executor.email)
    reach = ", ".join(way for way in ways if way)
    if reach:
        notes.append({"words": words.say("disagree"), "value": reach, "mark": None})
    meters = sorted(bill.meters, key=lambda meter: not meter.verify_soon)[:most_meters]
    return {
        "title": words.say("information"),
        "notes": notes,
        "meters": [_meter(meter) for meter in meters],
        "meter_columns": [words.say(key) for key in ("meter", "meter_number", "reading", "verify_by")],
        "meters_note": words.say("verify_soon") if any(meter.verify_soon for meter in meters) else None,
    }


def _meter(meter: MeterLine) -> list[Any]:
    shown = "—"
    if meter.reading is not None and meter.taken_on is not None:
        shown = f"{_decimal(meter.reading)} ({short_day(meter.taken_on)})"
    return [meter.kind, meter.number, shown, short_day(meter.verify_by) if meter.verify_by else "—", meter.verify_soon]
