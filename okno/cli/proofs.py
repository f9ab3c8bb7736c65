"""What proves the day: the nightly cycle, the ledger's rebuild, the replay of permits."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import click

from okno.cli import account_penalties, months, start, whose


def _day(text: str | None, time_zone: str) -> date:
    from okno.common import clock

    if text is None or text == "today":
        return clock.today(time_zone)
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 – a calendar day has no zone
    except ValueError as error:
        raise click.BadParameter("нужен день ГГГГ-ММ-ДД", param_hint="DAY") from error


@click.command()
@click.option("--day", default=None, help="ГГГГ-ММ-ДД; по умолчанию сегодня в поясе организации.")
@click.option("--organisation", type=int, default=None)
@click.option("--json", "as_json", is_flag=True)
def cycle(day: str | None, organisation: int | None, as_json: bool) -> None:
    """Ночной круг долгов: открыть, закрыть и состарить дела, посчитать пени, назначить шаги.

    Можно прервать и повторить: сделанное останется, остальное досчитается.
    """
    start.with_database()
    from rich.progress import Progress

    from okno.access.actor import acting, process
    from okno.common import clock
    from okno.debts import cycle as debts

    results = []
    with Progress(transient=True, disable=as_json) as bar:
        for row in whose.each(organisation):
            watch = _watcher(bar, bar.add_task(row.name, total=None))
            with acting(process(row, "ночной круг"), source="okno cycle"):
                found = debts.run(row, _day(day, row.time_zone), clock.now(), watch)
            figures = {"opened": found.opened, "closed": found.closed, "debtors": found.debtors}
            sums = {"debt_minor": found.debt_minor, "seconds": found.seconds}
            results.append({"organisation": row.pk, **figures, **sums})
    if as_json:
        click.echo(json.dumps(results))
        return
    for result in results:
        click.echo(
            f"{result['organisation']}: открыто {result['opened']}, закрыто {result['closed']}, "
            f"должников {result['debtors']} ({result['seconds']:.2f} с)"
        )


def _watcher(bar: Any, task: Any) -> Callable[[int, int], None]:
    return lambda done, total: bar.update(task, completed=done, total=total)


@click.group()
def ledger() -> None:
    """Книга: проверка, пересборка, пени, месяцы."""


ledger.add_command(account_penalties.penalties)
ledger.add_command(account_penalties.post_penalties)
ledger.add_command(months.close)
ledger.add_command(months.reopen)
ledger.add_command(months.balance)


@ledger.command("verify")
@click.option("--organisation", type=int, default=None)
@click.option("--json", "as_json", is_flag=True)
def ledger_verify(organisation: int | None, as_json: bool) -> None:
    """Пересчитать все остатки из истории и сравнить до копейки."""
    start.with_database()
    from rich.progress import Progress

    from okno.ledger import verify

    rows, accounts = [], 0
    with Progress(transient=True, disable=as_json) as bar:
        for row in whose.each(organisation):
            watch = _watcher(bar, bar.add_task(row.name, total=None))
            found = verify.verify(row, watch)
            accounts += found.accounts
            rows += [str(difference) for difference in found.differences]
    if as_json:
        click.echo(json.dumps({"accounts": accounts, "differences": rows}, ensure_ascii=False))
    else:
        click.echo("\n".join([*rows[:100], f"Счетов {accounts}, расхождений {len(rows)}"]))
    if rows:
        raise SystemExit(1)


@ledger.command("rebuild")
@click.option("--organisation", type=int, default=None)
@click.option("--json", "as_json", is_flag=True)
def ledger_rebuild(organisation: int | None, as_json: bool) -> None:
    """Пересчитать всё по истории и исправить остатки, сальдо и пени там, где они разошлись с ней.

    Верную книгу не трогает. Можно прервать и повторить.
    """
    start.with_database()
    from rich.progress import Progress

    from okno.ledger import rebuild

    chosen = None if organisation is None else whose.one(organisation)
    with Progress(transient=True, disable=as_json) as bar:
        watch = _watcher(bar, bar.add_task("История" if chosen is None else chosen.name, total=None))
        found = rebuild.rebuild(chosen, watch)
    if as_json:
        click.echo(json.dumps(asdict(found)))
    else:
        click.echo(
            f"Счетов {found.accounts}, строк истории {found.rows}, исправлено счетов {found.mended} "
            f"({found.seconds:.1f} с)"
        )
        if found.broken:
            click.echo(f"История противоречит сама себе, счета не тронуты: {', '.join(map(str, found.broken[:100]))}")
    if found.broken:
        raise SystemExit(1)


@click.group()
def outreach() -> None:
    """Разрешения: повтор дня."""


@outreach.command("replay")
@click.argument("day")
@click.option("--organisation", type=int, default=None)
@click.option("--json", "as_json", is_flag=True)
def outreach_replay(day: str, organisation: int | None, as_json: bool) -> None:
    """Пройти цепь и каждое разрешение дня заново по книге того мгновения; напечатать нарушения."""
    start.with_database()
    from okno.outreach import replay

    results, violations = [], []
    for row in whose.each(organisation):
        found = replay.replay(row, _day(day, row.time_zone))
        violations += [violation.text for violation in found.violations]
        results.append(
            {
                "organisation": row.pk,
                "day": found.day.isoformat(),
                "permits": found.permits,
                "refusals": found.refusals,
                "messages": found.messages,
                "seals": found.seals,
                "unsealed": found.unsealed,
                "head": {"number": found.head.number, "hash": found.head.hash},
                "violations": [violation.text for violation in found.violations],
            }
        )
    if as_json:
        click.echo(json.dumps(results, ensure_ascii=False, indent=2))
    else:
        for result in results:
            click.echo(
                f"{result['organisation']}: {result['day']}: разрешений {result['permits']}, "
                f"отказов {result['refusals']}, ушло {result['messages']}, звеньев цепи {result['seals']}"
            )
        click.echo("\n".join([*violations[:100], f"Нарушений: {len(violations)}"]))
    if violations:
        raise SystemExit(1)
