"""Where synthesised sound comes from: a crew of processes, or a service of the operator's."""

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

import httpx

from okno.speech import sound
from okno.speech.crew import Crew
from okno.speech.trouble import TooBusy, Unavailable

DEFAULTS: Mapping[str, str] = {"ru": "festival", "uk": "espeak", "kk": "espeak"}
_ESPEAK_WORDS_A_MINUTE = "150"


class Source(Protocol):
    async def make(self, text: str, language: str, *, timeout: float) -> bytes:
        """The sound of a text without figures; raises `TooBusy`, `Unavailable`."""


class FromEngine:
    """A voice in processes of its own."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew

    async def make(self, text: str, language: str, *, timeout: float) -> bytes:
        return (await self._crew.ask({"text": text, "language": language}, timeout=timeout))[1]


class FromService:
    """A voice behind a URL: it gets JSON with `input`, `language` and `response_format` and replies with a WAV file,
    as the widespread `…/audio/speech` request does. `most` requests are under way at once."""

    def __init__(self, url: str, *, key: str = "", most: int = 32) -> None:
        self.under_way = 0
        self.trouble = ""
        self._url = url
        self._most = most
        self._client = httpx.AsyncClient(headers={"Authorization": f"Bearer {key}"} if key else {})

    async def close(self) -> None:
        await self._client.aclose()

    async def make(self, text: str, language: str, *, timeout: float) -> bytes:
        if self.under_way >= self._most:
            raise TooBusy(f"голос: идёт уже {self.under_way}")
        self.under_way += 1
        try:
            return await self._made({"input": text, "language": language, "response_format": "wav"}, timeout)
        finally:
            self.under_way -= 1

    async def _made(self, asked: "dict[str, str]", timeout: float) -> bytes:
        try:
            async with asyncio.timeout(timeout):
                reply = await self._client.post(self._url, json=asked, timeout=timeout)
            pcm = await asyncio.to_thread(sound.from_wav, reply.raise_for_status().content)
        except TimeoutError:
            self.trouble = f"нет ответа за {timeout:g} с"
        except (httpx.HTTPError, sound.NotSound) as error:
            self.trouble = str(error) or type(error).__name__
        else:
            self.trouble = ""
            return pcm
        raise Unavailable(f"голос {self._url}: {self.trouble}")


def engine_of(named: str, language: str) -> tuple[str, dict[str, Any]]:
    """The engine of `okno.speech.process` and its settings for a voice as it stands in the settings (no URL)."""
    if named == "festival":
        return "festival", {}
    name, _, variant = named.partition(":")
    if name == "espeak":
        command = ["espeak-ng", "-v", variant or language, "-s", _ESPEAK_WORDS_A_MINUTE, "--stdin", "--stdout"]
        return "program", {"command": command}
    return "program", {"command": named.split()}
