"""Who is connected to a database, and how the last ones are sent away before it changes its name or goes."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

_SECONDS_TO_LEAVE = 10
_ATTEMPTS = 5


def send_away(server: psycopg.Connection[Any], database: str) -> None:
    """End every session of people and programs in `database`, and wait until they have left.

    `server` is a connection to another database, outside a transaction. The server's own workers are left alone:
    an autovacuum belongs to the superuser, who alone may end it by hand, and it goes by itself when the database is
    renamed or dropped. Raises psycopg.errors.InsufficientPrivilege when the session of another role is there.
    """
    server.execute(
        "SELECT pg_terminate_backend(pid, %s) FROM pg_stat_activity"
        " WHERE datname = %s AND backend_type = 'client backend' AND pid <> pg_backend_pid()",
        [_SECONDS_TO_LEAVE * 1000, database],
    )


def drop(server: psycopg.Connection[Any], database: str) -> None:
    """Drop `database` if it is there, whoever is connected to it.

    Not by `WITH (FORCE)`: that refuses a role which is no superuser while an autovacuum is at work there.
    Raises psycopg.errors.ObjectInUse when somebody comes back again and again.
    """
    unwanted = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(database))
    for attempt in range(_ATTEMPTS):
        send_away(server, database)
        try:
            server.execute(unwanted)
            return
        except psycopg.errors.ObjectInUse:
            if attempt == _ATTEMPTS - 1:
                raise
