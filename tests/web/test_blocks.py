"""A file leaves by blocks, whatever the server: never the whole of it in memory."""

import asyncio
import io
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.asgi import get_asgi_application
from django.http import FileResponse, HttpResponse
from django.test import AsyncRequestFactory, RequestFactory

from okno.web.blocks import BlockByBlockMiddleware

MEBIBYTE = bytes(range(256)) * 4096


def answer(request, file: io.BytesIO) -> FileResponse:
    return BlockByBlockMiddleware(lambda _request: FileResponse(file))(request)


def test_under_asgi_the_first_block_leaves_when_little_is_read() -> None:
    file = io.BytesIO(MEBIBYTE)

    async def first() -> bytes:
        return await anext(aiter(answer(AsyncRequestFactory().get("/"), file)))

    assert MEBIBYTE.startswith(asyncio.run(first()))
    assert 0 < file.tell() <= 64 * 1024


def test_under_asgi_nothing_is_lost_and_the_file_is_closed() -> None:
    file = io.BytesIO(MEBIBYTE)

    async def whole() -> bytes:
        response = answer(AsyncRequestFactory().get("/"), file)
        found = b"".join([block async for block in response])
        response.close()
        return found

    assert asyncio.run(whole()) == MEBIBYTE
    assert file.closed


def test_elsewhere_and_for_pages_nothing_changes() -> None:
    assert b"".join(answer(RequestFactory().get("/"), io.BytesIO(MEBIBYTE))) == MEBIBYTE
    page = BlockByBlockMiddleware(lambda _request: HttpResponse(b"page"))(AsyncRequestFactory().get("/"))
    assert page.content == b"page"


@pytest.mark.django_db
def test_a_static_file_leaves_the_server_by_blocks() -> None:
    """Django's warning of a gathered stream would fail it."""
    sent: list[bytes] = []
    asked = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict:
        for message in asked:
            return message
        await asyncio.Event().wait()
        return {}

    async def send(message: dict) -> None:
        sent.append(message.get("body", b""))

    scope = {"type": "http", "method": "GET", "path": "/static/okno/okno.css", "headers": [], "query_string": b""}
    asyncio.run(get_asgi_application()(scope, receive, send))
    assert b"".join(sent) == Path(finders.find("okno/okno.css")).read_bytes()
