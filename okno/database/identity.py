"""The identity of an installation: written in the data folder, in the server's files, and in the database."""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Self

import psycopg

from okno.database.refusal import DatabaseRefusal

FILE_NAME = "installation.json"
MARK_NAME = "okno-installation"
TABLE = "okno_installation"


class ForeignFolder(DatabaseRefusal):
    """The folder holds files that this installation did not make."""


class ForeignDatabase(DatabaseRefusal):
    """The database belongs to another installation than the data folder."""


class FilesLost(DatabaseRefusal):
    """The folder says that it had a database, and the files of the database are not there."""


@dataclass(frozen=True)
class Installation:
    """`id`: a UUID; `created_at`: ISO 8601, UTC; `version` of Okno that made it; `ready` once initialised."""

    id: str
    created_at: str
    version: str
    ready: bool = False

    @classmethod
    def new(cls) -> Self:
        # The clock of the machine, not of the demo, which is shifted: this is a fact about the files.
        return cls(str(uuid.uuid4()), datetime.now(UTC).isoformat(timespec="seconds"), okno_version())

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """What the folder says of itself, or None. Raises ForeignFolder when the file is not ours."""
        path = folder / FILE_NAME
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
            return cls(str(uuid.UUID(said["id"])), str(said["created_at"]), str(said["version"]), said["ready"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise ForeignFolder(
                f"Файл {path} испорчен или написан не Окном. Верните его из резервной копии "
                "или укажите другую папку в OKNO_DATA_DIR."
            ) from error

    def write(self, folder: Path) -> None:
        """Atomically, readable by everyone: there is no secret in it."""
        write_whole(folder / FILE_NAME, json.dumps(asdict(self), indent=2) + "\n", mode=0o644)

    def as_ready(self) -> Self:
        return replace(self, ready=True)


def okno_version() -> str:
    """The installed version; 'checkout' when the source tree runs without being installed."""
    try:
        return metadata.version("okno")
    except metadata.PackageNotFoundError:
        return "checkout"


def write_whole(path: Path, text: str, *, mode: int) -> None:
    """Replace a file at once, on the disk before the name points to it. Never follows a link at `path`."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def check_files(installation: Installation, server_files: Path) -> None:
    """See that the server's files carry this installation's mark. Raises ForeignFolder."""
    try:
        mark = (server_files / MARK_NAME).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise ForeignFolder(
            f"В папке {server_files} лежит база, которую создало не Окно. Окно её не тронет. "
            "Укажите другую папку в OKNO_DATA_DIR или назовите работающий сервер в OKNO_DATABASE_URL."
        ) from None
    if mark != installation.id:
        raise ForeignFolder(
            f"В папке {server_files} лежит база другой установки Окна ({mark}), а эта установка — "
            f"{installation.id}. Верните папку своей базы или укажите в OKNO_DATA_DIR папку той установки."
        )


def check_database(connection: psycopg.Connection[Any], installation: Installation) -> None:
    """See that the database belongs to this installation, and claim it when nobody has.

    Works on the embedded and on an external server. Raises ForeignDatabase.
    """
    known = database_mark(connection)
    if known is None:
        known = _claim(connection, installation)
    if known != installation.id:
        raise ForeignDatabase(
            f"База «{connection.info.dbname}» принадлежит другой установке Окна ({known}), а папка данных — "
            f"установке {installation.id}. Проверьте OKNO_DATABASE_URL и OKNO_DATA_DIR: что-то из них чужое."
        )


def database_mark(connection: psycopg.Connection[Any]) -> str | None:
    """The installation the database belongs to, or None when nobody has claimed it."""
    row = connection.execute("SELECT to_regclass(%s)", [f"public.{TABLE}"]).fetchone()
    if row is None or row[0] is None:
        return None
    marked = connection.execute(f"SELECT id FROM public.{TABLE}").fetchone()
    return None if marked is None else str(marked[0])


def _claim(connection: psycopg.Connection[Any], installation: Installation) -> str:
    """Write the mark unless another process was first; the answer is the mark that stands."""
    with connection.transaction():
        # CREATE TABLE IF NOT EXISTS is not safe against itself; the number is ours alone, 'okno' in ASCII.
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [0x6F6B6E6F])
        connection.execute(
            f"CREATE TABLE IF NOT EXISTS public.{TABLE} ("
            " id uuid NOT NULL, created_at timestamptz NOT NULL,"
            " only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row))"
        )
        connection.execute(
            f"INSERT INTO public.{TABLE} (id, created_at) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            [installation.id, installation.created_at],
        )
        row = connection.execute(f"SELECT id FROM public.{TABLE}").fetchone()
    assert row is not None, "the row was inserted in this very transaction"
    return str(row[0])
