"""Bills on paper: a month of an organisation, a house or an account as a PDF file for the printer."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from okno.cli import start

if TYPE_CHECKING:
    from okno.access.actor import Actor
    from okno.exchange.paper.models import PrintRun


@click.command()
@click.option("--month", required=True, help="Месяц начислений, ГГГГ-ММ.")
@click.option("--house", type=int, default=None, help="Номер дома из его адресной строки.")
@click.option("--account", "numbers", multiple=True, help="Лицевой счёт; можно несколько раз.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Куда положить файл PDF.")
@click.option("--organisation", type=int, default=None)
@click.option("--json", "as_json", is_flag=True, help="Для машины.")
def bills(
    month: str, house: int | None, numbers: tuple[str, ...], out: Path, organisation: int | None, as_json: bool
) -> None:
    """Напечатать квитанции за месяц в один файл, в порядке обхода почтальона.

    Кому квитанцию не напечатать, тот назван с причиной, остальные печатаются. Прервать можно в любую минуту:
    недоделанного не останется.
    """
    start.with_database()
    from okno.access import founding
    from okno.access.actor import acting, process
    from okno.common.days import NotADay, parse_month
    from okno.exchange.paper import runs
    from okno.exchange.paper.press import PressFailed

    if out.suffix.lower() != ".pdf":
        raise click.BadParameter("файл должен кончаться на .pdf", param_hint="--out")
    if not os.access(out.parent, os.W_OK | os.X_OK):
        raise click.BadParameter(f"в папку {out.parent} не записать: её нет или она закрыта", param_hint="--out")
    try:
        chosen = founding.only_organisation(organisation)
        actor = process(chosen, "okno bills")
        with acting(actor, source="okno bills"), _bar(quiet=as_json) as watch:
            run = _begin(actor, parse_month(month), house, numbers)
            printed, files = _print(actor, run, out, watch)
    except (founding.CannotFound, NotADay, runs.NothingToPrint, PressFailed) as refusal:
        raise click.ClickException(str(refusal)) from refusal
    _show(printed, files, as_json)
    if not printed.printed:
        raise SystemExit(1)


def _begin(actor: "Actor", month: date, house: int | None, numbers: tuple[str, ...]) -> "PrintRun":
    from okno.exchange.paper import runs
    from okno.houses.models import House
    from okno.ledger.models import Account

    chosen = None
    if house is not None:
        chosen = House.objects.filter(organisation=actor.organisation, pk=house).first()
        if chosen is None:
            raise click.BadParameter(f"дома {house} в организации нет", param_hint="--house")
    accounts = None
    if numbers:
        known = dict(
            Account.objects.filter(organisation=actor.organisation, number__in=numbers).values_list("number", "pk")
        )
        unknown = [number for number in numbers if number not in known]
        if unknown:
            raise click.BadParameter(f"лицевого счёта {unknown[0]} нет", param_hint="--account")
        accounts = list(known.values())
    title = ", ".join(numbers) or (chosen.short_address if chosen else "вся организация")
    return runs.begin(actor, month, title=title[:200], house=chosen, accounts=accounts)


def _print(actor: "Actor", run: "PrintRun", out: Path, watch: Any) -> tuple["PrintRun", list[Path]]:
    """Print the run and bring its files out; an interrupted one leaves nothing behind."""
    from okno.common import clock
    from okno.exchange.paper import runs
    from okno.exchange.paper.printing import print_run

    try:
        done = print_run(run.pk, watcher=watch)
    except BaseException:
        runs.cancel(actor, run)
        runs.retire(run.organisation_id, clock.now())
        raise
    files = []
    for number in range(1, len(done.files) + 1):
        path = out if len(done.files) == 1 else out.with_name(f"{out.stem}-{number}{out.suffix}")
        shutil.copyfile(runs.file_of(done, number), path)
        files.append(path)
    return done, files


@contextmanager
def _bar(*, quiet: bool) -> Iterator[Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as bar:
        task = bar.add_task("Печатаю квитанции", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _show(run: "PrintRun", files: list[Path], as_json: bool) -> None:
    refused = [
        {"account": row.account.number, "why": row.why}
        for row in run.unprinted.select_related("account").order_by("account__number")
    ]
    if as_json:
        told = {"printed": run.printed, "files": [str(path) for path in files], "unprinted": refused}
        click.echo(json.dumps({**told, "remarks": run.remarks}, ensure_ascii=False, indent=2))
        return
    for path in files:
        click.echo(f"{path}")
    click.echo(f"Напечатано квитанций: {run.printed}")
    for remark in run.remarks:
        click.echo(f"Пеня без суммы: {remark}")
    if refused:
        click.echo(f"Без квитанции: {len(refused)}")
    for row in refused[:20]:
        click.echo(f"    {row['account']}: {row['why']}")
    if len(refused) > 20:
        click.echo(f"    и ещё {len(refused) - 20}; все — с --json")
