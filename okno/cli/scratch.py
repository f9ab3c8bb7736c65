"""A database that lives as long as one command: benchmarks and test restores never touch the working data."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from okno.database import address, connection, sessions


@contextmanager
def scratch_database(purpose: str = "bench") -> Iterator[str]:
    """Create an empty database on the server in use, point OKNO_DATABASE_URL at it, drop it at the end."""
    server = connection.connect_url()
    name = f"okno_{purpose}_{os.getpid()}"
    before = os.environ.get(connection.VARIABLE)
    with psycopg.connect(server, autocommit=True) as keeper:
        keeper.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = address.parse(server).named(name).url
    os.environ[connection.VARIABLE] = url
    try:
        yield url
    finally:
        if before is None:
            os.environ.pop(connection.VARIABLE, None)
        else:
            os.environ[connection.VARIABLE] = before
        with psycopg.connect(server, autocommit=True) as keeper:
            sessions.drop(keeper, name)
