"""The engines of speech in processes of their own: started, watched, started again when they die, and stopped."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from okno.speech.activity.speechness import prepare
from okno.speech.crew import Crew
from okno.speech.recogniser import Recogniser
from okno.speech.recogniser.asking import ByEngine, ByService
from okno.speech.trouble import TooBusy as TooBusy
from okno.speech.trouble import Unavailable as Unavailable
from okno.speech.voice import Voice
from okno.speech.voice.cache import Cache
from okno.speech.voice.cached import CachedVoice
from okno.speech.voice.recordings import Recordings
from okno.speech.voice.sources import DEFAULTS, FromEngine, FromService, Source, engine_of

_URL = ("http://", "https://")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What an installation chose.

    `folder` keeps the model and the phrases already said. `recogniser` is "" for the model that comes with Okno, a
    folder with a model of ctranslate2, `onnx:NAME` or `onnx:NAME=FOLDER` for one of onnx-asr, or the URL of a service.
    `voices` by language: `festival`, `espeak`, `espeak:VOICE`, a program with its arguments, or the URL of a service; a
    language that is not named has the default. `recordings` is the announcer's folder. Queues are counted in requests;
    keys are sent to the services as a bearer's.
    """

    folder: Path
    recogniser: str = ""
    recogniser_key: str = ""
    recogniser_processes: int = 1
    recogniser_threads: int = 2
    recogniser_queue: int = 8
    voices: Mapping[str, str] = field(default_factory=dict)
    voice_key: str = ""
    voice_processes: int = 1
    voice_queue: int = 32
    recordings: Path | None = None


@dataclass(frozen=True, kw_only=True)
class State:
    """How an engine does: `ready` when it takes work, `words` why not (Russian), `waiting` requests in its queue,
    `deaths` how often its processes died since the start."""

    name: str
    ready: bool
    words: str = ""
    waiting: int = 0
    deaths: int = 0


class Engines:
    """`await Engines.start(settings)`, then `recogniser` and `voice` until `await stop()`."""

    recogniser: Recogniser
    voice: Voice

    def __init__(self, settings: Settings) -> None:
        self.crews: list[Crew] = []
        self._services: dict[str, ByService | FromService] = {}
        self.recogniser = self._recogniser(settings)
        sources = {
            language: (named, self._source(language, named, settings))
            for language, named in {**DEFAULTS, **settings.voices}.items()
        }
        self.voice = CachedVoice(sources, Cache(settings.folder / "phrases"), Recordings(settings.recordings))

    @classmethod
    async def start(cls, settings: Settings) -> Self:
        """Begin to start the engines and do not wait for them: an engine that is missing or not yet ready is
        `Unavailable` and `state` says why."""
        engines = cls(settings)
        for crew in engines.crews:
            await crew.start()
        await asyncio.to_thread(prepare)
        return engines

    async def ready(self, timeout: float = 60.0) -> bool:
        """Wait until every engine takes work; False when one does not in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await asyncio.gather(*(crew.ready() for crew in self.crews))
        return all(state.ready for state in self.state())

    async def stop(self) -> None:
        """End the processes; requests that wait get `Unavailable`."""
        await asyncio.gather(*(crew.stop() for crew in self.crews))
        for service in self._services.values():
            await service.close()

    def state(self) -> list[State]:
        """One row an engine."""
        own = [
            State(name=crew.title, ready=not crew.trouble, words=crew.trouble, waiting=crew.waiting, deaths=crew.deaths)
            for crew in self.crews
        ]
        return own + [
            State(name=title, ready=not one.trouble, words=one.trouble, waiting=one.under_way)
            for title, one in self._services.items()
        ]

    def _recogniser(self, settings: Settings) -> Recogniser:
        named = settings.recogniser
        if named.startswith(_URL):
            service = ByService(named, key=settings.recogniser_key, most=settings.recogniser_queue)
            self._services["распознавание"] = service
            return service
        engine: str = "whisper"
        told: dict[str, Any] = {"folder": str(settings.folder), "model": named, "threads": settings.recogniser_threads}
        if named.startswith("onnx:"):
            model, _, path = named.removeprefix("onnx:").partition("=")
            engine, told = "onnx", {"model": model, "path": path, "threads": settings.recogniser_threads}
        return ByEngine(
            self._crew("распознавание", engine, told, settings.recogniser_processes, settings.recogniser_queue)
        )

    def _source(self, language: str, named: str, settings: Settings) -> Source:
        title = f"голос {language}"
        if named.startswith(_URL):
            service = FromService(named, key=settings.voice_key, most=settings.voice_queue)
            self._services[title] = service
            return service
        engine, told = engine_of(named, language)
        return FromEngine(self._crew(title, engine, told, settings.voice_processes, settings.voice_queue))

    def _crew(self, title: str, engine: str, settings: Mapping[str, Any], processes: int, queue: int) -> Crew:
        crew = Crew(title, engine, settings, processes=processes, queue=queue)
        self.crews.append(crew)
        return crew
