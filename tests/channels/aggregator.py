"""A small aggregator of short messages with an HTTP interface, in the manner of SMSC."""

import asyncio
import json
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs


@dataclass
class Request:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    fields: dict[str, str]


@dataclass
class Aggregator:
    """`async with Aggregator() as other`: listens on 127.0.0.1:`other.port`.

    `answers` are given in turn, each a pair of HTTP status and body; None hangs up without an answer; when they are
    used up, submissions are accepted and statuses are taken from `statuses` by id.
    """

    answers: list[tuple[int, str] | None] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/sys/"

    async def __aenter__(self) -> Self:
        self._tasks: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while request := await self._read(reader):
                self.requests.append(request)
                answer = self.answers.pop(0) if self.answers else (200, self._usual(request))
                if answer is None:
                    return
                status, text = answer
                body = text.encode()
                writer.write(f"HTTP/1.1 {status} -\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            return
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> Request | None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = (await reader.readexactly(int(headers.get("content-length", "0")))).decode()
        if headers.get("content-type", "").startswith("application/json"):
            fields = json.loads(body)
        else:
            fields = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
        return Request(head[0].split()[1], headers, fields)

    def _usual(self, request: Request) -> str:
        if request.path.endswith("status.php"):
            return json.dumps({"status": self.statuses.get(request.fields["id"], -1), "err": 0})
        return json.dumps({"id": int(request.fields["id"]), "cnt": 2, "cost": "7.60", "balance": "100"})
