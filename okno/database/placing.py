"""Files of a copy on their way back to where they stood: never outside their folder, never over what is newer."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from okno.database.files import UNDER_WAY, Entry
from okno.database.refusal import DatabaseRefusal


class UnknownPart(DatabaseRefusal):
    """The copy holds files that this version has no place for."""


class LinkInTheWay(DatabaseRefusal):
    """A link leads out of the folder a file should be put into."""


class NoRoom(DatabaseRefusal):
    """The disk is too small for what should be written."""


@dataclass
class Placing:
    """Puts files under `roots`, the folders of the parts by name.

    A file changed here after the one in the copy stays as it is, unless `over_newer`. New files and folders get the
    owner of the folder they are made in, files their former permissions, folders are closed to others.
    """

    roots: Mapping[str, Path]
    over_newer: bool = False
    placed: int = 0
    same: int = 0
    newer: list[str] = field(default_factory=list)
    """what stayed, being newer than in the copy"""
    _wanted: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def survey(self, entry: Entry, _pieces: Iterator[bytes]) -> None:
        """Hear of a file that will come. Raises UnknownPart, LinkInTheWay."""
        path = self._target(entry)
        if not path.is_file() or path.stat().st_size != entry.size:
            self._wanted[entry.path.split("/")[0]] += entry.size

    def see_room(self) -> None:
        """See that what was surveyed fits. Raises NoRoom."""
        by_disk: dict[int, tuple[Path, int]] = {}
        for name, size in self._wanted.items():
            place = _standing(self.roots[name])
            before = by_disk.get(place.stat().st_dev, (place, 0))[1]
            by_disk[place.stat().st_dev] = (place, before + size)
        for place, size in by_disk.values():
            free = shutil.disk_usage(place).free
            if free < size:
                raise NoRoom(
                    f"Файлам копии нужно {size / 2**20:.0f} МБ, а на диске с {place} свободно {free / 2**20:.0f} МБ. "
                    "Освободите место и повторите; ничего ещё не тронуто."
                )

    def take(self, entry: Entry, pieces: Iterator[bytes]) -> None:
        """Put one file in its place, whole or not at all. Raises UnknownPart, LinkInTheWay, OSError."""
        path = self._target(entry)
        if _holds(path, entry):
            self.same += 1
        elif not self.over_newer and _changed(path) > entry.mtime:
            self.newer.append(entry.path)
        else:
            self._write(path, entry, pieces)
            self.placed += 1

    def _target(self, entry: Entry) -> Path:
        name, inside = entry.path.split("/", 1)
        root = self.roots.get(name)
        if root is None:
            raise UnknownPart(
                f"В копии есть папка «{name}», которой эта версия Окна не знает. Обновите Окно и повторите."
            )
        path = root.resolve() / inside
        if not path.parent.resolve().is_relative_to(root.resolve()):
            raise LinkInTheWay(f"{path.parent} — ссылка за пределы {root}. Уберите её и повторите.")
        return path

    def _write(self, path: Path, entry: Entry, pieces: Iterator[bytes]) -> None:
        _make_folder(path.parent)
        # The same name each time: what a killed restoring has left is written over by the next.
        draft = path.with_name(f"{UNDER_WAY}{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]}")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                for piece in pieces:
                    file.write(piece)
                file.flush()
                _give(descriptor, path.parent)
                os.fchmod(descriptor, entry.mode & 0o777)
                os.utime(descriptor, (entry.mtime, entry.mtime))
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


def _standing(path: Path) -> Path:
    """The path, or the nearest folder above it that is there."""
    path = path.resolve()
    return next(each for each in (path, *path.parents) if each.exists())


def _make_folder(path: Path) -> None:
    for each in reversed([path, *path.parents]):
        if not each.exists():
            each.mkdir(mode=0o700)
            _give(each, each.parent)


def _give(made: Path | int, folder: Path) -> None:
    """What root makes belongs to whoever owns the folder it is made in."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.chown(made, owner.st_uid, owner.st_gid)


def _changed(path: Path) -> int:
    """The second a file was last changed; that of no file is before all."""
    try:
        return int(path.lstat().st_mtime)
    except FileNotFoundError:
        return -1


def _holds(path: Path, entry: Entry) -> bool:
    """Whether the file is there as it is in the copy."""
    try:
        told = path.lstat()
        if not stat.S_ISREG(told.st_mode) or told.st_size != entry.size:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == entry.sha256
    except OSError:
        return False
