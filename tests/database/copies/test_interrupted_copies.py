"""A copy that was killed, stopped or out of room leaves nothing bare, and can be ended."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from okno.database import archive, backup, files, processes
from okno.database.cluster import Cluster
from okno.database.placing import NoRoom, Placing
from tests.database.conftest import execute
from tests.database.copies.keeping import (
    put_back,
    taken,
    tree,
)

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
