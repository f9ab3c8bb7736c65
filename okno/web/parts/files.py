"""Lists as files that open in a spreadsheet."""

import tempfile
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import IO, Any

from django.http import FileResponse

from okno.common import clock
from okno.exchange.formats import writing
from okno.web.parts.cells import Kind
from okno.web.parts.tables import Table

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_WIDTHS = {"": 16, "sm": 10, "md": 20, "lg": 36, "grow": 48}


def on_disk() -> IO[bytes]:
    """A file to write a list into, gone when it is closed: a million rows do not fit a web process's memory."""
    return tempfile.TemporaryFile()


def attached(written: IO[bytes], name: str, kind: str) -> FileResponse:
    """What was written by `on_disk`, as a download `name`.`kind`; `kind` is csv or xlsx. Closed when it is sent."""
    written.seek(0)
    return FileResponse(written, as_attachment=True, filename=f"{name}.{kind}", content_type=KINDS[kind])


def download(table: Table[Any], *, kind: str) -> FileResponse:
    """The whole selection in the chosen columns, as the address has it. Balances keep their sign: debt is plus.

    `kind` is csv or xlsx. Raises writing.TooManyRows when a workbook cannot hold the list.
    """
    spool = on_disk()
    columns = [writing.Column(str(column.title), _WIDTHS[column.width]) for column in table.file_columns()]
    write = writing.write_xlsx if kind == "xlsx" else writing.write_csv
    write(spool, columns, _rows(table))
    return attached(spool, f"{table.title} {clock.now():%Y-%m-%d}", kind)


def _rows(table: Table[Any]) -> Iterator[list[writing.OutCell]]:
    kinds = [column.kind for column in table.file_columns()]
    for values in table.exported():
        yield [_cell(kind, value) for kind, value in zip(kinds, values, strict=True)]


def _cell(kind: Kind, value: Any) -> writing.OutCell:
    if value is None:
        return None
    if kind in {Kind.MONEY, Kind.BALANCE}:
        return writing.Money(value)
    if isinstance(value, str | int | Decimal | datetime):
        return value
    return value if hasattr(value, "isoformat") else str(value)
