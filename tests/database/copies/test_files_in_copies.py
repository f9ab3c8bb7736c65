"""The files beside the database: in the copy, proved and put back."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import shutil
import tarfile
import tracemalloc
from pathlib import Path
from typing import BinaryIO

import pytest

from okno.database import backup, files
from okno.database.account import Account
from okno.database.backup import DatabaseNotEmpty
from okno.database.cluster import Cluster
from okno.database.placing import NoRoom, Placing, UnknownPart
from tests.database.conftest import execute
from tests.database.copies.keeping import (
    NOISE,
    PASSPHRASE,
    TABLE,
    part,
    put_back,
    rewrite,
    taken,
    tree,
)


def test_every_file_comes_back_as_it_was(gallery: Cluster, pictures: Path, copy: Path, tmp_path: Path) -> None:
    gallery.ensure_database("second")
    placing = Placing({"files": tmp_path / "new" / "files"})
    assert backup.restore(gallery.url("second"), copy, placing=placing).is_good
    assert tree(tmp_path / "new" / "files") == tree(pictures)
    assert (placing.placed, placing.same, placing.newer) == (4, 0, [])
    there = (tmp_path / "new" / "files" / "1" / "ведомость.csv").stat()
    assert (there.st_mode & 0o777, int(there.st_mtime)) == (0o640, 1_700_000_000)
    assert (tmp_path / "new" / "files" / "1").stat().st_mode & 0o777 == 0o700
    assert execute(gallery, "SELECT count(*) FROM pictures", "second") == [(2,)]


def test_a_copy_says_how_many_files_it_holds_and_proves_them(gallery: Cluster, copy: Path) -> None:
    verdict = backup.verify(copy, gallery.url())
    assert verdict.is_good
    whole = len(TABLE.encode()) + len(NOISE) + len("имя из другой кодировки".encode())
    assert (verdict.contents.files, verdict.contents.size) == (4, whole)
    assert (verdict.contents.absent, verdict.contents.missing) == (0, 0)


def test_what_shrinks_is_packed_and_what_does_not_is_not(copy: Path) -> None:
    with tarfile.open(copy) as tar:
        sizes = {member.name: member.size for member in tar}
    assert sizes["files/files/1/ведомость.csv.gz"] < len(TABLE.encode()) / 10
    assert sizes["files/files/1/глубоко/noise.bin"] == len(NOISE)


def test_a_sealed_copy_shows_neither_names_nor_contents(
    gallery: Cluster, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, bare = tmp_path / "sealed.okno", tmp_path / "bare"
    bare.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(bare))
    monkeypatch.setattr(files, "_IN_MEMORY", 1000)
    beside: set[str] = set()

    def look(_what: str, _done: int, _total: int) -> None:
        beside.update(os.fsdecode(each.name) for each in tmp_path.glob(".okno-copy-*/*"))

    taken(gallery, pictures, path, passphrase=PASSPHRASE, watch=look)
    whole = path.read_bytes()
    assert b"noise.bin" not in whole
    assert NOISE[1000:1100] not in whole
    # Beside a sealed copy only the sealed draft ever lay; bare pieces were elsewhere, and are gone.
    assert beside == {"copy"}
    assert list(bare.iterdir()) == []
    assert backup.verify(path, gallery.url(), passphrase=PASSPHRASE).is_good
    placing = Placing({"files": tmp_path / "new"})
    backup.restore_files(path, placing, passphrase=PASSPHRASE)
    assert tree(tmp_path / "new") == tree(pictures)


def test_a_large_file_is_never_all_in_memory(town: Cluster, tmp_path: Path) -> None:
    large = tmp_path / "files" / "large.wav"
    large.parent.mkdir()
    with large.open("wb") as file:
        for piece in range(64):
            file.write(bytes([piece]) * 512 * 1024 + random.Random(piece).randbytes(512 * 1024))
    tracemalloc.start()
    try:
        backup.dump(town.url(), tmp_path / "town.okno", parts=(part(large.parent, named=""),))
        put_back(tmp_path / "town.okno", tmp_path / "new")
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (tmp_path / "new" / "large.wav").read_bytes() == large.read_bytes()
    assert peak < 24 * 2**20, f"{peak / 2**20:.0f} MiB for a file of 64"


# ── what the database counts on ──


def test_a_file_that_the_database_names_and_the_disk_lost_is_listed(
    gallery: Cluster, pictures: Path, tmp_path: Path
) -> None:
    (pictures / "1" / "ведомость.csv").unlink()
    made = taken(gallery, pictures, tmp_path / "town.okno")
    assert (made.contents.absent, made.contents.missing) == (1, 1)
    assert [(each.path, each.why) for each in made.contents.examples] == [("files/1/ведомость.csv", "нет на диске")]
    # The copy is honest about it, so it is a good copy of what there was.
    assert backup.verify(tmp_path / "town.okno", gallery.url()).is_good


def test_a_file_deleted_on_purpose_while_the_copy_is_taken_is_not_lost(
    gallery: Cluster, pictures: Path, tmp_path: Path
) -> None:
    def delete(what: str, _done: int, _total: int) -> None:
        if what == "База":
            (pictures / "1" / "ведомость.csv").unlink(missing_ok=True)
            execute(gallery, "DELETE FROM pictures WHERE name = '1/ведомость.csv'")

    made = taken(gallery, pictures, tmp_path / "town.okno", watch=delete)
    assert (made.contents.absent, made.contents.missing, made.contents.examples) == (1, 0, ())
    assert backup.verify(tmp_path / "town.okno", gallery.url()).is_good


def test_files_that_come_while_the_copy_is_taken_do_no_harm(gallery: Cluster, pictures: Path, tmp_path: Path) -> None:
    def add(what: str, _done: int, _total: int) -> None:
        if what == "База":
            (pictures / "later.bin").write_bytes(b"later")
            execute(gallery, "INSERT INTO pictures VALUES ('later.bin'), ('much later.bin')")
        else:
            (pictures / "zz").write_bytes(b"while files were read")

    made = taken(gallery, pictures, tmp_path / "town.okno", watch=add)
    assert made.contents.missing == 0
    assert backup.verify(tmp_path / "town.okno", gallery.url()).is_good


def test_a_growing_file_is_taken_as_it_was_when_it_was_opened(gallery: Cluster, pictures: Path, tmp_path: Path) -> None:
    growing = pictures / "1" / "глубоко" / "noise.bin"

    def grow(what: str, _done: int, _total: int) -> None:
        if what == "Файлы":
            with growing.open("ab") as file:
                file.write(b"more")

    taken(gallery, pictures, tmp_path / "town.okno", watch=grow)
    put_back(tmp_path / "town.okno", tmp_path / "new")
    back = (tmp_path / "new" / "1" / "глубоко" / "noise.bin").read_bytes()
    assert back.startswith(NOISE)
    assert growing.read_bytes().startswith(back)


def test_a_file_that_the_disk_cannot_read_is_listed_and_the_rest_is_copied(
    gallery: Cluster, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = files._read

    def worn(source: BinaryIO, size: int) -> bytes:
        if os.fstat(source.fileno()).st_size == len(NOISE):
            raise files._Unreadable("Input/output error")
        return read(source, size)

    monkeypatch.setattr(files, "_read", worn)
    made = taken(gallery, pictures, tmp_path / "town.okno")
    assert (made.contents.files, made.contents.missing) == (3, 1)
    assert made.contents.examples[0].why == "не читается: Input/output error"


def test_neither_links_nor_files_under_way_are_copied(gallery: Cluster, pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key").write_text("ключ")
    (pictures / "link").symlink_to(tmp_path / "secret" / "key")
    (pictures / "folder").symlink_to(tmp_path / "secret")
    (pictures / "coming-1").write_text("half")
    (pictures / ".restoring-1").write_text("half")
    os.mkfifo(pictures / "pipe")
    assert taken(gallery, pictures, tmp_path / "town.okno").contents.files == 4


def test_a_folder_that_stands_elsewhere_by_a_link_is_copied_and_put_back_there(
    gallery: Cluster, pictures: Path, tmp_path: Path
) -> None:
    (tmp_path / "root").symlink_to(pictures)
    assert taken(gallery, tmp_path / "root", tmp_path / "town.okno").contents.files == 4
    before = tree(pictures)
    shutil.rmtree(pictures)
    pictures.mkdir()
    put_back(tmp_path / "town.okno", tmp_path / "root")
    assert tree(pictures) == before


def test_a_copy_whose_database_names_more_than_it_holds_is_found_out(
    gallery: Cluster, copy: Path, tmp_path: Path
) -> None:
    def forget(member: tarfile.TarInfo, content: bytes) -> tuple[tarfile.TarInfo, bytes] | None:
        return None if "noise" in member.name else (member, content)

    forged = rewrite(copy, tmp_path / "forged.okno", forget)
    verdict = backup.verify(forged, gallery.url())
    assert [(each.expected, each.found) for each in verdict.differences] == [("0", "1")]


# ── putting back ──


def test_what_is_newer_on_the_disk_stays_unless_told(copy: Path, tmp_path: Path) -> None:
    root = tmp_path / "new"
    put_back(copy, root)
    newer, older, same = root / "1" / "ведомость.csv", root / "1" / "глубоко" / "noise.bin", root / "empty"
    newer.write_text("исправлено после копии")
    older.write_text("испорчено до копии")
    os.utime(older, (1, 1))
    before = same.stat()
    placing = put_back(copy, root)
    assert (placing.newer, newer.read_text()) == (["files/1/ведомость.csv"], "исправлено после копии")
    assert older.read_bytes() == NOISE
    assert (placing.placed, placing.same) == (1, 2)
    assert (same.stat().st_ino, same.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert put_back(copy, root, over_newer=True).newer == []
    assert newer.read_text() == TABLE


def test_what_is_put_back_belongs_to_the_owner_of_the_folder(copy: Path, tmp_path: Path, runner: Account) -> None:
    # `runner` is another account when the tests run as root, who alone can give files away.
    root = tmp_path / "new"
    root.mkdir()
    os.chown(root, runner.uid, runner.gid)
    put_back(copy, root)
    owners = {(path.stat().st_uid, path.stat().st_gid) for path in root.rglob("*")}
    assert owners == {(runner.uid, runner.gid)}


def test_nothing_is_put_back_when_the_database_is_refused_or_differs(
    gallery: Cluster, copy: Path, tmp_path: Path
) -> None:
    with pytest.raises(DatabaseNotEmpty):
        backup.restore(gallery.url(), copy, placing=Placing({"files": tmp_path / "new"}))

    def claim(member: tarfile.TarInfo, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
        return member, content.replace(b'"public.pictures": 2', b'"public.pictures": 3')

    forged = rewrite(copy, tmp_path / "forged.okno", claim)
    verdict = backup.restore(gallery.url(), forged, replace=True, placing=Placing({"files": tmp_path / "new"}))
    assert not verdict.is_good
    assert not (tmp_path / "new").exists()


def test_a_disk_too_small_for_the_files_is_told_before_anything_is_touched(
    gallery: Cluster, copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gallery.ensure_database("second")
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=1000))
    with pytest.raises(NoRoom, match="ничего ещё не тронуто"):
        backup.restore(gallery.url("second"), copy, placing=Placing({"files": tmp_path / "new"}))
    assert execute(gallery, "SELECT to_regclass('pictures')", "second") == [(None,)]


def test_a_copy_with_a_folder_of_a_newer_version_is_refused_with_the_way_out(copy: Path) -> None:
    with pytest.raises(UnknownPart, match="Обновите Окно"):
        backup.restore_files(copy, Placing({"recordings": copy.parent}))


def test_a_copy_made_before_files_were_in_it_is_still_restored(gallery: Cluster, copy: Path, tmp_path: Path) -> None:
    with tarfile.open(copy) as tar:
        kept = {member.name: tar.extractfile(member).read() for member in tar if "/" not in member.name}  # type: ignore[union-attr]
    said = json.loads(kept["manifest.json"])
    del said["parts"]
    kept["manifest.json"] = json.dumps({**said, "format": 1}).encode()
    names = ("manifest.json", "database.dump")
    kept["SHA256SUMS"] = "".join(f"{hashlib.sha256(kept[name]).hexdigest()}  {name}\n" for name in names).encode()
    with tarfile.open(tmp_path / "old.okno", "w") as tar:
        for name in (*names, "SHA256SUMS"):
            member = tarfile.TarInfo(name)
            member.size = len(kept[name])
            tar.addfile(member, io.BytesIO(kept[name]))
    gallery.ensure_database("second")
    placing = Placing({"files": tmp_path / "new"})
    assert backup.restore(gallery.url("second"), tmp_path / "old.okno", placing=placing).is_good
    assert execute(gallery, "SELECT count(*) FROM pictures", "second") == [(2,)]
    assert placing.placed == 0
