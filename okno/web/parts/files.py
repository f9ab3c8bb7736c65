"""A list as a file that opens in a spreadsheet."""

import tempfile
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

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


def download(table: Table[Any], *, kind: str) -> FileResponse:
    """The whole selection in the chosen columns, as the address has it. Balances keep their sign: debt is plus.

    `kind` is csv or xlsx. Raises writing.TooManyRows when a workbook cannot hold the list.
    """
    # Held on disk: a list of a million accounts does not fit a web process's memory.
    spool = tempfile.TemporaryFile()  # noqa: SIM115
    columns = [writing.Column(str(column.title), _WIDTHS[column.width]) for column in table.chosen_columns()]
    write = writing.write_xlsx if kind == "xlsx" else writing.write_csv
    write(spool, columns, _rows(table))
    spool.seek(0)
    name = f"{table.title} {clock.now():%Y-%m-%d}.{kind}"
    return FileResponse(spool, as_attachment=True, filename=name, content_type=KINDS[kind])


def _rows(table: Table[Any]) -> Iterator[list[writing.OutCell]]:
    kinds = [column.kind for column in table.chosen_columns()]
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
