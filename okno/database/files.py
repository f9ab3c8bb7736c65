"""Files of an installation beside its database, on their way into a copy: found, packed one by one, accounted for."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

BLOCK = 1024 * 1024
#: Names of files that a restoring is writing begin so; no copy takes them.
UNDER_WAY = ".restoring-"
_SAMPLE = 256 * 1024
#: Sound shrinks by a half and tables by nine tenths; what shrinks less is not worth the time of packing it.
_WORTH_PACKING = 0.9
_IN_MEMORY = 8 * BLOCK
_GZIP = 31
_EXAMPLES = 1000


@dataclass(frozen=True, kw_only=True)
class Part:
    """A folder whose files belong into a copy.

    `name` is its name in copies; `passed_by` are patterns of the names of files that are still on their way; `named`
    is a query of one column, the paths under `root` of the files that the database counts on.
    """

    name: str
    root: Path
    passed_by: tuple[str, ...] = ()
    named: str = ""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A file in a copy: `path` begins with the name of its part; `size` in bytes and `sha256` are of what it holds.

    `mode` is its permissions, `mtime` the second it was last changed; `packed` says that it lies in the copy as gzip.
    """

    path: str
    size: int
    sha256: str
    mode: int
    mtime: int
    packed: bool

    @property
    def described(self) -> bytes:
        """One line that no two different files share."""
        return os.fsencode(f"{self.sha256} {self.size} {self.mode:o} {self.mtime} {self.path}\n")


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A file that should be in the copy and is not, and why in words."""

    path: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What files a copy holds.

    `listing` is the SHA-256 of all entries' descriptions in their order. `absent` counts the files that the database
    of the copy names and the copy does not hold; of these, and of files that could not be read, `missing` are lost:
    nobody has deleted them on purpose. `examples` are the first thousand of the lost.
    """

    files: int
    size: int
    listing: str
    absent: int
    missing: int
    examples: tuple[Missing, ...] = ()


@dataclass
class Listing:
    """The entries of a copy as they go by: their number, their bytes and one sum over all."""

    files: int = 0
    size: int = 0
    _sum: hashlib._Hash = field(default_factory=hashlib.sha256)

    def add(self, entry: Entry) -> None:
        self.files += 1
        self.size += entry.size
        self._sum.update(entry.described)

    @property
    def digest(self) -> str:
        return self._sum.hexdigest()


class Gathering:
    """The files of some parts, packed one after another in bounded memory; what was not there is kept in mind.

    `named` are the paths that the database counts on, by the name of the part.
    """

    def __init__(self, parts: tuple[Part, ...], named: Mapping[str, set[str]], scratch: Path) -> None:
        self._parts, self._scratch = parts, scratch
        self._awaited = {f"{part}/{path}" for part, paths in named.items() for path in paths}
        self._unread: dict[str, str] = {}

    def size(self) -> int:
        """How many bytes there are to pack, as of now."""
        return sum(_size(path) for part in self._parts for path, _name in _walk(part))

    def packed(self, watch: Callable[[int], None]) -> Iterator[tuple[Entry, BinaryIO, int]]:
        """Each file with its content and that content's length in the copy; `watch` hears the bytes that were read.

        The content is good until the next is asked for. A file that disappears meanwhile is passed by.
        """
        for part in self._parts:
            for path, name in _walk(part):
                try:
                    source = _open(path)
                except FileNotFoundError:
                    continue
                except OSError as error:
                    self._unread[name] = f"не читается: {error.strerror}"
                    continue
                with source, tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=str(self._scratch)) as spool:
                    content = cast(BinaryIO, spool)
                    try:
                        entry = _pack(source, content, name, watch)
                    except _Unreadable as trouble:
                        self._unread[name] = f"не читается: {trouble}"
                        continue
                    length = content.tell()
                    content.seek(0)
                    yield entry, content, length
                    self._awaited.discard(name)

    def contents(self, listing: Listing, still_named: Callable[[], Mapping[str, set[str]]]) -> Contents:
        """The account of a gathering that is over. `still_named` is asked, when something is absent, which files the
        database counts on by now: what it has let go of meanwhile was deleted on purpose."""
        absent = len(self._awaited)
        lost = dict(self._unread)
        if self._awaited - lost.keys():
            named = {f"{part}/{path}" for part, paths in still_named().items() for path in paths}
            for path in self._awaited & named:
                lost.setdefault(path, "нет на диске")
        return Contents(
            files=listing.files,
            size=listing.size,
            listing=listing.digest,
            absent=absent,
            missing=len(lost),
            examples=tuple(Missing(path=path, why=lost[path]) for path in sorted(lost)[:_EXAMPLES]),
        )


class _Unreadable(Exception):
    """The disk refused to give a file; the full disk of the copy is not meant."""


def _walk(part: Part) -> Iterator[tuple[Path, str]]:
    """The regular files under a part's folder with their names in the copy; links lead outside and are passed by."""
    for folder, inside, names in os.walk(part.root.resolve()):
        inside.sort()
        for name in sorted(names):
            path = Path(folder) / name
            passed_by = any(fnmatchcase(name, pattern) for pattern in (f"{UNDER_WAY}*", *part.passed_by))
            if passed_by or not _is_regular(path):
                continue
            yield path, str(PurePosixPath(part.name) / path.relative_to(part.root.resolve()))


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _open(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb", buffering=0)


def _pack(source: BinaryIO, spool: BinaryIO, name: str, watch: Callable[[int], None]) -> Entry:
    """Copy a file aside, packed where that is worth it, as it is now: it may be growing."""
    told = os.fstat(source.fileno())
    digest, size, packer = hashlib.sha256(), 0, None
    # What is added while we read is left for the next copy.
    while block := _read(source, min(BLOCK, told.st_size - size)):
        if size == 0 and len(zlib.compress(block[:_SAMPLE], 1)) < _WORTH_PACKING * len(block[:_SAMPLE]):
            packer = zlib.compressobj(1, wbits=_GZIP)
        digest.update(block)
        size += len(block)
        spool.write(packer.compress(block) if packer else block)
        watch(len(block))
    if packer:
        spool.write(packer.flush())
    return Entry(
        path=name,
        size=size,
        sha256=digest.hexdigest(),
        mode=stat.S_IMODE(told.st_mode),
        mtime=int(told.st_mtime),
        packed=packer is not None,
    )


def _read(source: BinaryIO, size: int) -> bytes:
    try:
        return source.read(size)
    except OSError as error:
        raise _Unreadable(error.strerror) from error


def unpacked(source: BinaryIO, *, packed: bool) -> Iterator[bytes]:
    """The plain bytes of a content that `Gathering` packed, in bounded pieces. Raises ValueError for spoilt gzip."""
    if not packed:
        yield from iter(lambda: source.read(BLOCK), b"")
        return
    opener = zlib.decompressobj(wbits=_GZIP)
    try:
        while block := source.read(BLOCK):
            while block:
                yield opener.decompress(block, BLOCK)
                block = opener.unconsumed_tail
            if opener.eof and (opener.unused_data or source.read(1)):
                raise ValueError("more than one stream")
        if not opener.eof:
            raise ValueError("cut short")
    except zlib.error as error:
        raise ValueError(str(error)) from error
