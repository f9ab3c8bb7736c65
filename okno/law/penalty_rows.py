"""From spans to rows, from rows to totals: a bill's parts are multiplied by their spans, and only totals rounded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from okno.law.explained import Reading, gettext_noop
from okno.law.penalty import Arrear, Line, LineTotal, Missing, PenaltyRow, Setting
from okno.law.penalty_accrual import Accrual
from okno.law.penalty_spans import Span

ROUNDING = Setting(
    name="rounding",
    title=gettext_noop("Округление"),
    default="total",
    choices={
        "total": gettext_noop("округлять только итог"),
        "rows": gettext_noop("округлять каждую строку"),
        "whole": gettext_noop("округлять итог до целых"),
    },
    source="Нормы об округлении пени не найдено: порядок организации.",
)

_WHY = {
    "total": gettext_noop("Строки не округлены; итог округлён один раз до сотой доли, половина вверх."),
    "rows": gettext_noop("Каждая строка округлена до сотой доли, половина вверх; итог есть их сумма."),
    "whole": gettext_noop("Строки не округлены; итог округлён один раз до целых, половина вверх."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """So many minor units of a bill that were late by the same days: through `through`, inclusive."""

    amount_minor: int
    through: date


def parts(arrear: Arrear, as_of: date) -> tuple[Part, ...]:
    """The parts of a bill that were or are late: each payment closes one, what is left is open on `as_of`.

    A payment after `as_of` has not happened yet. Raises `ValueError` when more was paid than billed.
    """
    if any(paid.amount_minor <= 0 for paid in arrear.paid) or arrear.amount_minor <= 0:
        raise ValueError(f"Счёт {arrear.ref}: суммы должны быть больше нуля.")
    if sum(paid.amount_minor for paid in arrear.paid) > arrear.amount_minor:
        raise ValueError(f"Счёт {arrear.ref}: оплачено больше, чем начислено.")
    by_day: dict[date, int] = {}
    for paid in sorted(arrear.paid, key=lambda paid: paid.on):
        if paid.on <= as_of:
            by_day[paid.on] = by_day.get(paid.on, 0) + paid.amount_minor
    left = arrear.amount_minor - sum(by_day.values())
    closed = [Part(amount_minor=amount, through=day) for day, amount in by_day.items()]
    still_open = [Part(amount_minor=left, through=as_of)] if left else []
    return tuple(part for part in (*closed, *still_open) if part.through > arrear.due_on)


def still_open(arrear: Arrear, as_of: date) -> Arrear | None:
    """What is open of a bill on `as_of`, as a bill never paid; None when nothing is."""
    left = arrear.amount_minor - sum(paid.amount_minor for paid in arrear.paid if paid.on <= as_of)
    return replace(arrear, amount_minor=left, paid=()) if left else None


def rows(arrear: Arrear, as_of: date, accrual: Accrual) -> tuple[list[PenaltyRow], list[Missing]]:
    """The rows of one bill on one line, and what is missing for those that cannot be counted."""
    found: list[PenaltyRow] = []
    missing: list[Missing] = []
    for part in parts(arrear, as_of):
        for span in accrual.spans(arrear.due_on, part.through, arrear.paused):
            if span.missing is None:
                found.append(_row(arrear, part, span, accrual.line))
            else:
                missing.append(span.missing)
    return found, missing


def _row(arrear: Arrear, part: Part, span: Span, line: Line) -> PenaltyRow:
    return PenaltyRow(
        line=line,
        bill=arrear.ref,
        since=span.since,
        until=span.until,
        days=span.days,
        base_minor=part.amount_minor,
        rate=span.rate,
        share=span.share,
        exact=part.amount_minor * span.cost,
        readings=tuple(replace(reading, since=span.since, until=span.until) for reading in span.readings),
    )


def total(line: Line, found: Sequence[PenaltyRow], rounding: str) -> LineTotal:
    """The sum of the rows of a line, rounded by the setting `rounding`."""
    exact = sum((row.exact for row in found), Fraction(0))
    if rounding == "rows":
        return LineTotal(line=line, minor=sum(half_up(row.exact) for row in found), exact=exact)
    return LineTotal(
        line=line, minor=half_up(exact / 100) * 100 if rounding == "whole" else half_up(exact), exact=exact
    )


def half_up(exact: Fraction) -> int:
    """The nearest whole minor unit; a half goes up."""
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def rounded(rounding: str, as_of: date) -> Reading:
    """How the total was rounded, as a row of the explanation."""
    return Reading(
        since=as_of,
        until=as_of,
        why=_WHY[rounding],
        norm=ROUNDING.source,
        edition=as_of,
        verified=True,
        basis="policy",
    )


def distinct(found: Iterable[Missing]) -> tuple[Missing, ...]:
    """What is missing, each value and day once, in order of days."""
    return tuple(sorted(dict.fromkeys(found), key=lambda missing: (missing.day, missing.name)))
