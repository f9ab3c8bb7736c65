"""Recognisers as a conversation asks them: an engine in its own process, or a service of the operator's."""

import asyncio
import math
import time
from collections.abc import Sequence

import httpx

from okno.speech import sound
from okno.speech.crew import Crew
from okno.speech.recogniser.recognised import ENOUGH_SECONDS, Recognised
from okno.speech.recogniser.snapping import ranked, snapped
from okno.speech.trouble import TooBusy, Unavailable

_UNTOLD = 0.6
"""The confidence in a service that tells none."""
_LONGEST = 10.0


def heard_end(pcm: bytes) -> bytes:
    """The last ten seconds."""
    return pcm[-int(_LONGEST) * sound.SECOND_BYTES :]


class ByEngine:
    """A `Recogniser` in processes of its own."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew

    async def recognise(
        self,
        pcm: bytes,
        language: str,
        *,
        vocabulary: Sequence[str] = (),
        likely: Sequence[str] = (),
        timeout: float = ENOUGH_SECONDS,
    ) -> Recognised:
        began = time.perf_counter()
        values = {"language": language, "vocabulary": list(vocabulary), "likely": list(likely)}
        told, _ = await self._crew.ask(values, heard_end(pcm), timeout=timeout)
        ways = told.get("ways") or [(told["text"], 0.0)]
        text, *others = [told["text"]] if told["rejected"] else ranked(ways, vocabulary, language)
        return Recognised(
            text=text,
            confidence=float(told["confidence"]),
            seconds=time.perf_counter() - began,
            rejected=str(told["rejected"]),
            nearest=str(told.get("nearest", "")),
            others=tuple(others),
        )


class ByService:
    """A `Recogniser` behind the URL of a service with the widespread `…/audio/transcriptions` request: a form with
    `file` (WAV), `language`, `prompt`, `response_format`; the reply is JSON with `text` and perhaps `segments`.

    `most` requests are under way at once, `key` is sent as a bearer's.
    """

    def __init__(self, url: str, *, key: str = "", most: int = 8) -> None:
        self.under_way = 0
        self.trouble = ""
        self._url = url
        self._most = most
        self._client = httpx.AsyncClient(headers={"Authorization": f"Bearer {key}"} if key else {})

    async def close(self) -> None:
        await self._client.aclose()

    async def recognise(
        self,
        pcm: bytes,
        language: str,
        *,
        vocabulary: Sequence[str] = (),
        likely: Sequence[str] = (),
        timeout: float = ENOUGH_SECONDS,
    ) -> Recognised:
        if self.under_way >= self._most:
            raise TooBusy(f"распознавание: идёт уже {self.under_way}")
        began = time.perf_counter()
        self.under_way += 1
        try:
            told = await self._asked(heard_end(pcm), language, vocabulary, timeout)
        finally:
            self.under_way -= 1
        text, confidence = str(told.get("text", "")).strip(), _confidence(told)
        return Recognised(
            text=snapped(text, vocabulary, language),
            confidence=confidence,
            seconds=time.perf_counter() - began,
            rejected="" if text else "noise",
        )

    async def _asked(self, pcm: bytes, language: str, vocabulary: Sequence[str], timeout: float) -> "dict[str, object]":
        form = {"language": language, "prompt": ". ".join(vocabulary), "response_format": "verbose_json"}
        files = {"file": ("answer.wav", await asyncio.to_thread(sound.to_wav, pcm), "audio/wav")}
        try:
            async with asyncio.timeout(timeout):
                reply = await self._client.post(self._url, data=form, files=files, timeout=timeout)
            told = reply.raise_for_status().json()
            if not isinstance(told, dict):
                raise ValueError("not an object")
        except TimeoutError:
            self.trouble = f"нет ответа за {timeout:g} с"
        except (httpx.HTTPError, ValueError) as error:
            self.trouble = str(error) or type(error).__name__
        else:
            self.trouble = ""
            return told
        raise Unavailable(f"распознавание {self._url}: {self.trouble}")


def _confidence(told: "dict[str, object]") -> float:
    segments = told.get("segments")
    scores = [
        float(one["avg_logprob"])
        for one in (segments if isinstance(segments, list) else [])
        if isinstance(one, dict) and isinstance(one.get("avg_logprob"), int | float)
    ]
    return min(1.0, math.exp(sum(scores) / len(scores))) if scores else _UNTOLD
