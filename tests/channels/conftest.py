"""The room's tests run on asyncio, against real peers on the loopback."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
