"""Clusters for the tests of the launcher, in folders of their own, gone when the test is over."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from okno.database import account, processes, sessions
from okno.database.account import Account
from okno.database.cluster import Cluster

MakeCluster = Callable[..., Cluster]


@pytest.fixture(scope="session")
def runner() -> Account:
    """Who runs the servers of the tests: `nobody` when the tests run as root, else whoever runs the tests."""
    found = account.named("nobody") if os.geteuid() == 0 else account.current()
    assert found is not None
    return found


@contextmanager
def _empty_folder() -> Iterator[Path]:
    """A folder that the server's account can enter, unlike pytest's own, which lies under a closed one."""
    folder = Path(tempfile.mkdtemp(prefix="okno-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    for path in folder.iterdir():
        if not path.is_symlink():
            path.chmod(0o700)
    shutil.rmtree(folder)


@pytest.fixture
def place() -> Iterator[Path]:
    """An empty folder for one test."""
    with _empty_folder() as folder:
        yield folder


def _kill(cluster: Cluster) -> None:
    processes.send(cluster.running_pids(), signal.SIGKILL)
    assert processes.wait_until(lambda: not cluster.running_pids(), seconds=30)
    if cluster.socket_folder.parent != cluster.folder:
        shutil.rmtree(cluster.socket_folder, ignore_errors=True)


@pytest.fixture
def make_cluster(place: Path, runner: Account) -> Iterator[MakeCluster]:
    """Make clusters under `place`, by default in its folder `okno`; what still lives at the end is killed."""
    made = []

    def make(folder: Path = Path("okno"), **options: Any) -> Cluster:
        made.append(Cluster(place / folder, **{"account": runner, "durable": False, **options}))
        return made[-1]

    yield make
    for cluster in made:
        _kill(cluster)


@pytest.fixture
def cluster(make_cluster: MakeCluster) -> Cluster:
    """A running cluster, for a test that does to it what it likes."""
    made = make_cluster()
    made.start()
    return made


@pytest.fixture(scope="session")
def standing(runner: Account) -> Iterator[Cluster]:
    """One running cluster for the tests that leave it as they found it."""
    with _empty_folder() as folder:
        made = Cluster(folder / "okno", account=runner, durable=False)
        made.start()
        yield made
        _kill(made)


def furnish(cluster: Cluster) -> Cluster:
    """Give its database three payments, a view and a search index."""
    with psycopg.connect(cluster.url()) as database:
        database.execute("CREATE TABLE payments (id int PRIMARY KEY, payer text, amount bigint)")
        database.execute("INSERT INTO payments VALUES (1, 'Жильцова', 120050), (2, 'Ёлкин', 99), (3, 'Әлиев', 1)")
        database.execute("CREATE INDEX ON payments USING gin (payer gin_trgm_ops)")
        database.execute("CREATE VIEW large AS SELECT * FROM payments WHERE amount > 100")
    return cluster


@pytest.fixture
def town(standing: Cluster) -> Cluster:
    """The standing cluster with a fresh database and no others."""
    with psycopg.connect(standing.url("postgres"), autocommit=True) as server:
        query = "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'"
        for (name,) in server.execute(query).fetchall():
            sessions.drop(server, name)
    standing.start()
    return furnish(standing)


def execute(cluster: Cluster, query: str, database: str = "okno") -> list[tuple[object, ...]]:
    with psycopg.connect(cluster.url(database), autocommit=True) as connection:
        done = connection.execute(query.encode())
        return done.fetchall() if done.description else []
