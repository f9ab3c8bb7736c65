"""A phrase said aloud for somebody who works on a scenario: the voices of calls, without the processes of calls.

The synthesiser is started by the first phrase and kept; phrases come from the same disk cache as in calls.
"""

import asyncio
import threading

from config import environment
from okno.dialogs.engine_settings import engine_settings
from okno.speech import sound
from okno.speech.trouble import TooBusy, Unavailable
from okno.speech.voice.cache import Cache
from okno.speech.voice.cached import CachedVoice
from okno.speech.voice.festival import Festival
from okno.speech.voice.program import Program
from okno.speech.voice.recordings import Recordings
from okno.speech.voice.sources import DEFAULTS, FromService, Source, engine_of

LONGEST = 600
"""Letters at once: a phrase, not a book."""
ENOUGH_SECONDS = 20.0
WAITING_SECONDS = 10.0
"""How long one phrase waits for another."""


class _Kept:
    """An engine of this process, started when it is first needed; one phrase at a time."""

    def __init__(self, named: str, language: str) -> None:
        self._named, self._language = named, language
        self._lock = threading.Lock()
        self._engine: Festival | Program | None = None

    async def make(self, text: str, language: str, *, timeout: float) -> bytes:
        return await asyncio.to_thread(self._made, text, language)

    def _made(self, text: str, language: str) -> bytes:
        if not self._lock.acquire(timeout=WAITING_SECONDS):
            raise TooBusy("голос занят другой фразой")
        try:
            engine = self._engine or self._started()
            return engine.answer({"text": text, "language": language}, b"")[1]
        finally:
            self._lock.release()

    def _started(self) -> Festival | Program:
        kind, settings = engine_of(self._named, self._language)
        self._engine = Festival() if kind == "festival" else Program(**settings)
        return self._engine


_kept: dict[tuple[str, str], _Kept] = {}


def say(text: str, language: str) -> bytes:
    """`text` as a WAV file. Raises `Unavailable` (the message says what is missing) and `TooBusy`."""
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise ValueError(f"1 to {LONGEST} letters at once")
    return sound.to_wav(asyncio.run(_said(text, language)))


async def _said(text: str, language: str) -> bytes:
    try:
        chosen = engine_settings()
    except environment.Misconfigured as error:
        raise Unavailable(str(error)) from error
    named = {**DEFAULTS, **chosen.voices}.get(language)
    if named is None:
        raise Unavailable(f"для языка «{language}» нет голоса")
    service = FromService(named, key=chosen.voice_key) if named.startswith(("http://", "https://")) else None
    source: Source = service or _kept.setdefault((named, language), _Kept(named, language))
    voice = CachedVoice({language: (named, source)}, Cache(chosen.folder / "phrases"), Recordings(chosen.recordings))
    try:
        return await voice.speak(text, language, timeout=ENOUGH_SECONDS)
    finally:
        if service is not None:
            await service.close()
