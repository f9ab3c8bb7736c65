"""Signals to open pages by server-sent events: one LISTEN a process, any number of pages.

A signal says only which topic changed; the page fetches its own fragment again, so that rights are checked for each
person and nothing private travels in the broadcast.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator

import psycopg
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from okno.database import connection
from okno.jobs import signals

BEAT_SECONDS = 15
MOST_TOPICS = 20


class Hub:
    """The process's one listener; pages take a queue of topic names from it."""

    def __init__(self) -> None:
        self._queues: dict[str, set[asyncio.Queue[str]]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def listening(self, topics: list[str]):  # type: ignore[no-untyped-def]
        """A queue that gets the name of each of these topics when it changes."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._listen())
        queue: asyncio.Queue[str] = asyncio.Queue(maxsize=100)
        for topic in topics:
            self._queues[topic].add(queue)
        try:
            yield queue
        finally:
            for topic in topics:
                self._queues[topic].discard(queue)
                if not self._queues[topic]:
                    del self._queues[topic]

    async def _listen(self) -> None:
        """Listen for ever; a lost connection is made anew, and every page is told to look again."""
        pause = 0.5
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(connection.connect_url(), autocommit=True) as listener:
                    await listener.execute(f"LISTEN {signals.CHANNEL}")
                    pause = 0.5
                    async for notice in listener.notifies():
                        self._tell(notice.payload)
            except psycopg.OperationalError:
                await asyncio.sleep(pause)
                pause = min(pause * 2, 10)
                for topic in list(self._queues):
                    self._tell(topic)

    def _tell(self, topic: str) -> None:
        for queue in self._queues.get(topic, ()):
            # A page that is behind by a hundred signals will fetch everything anyway.
            with contextlib.suppress(asyncio.QueueFull):
                queue.put_nowait(topic)


_hubs: dict[int, Hub] = {}


def _hub() -> Hub:
    return _hubs.setdefault(id(asyncio.get_running_loop()), Hub())


async def live(request: HttpRequest) -> HttpResponseBase:
    """GET ?topics=a,b: `signal` events with the topic's name, a `beat` every fifteen seconds."""
    organisation = getattr(request, "organisation", None)
    if organisation is None:
        return HttpResponse(status=403)
    names = [name for name in request.GET.get("topics", "").split(",") if name][:MOST_TOPICS]
    response = StreamingHttpResponse(_stream(organisation.pk, names), content_type="text/event-stream")
    response["Cache-Control"] = "no-cache"
    response["X-Accel-Buffering"] = "no"
    return response


async def _stream(organisation_id: int, names: list[str]) -> AsyncIterator[bytes]:
    full = {signals.topic(organisation_id, name): name for name in names}
    with _hub().listening(list(full)) as queue:
        yield b"retry: 3000\nevent: beat\ndata: open\n\n"
        while True:
            try:
                topic = await asyncio.wait_for(queue.get(), timeout=BEAT_SECONDS)
            except TimeoutError:
                yield b"event: beat\ndata: on\n\n"
                continue
            yield f"event: signal\ndata: {full[topic]}\n\n".encode()
