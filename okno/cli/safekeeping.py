"""Backup, restore, and the proof that a backup restores."""

import json
import os
from datetime import datetime
from pathlib import Path

import click

from okno.cli import start
from okno.database import backup as copies
from okno.database import connection
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


@click.command()
@click.option("--to", "place", type=click.Path(path_type=Path), required=True, help="Файл .okno или папка.")
@click.option("--keep", type=click.IntRange(1), default=None, help="В папке оставить столько последних копий.")
@click.option("--json", "as_json", is_flag=True)
def backup(place: Path, keep: int | None, as_json: bool) -> None:
    """Снять копию базы: один файл с контрольными суммами. Пароль копии — в OKNO_BACKUP_PASSPHRASE.

    В копию входит вся база. Присланные файлы лежат в папке данных и копируются вместе с ней средствами системы.
    """
    start.with_database(migrated=False)
    path = place
    if place.is_dir() or not place.suffix:
        place.mkdir(parents=True, exist_ok=True)
        path = place / f"okno-{datetime.now().astimezone():%Y%m%d-%H%M%S}.okno"
    manifest = copies.dump(connection.connect_url(), path, totals=TOTALS, passphrase=os.environ.get(PASSPHRASE))
    if keep is not None and path.parent == place:
        for old in sorted(place.glob("okno-*.okno"))[:-keep]:
            old.unlink()
    rows = sum(manifest.rows.values())
    if as_json:
        click.echo(json.dumps({"path": str(path), "rows": rows, "bytes": path.stat().st_size}, ensure_ascii=False))
        return
    click.echo(f"Копия: {path} ({path.stat().st_size:,} байт, строк {rows:,})".replace(",", "\u00a0"))
    if PASSPHRASE not in os.environ:
        click.echo(f"Копия не зашифрована: чтобы шифровать, задайте {PASSPHRASE}")


@click.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Вместо того, что есть: прежняя база останется рядом под другим именем.")
def restore(path: Path, replace: bool) -> None:
    """Вернуть копию в базу и сверить с её описью."""
    start.with_database(migrated=False)
    verdict = copies.restore(connection.connect_url(), path, passphrase=os.environ.get(PASSPHRASE), replace=replace)
    _tell(verdict, "Восстановлено и сверено")
    click.echo("Обновите таблицы до версии программы: okno migrate")


@click.command("verify-backup")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify_backup(path: Path) -> None:
    """Восстановить копию в стороне, сверить строки и деньги, убрать за собой."""
    start.with_database(migrated=False)
    _tell(
        copies.verify(path, connection.connect_url(), passphrase=os.environ.get(PASSPHRASE)), "Копия восстанавливается"
    )


def _tell(verdict: copies.Verdict, good: str) -> None:
    if verdict.is_good:
        click.echo(good)
        return
    for difference in verdict.differences:
        click.echo(f"{difference.name}: в описи {difference.expected}, в копии {difference.found}", err=True)
    raise DatabaseRefusal("Копия не сходится со своей описью: не полагайтесь на неё")
