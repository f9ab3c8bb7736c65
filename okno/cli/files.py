"""Files in and out."""

import json
from pathlib import Path
from typing import Any, Literal

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from okno.cli import start

KINDS = ("houses", "accounts", "people", "consents", "meters", "turnover", "register", "statement")


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--organisation", type=int, default=None)
@click.option("--kind", type=click.Choice(KINDS), default=None, help="Ожидаемый вид файла.")
@click.option("--month", default=None, help="Месяц начислений ГГГГ-ММ, если в файле он не назван.")
@click.option("--yes", is_flag=True, help="Согласиться с замечаниями и провести.")
@click.option("--create-missing", is_flag=True, help="Заводить лицевые счета, которых ещё нет.")
@click.option("--json", "as_json", is_flag=True)
def import_files(
    paths: tuple[Path, ...],
    organisation: int | None,
    kind: str | None,
    month: str | None,
    yes: bool,
    create_missing: bool,
    as_json: bool,
) -> None:
    """Загрузить файлы: прочесть, проверить, провести; плохие строки — в карантин."""
    start.with_database()
    from okno.access import founding
    from okno.access.actor import acting, process
    from okno.common.days import NotADay, parse_month
    from okno.exchange.running import ImportReport, run_import

    try:
        chosen = founding.only_organisation(organisation)
        billed = parse_month(month) if month else None
    except (founding.CannotFound, NotADay) as refusal:
        raise click.ClickException(str(refusal)) from refusal
    reports: list[ImportReport] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        acting(process(chosen, "okno import"), source="okno import"),
        Progress(*columns, console=Console(stderr=True), disable=as_json) as bar,
    ):
        for path in paths:
            task = bar.add_task(path.name, total=None)

            def watch(text: str, done: int, total: int, task: Any = task, name: str = path.name) -> None:
                bar.update(task, description=f"{name}: {text}", completed=done, total=total or None)

            reports += run_import(
                chosen, path, yes=yes, month=billed, kind=kind, create_missing=create_missing, progress=watch
            )
    _print(reports, as_json)
    if not all(report.posted for report in reports):
        raise SystemExit(1)


def _print(reports: list[Any], as_json: bool) -> None:
    rows = [
        {
            "file": report.source.file_name,
            "import": report.source.pk,
            "kind": report.source.kind,
            "state": report.source.state,
            "repeated": report.repeated,
            "counts": report.source.counts,
            "totals": report.source.totals,
            "waiting": list(report.waiting),
            "message": report.message,
            "seconds": round(report.seconds, 2),
        }
        for report in reports
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2, default=str))
        return
    for report, row in zip(reports, rows, strict=True):
        counts = ", ".join(f"{key} {value}" for key, value in row["counts"].items() if value)
        click.echo(f"{row['file']}: {report.source.get_state_display()}; {counts}")
        for text in (*row["waiting"], *([row["message"]] if row["message"] else [])):
            click.echo(f"    {text}")
        if row["state"] == "mapping":
            click.echo(
                f"    Назовите столбцы на рабочем столе: «Импорт», № {row['import']}. Дальше Окно узнает их само."
            )


@click.command()
@click.argument("what", type=click.Choice(["accounts", "debts", "payments", "unmatched", "turnover"]))
@click.option("--to", "path", type=click.Path(path_type=Path), required=True, help="Файл .csv или .xlsx.")
@click.option("--month", default=None, help="ГГГГ-ММ: ведомость или платежи месяца, которые можно загрузить обратно.")
@click.option("--organisation", type=int, default=None)
def export(
    what: Literal["accounts", "debts", "payments", "unmatched", "turnover"],
    path: Path,
    month: str | None,
    organisation: int | None,
) -> None:
    """Выгрузить список в CSV или XLSX; формул в нём не бывает."""
    start.with_database()
    from okno.access import founding
    from okno.cli.months import month_of
    from okno.exchange import export as exchange
    from okno.exchange import month_export

    if (what == "turnover") != (month is not None) and what != "payments":
        raise click.BadParameter("месяц нужен ведомости и бывает у платежей", param_hint="--month")
    try:
        chosen = founding.only_organisation(organisation)
        if month is None:
            rows = exchange.write(chosen, what, path)  # type: ignore[arg-type]
        else:
            rows = month_export.write_month(chosen, what, month_of(month), path)  # type: ignore[arg-type]
    except (founding.CannotFound, exchange.CannotExport) as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"{path}: строк {rows}")
