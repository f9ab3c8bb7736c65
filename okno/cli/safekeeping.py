"""Backup, restore, and the proof that a backup restores."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from config import environment
from okno.cli import start
from okno.database import backup as copies
from okno.database import connection
from okno.database.files import Contents, Part
from okno.database.placing import Placing
from okno.database.refusal import DatabaseRefusal

PASSPHRASE = "OKNO_BACKUP_PASSPHRASE"

#: Money of the whole installation: a copy that lost a kopeck is not a copy.
TOTALS = {
    "начислено": "SELECT coalesce(sum(billed_minor), 0) FROM ledger_balance",
    "оплачено": "SELECT coalesce(sum(paid_minor), 0) FROM ledger_balance",
    "не оплачено": "SELECT coalesce(sum(open_minor), 0) FROM ledger_balance",
    "авансы": "SELECT coalesce(sum(advance_minor), 0) FROM ledger_balance",
    "без лицевого счёта": (
        "SELECT coalesce(sum(amount_minor), 0) FROM exchange_unmatchedpayment WHERE state = 'waiting'"
    ),
}

_FILES = (
    "SELECT file_path FROM exchange_import WHERE file_path <> '' UNION"
    " SELECT format('bills/%s/%s/%s.pdf', organisation_id, id, number)"
    " FROM exchange_printrun, generate_series(1, jsonb_array_length(files)) AS number"
    " WHERE state = 'done' AND removed_at IS NULL"
)
#: A recording that was cut short may have never begun: nothing is lost with it.
_RECORDINGS = (
    "SELECT substr(recording, length('recordings/') + 1) FROM dialogs_call"
    " WHERE recording <> '' AND recording_cut = '' AND recording_deleted_at IS NULL"
)


def places() -> dict[str, Path]:
    """The folders of what cannot be made again, by their names in a copy.

    The recogniser's model and the phrases already said are made again, the secrets stay with the installation.
    """
    from django.conf import settings

    data = environment.data_dir()
    return {
        "files": Path(settings.MEDIA_ROOT),
        "recordings": data / "recordings",
        "announcer": data / (environment.value("ANNOUNCER_DIR") or "announcer"),
    }


def parts(*, recordings: bool = True) -> tuple[Part, ...]:
    """What a copy holds besides the database."""
    where = places()
    found = [
        # A file that is still coming, a page of a print under way.
        Part(name="files", root=where["files"], passed_by=("coming-*", "part-*"), named=_FILES),
        Part(name="announcer", root=where["announcer"]),
    ]
    if recordings:
        found.append(Part(name="recordings", root=where["recordings"], named=_RECORDINGS))
    return tuple(found)


@click.command()
@click.option("--to", "place", type=click.Path(path_type=Path), required=True, help="Файл .okno или папка.")
@click.option("--keep", type=click.IntRange(1), default=None, help="В папке оставить столько последних копий.")
@click.option("--without-recordings", is_flag=True, help="Без записей разговоров: их хранят в другом месте.")
@click.option("--json", "as_json", is_flag=True)
def backup(place: Path, keep: int | None, without_recordings: bool, as_json: bool) -> None:
    """Снять копию: база и файлы, один файл с контрольными суммами. Пароль копии — в OKNO_BACKUP_PASSPHRASE.

    Файлы — присланные, напечатанные квитанции, записи разговоров, фразы диктора. Настройки и пароли к каналам в копию
    не входят.
    """
    start.with_database(migrated=False)
    path = place
    if place.is_dir() or not place.suffix:
        place.mkdir(parents=True, exist_ok=True)
        path = place / f"okno-{datetime.now().astimezone():%Y%m%d-%H%M%S}.okno"
    with _bar(quiet=as_json) as watch:
        inside = copies.dump(
            connection.connect_url(),
            path,
            totals=TOTALS,
            parts=parts(recordings=not without_recordings),
            passphrase=os.environ.get(PASSPHRASE),
            watch=watch,
        )
    if keep is not None and path.parent == place:
        for old in sorted(place.glob("okno-*.okno"))[:-keep]:
            old.unlink()
    rows, contents, size = sum(inside.manifest.rows.values()), inside.contents, path.stat().st_size
    if as_json:
        told = {"path": str(path), "rows": rows, "bytes": size, "files": contents.files, "files_bytes": contents.size}
        lost = [{"path": each.path, "why": each.why} for each in contents.examples]
        click.echo(json.dumps({**told, "missing": contents.missing, "missing_files": lost}, ensure_ascii=False))
        return
    click.echo(f"Копия: {path} ({_spaced(size)} байт, строк {_spaced(rows)}, файлов {_spaced(contents.files)})")
    _warn(contents)
    if without_recordings:
        click.echo("Записей разговоров в копии нет: берегите их отдельно")
    if PASSPHRASE not in os.environ:
        click.echo(f"Копия не зашифрована: чтобы шифровать, задайте {PASSPHRASE}")


@click.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Вместо того, что есть: прежняя база останется рядом под другим именем.")
@click.option("--files-only", is_flag=True, help="Только файлы, базы не касаясь: после прерванного возврата.")
@click.option("--over-newer", is_flag=True, help="И поверх файлов, которые на диске новее, чем в копии.")
def restore(path: Path, replace: bool, files_only: bool, over_newer: bool) -> None:
    """Вернуть копию: базу, сверив с описью, и файлы на их места."""
    if replace and files_only:
        raise click.UsageError("--replace — о базе, а --files-only её не касается")
    start.with_database(migrated=False)
    placing = Placing(places(), over_newer=over_newer)
    passphrase = os.environ.get(PASSPHRASE)
    with _bar() as watch:
        if files_only:
            contents = copies.restore_files(path, placing, passphrase=passphrase, watch=watch)
        else:
            verdict = copies.restore(
                connection.connect_url(), path, placing=placing, passphrase=passphrase, replace=replace, watch=watch
            )
            contents = verdict.contents
    if not files_only:
        _tell(verdict, "Восстановлено и сверено")
    _tell_placed(placing)
    _warn(contents)
    if not files_only:
        click.echo("Обновите таблицы до версии программы: okno migrate")


@click.command("verify-backup")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify_backup(path: Path) -> None:
    """Восстановить копию в стороне, сверить строки и деньги, прочесть каждый файл, убрать за собой."""
    start.with_database(migrated=False)
    with _bar() as watch:
        verdict = copies.verify(path, connection.connect_url(), passphrase=os.environ.get(PASSPHRASE), watch=watch)
    _tell(verdict, f"Копия восстанавливается, файлов в ней {_spaced(verdict.contents.files)}, все целы")
    _warn(verdict.contents)


@contextmanager
def _bar(*, quiet: bool = False) -> Iterator[copies.Watch]:
    """How far it is, on a terminal; when the machine asks to stop, nothing half-made is left."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    before = signal.signal(signal.SIGTERM, _stopped)
    tasks: dict[str, Any] = {}
    try:
        with Progress(*columns, console=console, disable=quiet or not console.is_terminal) as bar:

            def watch(what: str, done: int, total: int) -> None:
                if what not in tasks:
                    tasks[what] = bar.add_task(what, total=total or None)
                bar.update(tasks[what], completed=done, total=total or None)

            yield watch
    finally:
        signal.signal(signal.SIGTERM, before)


def _stopped(_signal: int, _frame: object) -> None:
    sys.exit(128 + signal.SIGTERM)


def _tell(verdict: copies.Verdict, good: str) -> None:
    if verdict.is_good:
        click.echo(good)
        return
    for difference in verdict.differences:
        click.echo(f"{difference.name}: в описи {difference.expected}, в копии {difference.found}", err=True)
    raise DatabaseRefusal("Копия не сходится со своей описью: не полагайтесь на неё")


def _tell_placed(placing: Placing) -> None:
    click.echo(f"Файлов возвращено: {_spaced(placing.placed)}, уже были на месте: {_spaced(placing.same)}")
    if placing.newer:
        click.echo(f"Оставлены, потому что новее, чем в копии: {len(placing.newer)}; заменить — --over-newer")
        _list(placing.newer)


def _warn(contents: Contents) -> None:
    """Say what the copy should hold and does not."""
    if contents.missing:
        click.echo(f"ВНИМАНИЕ: в копии нет файлов, которые должны быть: {_spaced(contents.missing)}", err=True)
        _list([f"{each.path}: {each.why}" for each in contents.examples])


def _list(lines: list[str]) -> None:
    for line in lines[:20]:
        click.echo(f"    {line}", err=True)
    if len(lines) > 20:
        click.echo(f"    и ещё {len(lines) - 20}", err=True)


def _spaced(number: int) -> str:
    return f"{number:,}".replace(",", "\u00a0")
