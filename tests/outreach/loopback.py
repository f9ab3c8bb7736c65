"""A mail server and an SMS centre on the loopback, alive in a thread beside a test that is not asynchronous."""

import asyncio
import threading
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from okno.channels import registry
from okno.channels.base import Channel
from okno.demo.sinks.record import Arrival, read
from okno.demo.sinks.smpp import SmscSink
from okno.demo.sinks.smtp import SmtpSink


class Loopback:
    """`with Loopback(folder) as other_side:`; `ways()` are channels to it, not opened yet."""

    def __init__(self, folder: Path, **smsc: Any) -> None:
        self.folder = folder
        self.smtp = SmtpSink(folder=folder / "mail")
        self.smsc = SmscSink(folder=folder / "sms", **smsc)
        self._ready, self._over = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._live()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)

    async def _live(self) -> None:
        self._loop = asyncio.get_running_loop()
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.smtp)
            await stack.enter_async_context(self.smsc)
            self._ready.set()
            await self._over.wait()

    def ways(self, *, per_second: float = 1000.0) -> dict[str, Channel]:
        email = {"host": "127.0.0.1", "port": self.smtp.port, "security": "none", "sender": "okno@example.org"}
        sms = {"host": "127.0.0.1", "port": self.smsc.port, "system_id": "okno", "password": "okno", "sender": "OKNO"}
        return {
            "email": registry.build("email", {**email, "per_second": per_second, "look_every": 0.05}),
            "sms": registry.build("sms_smpp", {**sms, "per_second": per_second}),
        }

    def environment(self) -> dict[str, str]:
        """The installer's settings that lead here."""
        return {
            "OKNO_SMTP_URL": f"smtp://127.0.0.1:{self.smtp.port}",
            "OKNO_SMPP_URL": f"smpp://okno:okno@127.0.0.1:{self.smsc.port}",
            "OKNO_DEMO": "1",
        }

    def letters(self) -> list[Arrival]:
        return [one for one in read(self.folder / "mail") if one.taken]

    def messages(self) -> list[Arrival]:
        return [one for one in read(self.folder / "sms") if one.taken]

    def by_address(self) -> Counter[str]:
        """How many messages each address got, by both ways."""
        return Counter(one.to for one in (*self.letters(), *self.messages()))
