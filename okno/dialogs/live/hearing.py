"""Words out of the sound of an answer; looked for from the first pause on, so that they are there when it ends."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from okno.dialogs.live import answers
from okno.dialogs.live.ear import Spoke
from okno.dialogs.scenario import Ask
from okno.speech.recogniser import Recognised, Recogniser
from okno.speech.trouble import TooBusy, Unavailable

_GREETING_SECONDS = 1.0
"""How long whoever picked up may wait for our first word."""


class Hearing:
    """The words of one call in the `language` that is spoken now.

    Every question raises `TooBusy` and `Unavailable` of the recogniser.
    """

    def __init__(self, recogniser: Recogniser, language: str) -> None:
        self._recogniser = recogniser
        self.language = language
        self._guess: asyncio.Task[Recognised] | None = None

    def guess(self, sound: bytes, ask: Ask, likely: Sequence[str]) -> None:
        """The person has fallen silent: begin to look for the words, in the hope that it was all."""
        self.forget()
        self._guess = asyncio.create_task(self._recognised(sound, ask, likely))

    def forget(self) -> None:
        """It was not all, or nobody asks any more."""
        if self._guess is not None:
            self._guess.cancel()
            self._guess.add_done_callback(lambda task: task.cancelled() or task.exception())
            self._guess = None

    async def words(self, spoke: Spoke, ask: Ask, likely: Sequence[str]) -> Recognised:
        """The words of an answer that has ended; `likely` are whole answers of which it is probably one."""
        guess, self._guess = self._guess, None
        if guess is not None and not spoke.cut:
            with suppress(TooBusy, Unavailable):
                return await guess
        return await self._recognised(spoke.sound, ask, likely)

    async def greeting(self, sound: bytes) -> Recognised:
        """The first words of whoever picked up."""
        return await self._recogniser.recognise(sound, self.language, timeout=_GREETING_SECONDS)

    async def _recognised(self, sound: bytes, ask: Ask, likely: Sequence[str]) -> Recognised:
        expected = answers.vocabulary(ask, self.language)
        return await self._recogniser.recognise(sound, self.language, vocabulary=expected, likely=likely)
