"""The tables are the same, whether migrations are applied in one go or operation by operation."""

import os
import re
import subprocess
from contextlib import contextmanager

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, connections, migrations
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from okno.access import together
from okno.database import binaries
from okno.database.address import parse

pytestmark = pytest.mark.slow


@contextmanager
def empty_database():
    """A second database beside the run's own, known to Django as "stepwise"."""
    name = f"{connection.settings_dict['NAME']}_stepwise"
    with psycopg.connect(parse(os.environ["OKNO_DATABASE_URL"]).url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            connections.databases["stepwise"] = connections.databases["default"] | {"NAME": name}
            yield name
        finally:
            connections["stepwise"].close()
            del connections["stepwise"], connections.databases["stepwise"]
            server.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def schema(name: str) -> str:
    address = parse(os.environ["OKNO_DATABASE_URL"]).url
    with psycopg.connect(address, dbname=name) as there:
        where = there.info.dsn
        password = there.info.password
    dumped = subprocess.run(
        [binaries.find().program("pg_dump"), "--schema-only", "--no-owner", f"--dbname={where}"],
        env={**os.environ, "PGPASSWORD": password},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return re.sub(r"^\\(un)?restrict .*$", "", dumped.stdout, flags=re.MULTILINE)


def test_one_go_and_step_by_step_make_the_same_tables(django_db_setup, django_db_blocker, monkeypatch):
    with django_db_blocker.unblock(), empty_database() as name:
        monkeypatch.setattr(together.Migration, "apply", migrations.Migration.apply)
        executor = MigrationExecutor(connections["stepwise"])
        executor.migrate(executor.loader.graph.leaf_nodes())
        call_command("createcachetable", database="stepwise", verbosity=0)
        expected = schema(name)
        found = schema(str(connection.settings_dict["NAME"]))
    assert "CREATE TABLE public.ledger_bill" in found
    assert found == expected
