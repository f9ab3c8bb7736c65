"""Emptying the database after a test that commits, though some tables refuse to be emptied.

The refusing triggers are put aside for that one statement; every other test still meets them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.postgresql.operations import DatabaseOperations

_REFUSING = "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'never_emptied' ORDER BY 1"


@contextmanager
def allowed_between_tests() -> Iterator[None]:
    """While it lasts, the flush after a committing test empties the append-only tables too."""
    original = DatabaseOperations.sql_flush

    def sql_flush(self: DatabaseOperations, *args: Any, **kwargs: Any) -> list[str]:
        statements: list[str] = original(self, *args, **kwargs)
        with self.connection.cursor() as cursor:
            cursor.execute(_REFUSING)
            tables = [row[0] for row in cursor.fetchall()]
        return [
            *(f"ALTER TABLE {table} DISABLE TRIGGER never_emptied;" for table in tables),
            *statements,
            # The queue's tables are not Django's: its flush passes them by.
            "TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE;",
            *(f"ALTER TABLE {table} ENABLE TRIGGER never_emptied;" for table in tables),
        ]

    DatabaseOperations.sql_flush = sql_flush
    try:
        yield
    finally:
        DatabaseOperations.sql_flush = original
