"""Months of the ledger: closing one, opening it again, its trial balance."""

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from okno.cli import start, whose
from okno.common.money import Currency, format_minor, plain_minor

STEPS = 4
"""Accounts, services, comparing, packing."""

BY = {"house": "houses", "service": "services", "account": "accounts"}


def month_of(text: str) -> date:
    """The month «2026-10» as its first day. Raises BadParameter."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise click.BadParameter("нужен месяц ГГГГ-ММ", param_hint="--month") from error


@click.command("close")
@click.option("--month", "text", default=None, help="ГГГГ-ММ; по умолчанию месяц, чья очередь.")
@click.option("--yes", is_flag=True, help="Закрыть, хотя сделано не всё.")
@click.option("--organisation", type=int, default=None)
@click.option("--json", "as_json", is_flag=True)
def close(text: str | None, yes: bool, organisation: int | None, as_json: bool) -> None:
    """Сверить месяц до копейки и закрыть: провести в него после этого ничего нельзя.

    Закрытый месяц остаётся закрытым. Прерванная команда ничего не меняет, её можно повторить.
    """
    start.with_database()
    from okno.access.actor import acting, process
    from okno.common import clock
    from okno.ledger.months import checklist, closing, reading
    from okno.ledger.months.closed import standing

    chosen = whose.one(organisation)
    turn = reading.turn(reading.course(chosen, clock.today(chosen.time_zone)))
    month = month_of(text) if text else turn.month if turn else None
    if month is None:
        raise click.ClickException("Закрывать нечего: все месяцы, которые кончились, закрыты")
    closed = standing(chosen, month)
    if closed is None:
        items = checklist.made(chosen, month)
        undone = checklist.undone(items)
        if undone and not yes:
            left = "\n".join(f"    {item.title}: {item.text}" for item in items if not item.is_clean)
            raise click.ClickException(f"Сделано не всё:\n{left}\nДоделайте или добавьте --yes.")
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        actor = process(chosen, "okno ledger close")
        with (
            acting(actor, source="okno ledger close"),
            Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), disable=as_json) as bar,
        ):
            task = bar.add_task(f"{month:%m.%Y}", total=STEPS, completed=-1)

            def watch(step: str) -> None:
                bar.update(task, description=step, advance=1)

            try:
                today = clock.today(chosen.time_zone)
                closed = closing.close(actor, month, today=today, left_undone=undone, progress=watch)
            except closing.CannotClose as refusal:
                raise click.ClickException(str(refusal)) from refusal
    _tell_closed(closed, chosen, as_json)


def _tell_closed(closed: Any, organisation: Any, as_json: bool) -> None:
    from okno.ledger.months.turnover import NAMES

    if as_json:
        told = {name: getattr(closed, name) for name in NAMES}
        head = {"organisation": organisation.pk, "month": f"{closed.month:%Y-%m}", "accounts": closed.accounts}
        click.echo(json.dumps({**head, "closed_at": closed.closed_at.isoformat(), **told}))
        return
    closing_minor = format_minor(closed.closing_minor, Currency(organisation.currency), "ru")
    click.echo(f"{closed.month:%m.%Y}: закрыт, лицевых счетов {closed.accounts}, сальдо на конец {closing_minor}")


@click.command("reopen")
@click.option("--month", "text", required=True, help="ГГГГ-ММ: последний закрытый.")
@click.option("--reason", required=True, help="Почему: останется в истории месяца.")
@click.option("--by", "email", required=True, help="Почта руководителя, чьё это решение.")
@click.option("--organisation", type=int, default=None)
def reopen(text: str, reason: str, email: str, organisation: int | None) -> None:
    """Снова открыть последний закрытый месяц: решает руководитель, с причиной."""
    start.with_database()
    from okno.access.actor import Actor, acting
    from okno.access.models import Membership
    from okno.ledger.months import closing

    chosen = whose.one(organisation)
    membership = (
        Membership.objects.filter(organisation=chosen, user__email=email.lower()).select_related("user").first()
    )
    if membership is None:
        raise click.ClickException(f"В организации нет сотрудника с почтой {email}")
    actor = Actor(organisation=chosen, user=membership.user, membership=membership, name=membership.user.name)
    with acting(actor, source="okno ledger reopen"):
        try:
            closing.reopen(actor, month_of(text), reason=reason)
        except closing.CannotReopen as refusal:
            raise click.ClickException(str(refusal)) from refusal
    click.echo(f"{month_of(text):%m.%Y}: снова открыт")


@click.command("balance")
@click.option("--month", "text", required=True, help="ГГГГ-ММ.")
@click.option("--by", type=click.Choice(list(BY)), default="house", show_default=True, help="Как разложить.")
@click.option("--organisation", type=int, default=None)
@click.option("--json", "as_json", is_flag=True, help="Для машины, суммы в копейках.")
@click.option("--csv", "csv_path", type=click.Path(path_type=Path), default=None, help="Записать в файл .csv.")
@click.option("--xlsx", "xlsx_path", type=click.Path(path_type=Path), default=None, help="Записать в файл .xlsx.")
def balance(
    text: str, by: str, organisation: int | None, as_json: bool, csv_path: Path | None, xlsx_path: Path | None
) -> None:
    """Обороты и сальдо месяца по домам, услугам или лицевым счетам."""
    start.with_database()
    from okno.exchange import month_export
    from okno.exchange.balance_sheet import balance_rows
    from okno.exchange.export import CannotExport

    chosen, month = whose.one(organisation), month_of(text)
    for path, ending in ((csv_path, ".csv"), (xlsx_path, ".xlsx")):
        if path is None:
            continue
        if path.suffix.lower() != ending:
            raise click.BadParameter(f"файл должен кончаться на {ending}", param_hint=f"--{ending[1:]}")
        try:
            count = month_export.write_month(chosen, BY[by], month, path)  # type: ignore[arg-type]
        except CannotExport as refusal:
            raise click.ClickException(str(refusal)) from refusal
        click.echo(f"{path}: строк {count}", err=True)
    if as_json or not (csv_path or xlsx_path):
        _show(balance_rows(chosen, month, by), chosen, by, month, as_json)  # type: ignore[arg-type]


def _show(rows: list[Any], organisation: Any, by: str, month: date, as_json: bool) -> None:
    from okno.ledger.months.turnover import total

    whole = total(sums for _cells, sums in rows)
    if as_json:
        told = [{"name": cells[0], **asdict(sums)} for cells, sums in rows]
        head = {"organisation": organisation.pk, "month": f"{month:%Y-%m}", "by": by}
        click.echo(json.dumps({**head, "rows": told, "total": asdict(whole)}, ensure_ascii=False, indent=2))
        return
    titles = {
        "opening": "На начало",
        "introduced": "Введено",
        "charged": "Начислено",
        "recalculated": "Перерасчёт",
        "penalty": "Пеня",
        "paid": "Оплачено",
        "reversed": "Сторно",
        "closing": "На конец",
    }
    figures = [(cells[0], [getattr(sums, f"{name}_minor") for name in titles]) for cells, sums in rows]
    totals = [getattr(whole, f"{name}_minor") for name in titles]
    # What is nothing in every row is not shown: two columns less fit a narrow terminal.
    kept = [place for place in range(len(titles)) if any(minors[place] for _name, minors in figures)]
    table = Table(title=f"{month:%m.%Y}, {organisation.currency}", show_footer=True)
    table.add_column("", footer="Итого")
    for place in kept:
        table.add_column(list(titles.values())[place], justify="right", no_wrap=True, footer=_sum(totals[place]))
    for name, minors in figures:
        table.add_row(str(name), *(_sum(minors[place]) for place in kept))
    console = Console()
    console.print(table, width=None if console.is_terminal else 160)


def _sum(minor: int) -> str:
    return plain_minor(minor).replace(".", ",")
