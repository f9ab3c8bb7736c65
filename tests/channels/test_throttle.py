"""The pace of sending, in pretended time."""

import pytest

from okno.channels.base import TooLate
from okno.channels.throttle import Throttle

pytestmark = pytest.mark.anyio


class Hours:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


def throttle(hours: Hours, per_second: float, burst: float) -> Throttle:
    return Throttle(per_second, burst=burst, clock=hours, sleep=hours.sleep)


async def test_after_the_burst_messages_go_at_the_pace() -> None:
    hours = Hours()
    bucket = throttle(hours, per_second=10, burst=5)
    for _ in range(5):
        await bucket.take()
    assert hours.now == 100.0
    for _ in range(20):
        await bucket.take()
    assert hours.now == pytest.approx(102.0, abs=0.001)


async def test_waiting_past_the_deadline_is_refused_without_waiting() -> None:
    hours = Hours()
    bucket = throttle(hours, per_second=1, burst=1)
    await bucket.take()
    with pytest.raises(TooLate):
        await bucket.take(deadline=100.5)
    assert hours.now == 100.0


async def test_the_brake_stops_everything_then_halves_the_pace() -> None:
    hours = Hours()
    bucket = throttle(hours, per_second=10, burst=1)
    bucket.brake(3)
    await bucket.take()
    assert hours.now == pytest.approx(103.0)
    await bucket.take()
    assert hours.now == pytest.approx(103.2, abs=0.001)
    for _ in range(20):
        bucket.ease()
    assert bucket.pace == 10


async def test_the_brake_never_stops_for_good() -> None:
    bucket = throttle(Hours(), per_second=10, burst=1)
    for _ in range(50):
        bucket.brake(1)
    assert bucket.pace == pytest.approx(0.1)


async def test_a_pace_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        Throttle(0)
