"""Rows of a table file, one at a time, whatever the file is."""

import csv
import struct
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import IO, NamedTuple, TypeVar

import python_calamine as calamine
from dbfread import DBF, FieldParser  # type: ignore[import-untyped]

from . import unpacking
from .formulas import restored
from .limits import DEFAULT_LIMITS, Limits, Unreadable, too_big, truncated
from .sniff import TEXT_TABLES, WORKBOOKS, Sniffed, password_protected
from .source import Source, open_source, open_text, size_of

#: A cell as read. Numbers of workbooks come as `int` when whole and as `Decimal` of the 15 digits a
#: spreadsheet shows
#: otherwise, never as binary floats; an empty cell is None.
Cell = str | int | Decimal | date | None

Read = TypeVar("Read")


class Row(NamedTuple):
    """One row: its number in the file as an editor shows it (from 1), and its cells."""

    number: int
    cells: tuple[Cell, ...]


class Table:
    """An iterator over the rows of one sheet or file. Empty rows are left out, numbers of the rest are kept.

    `deleted` counts records marked as deleted (DBF) that were passed by so far. Raises `Unreadable` when
    made or while
    read, for limits and for damage found on the way.
    """

    def __init__(self, rows: Callable[["Table"], Iterator[Row]]) -> None:
        self.deleted = 0
        self._rows = rows(self)

    def __iter__(self) -> Iterator[Row]:
        return self._rows

    def __next__(self) -> Row:
        return next(self._rows)


def read_table(source: Source, *, sniffed: Sniffed, sheet: str | None = None, limits: Limits = DEFAULT_LIMITS) -> Table:
    """Open a table file for reading. `sheet` names the sheet of a workbook; without it the first one with
    rows is read.

    To read in another encoding or with another delimiter than the sniffed ones, pass `dataclasses.replace(sniffed, …)`.
    """
    if sniffed.kind in WORKBOOKS:
        return _workbook(source, sniffed, sheet, limits)
    if sniffed.kind in TEXT_TABLES:
        return Table(lambda _: _delimited(source, sniffed, limits))
    if sniffed.kind == "dbf":
        return _dbf(source, sniffed, limits)
    raise Unreadable(
        "wrong_format",
        reason_ru="Это не таблица из строк и столбцов.",
        what_to_do="Выписку 1С и реестр банка загружайте как выписку и реестр, файлы архива по одному.",
    )


def _visible_sheets(workbook: calamine.CalamineWorkbook) -> list[str]:
    return [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.typ == calamine.SheetTypeEnum.WorkSheet and sheet.visible == calamine.SheetVisibleEnum.Visible
    ]


def _open_workbook(source: Source, file: IO[bytes], sniffed: Sniffed, limits: Limits) -> calamine.CalamineWorkbook:
    if sniffed.kind != "xls":
        unpacking.check_workbook(source, kind=sniffed.kind, limits=limits)
    return _calamine(lambda: calamine.CalamineWorkbook.from_filelike(file))


def _workbook(source: Source, sniffed: Sniffed, sheet: str | None, limits: Limits) -> Table:
    with open_source(source) as file:
        workbook = _open_workbook(source, file, sniffed, limits)
        names = _visible_sheets(workbook)
        if sheet is not None and sheet not in names:
            raise Unreadable(
                "wrong_format",
                reason_ru=f"В книге нет листа «{sheet}».",
                what_to_do=f"Выберите один из листов: {', '.join(names)}.",
            )
        for name in names if sheet is None else [sheet]:
            found = _calamine(partial(workbook.get_sheet_by_name, name))
            if found.end is not None:
                return Table(partial(_sheet_rows, found, limits))
    raise _no_rows()


def _no_rows() -> Unreadable:
    return Unreadable(
        "empty",
        reason_ru="В таблице нет ни одной заполненной строки.",
        what_to_do="Проверьте выгрузку: возможно, за выбранный период нет данных или выбран не тот лист.",
    )


def _calamine(work: Callable[[], Read]) -> Read:
    """Call the reader of workbooks; everything it may raise becomes `Unreadable`."""
    try:
        return work()
    except calamine.PasswordError as error:
        raise password_protected() from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise truncated("книгу не удаётся прочесть") from error
    except BaseException as error:
        # A panic of the reader's Rust code is no Exception; any other such signal goes on.
        if type(error).__name__ != "PanicException":
            raise
        raise truncated("книгу не удаётся прочесть") from error


def _sheet_rows(sheet: calamine.CalamineSheet, limits: Limits, _: Table) -> Iterator[Row]:
    if sheet.total_height > limits.max_rows:
        raise too_big(f"{sheet.total_height} строк", f"{limits.max_rows}")
    if sheet.total_width > limits.max_columns:
        raise too_big(f"{sheet.total_width} столбцов", f"{limits.max_columns}")
    # The reader gives the empty rows above the data and leaves out the empty columns before it.
    before: tuple[Cell, ...] = (None,) * (sheet.start[1] if sheet.start else 0)
    for number, values in enumerate(sheet.iter_rows(), start=1):
        cells = before + tuple([_workbook_cell(value, number, limits) for value in values])
        if any(cell is not None for cell in cells):
            yield Row(number, cells)


def _workbook_cell(value: object, row: int, limits: Limits) -> Cell:
    if value.__class__ is float:
        return _number(value)
    if isinstance(value, str):
        if len(value) > limits.max_cell_letters:
            raise _long_cell(row, limits)
        return value if value else None
    if isinstance(value, bool):
        return "да" if value else "нет"
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else value
    if isinstance(value, date):
        return value
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    raise TypeError(f"The reader of workbooks gave {value!r}")


def _number(value: float) -> Cell:
    """What a spreadsheet shows: 15 significant digits, so 0.1 + 0.2 is 0.3 and 50133547364.0 is 50133547364."""
    if value.is_integer() and -1e15 < value < 1e15:
        return int(value)
    return Decimal(f"{value:.15g}")


def _long_cell(row: int, limits: Limits) -> Unreadable:
    return too_big(f"в строке {row} ячейка длиннее {limits.max_cell_letters} знаков", f"{limits.max_cell_letters}")


def _delimited(source: Source, sniffed: Sniffed, limits: Limits) -> Iterator[Row]:
    dialect = sniffed.dialect
    if dialect is None or sniffed.encoding is None:
        raise ValueError("A text table is read by its encoding and dialect.")
    longest = limits.max_cell_letters
    found = False
    with open_text(source, sniffed.encoding) as text:
        reader = csv.reader(text, delimiter=dialect.delimiter, quotechar=dialect.quote)
        number = 1
        try:
            for count, values in enumerate(reader, start=1):
                if count > limits.max_rows:
                    raise too_big(f"больше {limits.max_rows} строк", f"{limits.max_rows}")
                if len(values) > limits.max_columns:
                    raise too_big(f"в строке {number} {len(values)} столбцов", f"{limits.max_columns}")
                if any(values):
                    if max(map(len, values)) > longest:
                        raise _long_cell(number, limits)
                    found = True
                    yield Row(
                        number, tuple([restored(value) if value[:1] == "'" else value or None for value in values])
                    )
                number = reader.line_num + 1
        except csv.Error as error:
            raise Unreadable(
                "not_a_table",
                reason_ru=f"Строку {number} нельзя разобрать: похоже, кавычка открыта и не закрыта.",
                what_to_do="Исправьте эту строку или сохраните файл заново в Excel (.xlsx).",
            ) from error
    if not found:
        raise _no_rows()


class _DecimalParser(FieldParser):  # type: ignore[misc]
    """Numbers of DBF as they are written, and a broken value as its text: one bad record must not stop the file."""

    def parseN(self, field: object, data: bytes) -> Cell:
        text = data.strip(b"* \0").replace(b",", b".").decode("ascii", errors="replace")
        if not text:
            return None
        try:
            return int(text) if "." not in text else Decimal(text)
        except (ValueError, ArithmeticError):
            return text

    parseF = parseN

    def parseD(self, field: object, data: bytes) -> Cell:
        try:
            value: date | None = super().parseD(field, data)
        except ValueError:
            return self._as_text(data)
        return value

    def parseL(self, field: object, data: bytes) -> Cell:
        if data in b"TtYy":
            return "да"
        return "нет" if data in b"FfNn" else None

    def parseO(self, field: object, data: bytes) -> Cell:
        return _number(super().parseO(field, data))

    def parseB(self, field: object, data: bytes) -> Cell:
        value = super().parseB(field, data)
        return _number(value) if isinstance(value, float) else None

    def _as_text(self, data: bytes) -> str:
        text: str = self.decode_text(data.strip(b"\0 "))
        return text


def _dbf(source: Source, sniffed: Sniffed, limits: Limits) -> Table:
    header = _dbf_header(source, sniffed)
    if size_of(source) < header.header.headerlen + header.header.numrecords * header.header.recordlen:
        raise truncated("записей меньше, чем обещает заголовок DBF")
    if header.header.numrecords > limits.max_rows:
        raise too_big(f"{header.header.numrecords} строк", f"{limits.max_rows}")
    if len(header.fields) > limits.max_columns:
        raise too_big(f"{len(header.fields)} столбцов", f"{limits.max_columns}")
    if header.header.numrecords == 0:
        raise _no_rows()
    return Table(lambda table: _dbf_rows(source, header, table))


def _dbf_header(source: Source, sniffed: Sniffed) -> DBF:
    with ExitStack() as stack:
        if isinstance(source, bytes):
            # The library opens files by name only; it needs no more than the header here.
            file = stack.enter_context(tempfile.NamedTemporaryFile(suffix=".dbf"))
            file.write(source[: int.from_bytes(source[8:10], "little")])
            file.flush()
            path = file.name
        else:
            path = str(source)
        try:
            return DBF(
                path,
                encoding=sniffed.encoding,
                ignorecase=False,
                parserclass=_DecimalParser,
                ignore_missing_memofile=True,
                char_decode_errors="replace",
            )
        except (ValueError, TypeError, EOFError, struct.error) as error:
            raise truncated("заголовок таблицы DBF повреждён") from error


def _dbf_rows(source: Source, table: DBF, counted: Table) -> Iterator[Row]:
    """The field names as row 1, then record n as row n + 1; the library's own loop gives no numbers."""
    yield Row(1, tuple(table.field_names))
    parse = _DecimalParser(table).parse
    with open_source(source) as file:
        file.seek(table.header.headerlen)
        for number in range(2, table.header.numrecords + 2):
            record = file.read(table.header.recordlen)
            if record.startswith(b"*"):
                counted.deleted += 1
                continue
            cells = _dbf_cells(table, parse, record)
            if any(cell is not None for cell in cells):
                yield Row(number, cells)


def _dbf_cells(table: DBF, parse: Callable[[object, bytes], Cell], record: bytes) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    position = 1
    for field in table.fields:
        value = parse(field, record[position : position + field.length])
        cells.append(value if value != "" else None)
        position += field.length
    return tuple(cells)
