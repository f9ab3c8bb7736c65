"""`okno demo`: a town of its own, from files to a lawful reminder that stops when the money comes."""

import json
import os
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from okno.cli import start

if TYPE_CHECKING:
    from okno.demo.place import Site

FOLDER = "demo-town"


@click.group(invoke_without_command=True)
@click.option("--country", type=click.Choice(["ru", "kz", "ua"]), default="ru", help="Чей город.")
@click.option("--seed", type=int, default=1, help="Одно и то же число — один и тот же город.")
@click.option("--now", "moment", default="2026-11-18T11:00", help="Который час в городе: ГГГГ-ММ-ДДTЧЧ:ММ.")
@click.option("--houses", type=click.IntRange(1, 2000), default=92, help="Сколько домов.")
@click.option("--months", type=click.IntRange(1, 120), default=36, help="Сколько месяцев истории.")
@click.option("--reset", is_flag=True, help="Построить город заново.")
@click.option("--once", is_flag=True, help="Прожить день, показать итог и закончить.")
@click.option("--json", "as_json", is_flag=True, help="Итог для машины.")
@click.option("--port", type=int, default=8000, help="Порт рабочего стола.")
@click.option("--folder", type=click.Path(path_type=Path), default=None, help="Где держать город.")
@click.pass_context
def demo(
    context: click.Context,
    country: str,
    seed: int,
    moment: str,
    houses: int,
    months: int,
    reset: bool,
    once: bool,
    as_json: bool,
    port: int,
    folder: Path | None,
) -> None:
    """Показать всё на городе, которого нет: наружу ничего не уходит."""
    if context.invoked_subcommand is not None:
        context.obj = folder or Path.cwd() / FOLDER
        return
    began = time.monotonic()
    try:
        now = datetime.fromisoformat(moment)
    except ValueError as error:
        raise click.BadParameter("нужно ГГГГ-ММ-ДДTЧЧ:ММ, например 2026-11-18T11:00", param_hint="--now") from error
    from okno.demo import place

    site = place.prepare(
        folder=folder or Path.cwd() / FOLDER,
        country=country,
        seed=seed,
        houses=houses,
        months=months,
        now=now,
        reset=reset,
    )
    try:
        start.with_database(migrated=False)
        from okno.demo import day, show, world

        stage = show.Stage(quiet=as_json)
        with world.loopback(site.sinks) as outside:
            result = day.live(site, stage, outside)
            result["steps"] = stage.seconds
            result["seconds"] = round(time.monotonic() - began, 1)
            if as_json:
                click.echo(json.dumps(result, ensure_ascii=False, indent=2))
            else:
                show.table(result)
            if not once:
                _keep_open(site, port)
    finally:
        place.leave(site)


def _keep_open(site: "Site", port: int) -> None:
    """The desk and the worker go on, with fresh passwords, until Ctrl+C; phones ring in the background."""
    from okno.access import founding
    from okno.cli import serving
    from okno.demo import logins, show
    from okno.demo.phones import campaign

    port = serving.free_port(port)
    url = f"http://127.0.0.1:{port}"
    os.environ["OKNO_URL"] = url
    organisation = founding.only_organisation()
    entries = logins.renew(organisation)
    os.environ["OKNO_TRUNK_URL"] = ""
    processes = serving.start_processes(port=port)
    serving.wait_until_open(url)
    show.logins(url, entries)
    calling = None
    if why_not := campaign.impossible():
        click.echo(f"Робот не звонит: {why_not}")
    else:
        # The desk opens first: reading the model takes the machine for seconds. The ports are chosen only now, lest
        # another demo takes them meanwhile.
        phones, ours = serving.free_port(15_060), serving.free_port(15_160)
        os.environ["OKNO_TRUNK_URL"] = campaign.trunk(phones, ours)
        processes.append(serving.start_process("operator"))
        campaign.leave_word(site.folder)
        calling = campaign.Calling(organisation, site.folder / "phones" / site.key, site.today, click.echo)
        calling.start(phones)
        click.echo(f"Позвонить роботу: sip:okno@127.0.0.1:{ours}   робот вам: okno demo call sip:имя@127.0.0.1:порт")
    sys.stdout.flush()
    try:
        serving.wait_for(processes)
    finally:
        if calling is not None:
            calling.stop()
            campaign.forget_word(site.folder)


@demo.command()
@click.argument("address")
@click.option("--scenario", default="debt_notice", help="Сценарий разговора.")
@click.option("--account", "number", default=None, help="О каком лицевом счёте; по умолчанию о первом должнике.")
@click.pass_obj
def call(folder: Path, address: str, scenario: str, number: str | None) -> None:
    """Пусть робот идущей демонстрации позвонит: номеру её жителя или вашему телефону на этой машине (sip:…)."""
    told = folder / "running.json"
    if not told.exists():
        raise click.ClickException(f"В папке {folder} демонстрация не идёт: запустите okno demo")
    os.environ.update(json.loads(told.read_text()))
    start.settings_only()
    from django.db import OperationalError

    from okno.demo.phones import calling

    try:
        made = calling.ask(address, scenario, number)
    except calling.CannotCall as error:
        raise click.ClickException(str(error)) from error
    except OperationalError as error:
        raise click.ClickException(f"В папке {folder} демонстрация уже не идёт: запустите okno demo") from error
    for line in calling.follow(made):
        click.echo(line)
