"""Copies of the database and the files beside it: taken, proved by restoring them aside, brought back."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg import sql

from okno.database import address, archive, binaries, identity, sessions
from okno.database.address import Address
from okno.database.archive import Inside, Manifest, Total
from okno.database.client import Client, CopyFailed
from okno.database.files import Contents, Entry, Gathering, Part
from okno.database.placing import NoRoom, Placing
from okno.database.refusal import DatabaseRefusal
from okno.database.statistics import analyse
from okno.database.workplace import workplace

_PROVIDERS = {"c": "libc", "i": "icu", "b": "builtin"}


class DatabaseNotEmpty(DatabaseRefusal):
    """A copy is not restored over what is there unless told to."""


class MayNotCreate(DatabaseRefusal):
    """Restoring over a living database needs the right to create databases."""


class Watch(Protocol):
    """Hears what is being done and how much of how much is; the total is 0 where nobody knows it."""

    def __call__(self, what: str, done: int, total: int) -> None: ...


def _nobody(what: str, done: int, total: int) -> None:
    """Watches nothing."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A figure of the restored copy that is not what the manifest says. `found` is '—' when it cannot be asked."""

    name: str
    expected: str
    found: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What restoring a copy has shown; every file in it was what its sum says."""

    manifest: Manifest
    contents: Contents
    differences: tuple[Difference, ...]

    @property
    def is_good(self) -> bool:
        return not self.differences


# ── taking ──


def dump(
    url: str,
    to: Path,
    *,
    tables: Iterable[str] | None = None,
    totals: Mapping[str, str] | None = None,
    parts: tuple[Part, ...] = (),
    passphrase: str | None = None,
    watch: Watch = _nobody,
) -> Inside:
    """Copy the database and the files of `parts` to one `.okno` file while everybody works on.

    The database is of one moment, the files are read after it: what it names is there, or was deleted meanwhile, or
    is missing and the answer says so. `tables` are counted (by default all); `totals` are queries of one figure
    each, by name. The file is whole or absent. Raises ServerUnreachable, CopyFailed, NoClientPrograms, NoRoom.
    """
    with _in_words(to), workplace(to.parent) as draft_in, _for_bare(draft_in, passphrase) as scratch:
        with address.connect(url) as connection, connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            counted = _user_tables(connection) if tables is None else list(tables)
            manifest = Manifest(
                # The clock of the machine, not of the demo: copies are kept and thrown away by it.
                created_at=datetime.now(UTC).isoformat(timespec="seconds"),
                okno=identity.okno_version(),
                server=connection.info.server_version,
                pg_dump=binaries.find().release,
                database=connection.info.dbname,
                installation=identity.database_mark(connection),
                rows={name: int(_figure(connection, _count(name))) for name in counted},
                totals={
                    name: Total(query=query, value=_figure(connection, query)) for name, query in (totals or {}).items()
                },
                parts={part.name: part.named for part in parts},
            )
            named = _named(connection, manifest.parts)
            # pg_dump sees the very moment that was counted.
            snapshot = _figure(connection, "SELECT pg_export_snapshot()")
            Client(address.parse(url), manifest.server).dump(
                scratch / "dump",
                f"--snapshot={snapshot}",
                f"--exclude-table=public.{identity.TABLE}",
                table=_course("База", _sizes(connection), watch),
            )
        with archive.Draft(to, draft_in, passphrase) as draft:
            draft.begin(manifest, scratch / "dump")
            (scratch / "dump").unlink()
            gathering = Gathering(parts, named, scratch)
            _gather(gathering, draft, watch)
            contents = gathering.contents(draft.listing, lambda: _named_now(url, manifest.parts))
            draft.finish(contents)
    return Inside(manifest=manifest, contents=contents)


def _gather(gathering: Gathering, draft: archive.Draft, watch: Watch) -> None:
    total, done = gathering.size(), 0

    def read(size: int) -> None:
        nonlocal done
        done += size
        watch("Файлы", done, total)

    for entry, content, length in gathering.packed(read):
        draft.add(entry, content, length)


@contextmanager
def _for_bare(workplace_beside: Path, passphrase: str | None) -> Iterator[Path]:
    """Where the dump and files may lie bare: a sealed copy may go to a medium that is meant to see nothing bare."""
    if passphrase is None:
        yield workplace_beside
        return
    with workplace(None) as elsewhere:
        yield elsewhere


@contextmanager
def _scratch(beside: Path, passphrase: str | None) -> Iterator[Path]:
    """Where a copy's dump is brought out to: beside it, or in TMPDIR when it is sealed or its medium is read-only."""
    near = passphrase is None and os.access(beside, os.W_OK)
    with workplace(beside if near else None) as folder:
        yield folder


@contextmanager
def _in_words(path: Path, then: str = "и повторите") -> Iterator[None]:
    """Say what the disk has said, and what to do. Raises NoRoom, CopyFailed."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoRoom(f"Кончилось место на диске: {error.filename or path}. Освободите его {then}.") from error
        raise CopyFailed(f"Диск отказал: {error.filename or path}: {error.strerror or error}") from error


def _course(what: str, weights: Mapping[str, int], watch: Watch) -> Callable[[str], None]:
    """Tell of tables as they go by: one that begins says that the one before it is done."""
    total, done, current = sum(weights.values()), 0, 0

    def begun(table: str) -> None:
        nonlocal done, current
        done, current = done + current, weights.get(table, 0)
        watch(what, done, total)

    return begun


def _sizes(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """The bytes of each table with rows of its own."""
    found = connection.execute(
        "SELECT format('%I.%I', n.nspname, c.relname), pg_table_size(c.oid) FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%'"
    )
    return dict(found.fetchall())


def _named(connection: psycopg.Connection[Any], queries: Mapping[str, str]) -> dict[str, set[str]]:
    """The files that the database counts on, by part."""
    return {
        part: {str(row[0]) for row in connection.execute(query.encode(), prepare=True)}
        for part, query in queries.items()
        if query
    }


def _named_now(url: str, queries: Mapping[str, str]) -> dict[str, set[str]]:
    with address.connect(url) as connection:
        return _named(connection, queries)


def _user_tables(connection: psycopg.Connection[Any]) -> list[str]:
    """Tables that are neither the system's, nor an extension's, nor the installation mark."""
    found = connection.execute(
        "SELECT format('%%I.%%I', n.nspname, c.relname) FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition"
        " AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%%'"
        " AND NOT (n.nspname = 'public' AND c.relname = %s)"
        " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass"
        "   AND d.objid = c.oid AND d.deptype = 'e')"
        " ORDER BY 1",
        [identity.TABLE],
    )
    return [row[0] for row in found]


def _count(table: str) -> str:
    return f"SELECT count(*) FROM {table}"


def _figure(connection: psycopg.Connection[Any], query: str) -> str:
    # Prepared, for that lets one statement through and no second behind a semicolon: the queries of a
    # manifest come out of a file.
    row = connection.execute(query.encode(), prepare=True).fetchone()
    return "" if row is None or row[0] is None else str(row[0])


# ── bringing back ──


def restore(
    url: str,
    path: Path,
    *,
    placing: Placing | None = None,
    passphrase: str | None = None,
    replace: bool = False,
    watch: Watch = _nobody,
) -> Verdict:
    """Bring a copy back into the database of `url`, compare it with its manifest, then put its files in place.

    An empty database is filled in one transaction. One that is not empty is refused, unless `replace`: then the
    copy is restored beside it, compared, and the two change names in one moment; the former stays on the
    server as `<name>_before_<moment>`. A copy with differences is never put in place of a living database, and its
    files stay where they are. Everything is read and proved before anything is touched. Without `placing` the files
    are only proved. Raises DatabaseNotEmpty, MayNotCreate, CopyFailed, NoClientPrograms, NoRoom, and what
    `archive.unpack` and `Placing` raise.
    """
    with address.connect(url) as connection:
        taken = _user_tables(connection)
    if taken and not replace:
        raise DatabaseNotEmpty(
            f"База {address.parse(url)} не пуста: в ней {len(taken)} таблиц. Восстановите копию в новую "
            "базу или разрешите замену (--replace); прежняя база тогда останется на сервере под другим именем."
        )
    with _in_words(path), _scratch(path.parent, passphrase) as scratch:
        content = scratch / "dump"
        seen = _Seen(placing)
        inside = archive.unpack(
            path, content, passphrase=passphrase, take=seen.take, watch=lambda *said: watch("Читаю копию", *said)
        )
        if placing is not None:
            placing.see_room()
        course = _course("База", inside.manifest.rows, watch)
        if taken:
            verdict = _replace(url, content, inside, seen, course)
        else:
            _fill(url, content, course)
            verdict = Verdict(
                manifest=inside.manifest, contents=inside.contents, differences=_differences(url, inside, seen)
            )
        if verdict.is_good and placing is not None:
            _place(path, placing, passphrase, watch)
    return verdict


def restore_files(path: Path, placing: Placing, *, passphrase: str | None = None, watch: Watch = _nobody) -> Contents:
    """Put only the files of a copy in place; no database is touched. Raises what `archive.unpack` and `Placing` raise,
    NoRoom, CopyFailed."""
    with _in_words(path):
        inside = archive.unpack(
            path, None, passphrase=passphrase, take=placing.survey, watch=lambda *said: watch("Читаю копию", *said)
        )
        placing.see_room()
        _place(path, placing, passphrase, watch)
    return inside.contents


def _place(path: Path, placing: Placing, passphrase: str | None, watch: Watch) -> None:
    with _in_words(path, "и верните остальные файлы: okno restore --files-only"):
        archive.unpack(
            path, None, passphrase=passphrase, take=placing.take, watch=lambda *said: watch("Файлы на место", *said)
        )
        os.sync()


class _Seen:
    """The files of a copy that went by, to be compared with those that its database counts on."""

    def __init__(self, placing: Placing | None) -> None:
        self.paths: set[str] = set()
        self._placing = placing

    def take(self, entry: Entry, pieces: Iterator[bytes]) -> None:
        self.paths.add(entry.path)
        if self._placing is not None:
            self._placing.survey(entry, pieces)


def _replace(url: str, content: Path, inside: Inside, seen: _Seen, course: Callable[[str], None]) -> Verdict:
    here = address.parse(url)
    beside = here.named(_aside(here.database, "restored"))
    _create_database(here, beside)
    try:
        _fill(beside.url, content, course)
        verdict = Verdict(
            manifest=inside.manifest, contents=inside.contents, differences=_differences(beside.url, inside, seen)
        )
        if verdict.is_good:
            _carry_mark(here, beside)
            _swap(here, beside)
    except BaseException:
        _drop_database(here, beside)
        raise
    if not verdict.is_good:
        _drop_database(here, beside)
    return verdict


def verify(path: Path, scratch_url: str, *, passphrase: str | None = None, watch: Watch = _nobody) -> Verdict:
    """Restore a copy into a database made for it on the server of `scratch_url`, compare, and drop it.

    Every file of the copy is read and proved; none is written. Raises ArchiveDamaged and its kin, CopyFailed,
    MayNotCreate, ServerUnreachable, NoRoom.
    """
    server = address.parse(scratch_url)
    aside = server.named(_aside("okno", "verify"))
    with _in_words(path), _scratch(path.parent, passphrase) as scratch:
        content = scratch / "dump"
        seen = _Seen(None)
        inside = archive.unpack(
            path, content, passphrase=passphrase, take=seen.take, watch=lambda *said: watch("Читаю копию", *said)
        )
        _create_database(server, aside)
        try:
            _fill(aside.url, content, _course("База", inside.manifest.rows, watch))
            differences = _differences(aside.url, inside, seen)
            return Verdict(manifest=inside.manifest, contents=inside.contents, differences=differences)
        finally:
            _drop_database(server, aside)


def _fill(url: str, content: Path, course: Callable[[str], None]) -> None:
    """All or nothing, into an empty database."""
    Client.of(url).fill(content, table=course)
    with address.connect(url) as connection, connection.cursor() as cursor:
        analyse(cursor)


def _differences(url: str, inside: Inside, seen: _Seen) -> tuple[Difference, ...]:
    manifest = inside.manifest
    wanted = {f"строк в {name}": (_count(name), str(count)) for name, count in manifest.rows.items()}
    wanted |= {name: (total.query, total.value) for name, total in manifest.totals.items()}
    found = []
    with address.connect(url) as connection:
        for name, (query, expected) in wanted.items():
            figure = _asked(connection, lambda query=query: _figure(connection, query))  # type: ignore[misc]
            if figure != expected:
                found.append(Difference(name=name, expected=expected, found=figure))
        absent = _asked(connection, lambda: str(_absent(connection, manifest, seen.paths)))
    if absent != str(inside.contents.absent):
        found.append(Difference(name="файлов, которых нет в копии", expected=str(inside.contents.absent), found=absent))
    return tuple(found)


def _asked(connection: psycopg.Connection[Any], ask: Callable[[], str]) -> str:
    """What a question of the manifest gives; it can only read."""
    try:
        with connection.transaction():
            connection.execute("SET TRANSACTION READ ONLY")
            return ask()
    except psycopg.Error:
        return "—"


def _absent(connection: psycopg.Connection[Any], manifest: Manifest, seen: set[str]) -> int:
    """How many files the database counts on that did not go by."""
    named = _named(connection, manifest.parts)
    return sum(f"{part}/{path}" not in seen for part, paths in named.items() for path in paths)


# ── databases beside each other ──


def _aside(name: str, purpose: str) -> str:
    """A name nobody has; a name of PostgreSQL holds 63 bytes."""
    return f"{name.encode()[:36].decode(errors='ignore')}_{purpose}_{secrets.token_hex(4)}"


def _create_database(server: Address, new: Address) -> None:
    """A database that sorts and compares as the one of `server` does."""
    with address.connect(server.url) as connection:
        row = connection.execute("SELECT to_jsonb(d) FROM pg_database d WHERE datname = current_database()").fetchone()
        assert row is not None, "we are connected to it"
        try:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' {}").format(
                    sql.Identifier(new.database), _locale(row[0])
                )
            )
        except psycopg.errors.InsufficientPrivilege:
            raise MayNotCreate(
                f"Роли {server.user} нельзя создавать базы, а копии нужна своя. Дайте ей это право: "
                f'ALTER ROLE "{server.user}" CREATEDB.'
            ) from None


def _locale(known: Mapping[str, str | None]) -> sql.Composed:
    """The locale clauses of CREATE DATABASE out of a row of pg_database, whose columns differ by version."""
    provider = _PROVIDERS[known["datlocprovider"] or "c"]
    clauses = [("LC_COLLATE", known["datcollate"]), ("LC_CTYPE", known["datctype"]), ("LOCALE_PROVIDER", provider)]
    if provider != "libc":
        clauses.append((f"{provider.upper()}_LOCALE", known.get("datlocale") or known.get("daticulocale")))
    return sql.SQL(" ").join(sql.SQL(f"{name} {{}}").format(sql.Literal(value)) for name, value in clauses)


def _drop_database(server: Address, unwanted: Address) -> None:
    with address.connect(server.named("postgres").url) as connection:
        sessions.drop(connection, unwanted.database)


def _carry_mark(here: Address, beside: Address) -> None:
    """The restored database belongs to the installation that restores it, not to the one it came from."""
    with address.connect(here.url) as connection:
        mark = identity.database_mark(connection)
    if mark is not None:
        with address.connect(beside.url) as connection:
            identity.check_database(connection, identity.Installation(mark, _moment(), identity.okno_version()))


def _swap(here: Address, beside: Address) -> None:
    """The two change names in one transaction; whoever is connected to the former is sent away first."""
    kept = f"{here.database.encode()[:36].decode(errors='ignore')}_before_{datetime.now(UTC):%Y%m%d%H%M%S}"
    former, restored = sql.Identifier(here.database), sql.Identifier(beside.database)
    rename, admit = sql.SQL("ALTER DATABASE {} RENAME TO {}"), sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    with address.connect(here.named("postgres").url) as connection:
        # Else a pool that reconnects at once would hold the old name for ever.
        connection.execute(admit.format(former, sql.SQL("false")))
        try:
            sessions.send_away(connection, here.database)
            with connection.transaction():
                connection.execute(rename.format(former, sql.Identifier(kept)))
                connection.execute(rename.format(restored, former))
        finally:
            names = [row[0] for row in connection.execute("SELECT datname FROM pg_database").fetchall()]
            left = kept if kept in names else here.database
            connection.execute(admit.format(sql.Identifier(left), sql.SQL("true")))


def _moment() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
