"""The `.okno` file: one tar with a manifest, the dump and their check sums, sealed when a passphrase is given."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, cast

from okno.database import seal
from okno.database.refusal import DatabaseRefusal

FORMAT = 1
_MANIFEST, _DUMP, _SUMS = "manifest.json", "database.dump", "SHA256SUMS"
_LARGEST_MANIFEST = 64 * 1024 * 1024
_BLOCK = 1024 * 1024


class ArchiveDamaged(DatabaseRefusal):
    """The file is cut short, changed, or no copy of Okno at all."""


class ArchiveTooNew(DatabaseRefusal):
    """A newer Okno has written the file."""


class PassphraseNeeded(DatabaseRefusal):
    """The file is sealed, and no passphrase was given."""


@dataclass(frozen=True, kw_only=True)
class Total:
    """One figure that must be the same after restoring: the query, and what it gave, as text."""

    query: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a copy holds. `created_at` is ISO 8601 in UTC; `rows` counts by table, all of one moment."""

    created_at: str
    okno: str
    server: int
    """server_version_num of the server the copy was taken from"""
    pg_dump: str
    database: str
    installation: str | None
    rows: Mapping[str, int]
    totals: Mapping[str, Total]

    def as_json(self) -> bytes:
        return json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=False, indent=2).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Manifest:
        """Raises ArchiveDamaged, ArchiveTooNew."""
        try:
            said = json.loads(text)
            if said.pop("format") > FORMAT:
                raise ArchiveTooNew("Копию сделало более новое Окно. Обновите Окно и повторите.")
            totals = {name: Total(**total) for name, total in said.pop("totals").items()}
            return cls(**said, totals=totals)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise _damaged("опись не читается") from error


def write(path: Path, *, manifest: Manifest, dump: Path, passphrase: str | None) -> None:
    """Write the copy under another name, on the disk, and only then give it its own."""
    draft = path.with_name(path.name + ".part")
    described = manifest.as_json()
    sums = f"{hashlib.sha256(described).hexdigest()}  {_MANIFEST}\n{_sum_of(dump)}  {_DUMP}\n"
    try:
        with _created(draft) as file, ExitStack() as closing:
            target: BinaryIO = file
            if passphrase is not None:
                sealed = closing.enter_context(seal.SealingWriter(file, passphrase))
                target = cast(BinaryIO, sealed)
            tar = closing.enter_context(tarfile.open(fileobj=target, mode="w|", format=tarfile.PAX_FORMAT))
            _add(tar, _MANIFEST, io.BytesIO(described), len(described))
            with dump.open("rb") as content:
                _add(tar, _DUMP, content, dump.stat().st_size)
            _add(tar, _SUMS, io.BytesIO(sums.encode()), len(sums))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _created(path: Path) -> Iterator[BinaryIO]:
    """A new private file, on the disk when the block is over."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _add(tar: tarfile.TarFile, name: str, content: BinaryIO, size: int) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    tar.addfile(member, content)


def _sum_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_manifest(path: Path, *, passphrase: str | None = None) -> Manifest:
    """What the copy says of itself; nothing behind the manifest is looked at, so damage there stays unseen.

    Raises ArchiveDamaged, ArchiveTooNew, PassphraseNeeded, WrongPassphrase.
    """
    with _opened(path, passphrase) as tar:
        return Manifest.from_json(_small(tar, _MANIFEST))


def unpack(path: Path, dump: Path, *, passphrase: str | None = None) -> Manifest:
    """Write the dump to a new file and check every sum before anyone uses it; the manifest.

    Raises ArchiveDamaged, ArchiveTooNew, PassphraseNeeded, WrongPassphrase; `dump` is then not to be used.
    """
    with _opened(path, passphrase) as tar:
        described = _small(tar, _MANIFEST)
        manifest = Manifest.from_json(described)
        source, sum_of_dump = _member(tar, _DUMP), hashlib.sha256()
        with _created(dump) as file:
            while block := source.read(_BLOCK):
                sum_of_dump.update(block)
                file.write(block)
        said = _small(tar, _SUMS).decode("ascii", "replace").split()
        if said != [hashlib.sha256(described).hexdigest(), _MANIFEST, sum_of_dump.hexdigest(), _DUMP]:
            raise _damaged("контрольные суммы не сходятся")
        if tar.next() is not None:
            raise _damaged("в нём лишнее")
    return manifest


@contextmanager
def _opened(path: Path, passphrase: str | None) -> Iterator[tarfile.TarFile]:
    with path.open("rb") as file, ExitStack() as closing:
        sealed = file.read(len(seal.MAGIC)) == seal.MAGIC
        file.seek(0)
        source: BinaryIO = file
        if sealed and passphrase is None:
            raise PassphraseNeeded("Копия закрыта паролем. Назовите его.")
        if sealed and passphrase is not None:
            reader = cast(io.RawIOBase, closing.enter_context(seal.SealedReader(file, passphrase)))
            source = closing.enter_context(io.BufferedReader(reader, _BLOCK))
        try:
            yield closing.enter_context(tarfile.open(fileobj=source, mode="r|"))
        except (tarfile.TarError, EOFError) as error:
            raise _damaged("он оборван или это не копия Окна") from error


def _member(tar: tarfile.TarFile, name: str) -> BinaryIO:
    """The next member, which must be this one: what a copy holds and in what order is fixed."""
    member = tar.next()
    content = tar.extractfile(member) if member is not None and member.isreg() else None
    if member is None or content is None or member.name != name:
        raise _damaged(f"в нём нет {name}")
    return cast(BinaryIO, content)


def _small(tar: tarfile.TarFile, name: str) -> bytes:
    text = _member(tar, name).read(_LARGEST_MANIFEST + 1)
    if len(text) > _LARGEST_MANIFEST:
        raise _damaged("опись слишком велика")
    return text


def _damaged(reason: str) -> ArchiveDamaged:
    return ArchiveDamaged(f"Файл копии испорчен: {reason}. Восстанавливать из него нельзя, возьмите другую копию.")
