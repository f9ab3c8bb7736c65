"""The Asterisk REST Interface: requests one way, events the other."""

import asyncio
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake, WebSocketException

from okno.telephony.asterisk.settings import AsteriskSettings

_SECONDS = 10.0
_PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0)


class AriRefused(Exception):
    """Asterisk did not do what it was asked; `status` is HTTP's, None when it was not reached at all."""

    def __init__(self, words: str, status: int | None = None) -> None:
        super().__init__(words)
        self.status = status


class Ari:
    """One connection. `on_event` gets each event's JSON, `on_link` whether events flow."""

    def __init__(
        self,
        settings: AsteriskSettings,
        on_event: Callable[[dict[str, Any]], None],
        on_link: Callable[[bool, str], None],
    ) -> None:
        self._settings = settings
        self._on_event = on_event
        self._on_link = on_link
        self._client = httpx.AsyncClient(
            base_url=f"{settings.url}/ari", auth=(settings.user, settings.password), timeout=_SECONDS, trust_env=False
        )
        self._listening: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin to listen; raises `AriRefused` when Asterisk cannot be reached or does not let us in."""
        linked: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._listening = asyncio.get_running_loop().create_task(self._listen(linked))
        try:
            async with asyncio.timeout(_SECONDS):
                await linked
        except TimeoutError as error:
            raise AriRefused("no answer") from error

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
        await self._client.aclose()

    async def ask(self, method: str, path: str, **values: str | int) -> dict[str, Any]:
        """One request; the answer's JSON, {} for an empty one. Raises `AriRefused`."""
        try:
            answer = await self._client.request(method, path, params=values)
        except httpx.HTTPError as error:
            raise AriRefused(f"{type(error).__name__}: {error}") from error
        if answer.is_error:
            raise AriRefused(f"{answer.status_code} {answer.text[:200]}", answer.status_code)
        return dict(answer.json()) if answer.content else {}

    async def _listen(self, linked: "asyncio.Future[None]") -> None:
        key = f"{self._settings.user}:{self._settings.password}"
        query = urlencode({"app": self._settings.app, "api_key": key}, quote_via=quote)
        url = f"{self._settings.web_socket}/ari/events?{query}"
        tries = 0
        while True:
            try:
                async with connect(url, proxy=None) as socket:
                    tries = 0
                    if not linked.done():
                        linked.set_result(None)
                    self._on_link(True, "")
                    async for message in socket:
                        self._on_event(json.loads(message))
                words = "the events ended"
            except InvalidHandshake as error:
                words = str(error)
                if not linked.done():
                    linked.set_exception(AriRefused(words))
                    return
            except (OSError, WebSocketException, TimeoutError) as error:
                words = str(error)
            self._on_link(False, words)
            await asyncio.sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
            tries += 1
