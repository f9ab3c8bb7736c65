"""Copies that can be trusted: taken while people work, proved aside, refused when spoilt."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from okno.database import address, archive, backup, identity, seal
from okno.database.archive import ArchiveDamaged, ArchiveTooNew, PassphraseNeeded
from okno.database.backup import DatabaseNotEmpty, MayNotCreate
from okno.database.client import Client, CopyFailed, NoClientPrograms
from okno.database.cluster import Cluster
from okno.database.seal import WrongPassphrase
from tests.database.conftest import execute

TOTALS = {"сумма платежей, коп.": "SELECT sum(amount) FROM payments WHERE payer LIKE '%'"}
PASSPHRASE = "шесть слов на листке в сейфе"


def as_keeper(cluster: Cluster, query: str, database: str = "okno") -> None:
    """Do what only the superuser of the server may."""
    password = (cluster.folder / "postgres.password").read_text().strip()
    host = str(cluster.socket_folder)
    with psycopg.connect(host=host, user="postgres", password=password, dbname=database) as connection:
        connection.execute(query.encode())


@pytest.fixture
def copy(town: Cluster, tmp_path: Path) -> Path:
    """A good copy of the town."""
    backup.dump(town.url(), tmp_path / "town.okno", totals=TOTALS)
    return tmp_path / "town.okno"


def names_of_databases(cluster: Cluster) -> set[object]:
    return {row[0] for row in execute(cluster, "SELECT datname FROM pg_database")}


def test_a_copy_says_what_it_holds_and_leaves_nothing_beside_it(town: Cluster, tmp_path: Path) -> None:
    made = backup.dump(town.url(), tmp_path / "town.okno", totals=TOTALS)
    assert made.manifest == archive.read_manifest(tmp_path / "town.okno")
    assert dict(made.manifest.rows) == {"public.payments": 3}
    assert made.manifest.totals["сумма платежей, коп."].value == "120150"
    assert [path.name for path in tmp_path.iterdir()] == ["town.okno"]
    assert (tmp_path / "town.okno").stat().st_mode & 0o777 == 0o600


def test_a_good_copy_is_proved_and_the_scratch_database_is_gone(town: Cluster, copy: Path) -> None:
    before = names_of_databases(town)
    verdict = backup.verify(copy, town.url())
    assert verdict.is_good
    assert verdict.differences == ()
    assert names_of_databases(town) == before


def test_rows_written_while_the_copy_is_taken_are_in_neither_the_dump_nor_the_count(
    town: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dump = Client.dump

    def write_then_dump(client: Client, *arguments: Any, **options: Any) -> None:
        execute(town, "INSERT INTO payments VALUES (4, 'Опоздавший', 5)")
        dump(client, *arguments, **options)

    monkeypatch.setattr(Client, "dump", write_then_dump)
    backup.dump(town.url(), tmp_path / "town.okno", totals=TOTALS)
    monkeypatch.undo()
    assert backup.verify(tmp_path / "town.okno", town.url()).is_good


def test_a_copy_that_lost_a_payment_is_found_out(town: Cluster, copy: Path, tmp_path: Path) -> None:
    forged = rewrite(copy, tmp_path / "forged.okno", lambda said: said["rows"].update({"public.payments": 4}))
    verdict = backup.verify(forged, town.url())
    assert not verdict.is_good
    assert [(each.name, each.expected, each.found) for each in verdict.differences] == [
        ("строк в public.payments", "4", "3")
    ]


@pytest.mark.parametrize(
    "query",
    [
        "DROP TABLE payments",
        "SELECT 1; DROP TABLE payments",
        "COMMIT; DROP DATABASE okno",
        "SELECT 120150 FROM no_such_table",
    ],
)
def test_the_queries_of_a_manifest_can_only_read(town: Cluster, copy: Path, tmp_path: Path, query: str) -> None:
    forged = rewrite(
        copy,
        tmp_path / "forged.okno",
        lambda said: said["totals"].update({"сумма": {"query": query, "value": "1"}}),
    )
    assert [each.found for each in backup.verify(forged, town.url()).differences] == ["—"]
    assert execute(town, "SELECT count(*) FROM payments") == [(3,)]


def test_an_empty_database_is_filled(town: Cluster, copy: Path) -> None:
    town.ensure_database("second")
    assert backup.restore(town.url("second"), copy).is_good
    assert execute(town, "SELECT payer FROM large", "second") == [("Жильцова",)]


def test_a_database_with_extensions_of_the_server_s_owner_is_filled(town: Cluster, copy: Path) -> None:
    town.ensure_database("second")
    as_keeper(town, "CREATE EXTENSION pg_trgm", "second")
    assert backup.restore(town.url("second"), copy).is_good


def test_a_living_database_is_refused_unless_told(town: Cluster, copy: Path) -> None:
    execute(town, "DELETE FROM payments WHERE id = 1")
    with pytest.raises(DatabaseNotEmpty, match="не пуста"):
        backup.restore(town.url(), copy)
    assert execute(town, "SELECT count(*) FROM payments") == [(2,)]


def test_a_replaced_database_is_kept_under_another_name_and_stays_of_this_installation(
    town: Cluster, copy: Path
) -> None:
    execute(town, "DELETE FROM payments WHERE id = 1")
    mark = execute(town, f"SELECT id FROM {identity.TABLE}")
    # Somebody at work does not hold the restoring up, and is sent away.
    with psycopg.connect(town.url(), autocommit=True) as at_work:
        assert backup.restore(town.url(), copy, replace=True).is_good
        with pytest.raises(psycopg.OperationalError):
            at_work.execute("SELECT 1")
    assert execute(town, "SELECT count(*) FROM payments") == [(3,)]
    assert execute(town, f"SELECT id FROM {identity.TABLE}") == mark
    (kept,) = [name for name in names_of_databases(town) if str(name).startswith("okno_before_")]
    assert execute(town, "SELECT count(*) FROM payments", str(kept)) == [(2,)]
    assert town.start() is False


def test_a_copy_with_differences_never_replaces_a_living_database(town: Cluster, copy: Path, tmp_path: Path) -> None:
    forged = rewrite(copy, tmp_path / "forged.okno", lambda said: said["rows"].update({"public.payments": 4}))
    before = names_of_databases(town)
    assert not backup.restore(town.url(), forged, replace=True).is_good
    assert names_of_databases(town) == before
    assert execute(town, "SELECT count(*) FROM payments") == [(3,)]


def test_a_restored_database_sorts_as_the_replaced_one_did(town: Cluster, copy: Path) -> None:
    query = "SELECT datcollate, datctype, datlocprovider, datlocale FROM pg_database WHERE datname = 'okno'"
    before = execute(town, query)
    backup.restore(town.url(), copy, replace=True)
    assert execute(town, query) == before == [("C", "C.UTF-8", "b", "C.UTF-8")]


def test_without_the_right_to_create_databases_the_way_out_is_said(town: Cluster, copy: Path) -> None:
    as_keeper(town, "ALTER ROLE okno NOCREATEDB")
    try:
        with pytest.raises(MayNotCreate, match="CREATEDB"):
            backup.verify(copy, town.url())
    finally:
        as_keeper(town, "ALTER ROLE okno CREATEDB")


def test_every_cut_of_a_copy_is_refused(town: Cluster, copy: Path, tmp_path: Path) -> None:
    whole = copy.read_bytes()
    short = tmp_path / "short.okno"
    # Behind the sums there is only the padding of the tar.
    end = whole.rindex(b"files.json\n")
    for size in [0, 100, 512, 700, *range(1024, end, 2048), end - 600, end]:
        short.write_bytes(whole[:size])
        with pytest.raises(ArchiveDamaged, match="возьмите другую копию"):
            archive.unpack(short, tmp_path / "dump")


def test_a_changed_byte_anywhere_in_the_dump_or_the_manifest_is_refused(copy: Path, tmp_path: Path) -> None:
    whole = bytearray(copy.read_bytes())
    spoilt = tmp_path / "spoilt.okno"
    # Headers of a tar carry bytes that mean nothing; what counts begins behind the first one.
    for place in [512 + 30, whole.index(b"PGDMP"), whole.index(b"PGDMP") + 3000]:
        whole[place] ^= 1
        spoilt.write_bytes(whole)
        with pytest.raises(ArchiveDamaged):
            archive.unpack(spoilt, tmp_path / "dump")
        whole[place] ^= 1


def test_what_is_no_copy_at_all_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page.okno").write_text("<html>Доступ закрыт</html>" * 100)
    with pytest.raises(ArchiveDamaged):
        archive.read_manifest(tmp_path / "page.okno")


def test_a_copy_of_a_newer_okno_is_refused_with_the_way_out(copy: Path, tmp_path: Path) -> None:
    newer = rewrite(copy, tmp_path / "newer.okno", lambda said: said.update(format=archive.FORMAT + 1))
    with pytest.raises(ArchiveTooNew, match="Обновите"):
        archive.read_manifest(newer)


def test_a_failed_copy_leaves_no_file(town: Cluster, tmp_path: Path) -> None:
    as_keeper(town, "CREATE TABLE secret (code int)")
    with pytest.raises(CopyFailed, match="secret"):
        backup.dump(town.url(), tmp_path / "town.okno", tables=["payments"])
    assert list(tmp_path.iterdir()) == []


def test_a_sealed_copy_opens_with_its_passphrase_only(
    town: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sealed.okno"
    backup.dump(town.url(), path, totals=TOTALS, passphrase=PASSPHRASE)
    assert b"manifest" not in path.read_bytes()
    assert backup.verify(path, town.url(), passphrase=PASSPHRASE).is_good
    with pytest.raises(PassphraseNeeded):
        archive.read_manifest(path)
    with pytest.raises(WrongPassphrase):
        archive.read_manifest(path, passphrase="угадаю")


def test_a_sealed_stream_shows_every_change_and_every_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal, "_PIECE", 64)
    monkeypatch.setattr(seal, "_SCRYPT", {"n": 2, "r": 8, "p": 1})
    plain = bytes(range(256)) + b"\x00" * 64
    sealed = io.BytesIO()
    with seal.SealingWriter(sealed, PASSPHRASE) as writer:
        for start in range(0, len(plain), 50):
            writer.write(plain[start : start + 50])
    whole = sealed.getvalue()
    assert seal.SealedReader(io.BytesIO(whole), PASSPHRASE).readall() == plain
    head = len(seal.MAGIC) + 16 + 7
    pieces = [whole[start : start + 80] for start in range(head, len(whole), 80)]
    assert len(pieces) == 5
    swapped = whole[:head] + b"".join([pieces[1], pieces[0], *pieces[2:]])
    dropped = whole[:head] + b"".join([pieces[0], *pieces[2:]])
    cuts = [whole[:size] for size in range(len(whole))]
    flips = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(len(whole))]
    for spoilt in [swapped, dropped, whole + pieces[-1], *cuts, *flips]:
        with pytest.raises(WrongPassphrase):
            assert seal.SealedReader(io.BytesIO(spoilt), PASSPHRASE).readall() is None


def test_an_empty_stream_can_be_sealed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal, "_SCRYPT", {"n": 2, "r": 8, "p": 1})
    sealed = io.BytesIO()
    seal.SealingWriter(sealed, PASSPHRASE).close()
    assert seal.SealedReader(io.BytesIO(sealed.getvalue()), PASSPHRASE).readall() == b""


def test_a_server_that_wants_tls_needs_the_programs_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    target = address.parse("postgresql://okno@db.example.org/okno?sslmode=verify-full")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoClientPrograms, match="postgresql-client"):
        Client(target, 180000).dump(Path("dump"))


def test_a_server_before_17_is_filled_too_and_as_a_whole(town: Cluster, copy: Path, tmp_path: Path) -> None:
    archive.unpack(copy, tmp_path / "dump")
    town.ensure_database("second")
    # The way for older servers leads through psql, which any server understands.
    older = Client(address.parse(town.url("second")), 150000)
    older.fill(tmp_path / "dump")
    assert execute(town, "SELECT sum(amount) FROM payments", "second") == [(120150,)]
    with pytest.raises(CopyFailed, match="already exists"):
        older.fill(tmp_path / "dump")
    assert execute(town, "SELECT count(*) FROM payments", "second") == [(3,)]


def test_a_dump_cut_short_fills_nothing_of_a_server_before_17(town: Cluster, copy: Path, tmp_path: Path) -> None:
    with psycopg.connect(town.url()) as database:
        database.execute("INSERT INTO payments SELECT n, md5(n::text), n FROM generate_series(10, 20000) AS n")
    backup.dump(town.url(), tmp_path / "large.okno")
    archive.unpack(tmp_path / "large.okno", tmp_path / "dump")
    whole = (tmp_path / "dump").read_bytes()
    (tmp_path / "dump").write_bytes(whole[: len(whole) // 2])
    town.ensure_database("second")
    with pytest.raises(CopyFailed, match="pg_restore"):
        Client(address.parse(town.url("second")), 150000).fill(tmp_path / "dump")
    assert execute(town, "SELECT to_regclass('payments')", "second") == [(None,)]


def rewrite(source: Path, target: Path, change: Callable[[dict[str, dict[str, object]]], None]) -> Path:
    """A copy whose manifest was changed by somebody who also mended the sums."""
    with tarfile.open(source) as tar:
        kept = {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]
    said = json.loads(kept["manifest.json"])
    change(said)
    kept["manifest.json"] = json.dumps(said).encode()
    names = ("manifest.json", "database.dump", "files.json")
    kept["SHA256SUMS"] = "".join(f"{hashlib.sha256(kept[name]).hexdigest()}  {name}\n" for name in names).encode()
    with tarfile.open(target, "w") as tar:
        for name in (*names, "SHA256SUMS"):
            member = tarfile.TarInfo(name)
            member.size = len(kept[name])
            tar.addfile(member, io.BytesIO(kept[name]))
    return target
