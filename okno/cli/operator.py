"""`okno run operator`: the process that telephones."""

import asyncio
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from okno.cli import start

if TYPE_CHECKING:
    from okno.dialogs.live.trunk import Trunk


_READY_SECONDS = 60.0


@click.command()
@click.option("--lines", type=click.IntRange(1, 100), default=None, help="Сколько звонков вести сразу.")
def operator(lines: int | None) -> None:
    """Звонки: исходящие по кампаниям и входящие. Нужна линия: OKNO_TRUNK_URL."""
    start.with_database()
    from okno.dialogs.live import trunk as trunks

    try:
        trunk = trunks.configured()
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    if trunk is None:
        raise click.ClickException(
            "Телефонная линия не настроена: укажите OKNO_TRUNK_URL (docs/how-to/connect-a-trunk.md)"
        )
    asyncio.run(_serve(trunk, lines))


async def _serve(trunk: "Trunk", lines: int | None) -> None:
    from okno.dialogs.engine_settings import engine_settings
    from okno.dialogs.live.operator import Operator
    from okno.speech.engines import Engines

    engines = await Engines.start(engine_settings())

    def troubles() -> dict[str, str]:
        return {one.name: "" if one.ready else one.words or "не готов" for one in engines.state()}

    worker = Operator(trunk, engines, lines=lines, engines_state=troubles)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, worker.stop)
    try:
        # The model takes a few seconds to read; whoever is called before that could answer by keys only.
        await engines.ready(_READY_SECONDS)
        await worker.serve()
    finally:
        await engines.stop()
