"""Where a demo town stands: its folder, its database, its hour. Everything outward is turned to loopback.

Knows no Django: it sets the environment that the settings are read from.
"""

import fcntl
import hashlib
import os
import shutil
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql

from okno.common import clock
from okno.database import address, connection, sessions
from okno.database.cluster import Cluster
from okno.database.folder import FolderClosed
from okno.database.refusal import DatabaseRefusal

TIME_ZONE = {"ru": "Europe/Moscow", "kz": "Asia/Almaty", "ua": "Europe/Kyiv"}
NAME = {"ru": "УК «Тихий двор»", "kz": "ОСИ «Тыныш аула»", "ua": "КП «Тихий двір»"}


class DemoBusy(DatabaseRefusal):
    """Another demo runs in the same folder."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """One demo town: what it is and where it stands. `now` is the moment it starts at, in its own time zone."""

    folder: Path
    country: str
    seed: int
    houses: int
    months: int
    now: datetime
    cluster: Cluster | None
    lock: int
    is_new: bool

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def files(self) -> Path:
        return self.folder / "files" / self.key

    @property
    def sinks(self) -> Path:
        return self.folder / "sinks" / self.key

    @property
    def key(self) -> str:
        return key(self.country, self.seed, self.houses, self.months)


def key(country: str, seed: int, houses: int, months: int) -> str:
    return f"town_{country}_{seed}_{houses}_{months}"


def prepare(*, folder: Path, country: str, seed: int, houses: int, months: int, now: datetime, reset: bool) -> Site:
    """Make or open the town's place and point the environment at it.

    `now` without a time zone is the town's own time. Raises DemoBusy and the database's refusals.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    lock = _lock(folder)
    name = key(country, seed, houses, months)
    os.environ["OKNO_DEMO"] = "1"
    os.environ["OKNO_DATA_DIR"] = str(folder / "data" / name)
    cluster, url = _server(folder)
    if reset:
        shutil.rmtree(folder / "files" / name, ignore_errors=True)
        shutil.rmtree(folder / "sinks" / name, ignore_errors=True)
        shutil.rmtree(folder / "data" / name, ignore_errors=True)
    is_new = _database(url, name, drop=reset)
    os.environ[connection.VARIABLE] = address.parse(url).named(name).url
    aware = now.replace(tzinfo=ZoneInfo(TIME_ZONE[country])) if now.tzinfo is None else now
    clock.shift_to(aware)
    return Site(
        folder=folder,
        country=country,
        seed=seed,
        houses=houses,
        months=months,
        now=aware,
        cluster=cluster,
        lock=lock,
        is_new=is_new,
    )


def leave(site: Site) -> None:
    """Stop what was started and let the next demo in."""
    if site.cluster is not None:
        site.cluster.stop()
    os.close(site.lock)


def _lock(folder: Path) -> int:
    descriptor = os.open(folder / "demo.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise DemoBusy(f"В папке {folder} уже идёт демонстрация: закройте её или укажите другую (--folder)") from error
    return descriptor


def _server(folder: Path) -> tuple[Cluster | None, str]:
    """The server the person named, else an embedded one of the demo's own (returned, to be stopped at the end)."""
    named = connection.external_url()
    if named is not None:
        address.check_server(named)
        return None, named
    try:
        # The town can be built again from its files: the disk need not be waited for.
        cluster = Cluster(folder / "database", durable=False)
        cluster.start()
    except FolderClosed:
        # A checkout under /root is closed to the account the server runs as; the database then stands apart.
        place = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
        cluster = Cluster(Path("/var/lib/okno-demo") / place, durable=False)
        cluster.folder.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        cluster.start()
    return cluster, cluster.url("postgres")


def _database(url: str, name: str, *, drop: bool) -> bool:
    """Create the town's database if need be; True when it is new."""
    with psycopg.connect(address.parse(url).named("postgres").url, autocommit=True) as server:
        if drop:
            sessions.drop(server, name)
        found = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
        if found is None:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return found is None
