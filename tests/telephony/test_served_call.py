"""A call whose driver breaks takes nobody with it."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from okno.telephony.driver import DriverLeg, Event
from okno.telephony.leg import Outcome
from okno.telephony.media import Pump
from okno.telephony.recording import Recorder
from okno.telephony.served import ServedCall
from tests.telephony.test_pump import Buffers

pytestmark = pytest.mark.anyio


class BrokenLeg:
    """Fails in a way nobody foresaw."""

    caller = None

    def __init__(self) -> None:
        self.sound = Buffers()
        self.hung_up = False

    def listen(self, listener: Callable[[Event], None]) -> None:
        pass

    async def dial(self, address: str, *, timeout: float, headers: Mapping[str, str]) -> Outcome:
        raise ZeroDivisionError

    async def hang_up(self) -> None:
        self.hung_up = True


class Host:
    def __init__(self, recorder: Recorder) -> None:
        self.pump = Pump()
        self.recorder = recorder
        self.told: list[dict[str, Any]] = []
        self.forgotten = asyncio.Event()

    def leg(self) -> DriverLeg:
        raise NotImplementedError

    def tell(self, call: int, **values: Any) -> None:
        self.told.append(values)

    def tell_sound(self, call: int, pcm: bytes) -> None:
        pass

    def forget(self, call: int) -> None:
        self.forgotten.set()


@pytest.fixture
def host() -> Iterator[Host]:
    recorder = Recorder()
    yield Host(recorder)
    recorder.close()


async def test_its_dialog_is_told_at_once_that_it_failed_by_our_fault(host: Host) -> None:
    leg = BrokenLeg()
    call = ServedCall(host, 1, leg)
    call.order({"do": "dial", "to": "+74951234567", "timeout": 5})
    await asyncio.wait_for(host.forgotten.wait(), 5)
    assert [values["is"] for values in host.told] == ["outcome", "ended"]
    assert (host.told[0]["kind"], host.told[1]["by"]) == ("failed", "fault")
    assert leg.hung_up
    assert not host.pump.streams
