"""The `.okno` file: one tar of a manifest, the dump, the files, their account and check sums, sealed with a passphrase.

Any tar opens one that is not sealed: the dump is pg_dump's own, a file whose name got `.gz` is gzip.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, BinaryIO, Self, cast

from okno.database import seal
from okno.database.files import BLOCK, Contents, Entry, Listing, Missing, unpacked
from okno.database.refusal import DatabaseRefusal

#: 1 held no files.
FORMAT = 2
_MANIFEST, _DUMP, _CONTENTS, _SUMS = "manifest.json", "database.dump", "files.json", "SHA256SUMS"
_FILES = "files/"
_PACKED = ".gz"
_SIZE, _SHA256, _PACKING = "OKNO.size", "OKNO.sha256", "OKNO.packing"
_LARGEST_MANIFEST = 64 * 1024 * 1024

#: Is told how much of how much is done, in bytes.
Watch = Callable[[int, int], None]
Taker = Callable[[Entry, Iterator[bytes]], None]


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
    parts: Mapping[str, str] = field(default_factory=dict)
    """by the name of each part whose files are in the copy: the query of the files that the database counts on"""
    format: int = FORMAT

    def as_json(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False, indent=2).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Manifest:
        """Raises ArchiveDamaged, ArchiveTooNew."""
        try:
            said = json.loads(text)
            if said["format"] > FORMAT:
                raise ArchiveTooNew("Копию сделало более новое Окно. Обновите Окно и повторите.")
            totals = {name: Total(**total) for name, total in said.pop("totals").items()}
            return cls(**said, totals=totals)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise _damaged("опись не читается") from error


# ── writing ──


class Draft:
    """A copy being written beside its place. It gets its name when `finish` is called, whole and on the disk."""

    def __init__(self, path: Path, workplace: Path, passphrase: str | None) -> None:
        self._path, self._draft = path, workplace / "copy"
        self._sums: list[str] = []
        self.listing = Listing()
        self._closing = ExitStack()
        self._file = self._closing.enter_context(_created(self._draft))
        target: BinaryIO = self._file
        if passphrase is not None:
            target = cast(BinaryIO, self._closing.enter_context(seal.SealingWriter(self._file, passphrase)))
        self._tar = self._closing.enter_context(
            tarfile.open(fileobj=target, mode="w|", format=tarfile.PAX_FORMAT, bufsize=BLOCK)  # noqa: SIM115
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, trouble: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of a draft that was not finished: the workplace takes it away."""
        with suppress(OSError):  # the trouble may be that nothing more can be written
            self._closing.__exit__(kind, trouble, trace)

    def begin(self, manifest: Manifest, dump: Path) -> None:
        self._add_text(_MANIFEST, manifest.as_json())
        self._sums.append(f"{_sum_of(dump)}  {_DUMP}\n")
        with dump.open("rb") as content:
            self._tar.addfile(_member(_DUMP, dump.stat().st_size), content)

    def add(self, entry: Entry, content: BinaryIO, length: int) -> None:
        """Add a file whose content takes so many bytes."""
        member = _member(_FILES + entry.path + _PACKED * entry.packed, length)
        member.mode, member.mtime = entry.mode, entry.mtime
        member.pax_headers = {_SIZE: str(entry.size), _SHA256: entry.sha256}
        if entry.packed:
            member.pax_headers[_PACKING] = "gzip"
        self._tar.addfile(member, content)
        _forget(self._tar)
        self.listing.add(entry)

    def finish(self, contents: Contents) -> None:
        self._add_text(_CONTENTS, json.dumps(asdict(contents), ensure_ascii=False, indent=2).encode("utf-8", "replace"))
        self._add_text(_SUMS, "".join(self._sums).encode())
        self._closing.close()
        self._draft.replace(self._path)
        _settle(self._path.parent)

    def _add_text(self, name: str, text: bytes) -> None:
        self._sums.append(f"{hashlib.sha256(text).hexdigest()}  {name}\n")
        self._tar.addfile(_member(name, len(text)), io.BytesIO(text))


def _forget(tar: tarfile.TarFile) -> None:
    """Let go of the members that went by: a tar keeps each in mind, and there may be millions."""
    cast(Any, tar).members.clear()


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


@contextmanager
def _created(path: Path) -> Iterator[BinaryIO]:
    """A new private file, on the disk when the block is over."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """See that a new name in the folder is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sum_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# ── reading ──


def read_manifest(path: Path, *, passphrase: str | None = None) -> Manifest:
    """What the copy says of itself; nothing behind the manifest is looked at, so damage there stays unseen.

    Raises ArchiveDamaged, ArchiveTooNew, PassphraseNeeded, WrongPassphrase.
    """
    with _opened(path, passphrase) as tar:
        return Manifest.from_json(_small(tar, _MANIFEST))


@dataclass(frozen=True, kw_only=True)
class Inside:
    """What a copy holds, read to its end: everything in it is what its sums say."""

    manifest: Manifest
    contents: Contents


def unpack(
    path: Path,
    dump: Path | None,
    *,
    passphrase: str | None = None,
    take: Taker | None = None,
    watch: Watch | None = None,
) -> Inside:
    """Read a copy to its end and check every sum; the dump goes to the new file `dump`.

    `take` is given each file with its plain bytes and reads them to their end; the file is not proved before that.
    A path is always inside a part of the copy, whoever has written it. `watch` hears how much was read.
    Raises ArchiveDamaged, ArchiveTooNew, PassphraseNeeded, WrongPassphrase; `dump` is then not to be used.
    """
    with _opened(path, passphrase, watch) as tar:
        described = _small(tar, _MANIFEST)
        manifest = Manifest.from_json(described)
        sums = [f"{hashlib.sha256(described).hexdigest()}  {_MANIFEST}", f"{_dump(tar, dump)}  {_DUMP}"]
        contents = Contents(files=0, size=0, listing=Listing().digest, absent=0, missing=0)
        member = tar.next()
        if manifest.format > 1:
            listing = Listing()
            while member is not None and member.name.startswith(_FILES):
                listing.add(_take(tar, member, manifest, take))
                _forget(tar)
                member = tar.next()
            accounted = _text(tar, member, _CONTENTS)
            contents = _contents(accounted)
            if (contents.files, contents.size, contents.listing) != (listing.files, listing.size, listing.digest):
                raise _damaged("файлы в нём не те, что в описи")
            sums.append(f"{hashlib.sha256(accounted).hexdigest()}  {_CONTENTS}")
            member = tar.next()
        said = _text(tar, member, _SUMS).decode("ascii", "replace").splitlines()
        if said != sums:
            raise _damaged("контрольные суммы не сходятся")
        if tar.next() is not None:
            raise _damaged("в нём лишнее")
    return Inside(manifest=manifest, contents=contents)


def _dump(tar: tarfile.TarFile, to: Path | None) -> str:
    """Bring the dump out; its sum."""
    source, digest = _content(tar, tar.next(), _DUMP), hashlib.sha256()
    with ExitStack() as closing:
        file = closing.enter_context(_created(to)) if to is not None else None
        while block := source.read(BLOCK):
            digest.update(block)
            if file is not None:
                file.write(block)
    return digest.hexdigest()


def _take(tar: tarfile.TarFile, member: tarfile.TarInfo, manifest: Manifest, take: Taker | None) -> Entry:
    """Give one file away and prove it."""
    entry = _entry(member, manifest)
    pieces = _proved(entry, _content(tar, member, member.name))
    if take is not None:
        take(entry, pieces)
    for _rest in pieces:
        pass
    return entry


def _proved(entry: Entry, content: BinaryIO) -> Iterator[bytes]:
    """The bytes of a file, never more than it should have, checked at their end."""
    digest, size = hashlib.sha256(), 0
    try:
        for piece in unpacked(content, packed=entry.packed):
            size += len(piece)
            if size > entry.size:
                break
            digest.update(piece)
            yield piece
    except ValueError as error:
        raise _damaged(f"файл {entry.path} не распаковывается") from error
    if size != entry.size or digest.hexdigest() != entry.sha256:
        raise _damaged(f"файл {entry.path} не тот, что в описи")


def _entry(member: tarfile.TarInfo, manifest: Manifest) -> Entry:
    """What the header says, as far as it may be believed before the content is proved."""
    packed = member.pax_headers.get(_PACKING) == "gzip"
    name = member.name.removeprefix(_FILES).removesuffix(_PACKED if packed else "")
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or len(path.parts) < 2 or "\0" in name or str(path) != name:
        raise _damaged(f"путь {name!r} ведёт наружу")
    if path.parts[0] not in manifest.parts:
        raise _damaged(f"в нём файлы, которых нет в описи: {path.parts[0]}")
    try:
        return Entry(
            path=name,
            size=int(member.pax_headers[_SIZE]),
            sha256=member.pax_headers[_SHA256],
            mode=member.mode & 0o7777,
            mtime=int(member.mtime),
            packed=packed,
        )
    except (KeyError, ValueError, OverflowError) as error:
        raise _damaged(f"о файле {name} ничего не сказано") from error


def _contents(text: bytes) -> Contents:
    try:
        said = json.loads(text)
        examples = tuple(Missing(**each) for each in said.pop("examples"))
        absent, missing = int(said.pop("absent")), int(said.pop("missing"))
        return Contents(**said, absent=absent, missing=missing, examples=examples)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _damaged("список файлов не читается") from error


@contextmanager
def _opened(path: Path, passphrase: str | None, watch: Watch | None = None) -> Iterator[tarfile.TarFile]:
    with ExitStack() as closing:
        file: BinaryIO = closing.enter_context(path.open("rb"))
        sealed = file.read(len(seal.MAGIC)) == seal.MAGIC
        file.seek(0)
        source = file if watch is None else cast(BinaryIO, _Watched(file, path.stat().st_size, watch))
        if sealed and passphrase is None:
            raise PassphraseNeeded("Копия закрыта паролем. Назовите его.")
        if sealed and passphrase is not None:
            reader = cast(io.RawIOBase, closing.enter_context(seal.SealedReader(source, passphrase)))
            source = cast(BinaryIO, closing.enter_context(io.BufferedReader(reader, BLOCK)))
        try:
            yield closing.enter_context(tarfile.open(fileobj=source, mode="r|", bufsize=BLOCK))
        except (tarfile.TarError, EOFError) as error:
            raise _damaged("он оборван или это не копия Окна") from error


class _Watched:
    """A file whose reading is told of."""

    def __init__(self, file: BinaryIO, size: int, watch: Watch) -> None:
        self._file, self._size, self._watch = file, size, watch

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self._watch(self._file.tell(), self._size)
        return block


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo | None, name: str) -> BinaryIO:
    """The content of a member that must be this one: what a copy holds and in what order is fixed."""
    content = tar.extractfile(member) if member is not None and member.isreg() else None
    if member is None or content is None or member.name != name:
        raise _damaged(f"в нём нет {name}")
    return cast(BinaryIO, content)


def _text(tar: tarfile.TarFile, member: tarfile.TarInfo | None, name: str) -> bytes:
    if member is not None and member.size > _LARGEST_MANIFEST:
        raise _damaged("опись слишком велика")
    return _content(tar, member, name).read()


def _small(tar: tarfile.TarFile, name: str) -> bytes:
    return _text(tar, tar.next(), name)


def _damaged(reason: str) -> ArchiveDamaged:
    return ArchiveDamaged(f"Файл копии испорчен: {reason}. Восстанавливать из него нельзя, возьмите другую копию.")
