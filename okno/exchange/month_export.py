"""A month out of the books: the sheet and the payments that our importer reads back, and the trial balance."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Literal

from okno.access.models import Organisation
from okno.exchange.balance_sheet import By, balance_sheet
from okno.exchange.export import CannotExport, FileFormat, to_file
from okno.exchange.formats.writing import Column, OutCell, Target, write_csv, write_xlsx
from okno.exchange.register_sheet import payments_sheet
from okno.exchange.sheet import AmbiguousLine, title, turnover_sheet

What = Literal["turnover", "payments", "houses", "services", "accounts"]
BALANCES: dict[str, By] = {"houses": "house", "services": "service", "accounts": "account"}


def export_month(
    organisation: Organisation,
    what: What,
    month: date,
    target: Target,
    *,
    houses: Sequence[int] | None = None,
    file_format: FileFormat = "xlsx",
) -> int:
    """Write the month (its first day) and return how many rows it has, the row of totals too.

    `houses` narrows it to what a person may see (None: the whole organisation). Raises `TooManyRows` of a sheet and
    CannotExport.
    """
    try:
        columns, rows = _sheet(organisation, what, month, houses)
    except AmbiguousLine as error:
        raise CannotExport(str(error)) from error
    above = title(organisation, month) if what == "turnover" else ()
    if file_format == "xlsx":
        return write_xlsx(target, columns, rows, above=above)
    return write_csv(target, columns, rows, above=above)


def write_month(organisation: Organisation, what: What, month: date, path: Path) -> int:
    """Write the month of the whole organisation to a file, by its ending .csv or .xlsx. Raises CannotExport."""
    return to_file(path, lambda file_format: export_month(organisation, what, month, path, file_format=file_format))


def _sheet(
    organisation: Organisation, what: What, month: date, houses: Sequence[int] | None
) -> tuple[list[Column], Iterator[list[OutCell]]]:
    if what == "turnover":
        return turnover_sheet(organisation, month, houses)
    if what == "payments":
        return payments_sheet(organisation, month, houses)
    return balance_sheet(organisation, month, BALANCES[what], houses)
