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


@click.command()
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
def demo(
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
    """The desk and the worker go on, with fresh passwords, until Ctrl+C."""
    from okno.access import founding
    from okno.cli import serving
    from okno.demo import logins, show

    port = serving.free_port(port)
    url = f"http://127.0.0.1:{port}"
    os.environ["OKNO_URL"] = url
    entries = logins.renew(founding.only_organisation())
    processes = serving.start_processes(port=port)
    serving.wait_until_open(url)
    show.logins(url, entries)
    sys.stdout.flush()
    serving.wait_for(processes)
