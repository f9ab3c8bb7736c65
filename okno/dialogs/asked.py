"""The moment for which a person asked to be called: a day, an hour, both, or so many minutes from the talk. Pure."""

from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any


def moment(on: Any, at: Any, minutes: Any, zone: tzinfo, said_at: datetime) -> datetime | None:
    """`on` is a day, `at` an hour ("18:00") by the clock of `zone`, `minutes` from `said_at`; each may be None.

    A day without an hour is its beginning. None where nothing was asked, or only what has passed by `said_at`.
    """
    if minutes:
        return said_at + timedelta(minutes=int(minutes))
    hour = _hour(at)
    day = _day(on) or (said_at.astimezone(zone).date() if hour else None)
    if day is None:
        return None
    asked = datetime.combine(day, hour or time(), zone)
    if not on and asked <= said_at:
        asked = datetime.combine(day + timedelta(days=1), hour or time(), zone)
    return asked if asked > said_at else None


def _day(told: Any) -> date | None:
    try:
        return date.fromisoformat(str(told))
    except ValueError:
        return None


def _hour(told: Any) -> time | None:
    hours, _, minutes = str(told or "").partition(":")
    return time(int(hours), int(minutes)) if hours.isdigit() and minutes.isdigit() else None
