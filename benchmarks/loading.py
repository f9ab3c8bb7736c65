"""Filling empty tables fast: what slows a COPY is taken off first and put back when the rows are there."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from django.db import connection
from psycopg import sql

from okno.ledger.kernel.columns import Cursor

_KEYS = """
SELECT kept.conrelid::regclass::text, kept.conname, pg_get_constraintdef(kept.oid), kept.contype
FROM pg_constraint AS kept
WHERE (kept.contype IN ('p', 'u') AND kept.conrelid = ANY(%(tables)s::regclass[]::oid[]))
   OR (kept.contype = 'f' AND (kept.conrelid = ANY(%(tables)s::regclass[]::oid[])
                               OR kept.confrelid = ANY(%(tables)s::regclass[]::oid[])))
ORDER BY kept.contype = 'f', kept.contype, kept.conname
"""
_INDEXES = """
SELECT kept.indexrelid::regclass::text, pg_get_indexdef(kept.indexrelid)
FROM pg_index AS kept
WHERE kept.indrelid = ANY(%(tables)s::regclass[]::oid[])
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = kept.indexrelid)
ORDER BY 1
"""


def own_cursor() -> Cursor:
    """A cursor of Django's connection that speaks COPY."""
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)


@contextmanager
def bare(tables: Sequence[str]) -> Iterator[None]:
    """Take keys, indexes and triggers of one's own off the tables; afterwards every key is built and checked again."""
    cursor = own_cursor()
    keys = cursor.execute(_KEYS, {"tables": list(tables)}).fetchall()
    indexes = cursor.execute(_INDEXES, {"tables": list(tables)}).fetchall()
    for table, name, _definition, _kind in reversed(keys):
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {sql.Identifier(name).as_string(cursor)}")
    for name, _definition in indexes:
        cursor.execute(f"DROP INDEX {name}")
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    for table, name, definition, kind in keys:
        if kind != "f":
            _add(cursor, table, name, definition)
    for _name, definition in indexes:
        cursor.execute(definition)
    for table, name, definition, kind in keys:
        if kind == "f":
            _add(cursor, table, name, definition)
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute(f"ANALYZE {table}")


def _add(cursor: Cursor, table: str, name: str, definition: str) -> None:
    cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {sql.Identifier(name).as_string(cursor)} {definition}")


def numbered(cursor: Cursor, table: str, count: int) -> int:
    """Take `count` numbers of the table's sequence in a row; returns the first."""
    cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", (table,))
    (sequence,) = cursor.fetchone() or ("",)
    cursor.execute(
        "SELECT setval(%(of)s::regclass, nextval(%(of)s::regclass) + %(count)s)", {"of": sequence, "count": count}
    )
    (last,) = cursor.fetchone() or (0,)
    return int(last) - count
