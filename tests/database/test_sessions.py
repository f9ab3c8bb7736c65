"""Nobody who is connected to a database keeps it from being dropped: no program, and no worker of the server."""

from __future__ import annotations

import psycopg
import pytest

from okno.database import processes, sessions
from okno.database.cluster import Cluster
from tests.database.conftest import execute

# The worker sleeps a tenth of a second after every page: it stands in the database for as long as the test needs.
SLOW_TO_CLEAN = """
CREATE TABLE bills (id int) WITH (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)
"""
WORKERS = "SELECT count(*) FROM pg_locks JOIN pg_database ON oid = database WHERE mode = 'ShareUpdateExclusiveLock'"


@pytest.fixture
def cleaned(cluster: Cluster) -> Cluster:
    """A cluster whose database `town` is being cleaned by the server itself, as the superuser."""
    with cluster._connect("postgres") as keeper:
        keeper.execute("ALTER SYSTEM SET autovacuum_naptime = '1s'")
        keeper.execute("SELECT pg_reload_conf()")
    cluster.ensure_database("town")
    execute(cluster, SLOW_TO_CLEAN, "town")
    execute(cluster, "INSERT INTO bills SELECT generate_series(1, 50000)", "town")
    execute(cluster, "DELETE FROM bills", "town")
    at_work = f"{WORKERS} AND datname = 'town'"
    assert processes.wait_until(lambda: execute(cluster, at_work, "postgres") != [(0,)], seconds=60)
    return cluster


def names(cluster: Cluster) -> set[object]:
    return {name for (name,) in execute(cluster, "SELECT datname FROM pg_database", "postgres")}


def test_a_database_the_server_is_cleaning_is_dropped_by_a_role_that_is_no_superuser(cleaned: Cluster) -> None:
    with psycopg.connect(cleaned.url("postgres"), autocommit=True) as server:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            server.execute("DROP DATABASE town WITH (FORCE)")
        sessions.drop(server, "town")
    assert "town" not in names(cleaned)


def test_everybody_is_sent_away_from_a_database_the_server_is_cleaning_and_it_may_be_renamed(cleaned: Cluster) -> None:
    desk = psycopg.connect(cleaned.url("town"), autocommit=True)
    with psycopg.connect(cleaned.url("postgres"), autocommit=True) as server:
        sessions.send_away(server, "town")
        server.execute("ALTER DATABASE town RENAME TO village")
    with pytest.raises(psycopg.OperationalError):
        desk.execute("SELECT 1")
    assert "village" in names(cleaned)


def test_a_database_somebody_is_connected_to_is_dropped_and_one_that_is_not_there_is_no_error(cluster: Cluster) -> None:
    cluster.ensure_database("town")
    desk = psycopg.connect(cluster.url("town"), autocommit=True)
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as server:
        sessions.drop(server, "town")
        sessions.drop(server, "town")
    with pytest.raises(psycopg.OperationalError):
        desk.execute("SELECT 1")
    assert "town" not in names(cluster)
