"""`okno run operator`: the process that telephones."""

import asyncio
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from config import environment
from okno.cli import start

if TYPE_CHECKING:
    from okno.dialogs.live.trunk import Trunk
    from okno.speech.engines import Settings


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


def speech_settings() -> "Settings":
    """The engines of speech as the installer chose them. Raises `Misconfigured`."""
    from okno.speech.engines import Settings

    voices = {}
    for pair in filter(None, environment.value("VOICES").split(",")):
        language, told, voice = pair.strip().partition("=")
        if not told or not voice:
            raise environment.Misconfigured(f"OKNO_VOICES: «{pair}» — нужно язык=голос, например ru=festival")
        voices[language] = voice
    recordings = environment.value("ANNOUNCER_DIR")
    return Settings(
        folder=environment.data_dir() / "speech",
        recogniser=environment.value("RECOGNISER"),
        recogniser_key=environment.value("RECOGNISER_KEY"),
        voices=voices,
        voice_key=environment.value("VOICE_KEY"),
        recordings=environment.data_dir().joinpath(recordings) if recordings else None,
    )


async def _serve(trunk: "Trunk", lines: int | None) -> None:
    from okno.dialogs.live.operator import Operator
    from okno.speech.engines import Engines

    engines = await Engines.start(speech_settings())

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
