"""The voice of a conversation: recorded phrases, else the disk, else the synthesiser."""

import asyncio
import re
from collections.abc import Mapping
from typing import cast

from okno.speech import sound, spoken
from okno.speech.spoken.numerals import Language
from okno.speech.trouble import Unavailable
from okno.speech.voice.cache import Cache
from okno.speech.voice.recordings import Recordings
from okno.speech.voice.sources import Source
from okno.speech.voice.speaking import ENOUGH_SECONDS

_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
_BETWEEN = sound.silence(0.15)


class CachedVoice:
    """A `Voice`. `sources` by language, each with the name under which its phrases are kept."""

    def __init__(self, sources: Mapping[str, tuple[str, Source]], cache: Cache, recordings: Recordings) -> None:
        self._sources = sources
        self._cache = cache
        self._recordings = recordings
        self._making: dict[tuple[str, str], asyncio.Task[bytes]] = {}

    async def speak(self, text: str, language: str, *, timeout: float = ENOUGH_SECONDS) -> bytes:
        if language not in self._sources:
            raise Unavailable(f"для языка «{language}» нет голоса")
        sentences = [sentence for sentence in _SENTENCE.split(text.strip()) if sentence]
        try:
            async with asyncio.timeout(timeout):
                told = [await self._sentence(sentence, language, timeout) for sentence in sentences]
        except TimeoutError:
            raise Unavailable(f"голос не успел за {timeout:g} с") from None
        return _BETWEEN.join(one for one in told if one)

    async def _sentence(self, text: str, language: str, timeout: float) -> bytes:
        """What is recorded is sought before figures are put into words, and after: an announcer says both."""
        pieces = await asyncio.to_thread(self._recordings.pieces, text, language)
        if len(pieces) != 1 or pieces[0].recorded is None:
            words = spoken.aloud(text, cast(Language, language))
            pieces = await asyncio.to_thread(self._recordings.pieces, words, language)
        return b"".join(
            [
                piece.recorded if piece.recorded is not None else await self._made(piece.text, language, timeout)
                for piece in pieces
            ]
        )

    async def _made(self, text: str, language: str, timeout: float) -> bytes:
        """From the disk or made now; a phrase that a hundred calls want at once is made once."""
        name, source = self._sources[language]
        said = await asyncio.to_thread(self._cache.get, name, text)
        if said is not None:
            return said
        wanted = (name, text)
        if wanted not in self._making:
            task = asyncio.create_task(self._make(name, source, text, language, timeout))
            self._making[wanted] = task
            task.add_done_callback(lambda done: self._forget(wanted, done))
        # Whoever gives up does not take the phrase from the others.
        return await asyncio.shield(self._making[wanted])

    def _forget(self, wanted: tuple[str, str], done: "asyncio.Task[bytes]") -> None:
        del self._making[wanted]
        if not done.cancelled():
            done.exception()

    async def _make(self, name: str, source: Source, text: str, language: str, timeout: float) -> bytes:
        said = await source.make(text, language, timeout=timeout)
        if said:
            await asyncio.to_thread(self._cache.put, name, text, said)
        return said
