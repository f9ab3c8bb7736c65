"""Writing tables for people: CSV and XLSX that can carry no formulas and read back as they were written.

Rows are taken one by one, so a list of any length is written in bounded memory.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Literal

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.workbook import Workbook  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from okno.common.money import plain_minor

from .formulas import disarmed, is_dangerous

Target = Path | IO[bytes]

#: What the format itself allows.
_XLSX_ROWS = 1_048_576
_XLSX_LETTERS = 32_767
#: A spreadsheet keeps 15 digits of a number; a longer one would come back changed, so it is written as text.
_EXACT = 10**15


@dataclass(frozen=True)
class Money:
    """A cell with money, in minor units; written as a number with two decimals."""

    minor: int


@dataclass(frozen=True)
class Column:
    """A column of an export: its header and its width in letters."""

    header: str
    width: int = 16


OutCell = str | int | Decimal | date | Money | None


class TooManyRows(ValueError):
    """A sheet of XLSX cannot hold so many rows; write CSV or narrow the list."""


def write_csv(
    target: Target,
    columns: Sequence[Column],
    rows: Iterable[Sequence[OutCell]],
    *,
    above: Sequence[str] = (),
    delimiter: Literal[";", ",", "\t"] = ";",
    encoding: str = "utf-8-sig",
) -> int:
    """Write CSV and return the number of rows. Days as 05.03.2026, decimals with a comma, moments in their own zone.

    `above` are lines over the header, such as a title.

    Texts that look like formulas get an apostrophe before them, which `tables` takes off again. With an encoding that
    lacks a letter of a text, raises `UnicodeEncodeError` instead of losing it.
    """
    if isinstance(target, Path):
        with target.open("wb") as file:
            return write_csv(file, columns, rows, above=above, delimiter=delimiter, encoding=encoding)
    text = io.TextIOWrapper(target, encoding=encoding, newline="")
    writer = csv.writer(text, delimiter=delimiter)
    # As wide as the table: a line of one cell would hide by which mark the cells are parted.
    writer.writerows([disarmed(line), *[""] * (len(columns) - 1)] for line in above)
    writer.writerow([disarmed(column.header) for column in columns])
    count = 0
    for row in rows:
        writer.writerow([_csv_cell(cell) for cell in row])
        count += 1
    text.flush()
    # The file is the caller's: it must stay open when the wrapper goes.
    text.detach()
    return count


def _csv_cell(cell: OutCell) -> str:
    match cell:
        case None:
            return ""
        case str():
            return disarmed(cell)
        case Money():
            return plain_minor(cell.minor).replace(".", ",")
        case datetime():
            return f"{cell:%d.%m.%Y %H:%M:%S}"
        case date():
            return f"{cell:%d.%m.%Y}"
        case Decimal():
            return f"{cell:f}".replace(".", ",")
        case _:
            return str(cell)


def write_xlsx(
    target: Target,
    columns: Sequence[Column],
    rows: Iterable[Sequence[OutCell]],
    *,
    above: Sequence[str] = (),
    sheet: str = "Лист1",
) -> int:
    """Write a workbook of one sheet and return the number of rows; `above` are lines over the header.

    Raises `TooManyRows`.

    A text is always written as a text, never as what it might mean; one longer than a cell holds is cut with "…".
    """
    out: str | IO[bytes] = str(target) if isinstance(target, Path) else target
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        writer = _SheetWriter(book, book.add_worksheet(sheet))
        for line_number, line in enumerate(above):
            writer.cell(line_number, 0, line)
        writer.header(columns, len(above))
        count = 0
        for count, row in enumerate(rows, start=1):
            if len(above) + count >= _XLSX_ROWS:
                raise TooManyRows(
                    f"В лист Excel помещается {_XLSX_ROWS - 1 - len(above)} строк. Сузьте список или выберите CSV."
                )
            for place, cell in enumerate(row):
                writer.cell(len(above) + count, place, cell)
    return count


class _SheetWriter:
    """Writes cells by their type, with the formats of one workbook."""

    def __init__(self, book: Workbook, sheet: Worksheet) -> None:
        self._sheet = sheet
        self._bold: Format = book.add_format({"bold": True, "bottom": 1})
        self._money: Format = book.add_format({"num_format": "#,##0.00"})
        self._day: Format = book.add_format({"num_format": "dd.mm.yyyy"})
        self._moment: Format = book.add_format({"num_format": "dd.mm.yyyy hh:mm:ss"})
        # Keeps a text a text even after somebody edits the cell.
        self._quoted: Format = book.add_format({"quote_prefix": True})

    def header(self, columns: Sequence[Column], row: int) -> None:
        for place, column in enumerate(columns):
            self._sheet.set_column(place, place, column.width)
            self._sheet.write_string(row, place, column.header, self._bold)
        self._sheet.freeze_panes(row + 1, 0)

    def cell(self, row: int, place: int, cell: OutCell) -> None:
        sheet = self._sheet
        match cell:
            case None | "":
                return
            case str():
                self._text(row, place, cell)
            case Money():
                if abs(cell.minor) < _EXACT:
                    sheet.write_number(row, place, cell.minor / 100, self._money)
                else:
                    self._text(row, place, plain_minor(cell.minor))
            case datetime():
                # A workbook knows no time zones; the wall clock the moment carries is what a person wants to see.
                sheet.write_datetime(row, place, cell.replace(tzinfo=None), self._moment)
            case date():
                sheet.write_datetime(row, place, cell, self._day)
            case int() | Decimal() if _is_exact(cell):
                sheet.write_number(row, place, cell)
            case _:
                self._text(row, place, f"{cell:f}" if isinstance(cell, Decimal) else str(cell))

    def _text(self, row: int, place: int, text: str) -> None:
        if len(text) > _XLSX_LETTERS:
            text = f"{text[: _XLSX_LETTERS - 1]}…"
        self._sheet.write_string(row, place, text, self._quoted if is_dangerous(text) else None)


def _is_exact(number: int | Decimal) -> bool:
    exact = Decimal(number)
    return exact.is_finite() and abs(exact) < _EXACT and len(exact.normalize().as_tuple().digits) <= 15
