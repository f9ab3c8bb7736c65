"""Threads with database connections of their own, for a loop that must never wait for the database itself."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

P = ParamSpec("P")
R = TypeVar("R")


class Hands:
    """`await hands.do(function, …)` runs it in one of `count` threads; `close` lets go of their connections."""

    def __init__(self, count: int) -> None:
        self._opened: list[BaseDatabaseWrapper] = []
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="outreach", initializer=self._begin)

    def _begin(self) -> None:
        # Connections belong to their threads; the one who closes them at the end is another.
        wrapper = connections[DEFAULT_DB_ALIAS]
        wrapper.inc_thread_sharing()
        self._opened.append(wrapper)

    async def do(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        call: Callable[[], Any] = partial(function, *args, **kwargs)
        result: R = await asyncio.get_running_loop().run_in_executor(self._pool, call)
        return result

    async def drop(self) -> None:
        """Close every connection; the next piece of work opens a new one. For after the server went away."""
        await asyncio.to_thread(self._drop)

    async def close(self) -> None:
        """Wait for the work in hand and close."""
        await asyncio.to_thread(self._pool.shutdown, wait=True)
        await self.drop()

    def _drop(self) -> None:
        for wrapper in self._opened:
            wrapper.close()
