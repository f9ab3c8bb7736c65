"""The world a demo town may talk to: a mail server and an SMS centre on the loopback, in a thread of their own."""

import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from okno.demo.sinks.record import Arrival
from okno.demo.sinks.smpp import BEHAVIOURS, SmscSink
from okno.demo.sinks.smtp import SmtpSink

UNHURRIED = {ending: told for ending, told in BEHAVIOURS.items() if told.times is None}
"""Numbers that are invalid, out of reach or late, but none that makes the whole channel slow down."""


class World:
    """The two sinks and what came to them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._letters: SmtpSink | None = None
        self._texts: SmscSink | None = None
        self._thread = threading.Thread(target=self._run, name="demo-world", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    @property
    def arrivals(self) -> list[Arrival]:
        """Every message that came, letters first."""
        letters = self._letters.arrivals if self._letters else []
        texts = self._texts.arrivals if self._texts else []
        return letters + texts

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._live())
        except BaseException as error:
            self._failure = error
            self._ready.set()
        finally:
            self._loop.close()

    async def _live(self) -> None:
        async with (
            SmtpSink(folder=self._folder / "letters", keep=100_000) as letters,
            SmscSink(folder=self._folder / "texts", keep=100_000, behaviours=UNHURRIED) as texts,
        ):
            self._letters, self._texts = letters, texts
            os.environ["OKNO_SMTP_URL"] = f"smtp://127.0.0.1:{letters.port}?per_second=1000&connections=8"
            os.environ["OKNO_SMPP_URL"] = f"smpp://okno:okno@127.0.0.1:{texts.port}?per_second=1000&window=50"
            self._ready.set()
            await self._stop.wait()


@contextmanager
def loopback(folder: Path) -> Iterator[World]:
    """Open the world, point the channels at it, close it at the end."""
    world = World(folder)
    world.start()
    try:
        yield world
    finally:
        world.stop()
