"""Until when somebody is called back."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from okno.dialogs.live import call_backs

MOSCOW = ZoneInfo("Europe/Moscow")


def moscow(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=MOSCOW)


@pytest.mark.parametrize("now", ["18T11:00", "18T23:50", "22T04:00"])
def test_who_called_us_is_called_back_in_ten_minutes_at_any_hour(organisation, now: str):
    moment = moscow(now)
    assert call_backs.due_at(organisation, moment, came_to_us=True) == moment + timedelta(minutes=10)


def test_whom_we_called_is_called_back_within_an_hour_of_the_hours(organisation):
    assert call_backs.due_at(organisation, moscow("18T11:00"), came_to_us=False) == moscow("18T12:00")


def test_an_hour_that_would_end_at_night_ends_in_the_morning(organisation):
    due = call_backs.due_at(organisation, moscow("18T23:30"), came_to_us=False).astimezone(MOSCOW)
    assert due.date().isoformat() == "2026-11-19"
    assert 7 <= due.hour <= 11


def test_a_moment_of_another_zone_is_the_same_moment(organisation):
    there = datetime(2026, 11, 18, 8, tzinfo=UTC)
    assert call_backs.due_at(organisation, there, came_to_us=False) == moscow("18T12:00")
