"""An operator in a process of its own, for tests that kill it. The trunk is OKNO_TRUNK_URL, the engines are doubles."""

import asyncio

import django

django.setup()

from okno.dialogs.live import trunk  # noqa: E402  (the models need the settings first)
from tests.dialogs.live.operating import operator  # noqa: E402

if __name__ == "__main__":
    line = trunk.configured()
    assert line is not None

    async def work() -> None:
        await operator(line).serve()

    asyncio.run(work())
