"""One embedded PostgreSQL for all test runs of this checkout; each run has a database of its own.

The root conftest calls `begin()` before the settings are read and `end()` when the run is over. The workers
of a parallel run inherit `OKNO_DATABASE_URL` and start nothing.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from pathlib import Path

import psutil
import psycopg

from okno.database import account, address, connection, sessions
from okno.database.cluster import Cluster

PROJECT = Path(__file__).resolve().parent.parent
_RUN_PREFIX = "run_"

_lock: int | None = None
_server: Cluster | None = None


def begin() -> str:
    """Set OKNO_DATABASE_URL, starting the server if need be, and return it; a given one is only checked."""
    global _lock, _server
    named = connection.external_url()
    if named is not None:
        address.check_server(named)
        return named
    folder = _folder()
    folder.mkdir(mode=0o755, exist_ok=True)
    _lock = os.open(folder / "runs.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(_lock, fcntl.LOCK_SH)
    # As root the tests borrow `nobody`; making an account is for an installation, not for a test run.
    runner = account.named("nobody") if os.geteuid() == 0 else account.current()
    _server = Cluster(folder, account=runner, durable=False)
    _server.start()
    _drop_left_behind(_server.url("postgres"))
    name = f"{_RUN_PREFIX}{os.getpid()}"
    _server.ensure_database(name)
    os.environ[connection.VARIABLE] = _server.url(name)
    return _server.url(name)


def end() -> None:
    """Drop this run's databases; the last run to end stops the server."""
    global _lock, _server
    if _lock is None or _server is None:
        return
    _drop_left_behind(_server.url("postgres"), also=os.getpid())
    try:
        fcntl.flock(_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _server.stop()
    except BlockingIOError:
        pass  # another run of this checkout still uses it
    finally:
        os.close(_lock)
        _lock = _server = None
        del os.environ[connection.VARIABLE]


def _folder() -> Path:
    key = hashlib.sha256(os.fsencode(PROJECT)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"okno-tests-{os.geteuid()}-{key}"


def _drop_left_behind(url: str, *, also: int | None = None) -> None:
    """Drop the databases of runs whose process is gone: `run_<pid>` and Django's `test_run_<pid>_gw0`."""
    with psycopg.connect(url, autocommit=True) as server:
        for (name,) in server.execute("SELECT datname FROM pg_database").fetchall():
            pid = name.removeprefix("test_").removeprefix(_RUN_PREFIX).split("_")[0]
            ours = name.removeprefix("test_").startswith(_RUN_PREFIX) and pid.isdigit()
            if ours and (int(pid) == also or not psutil.pid_exists(int(pid))):
                sessions.drop(server, name)
