"""Copies of the database: taken, proved by restoring them aside, brought back."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from okno.database import address, archive, binaries, identity
from okno.database.address import Address
from okno.database.archive import Manifest, Total
from okno.database.client import Client
from okno.database.refusal import DatabaseRefusal
from okno.database.statistics import analyse

_PROVIDERS = {"c": "libc", "i": "icu", "b": "builtin"}


class DatabaseNotEmpty(DatabaseRefusal):
    """A copy is not restored over what is there unless told to."""


class MayNotCreate(DatabaseRefusal):
    """Restoring over a living database needs the right to create databases."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A figure of the restored copy that is not what the manifest says. `found` is '—' when it cannot be asked."""

    name: str
    expected: str
    found: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What restoring a copy aside has shown."""

    manifest: Manifest
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
    passphrase: str | None = None,
) -> Manifest:
    """Copy the database to one `.okno` file, all of one moment, while everybody works on.

    `tables` are counted (by default all); `totals` are queries of one figure each, by name. The file is whole
    or absent. Raises ServerUnreachable, CopyFailed, NoClientPrograms.
    """
    with _scratch(to.parent, passphrase) as scratch:
        content = scratch / "dump"
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
            )
            # pg_dump sees the very moment that was counted.
            snapshot = _figure(connection, "SELECT pg_export_snapshot()")
            Client(address.parse(url), manifest.server).dump(
                content, f"--snapshot={snapshot}", f"--exclude-table=public.{identity.TABLE}"
            )
        archive.write(to, manifest=manifest, dump=content, passphrase=passphrase)
    return manifest


@contextmanager
def _scratch(beside: Path, passphrase: str | None) -> Iterator[Path]:
    """A private folder for the dump while it is bare: beside the copy, where there is room for it.

    A sealed copy may lie on a medium that is meant to see nothing bare, so its dump waits in TMPDIR.
    """
    near = passphrase is None and os.access(beside, os.W_OK)
    with tempfile.TemporaryDirectory(prefix=".okno-", dir=beside if near else None) as folder:
        yield Path(folder)


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


def restore(url: str, path: Path, *, passphrase: str | None = None, replace: bool = False) -> Verdict:
    """Bring a copy back into the database of `url` and compare it with its manifest.

    An empty database is filled in one transaction. One that is not empty is refused, unless `replace`: then the
    copy is restored beside it, compared, and the two change names in one moment; the former stays on the
    server as `<name>_before_<moment>`. A copy with differences is never put in place of a living database.
    Raises DatabaseNotEmpty, MayNotCreate, CopyFailed, NoClientPrograms, and what `archive.unpack` raises.
    """
    with _scratch(path.parent, passphrase) as scratch:
        content = scratch / "dump"
        manifest = archive.unpack(path, content, passphrase=passphrase)
        with address.connect(url) as connection:
            taken = _user_tables(connection)
        if not taken:
            _fill(url, content)
            return Verdict(manifest=manifest, differences=_differences(url, manifest))
        if not replace:
            raise DatabaseNotEmpty(
                f"База {address.parse(url)} не пуста: в ней {len(taken)} таблиц. Восстановите копию в новую "
                "базу или разрешите замену; прежняя база тогда останется на сервере под другим именем."
            )
        return _replace(url, content, manifest)


def _replace(url: str, content: Path, manifest: Manifest) -> Verdict:
    here = address.parse(url)
    beside = here.named(_aside(here.database, "restored"))
    _create_database(here, beside)
    try:
        _fill(beside.url, content)
        verdict = Verdict(manifest=manifest, differences=_differences(beside.url, manifest))
        if verdict.is_good:
            _carry_mark(here, beside)
            _swap(here, beside)
    except BaseException:
        _drop_database(here, beside)
        raise
    if not verdict.is_good:
        _drop_database(here, beside)
    return verdict


def verify(path: Path, scratch_url: str, *, passphrase: str | None = None) -> Verdict:
    """Restore a copy into a database made for it on the server of `scratch_url`, compare, and drop it.

    Raises ArchiveDamaged and its kin, CopyFailed, MayNotCreate, ServerUnreachable.
    """
    server = address.parse(scratch_url)
    aside = server.named(_aside("okno", "verify"))
    with _scratch(path.parent, passphrase) as scratch:
        content = scratch / "dump"
        manifest = archive.unpack(path, content, passphrase=passphrase)
        _create_database(server, aside)
        try:
            _fill(aside.url, content)
            return Verdict(manifest=manifest, differences=_differences(aside.url, manifest))
        finally:
            _drop_database(server, aside)


def _fill(url: str, content: Path) -> None:
    """All or nothing, into an empty database."""
    Client.of(url).fill(content)
    with address.connect(url) as connection, connection.cursor() as cursor:
        analyse(cursor)


def _differences(url: str, manifest: Manifest) -> tuple[Difference, ...]:
    wanted = {f"строк в {name}": (_count(name), str(count)) for name, count in manifest.rows.items()}
    wanted |= {name: (total.query, total.value) for name, total in manifest.totals.items()}
    found = []
    with address.connect(url) as connection:
        for name, (query, expected) in wanted.items():
            try:
                with connection.transaction():
                    connection.execute("SET TRANSACTION READ ONLY")
                    figure = _figure(connection, query)
            except psycopg.Error:
                figure = "—"
            if figure != expected:
                found.append(Difference(name=name, expected=expected, found=figure))
    return tuple(found)


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
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(unwanted.database))
    with address.connect(server.named("postgres").url) as connection:
        connection.execute(drop)


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
            connection.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s",
                [here.database],
            )
            with connection.transaction():
                connection.execute(rename.format(former, sql.Identifier(kept)))
                connection.execute(rename.format(restored, former))
        finally:
            names = [row[0] for row in connection.execute("SELECT datname FROM pg_database").fetchall()]
            left = kept if kept in names else here.database
            connection.execute(admit.format(sql.Identifier(left), sql.SQL("true")))


def _moment() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
