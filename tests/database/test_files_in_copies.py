"""The files beside the database: in the copy, proved, put back, and nothing put anywhere else."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tarfile
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest

from okno.database import archive, backup, files, processes
from okno.database.account import Account
from okno.database.archive import ArchiveDamaged, Inside
from okno.database.backup import DatabaseNotEmpty
from okno.database.cluster import Cluster
from okno.database.files import Entry, Listing, Part
from okno.database.placing import LinkInTheWay, NoRoom, Placing, UnknownPart
from tests.database.conftest import execute

PASSPHRASE = "шесть слов на листке в сейфе"
NAMED = "SELECT name FROM pictures"

TABLE = "Счёт;Сумма\n" * 20_000
NOISE = random.Random(18).randbytes(3 * files.BLOCK + 17)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder of files of all kinds."""
    folder = tmp_path / "files"
    (folder / "1" / "глубоко").mkdir(parents=True)
    (folder / "1" / "ведомость.csv").write_text(TABLE)
    (folder / "1" / "глубоко" / "noise.bin").write_bytes(NOISE)
    (folder / "empty").touch()
    (folder / os.fsdecode(b"\xff\xfe not utf-8")).write_text("имя из другой кодировки")
    (folder / "1" / "ведомость.csv").chmod(0o640)
    os.utime(folder / "1" / "ведомость.csv", (1_700_000_000, 1_700_000_000))
    return folder


@pytest.fixture
def gallery(town: Cluster, pictures: Path) -> Cluster:
    """The town with a table that names two of the files."""
    execute(town, "CREATE TABLE pictures (name text)")
    execute(town, "INSERT INTO pictures VALUES ('1/ведомость.csv'), ('1/глубоко/noise.bin')")
    return town


def part(folder: Path, **more: Any) -> Part:
    return Part(**{"name": "files", "root": folder, "named": NAMED, "passed_by": ("coming-*",), **more})


def taken(cluster: Cluster, folder: Path, to: Path, **more: Any) -> Inside:
    return backup.dump(cluster.url(), to, parts=(part(folder),), **more)


@pytest.fixture
def copy(gallery: Cluster, pictures: Path, tmp_path: Path) -> Path:
    """A good copy of the town with its files."""
    (tmp_path / "copies").mkdir()
    taken(gallery, pictures, tmp_path / "copies" / "town.okno")
    return tmp_path / "copies" / "town.okno"


def put_back(copy: Path, root: Path, **more: Any) -> Placing:
    placing = Placing({"files": root}, **more)
    backup.restore_files(copy, placing)
    return placing


def tree(folder: Path) -> dict[str, bytes]:
    return {
        os.fsdecode(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


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


# ── spoilt and hostile ──


def test_every_cut_and_every_changed_byte_of_a_file_is_refused(copy: Path, tmp_path: Path) -> None:
    whole = bytearray(copy.read_bytes())
    spoilt = tmp_path / "spoilt.okno"
    end = whole.rindex(b"files.json\n")
    for size in [*range(whole.index(b"PGDMP"), end, 300_007), end]:
        spoilt.write_bytes(whole[:size])
        with pytest.raises(ArchiveDamaged, match="возьмите другую копию"):
            archive.unpack(spoilt, None)
    for place in [whole.index(NOISE[:100]) + 5000, whole.index(b"\x1f\x8b") + 40, whole.index(b'"absent"') + 1]:
        whole[place] ^= 1
        spoilt.write_bytes(whole)
        with pytest.raises(ArchiveDamaged):
            archive.unpack(spoilt, None)
        whole[place] ^= 1


def test_a_spoilt_file_is_never_put_in_place(copy: Path, tmp_path: Path) -> None:
    whole = bytearray(copy.read_bytes())
    whole[whole.index(NOISE[:100]) + 5000] ^= 1
    (tmp_path / "spoilt.okno").write_bytes(whole)
    with pytest.raises(ArchiveDamaged, match=r"noise\.bin"):
        put_back(tmp_path / "spoilt.okno", tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "name",
    [
        "files/files/../../outside",
        "files/../outside",
        "files//etc/outside",
        "files/files//etc/outside",
        "files/files/./outside",
        "files/files",
        "files/files/",
        "files/../files/files/outside",
        "/outside",
        "outside",
        "files/other/outside",
    ],
)
def test_a_path_that_leads_outside_is_refused(copy: Path, tmp_path: Path, name: str) -> None:
    forged = rewrite(copy, tmp_path / "forged.okno", lambda member, content: (renamed(member, name), content))
    with pytest.raises(ArchiveDamaged):
        put_back(forged, tmp_path / "deep" / "new")
    assert not (tmp_path / "deep").exists()
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_only_plain_files_come_out_of_a_copy(copy: Path, tmp_path: Path, kind: bytes) -> None:
    def swap(member: tarfile.TarInfo, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
        if not member.name.endswith("empty"):
            return member, content
        member.type, member.linkname = kind, "/etc/passwd"
        return member, b""

    with pytest.raises(ArchiveDamaged):
        put_back(rewrite(copy, tmp_path / "forged.okno", swap), tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_link_planted_in_the_folder_leads_nowhere(copy: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "1").symlink_to(outside)
    with pytest.raises(LinkInTheWay, match="Уберите"):
        put_back(copy, tmp_path / "new")
    assert list(outside.iterdir()) == []


def test_a_file_that_unpacks_to_more_than_it_says_is_cut_off(copy: Path, tmp_path: Path) -> None:
    def swell(member: tarfile.TarInfo, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
        if member.name.endswith(".gz"):
            member.pax_headers["OKNO.size"] = "10"
        return member, content

    got = 0

    def take(entry: Entry, pieces: Iterator[bytes]) -> None:
        nonlocal got
        got += sum(len(piece) for piece in pieces) if entry.packed else 0

    with pytest.raises(ArchiveDamaged, match="не тот"):
        archive.unpack(rewrite(copy, tmp_path / "forged.okno", swell), None, take=take)
    assert got <= 10


@pytest.mark.parametrize("told", ["", "много", "-1", "1e9"])
def test_a_header_that_makes_no_sense_is_refused(copy: Path, tmp_path: Path, told: str) -> None:
    def confuse(member: tarfile.TarInfo, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
        if member.name.startswith("files/"):
            member.pax_headers["OKNO.size"] = told
        return member, content

    with pytest.raises(ArchiveDamaged):
        archive.unpack(rewrite(copy, tmp_path / "forged.okno", confuse), None)


# ── killed and full ──

KILLED_WHILE_TAKING = """
import sys, time
from pathlib import Path
from okno.database import backup
from okno.database.files import Part

def watch(what, done, total):
    if what == sys.argv[4] and done:
        print("ready", flush=True)
        time.sleep(600)

backup.dump(sys.argv[1], Path(sys.argv[2]), parts=(Part(name="files", root=Path(sys.argv[3])),), watch=watch)
"""

KILLED_WHILE_PUTTING_BACK = """
import sys, time
from pathlib import Path
from okno.database import backup
from okno.database.placing import Placing

class Slow(Placing):
    def take(self, entry, pieces):
        def slowly():
            for piece in pieces:
                yield piece
                if entry.path.endswith("noise.bin"):
                    print("ready", flush=True)
                    time.sleep(600)
        super().take(entry, slowly())

backup.restore(sys.argv[1], Path(sys.argv[2]), placing=Slow({"files": Path(sys.argv[3])}))
"""


def kill_when_ready(code: str, *arguments: str) -> None:
    with subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        os.kill(child.pid, signal.SIGKILL)


@pytest.mark.parametrize("stage", ["База", "Файлы"])
def test_a_copy_killed_in_the_middle_has_no_name_and_the_next_one_clears_up(
    gallery: Cluster, pictures: Path, tmp_path: Path, stage: str
) -> None:
    place = tmp_path / "copies"
    place.mkdir()
    kill_when_ready(KILLED_WHILE_TAKING, gallery.url(), str(place / "town.okno"), str(pictures), stage)
    (left,) = place.iterdir()
    assert left.name.startswith(".okno-copy-")
    taken(gallery, pictures, place / "town.okno")
    assert [path.name for path in place.iterdir()] == ["town.okno"]
    assert backup.verify(place / "town.okno", gallery.url()).is_good
    # What pg_dump of the killed one still did has ended with it.
    query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pg_dump'"
    assert processes.wait_until(lambda: execute(gallery, query) == [(0,)], seconds=30)


def test_a_copy_under_way_is_not_cleared_up_by_another(gallery: Cluster, pictures: Path, tmp_path: Path) -> None:
    def another(what: str, _done: int, _total: int) -> None:
        if what == "Файлы" and not (tmp_path / "another.okno").exists():
            taken(gallery, pictures, tmp_path / "another.okno")

    taken(gallery, pictures, tmp_path / "town.okno", watch=another)
    assert backup.verify(tmp_path / "town.okno", gallery.url()).is_good
    assert backup.verify(tmp_path / "another.okno", gallery.url()).is_good


def test_putting_back_killed_in_the_middle_leaves_whole_files_and_can_be_ended(
    gallery: Cluster, pictures: Path, copy: Path, tmp_path: Path
) -> None:
    gallery.ensure_database("second")
    root = tmp_path / "new"
    kill_when_ready(KILLED_WHILE_PUTTING_BACK, gallery.url("second"), str(copy), str(root))
    left = {name: content for name, content in tree(root).items() if ".restoring-" not in name}
    assert left.items() < tree(pictures).items()
    assert execute(gallery, "SELECT count(*) FROM pictures", "second") == [(2,)]
    put_back(copy, root)
    assert tree(root) == tree(pictures)


@pytest.mark.parametrize("room", [0, 100, files.BLOCK, 3 * files.BLOCK])
def test_a_full_disk_is_told_in_words_and_leaves_nothing(
    gallery: Cluster, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    place = tmp_path / "copies"
    place.mkdir()
    fdopen = os.fdopen

    def small(descriptor: int, mode: str, **more: Any) -> Any:
        file = fdopen(descriptor, mode, **more)
        return SmallDisk(file, room) if mode == "wb" else file

    monkeypatch.setattr(archive.os, "fdopen", cast(Any, small))
    with pytest.raises(NoRoom, match="Кончилось место"):
        taken(gallery, pictures, place / "town.okno")
    assert list(place.iterdir()) == []


class SmallDisk:
    """A file on a disk with so many bytes of room."""

    def __init__(self, file: Any, room: int) -> None:
        self._file, self._room = file, room

    def write(self, block: bytes) -> int:
        self._room -= len(block)
        if self._room < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return int(self._file.write(block))

    def __enter__(self) -> SmallDisk:
        return self

    def __exit__(self, *trouble: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def test_an_interrupted_copy_leaves_nothing(gallery: Cluster, pictures: Path, tmp_path: Path) -> None:
    place = tmp_path / "copies"
    place.mkdir()

    def interrupt(what: str, _done: int, _total: int) -> None:
        if what == "Файлы":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        taken(gallery, pictures, place / "town.okno", watch=interrupt)
    assert list(place.iterdir()) == []


def test_the_course_of_all_stages_is_told_and_reaches_its_end(
    gallery: Cluster, pictures: Path, copy: Path, tmp_path: Path
) -> None:
    told: dict[str, list[tuple[int, int]]] = {}

    def watch(what: str, done: int, total: int) -> None:
        told.setdefault(what, []).append((done, total))

    taken(gallery, pictures, tmp_path / "town.okno", watch=watch)
    assert list(told) == ["База", "Файлы"]
    gallery.ensure_database("second")
    backup.restore(gallery.url("second"), copy, placing=Placing({"files": tmp_path / "new"}), watch=watch)
    assert list(told) == ["База", "Файлы", "Читаю копию", "Файлы на место"]
    for what in ("Файлы", "Читаю копию", "Файлы на место"):
        assert told[what] == sorted(told[what])
        assert told[what][-1][0] == told[what][-1][1] > 0
    assert all(0 <= done < total for done, total in told["База"])


# ── forging ──

Change = Callable[[tarfile.TarInfo, bytes], tuple[tarfile.TarInfo, bytes] | None]


def renamed(member: tarfile.TarInfo, name: str) -> tarfile.TarInfo:
    """The file `empty` under another name, the others as they are."""
    if member.name.endswith("empty"):
        member.name = name
        member.pax_headers.pop("path", None)
    return member


def rewrite(source: Path, target: Path, change: Change) -> Path:
    """A copy changed by somebody who also mended every sum."""
    listing, texts, members = Listing(), {}, []
    with tarfile.open(source) as tar:
        for member in tar:
            content = tar.extractfile(member).read()  # type: ignore[union-attr]
            changed = change(member, content) if member.name not in ("files.json", "SHA256SUMS") else (member, content)
            if changed is None:
                continue
            if member.name not in ("files.json", "SHA256SUMS", "manifest.json", "database.dump"):
                listing.add(_believed(*changed))
            else:
                texts[member.name] = changed[1]
            members.append(changed)
    said = {**json.loads(texts["files.json"]), "files": listing.files, "size": listing.size, "listing": listing.digest}
    texts["files.json"] = json.dumps(said).encode()
    names = ("manifest.json", "database.dump", "files.json")
    texts["SHA256SUMS"] = "".join(f"{hashlib.sha256(texts[name]).hexdigest()}  {name}\n" for name in names).encode()
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as tar:
        for member, content in members:
            content = texts.get(member.name, content)
            member.size = len(content) if member.isreg() else 0
            tar.addfile(member, io.BytesIO(content))
    return target


def _believed(member: tarfile.TarInfo, content: bytes) -> Entry:
    """What a reader that believed the header would make of it."""
    told = member.pax_headers.get("OKNO.size", "")
    packed = "OKNO.packing" in member.pax_headers
    return Entry(
        path=member.name.removeprefix("files/").removesuffix(".gz" if packed else ""),
        size=int(told) if told.isdigit() else len(content),
        sha256=member.pax_headers["OKNO.sha256"],
        mode=member.mode,
        mtime=int(member.mtime),
        packed=packed,
    )
