"""Columns in and out of PostgreSQL: whole arrays by COPY BINARY, so that Python never touches a row.

A row of its own costs the driver ten times more than the row itself; the server puts the values of a column into one
array instead, and numpy takes the array as it lies. Days travel as whole days since 2000-01-01 (`day_number`).
No column may hold a NULL.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg

Cursor = psycopg.Cursor[Any]
Ints = npt.NDArray[np.int64]
"""A column: wider than some of the columns in the tables, so that nothing overflows."""

EPOCH = date(2000, 1, 1)

_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER = b"\xff\xff"
_WIDTHS = {20: 8, 23: 4, 21: 2, 1082: 4}
"""Width in bytes by the type's number: int8, int4, int2, date."""


class NotAColumn(ValueError):
    """An expression has given something else than whole numbers or days, or a NULL."""


def day_number(day: date) -> int:
    """The day as the tables' columns hold it."""
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """The day of a number."""
    return EPOCH + timedelta(days=int(number))


def read(
    cursor: Cursor, columns: Sequence[str], source: str, parameters: Mapping[str, Any] | None = None
) -> tuple[Ints, ...]:
    """The columns (SQL expressions: int2, int4, int8 or date) of the rows of `source` (what follows FROM), as arrays.

    The rows of one call are of one moment, in no order, and the same row stands at the same place in each array.
    Raises NotAColumn.
    """
    arrays = ", ".join(f"array_agg({column})" for column in columns)
    with cursor.copy(f"COPY (SELECT {arrays} FROM {source}) TO STDOUT (FORMAT BINARY)", parameters) as copy:
        stream = b"".join(copy)
    found, at = [], len(_HEADER) + 2
    for column in columns:
        length = int.from_bytes(stream[at : at + 4], "big", signed=True)
        at += 4
        found.append(_array(stream, at, column) if length >= 0 else np.empty(0, np.int64))
        at += max(length, 0)
    return tuple(found)


def _array(stream: bytes, at: int, column: str) -> Ints:
    _dimensions, has_null, kind, count, _first = (
        int.from_bytes(stream[at + 4 * place : at + 4 * place + 4], "big") for place in range(5)
    )
    if has_null or kind not in _WIDTHS:
        raise NotAColumn(f"{column}: NULL or a type that is not read as a column ({kind})")
    item = np.dtype([("length", ">i4"), ("value", f">i{_WIDTHS[kind]}")])
    values: Ints = np.frombuffer(stream, item, count, at + 20)["value"].astype(np.int64)
    return values


def write(cursor: Cursor, table: str, columns: Mapping[str, npt.NDArray[Any]]) -> None:
    """COPY the columns into the table. An array of int64 fills an int8, int32 an int4 or a date, int16 an int2, bool
    a boolean, S<n> a text of n letters."""
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(_HEADER)
        copy.write(packed(list(columns.values())))
        copy.write(_TRAILER)


def packed(columns: Sequence[npt.NDArray[Any]]) -> bytes:
    """The rows of these columns as COPY BINARY takes them, without header and trailer."""
    fields: list[tuple[str, Any]] = [("fields", ">i2")]
    for place, column in enumerate(columns):
        fields += [(f"length{place}", ">i4"), (f"value{place}", column.dtype.newbyteorder(">"))]
    rows = np.empty(len(columns[0]), np.dtype(fields))
    rows["fields"] = len(columns)
    for place, column in enumerate(columns):
        rows[f"length{place}"] = column.dtype.itemsize
        rows[f"value{place}"] = column
    return rows.tobytes()
