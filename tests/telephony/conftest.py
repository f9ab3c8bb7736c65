"""Calls run through the real media process, against real far ends on the loopback."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from okno.telephony.supervisor import Supervisor
from tests.telephony.peers.ports import free_port
from tests.telephony.peers.rtp import RtpFarEnds
from tests.telephony.peers.sipp import Sipp


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def far_port() -> int:
    return free_port()


@pytest.fixture
def our_port() -> int:
    return free_port()


@pytest.fixture
def sipp(tmp_path: Path) -> Iterator[Callable[..., Sipp]]:
    """Starts a sipp with these steps; all are ended with the test."""
    running = []

    def start(steps: list[str], **options: Any) -> Sipp:
        running.append(Sipp(tmp_path, steps, **options))
        return running[-1]

    yield start
    for one in running:
        one.stop()


@pytest.fixture
def sound() -> Iterator[RtpFarEnds]:
    """One far end's sound."""
    ends = RtpFarEnds(1)
    yield ends
    ends.close()


def settings(far_port: int, our_port: int, **more: Any) -> dict[str, Any]:
    """A trunk by address on the loopback."""
    return {
        "user": "okno",
        "domain": f"127.0.0.1:{far_port}",
        "listen": f"127.0.0.1:{our_port}",
        "interface": "127.0.0.1",
        **more,
    }


Line = Callable[..., Any]


@pytest.fixture
def line(far_port: int, our_port: int) -> Line:
    """`async with line(...) as supervisor`: a media process with a trunk to the far port."""

    @asynccontextmanager
    async def open_line(*, on_incoming: Any = None, **more: Any) -> AsyncIterator[Supervisor]:
        supervisor = Supervisor("sip", settings(far_port, our_port, **more))
        if on_incoming is not None:
            supervisor.on_incoming = on_incoming
        await supervisor.start()
        try:
            yield supervisor
        finally:
            await supervisor.stop()

    return open_line
