"""The clock of the demo stands on another day and goes on from there."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from okno.common import clock


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give every test a clock that has not looked at the environment yet."""
    monkeypatch.delenv(clock.OFFSET_VARIABLE, raising=False)
    monkeypatch.setattr(clock, "_offset", None)
    yield
    clock.reset()


def test_without_an_offset_it_is_the_real_moment() -> None:
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)
    assert clock.now().tzinfo is UTC


def test_the_offset_of_the_environment_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(clock.OFFSET_VARIABLE, "-864000")
    assert abs(clock.now() - (datetime.now(UTC) - timedelta(days=10))) < timedelta(minutes=1)


def test_a_shift_reaches_processes_started_later(monkeypatch: pytest.MonkeyPatch) -> None:
    clock.shift_to(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    monkeypatch.setattr(clock, "_offset", None)  # what a new process starts with
    assert abs(clock.now() - datetime(2026, 11, 23, 9, 0, tzinfo=UTC)) < timedelta(minutes=1)


def test_reset_goes_back_to_the_real_clock() -> None:
    clock.shift_to(datetime(2000, 1, 1, tzinfo=UTC))
    clock.reset()
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)


def test_today_is_the_day_of_the_houses_own_zone() -> None:
    clock.shift_to(datetime(2026, 3, 14, 20, 0, tzinfo=UTC))
    assert clock.today("Europe/Kyiv") == date(2026, 3, 14)
    assert clock.today("Asia/Almaty") == date(2026, 3, 15)
    assert clock.today("Asia/Kamchatka") == date(2026, 3, 15)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="часовым поясом"):
        clock.shift_to(datetime(2026, 3, 14))  # noqa: DTZ001


@pytest.mark.parametrize("text", ["завтра", "1e999", "nan"])
def test_a_broken_offset_is_told(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(clock.OFFSET_VARIABLE, text)
    with pytest.raises(clock.BadClockOffset, match=clock.OFFSET_VARIABLE):
        clock.now()
