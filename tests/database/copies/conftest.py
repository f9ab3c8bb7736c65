"""A town with a gallery of files, and a good copy of both."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from okno.database.cluster import Cluster
from tests.database.conftest import execute
from tests.database.copies.keeping import NOISE, TABLE, taken


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


@pytest.fixture
def copy(gallery: Cluster, pictures: Path, tmp_path: Path) -> Path:
    """A good copy of the town with its files."""
    (tmp_path / "copies").mkdir()
    taken(gallery, pictures, tmp_path / "copies" / "town.okno")
    return tmp_path / "copies" / "town.okno"
