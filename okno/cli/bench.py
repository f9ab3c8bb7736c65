"""`okno bench NAME`: our figure beside the limit or the peer of the same run, and the ratio."""

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from okno.cli import start

BENCHMARKS = {
    "posting": "benchmarks.posting",
    "gate": "benchmarks.gate",
    "import": "benchmarks.imports",
    "spreadsheet": "benchmarks.imports:spreadsheet",
    "register": "benchmarks.imports:register",
    "bills": "benchmarks.bills",
    "cycle": "benchmarks.cycle",
    "rebuild": "benchmarks.rebuild",
}

WITHOUT_DATABASE = {
    "calls": "benchmarks.calls",
    "speech": "benchmarks.speech",
    "dialogs": "benchmarks.dialogs",
    "answering-machine": "benchmarks.answering_machine",
}


@click.command()
@click.argument("name", type=click.Choice(sorted({*BENCHMARKS, *WITHOUT_DATABASE})))
@click.option("--accounts", type=int, default=None, help="Сколько лицевых счетов.")
@click.option("--n", "counts", default=None, help="Сколько звонков сразу, через запятую: 10,60,100.")
@click.option("--json", "as_json", is_flag=True, help="Для машины.")
def bench(name: str, accounts: int | None, counts: str | None, as_json: bool) -> None:
    """Измерить и показать рядом с пределом того же прогона.

    Работает в собственной временной базе на том же сервере; рабочие данные не трогает.
    """
    root = Path(__file__).resolve().parent.parent.parent
    if not (root / "benchmarks").is_dir():
        raise click.ClickException("Замеры лежат в исходном коде: запустите из папки проекта")
    sys.path.insert(0, str(root))
    rows = _without_database(name, counts) if name in WITHOUT_DATABASE else _with_database(name, accounts)
    if as_json:
        click.echo(json.dumps({"benchmark": name, "rows": rows}, ensure_ascii=False, indent=2, default=str))
        return
    _show(name, rows)


def _without_database(name: str, counts: str | None) -> list[dict[str, Any]]:
    start.settings_only()
    module = importlib.import_module(WITHOUT_DATABASE[name])
    options: dict[str, Any] = {} if counts is None else {"n": [int(count) for count in counts.split(",")]}
    rows: list[dict[str, Any]] = module.run(**options)
    return rows


def _with_database(name: str, accounts: int | None) -> list[dict[str, Any]]:
    from okno.cli.scratch import scratch_database

    with scratch_database():
        start.settings_only()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        module, _colon, function = BENCHMARKS[name].partition(":")
        measure = getattr(importlib.import_module(module), function or "run")
        options: dict[str, Any] = {} if accounts is None else {"accounts": accounts}
        rows: list[dict[str, Any]] = measure(**options)
        from django.db import connections

        connections.close_all()
    return rows


def _show(name: str, rows: list[dict[str, Any]]) -> None:
    table = Table(title=f"okno bench {name}")
    for column in ("что", "наше", "единица", "рядом", "предел / сверстник", "отношение", "бюджет"):
        table.add_column(column, justify="left" if column in {"что", "единица", "рядом"} else "right")
    for row in rows:
        table.add_row(
            str(row["name"]),
            _number(row["figure"]),
            str(row["unit"]),
            str(row.get("limit_name") or ""),
            _number(row.get("limit")),
            _number(row.get("ratio")),
            str(row.get("budget") or ""),
        )
    Console().print(table)


def _number(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:,.3g}".replace(",", " ") if isinstance(value, float) and abs(value) < 1000 else f"{value:,.0f}"
