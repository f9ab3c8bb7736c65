"""The engines of speech in processes of their own: started, watched, started again when they die, and stopped."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from okno.speech.recogniser import Recogniser
from okno.speech.trouble import TooBusy as TooBusy
from okno.speech.trouble import Unavailable as Unavailable
from okno.speech.voice import Voice


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What an installation chose.

    `folder` keeps the model and the phrases already said. `recogniser` is "" for the model that comes with Okno, a
    folder with a model of ctranslate2, `onnx:NAME` or `onnx:NAME=FOLDER` for one of onnx-asr, or the URL of a service.
    `voices` by language: `festival`, `espeak`, `espeak:VOICE`, the path of a program, or the URL of a service; a
    language that is not named has the default. `recordings` is the announcer's folder. Queues are counted in requests.
    """

    folder: Path
    recogniser: str = ""
    recogniser_processes: int = 1
    recogniser_threads: int = 2
    recogniser_queue: int = 8
    voices: Mapping[str, str] = field(default_factory=dict)
    voice_processes: int = 1
    voice_queue: int = 32
    recordings: Path | None = None


@dataclass(frozen=True, kw_only=True)
class State:
    """How an engine does: `ready` when it takes work, `words` why not (Russian), `waiting` requests in its queue."""

    name: str
    ready: bool
    words: str = ""
    waiting: int = 0
    deaths: int = 0


class Engines:
    """`await Engines.start(settings)`, then `recogniser` and `voice` until `await stop()`."""

    recogniser: Recogniser
    voice: Voice

    @classmethod
    async def start(cls, settings: Settings) -> Self:
        """Begin to start the engines and come back at once: an engine that is missing or not yet ready is
        `Unavailable` and `state` says why."""
        raise NotImplementedError

    async def ready(self, timeout: float = 60.0) -> bool:
        """Wait until every engine takes work; False when one does not in time."""
        raise NotImplementedError

    async def stop(self) -> None:
        """End the processes; requests that wait get `Unavailable`."""
        raise NotImplementedError

    def state(self) -> list[State]:
        """One row an engine."""
        raise NotImplementedError
