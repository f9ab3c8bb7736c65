"""Rows between reading and posting: a table for each import, filled by COPY and dropped with its last use.

The tables are unlogged: what they hold can be read from the file again. After a crash of the server they are empty,
which `count` tells, and the import is checked anew.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection
from psycopg import sql

Cursor = psycopg.Cursor[tuple[Any, ...]]
AT_ONCE = 20_000
"""Rows worked on at a time: bounds the memory of an import of any size."""

SCHEMA = "okno_staging"


@dataclass(frozen=True)
class Shape:
    """The columns of a staging table with their types in PostgreSQL. The first is the number of the row in the file."""

    columns: tuple[tuple[str, str], ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.columns)

    @property
    def types(self) -> tuple[str, ...]:
        return tuple(kind for _, kind in self.columns)


def cursor() -> Cursor:
    """A cursor on Django's connection that binds on the server: arrays travel whole and plans are kept."""
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)


def create(cursor: Cursor, import_id: int, shape: Shape) -> None:
    """An empty table for the import, in place of what an earlier check left."""
    drop(cursor, import_id)
    columns = sql.SQL(", ").join(sql.SQL(f"{name} {kind}") for name, kind in shape.columns)
    cursor.execute(sql.SQL("CREATE UNLOGGED TABLE {} ({})").format(_table(import_id), columns))


def fill(cursor: Cursor, import_id: int, shape: Shape, rows: Iterable[Sequence[Any]]) -> None:
    """Add rows."""
    into = sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(_table(import_id))
    with cursor.copy(into) as copy:
        copy.set_types(shape.types)
        for row in rows:
            copy.write_row(row)


def joined(
    cursor: Cursor, import_id: int, query: str, *, size: int = AT_ONCE, **values: int
) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a query over the staged ones, some at a time; other statements may run between.

    `{staged}` in the query stands for the table, other names in braces for whole numbers. Works inside a transaction.
    """
    name = sql.Identifier(f"okno_staged_{import_id}")
    filled = sql.SQL(query).format(
        staged=_table(import_id), **{word: sql.Literal(value) for word, value in values.items()}
    )
    cursor.execute(sql.SQL("DECLARE {} NO SCROLL CURSOR FOR {}").format(name, filled))
    fetch = sql.SQL("FETCH {} FROM {}").format(sql.Literal(size), name)
    while rows := cursor.execute(fetch, binary=True).fetchall():
        yield rows
    cursor.execute(sql.SQL("CLOSE {}").format(name))


def count(cursor: Cursor, import_id: int) -> int | None:
    """How many rows are staged; None when there is no table."""
    cursor.execute("SELECT to_regclass(%s)", (f"{SCHEMA}.import_{import_id}",))
    if cursor.fetchone() == (None,):
        return None
    found = cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(_table(import_id))).fetchone()
    return int(found[0]) if found else 0


def drop(cursor: Cursor, import_id: int) -> None:
    """The rows are needed no more."""
    cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(_table(import_id)))


def _table(import_id: int) -> sql.Identifier:
    return sql.Identifier(SCHEMA, f"import_{import_id}")
