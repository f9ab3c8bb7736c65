"""The data folder: where it is, whose it is, and the folders of the server's account inside it."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from okno.database import account
from okno.database.account import Account
from okno.database.identity import ForeignFolder, Installation
from okno.database.refusal import DatabaseRefusal

SERVER_FOLDERS = ("postgres", "run", "log")

_LONGEST_SOCKET_PATH = 107
_SHORT_FOLDERS = Path("/tmp")


class FolderClosed(DatabaseRefusal):
    """The account of the server cannot reach the data folder, or the folder belongs to somebody else."""


class SocketFolderTaken(DatabaseRefusal):
    """Somebody else made the short folder for the socket."""


def default_folder() -> Path:
    """OKNO_DATA_DIR; else /var/lib/okno for root; else okno in the user's own data folder."""
    named = os.environ.get("OKNO_DATA_DIR")
    if named:
        return Path(named).expanduser().absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/okno")
    home = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(home).expanduser() / "okno"


def open_for(folder: Path, server: Account) -> None:
    """Make the data folder and see that it is ours and that the server's account gets in.

    No folder above it is ever changed. Raises FolderClosed, ForeignFolder.
    """
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = account.with_uid(folder.stat().st_uid)
    if not owner.is_current:
        raise FolderClosed(
            f"Папка данных {folder} принадлежит пользователю {owner.name}. Запустите Окно от его "
            f"имени (runuser -u {owner.name} -- okno up) или укажите другую папку в OKNO_DATA_DIR."
        )
    if Installation.read(folder) is None:
        taken = [name for name in SERVER_FOLDERS if (folder / name).exists()]
        if taken:
            raise ForeignFolder(
                f"В папке {folder} уже есть {', '.join(taken)}, и это создало не Окно. "
                "Окно её не тронет: укажите в OKNO_DATA_DIR пустую папку."
            )
    if not server.may_enter(folder):
        # The server's account passes through to its own folders and can list nothing here.
        folder.chmod(stat.S_IMODE(folder.stat().st_mode) | 0o011)
    closed = server.closed_folder(folder)
    if closed is not None:
        raise FolderClosed(
            f"База работает от имени {server.name}, а папка {closed} для него закрыта. "
            "Окно не меняет права чужих папок: укажите в OKNO_DATA_DIR место вне неё, "
            "например /var/lib/okno."
        )


def give(path: Path, server: Account) -> None:
    """Make a private folder of the server's account; the parent is ours alone."""
    path.mkdir(mode=0o700, exist_ok=True)
    if not server.is_current:
        os.chown(path, server.uid, server.gid, follow_symlinks=False)


def socket_folder(folder: Path, port: int) -> Path:
    """`run` in the data folder, or a short folder under /tmp when that path will not do for a socket.

    It must be short, and libpq takes a comma for the end of one host and the beginning of another.
    Not under TMPDIR: a service and a person at the keyboard have different ones and must meet.
    """
    usual = folder / "run"
    fits = len(os.fsencode(usual / f".s.PGSQL.{port}")) <= _LONGEST_SOCKET_PATH
    if fits and "," not in str(usual):
        return usual
    return _SHORT_FOLDERS / f"okno-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]}"


def give_socket_folder(path: Path, server: Account) -> None:
    """The same as `give`; but under /tmp anybody may have been there first. Raises SocketFolderTaken."""
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        found = path.lstat()
        private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700
        if not private or found.st_uid not in (server.uid, os.geteuid()):
            raise SocketFolderTaken(
                f"Папка {path} нужна для сокета базы, но она чужая. Удалите её или выберите для данных "
                "папку с путём покороче (OKNO_DATA_DIR)."
            ) from None
    give(path, server)
