"""Files go to the network block by block.

Under an ASGI server Django reads the whole of a synchronous stream (a download, the sound of a call, a static file)
into memory before the first byte leaves, and warns of it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import islice
from typing import cast

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse

TOGETHER = 16
"""Blocks read at a time: 64 KiB where they are Django's own."""


class BlockByBlockMiddleware:
    """Stands first, so that it also sees the answers of those after it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(request, ASGIRequest) and isinstance(response, StreamingHttpResponse) and not response.is_async:
            response.streaming_content = _read_beside(cast(Iterator[bytes], response.streaming_content))
        return response


async def _read_beside(blocks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes, read in a thread: a slow disk stops nobody else's page."""
    while together := await asyncio.to_thread(lambda: b"".join(islice(blocks, TOGETHER))):
        yield together
