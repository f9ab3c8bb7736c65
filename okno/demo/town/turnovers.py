"""turnover-YYYY-MM.csv: one file of bills a month, as a Russian or Ukrainian accounting program writes it."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from babel.dates import get_month_names

from okno.common.days import months_between

from .amounts import written
from .books import AccountMonth, Books
from .expected import FileExpected
from .plan import PUNCTUAL, Plan

_LINES_AT_ONCE = 5_000
#: In the last months a few rows are spoilt, each in its own way.
_SPOILT_MONTHS = 3


def write_turnover(books: Books, month: date, folder: Path) -> FileExpected:
    """Bill the month, write its file, and leave its payments in `books`."""
    plan = books.plan
    words, lent = plan.place.turnover, plan.place
    path = folder / f"turnover-{month:%Y-%m}.csv"
    expected = FileExpected(f"turnover/{path.name}", "turnover")
    names = get_month_names("wide", "stand-alone", lent.language)
    with path.open("w", encoding=lent.encoding, newline="") as file:
        headers = (*words.before, *words.services.values(), *words.after)
        file.write(f"{words.title.format(month=names[month.month], year=month.year)}\r\n{lent.organisation}\r\n\r\n")
        file.write(";".join(headers) + "\r\n")
        lines: list[str] = []
        for line in _lines(books, month, expected):
            lines.append(line)
            if len(lines) >= _LINES_AT_ONCE:
                file.write("\r\n".join(lines) + "\r\n")
                lines.clear()
        file.write("\r\n".join(lines) + "\r\n")
    return expected


def _lines(books: Books, month: date, expected: FileExpected) -> Iterator[str]:
    plan = books.plan
    number = months_between(plan.town.first_month, month)
    spoilt = _spoilt_rows(plan, number)
    totals = [0] * len(plan.place.turnover.services)
    opening = billed = recalculated = paid = closing = 0
    good_billed = good_recalculated = 0
    for row in books.month(month):
        for place, amount in enumerate(row.services):
            totals[place] += amount
        opening += row.opening
        billed += row.billed
        recalculated += row.recalculated
        paid += row.paid
        closing += row.closing
        if row.account in spoilt:
            expected.count(good=False)
            yield _spoilt_line(plan, row, number, spoilt[row.account])
        else:
            good_billed += row.billed
            good_recalculated += row.recalculated
            yield _line(plan, row, number)
    good = len(plan) - len(spoilt)
    expected.rows, expected.good = len(plan), good
    expected.sum_minor, expected.recalculated_minor = good_billed, good_recalculated
    sums = [opening, *totals, billed, recalculated, paid, closing]
    yield ";".join([plan.place.turnover.total, "", "", "", *map(written, sums)])


def _line(plan: Plan, row: AccountMonth, number: int) -> str:
    index, opening, services, billed, recalculated, paid, closing = row
    return (
        f"{plan.number(index)};{plan.house(index).address};{plan.flat(index)};{plan.name(index, number)};"
        f"{written(opening)};{';'.join(map(written, services))};"
        f"{written(billed)};{written(recalculated)};{written(paid)};{written(closing)}"
    )


def _spoilt_rows(plan: Plan, number: int) -> dict[int, str]:
    """Accounts whose row of this month is spoilt, and how. They pay punctually, so nobody's debt is hidden by it."""
    if number < plan.town.months - _SPOILT_MONTHS:
        return {}
    step = max(1, len(plan) // 40)
    punctual = (index for index in range(number % step, len(plan), step) if plan.kind[index] == PUNCTUAL)
    return dict(zip(punctual, ("letter", "balance", "number"), strict=False))


def _spoilt_line(plan: Plan, row: AccountMonth, number: int, how: str) -> str:
    if how == "balance":
        return _line(plan, row._replace(closing=row.closing + 10_000), number)
    line = _line(plan, row, number)
    account, rest = line.split(";", 1)
    if how == "number":
        # What is left of a long number after somebody has opened and saved the file in a spreadsheet.
        return f"{account[0]},{account[1:6]}E+10;{rest}"
    cells = line.split(";")
    cells[5] = cells[5].replace("0", "О").replace(",", ".,")
    return ";".join(cells)
