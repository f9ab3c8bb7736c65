"""Penalties of the ledger: an account's explained, a month's posted."""

import json
from datetime import date
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from okno.cli import start, whose
from okno.cli.penalty_rows import mark, money, tell
from okno.common.money import Currency
from okno.law.penalty_figure import figure


@click.command()
@click.argument("account")
@click.option("--day", default=None, help="ГГГГ-ММ-ДД, включительно; по умолчанию сегодня в поясе организации.")
@click.option("--organisation", type=int, default=None)
@click.option("--json", "as_json", is_flag=True)
def penalties(account: str, day: str | None, organisation: int | None, as_json: bool) -> None:
    """Пеня лицевого счёта ACCOUNT (номер) по день: сколько, из чего и почему."""
    start.with_database()
    from okno.common import clock
    from okno.common.days import NotADay, parse_day
    from okno.ledger.models import Account
    from okno.ledger.penalties.accrual import accrued
    from okno.ledger.penalties.pauses import told_of

    chosen = whose.one(organisation)
    try:
        through = parse_day(day) if day else clock.today(chosen.time_zone)
    except NotADay as refusal:
        raise click.ClickException(str(refusal)) from refusal
    found = Account.objects.filter(organisation=chosen, number=account).select_related("organisation").first()
    if found is None:
        raise click.ClickException(f"Лицевого счёта {account} в организации нет")
    told, paused = accrued(found, through), told_of(found.pk, through)
    if as_json:
        click.echo(json.dumps(_for_machines(account, told, paused), ensure_ascii=False, indent=2))
    else:
        _for_people(told, paused, Currency(chosen.currency))


def _for_machines(number: str, told: Any, paused: list[str]) -> dict[str, Any]:
    return {
        "account": number,
        "day": told.day.isoformat(),
        "due_minor": told.due_minor,
        "verified": told.verified,
        "missing": [gap.message for gap in told.missing],
        "paused": paused,
        "regimes": [
            {
                "regime": regime.regime,
                "posting": regime.terms.posting,
                "posted_minor": regime.posted_minor,
                "open_minor": regime.open_minor,
                "waived_minor": regime.waived_minor,
                "not_posted_minor": regime.not_posted_minor,
                **figure(regime.result),
            }
            for regime in told.regimes
        ],
    }


def _for_people(told: Any, paused: list[str], currency: Currency) -> None:
    from okno.ledger.models import Bill, Regime

    refs = {int(arrear.ref) for regime in told.regimes for arrear in regime.question.arrears}
    months = {str(row.pk): f"{row.month:%m.%Y}" for row in Bill.objects.filter(pk__in=refs)}
    console = Console()
    for regime in told.regimes:
        if not regime.result.rows and not regime.missing and not regime.posted_minor:
            continue
        console.print(f"\n[bold]{Regime(regime.regime).label}[/bold]")
        tell(console, regime.result, currency, lambda ref: months.get(ref, ref))
        console.print(
            f"Проведено {money(regime.posted_minor, currency)}, "
            f"из них не оплачено {money(regime.open_minor, currency)}; прощено {money(regime.waived_minor, currency)}; "
            f"ещё не проведено {money(regime.not_posted_minor, currency)}",
            highlight=False,
        )
    for text in paused:
        console.print(text, highlight=False)
    # Where there is no figure there is nothing to verify.
    sure = told.due_minor is None or told.verified
    console.print(f"\n[bold]К оплате пени: {money(told.due_minor, currency)}[/bold]{mark(sure)}")


@click.command("post-penalties")
@click.option("--month", "month", required=True, help="ГГГГ-ММ: пеня за дни по конец этого месяца.")
@click.option("--organisation", type=int, default=None, help="По умолчанию все.")
@click.option("--json", "as_json", is_flag=True)
def post_penalties(month: str, organisation: int | None, as_json: bool) -> None:
    """Провести пени за месяц. Прерванное продолжают той же командой; дважды ничего не проводится."""
    start.with_database()
    from okno.access.actor import acting, process
    from okno.common import clock
    from okno.common.days import NotADay, parse_month
    from okno.ledger.penalties.posting import MonthRefused, post_month

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    results: list[dict[str, Any]] = []
    with Progress(*columns, console=Console(stderr=True), disable=as_json) as bar:
        for row in whose.each(organisation):
            task = bar.add_task(row.name, total=None)

            def watch(done: int, total: int, task: Any = task) -> None:
                bar.update(task, completed=done, total=total)

            actor = process(row, "okno ledger post-penalties")
            try:
                with acting(actor, source="okno ledger post-penalties"):
                    run = post_month(actor, parse_month(month), today=clock.today(row.time_zone), progress=watch)
            except (MonthRefused, NotADay) as refusal:
                raise click.ClickException(f"{row.name}: {refusal}") from refusal
            results.append(_run(row.pk, run.month, run))
    if as_json:
        click.echo(json.dumps(results, ensure_ascii=False))
        return
    for result in results:
        click.echo(
            f"{result['organisation']}: пеня за {result['month']} проведена, начислений {result['bills']} "
            f"на {result['posted_minor'] / 100:.2f}, лицевых счетов просмотрено {result['accounts']}"
        )


def _run(organisation_id: int, month: date, run: Any) -> dict[str, Any]:
    return {
        "organisation": organisation_id,
        "month": f"{month:%Y-%m}",
        "bills": run.bills,
        "posted_minor": run.posted_minor,
        "accounts": run.progress_total,
    }
