"""The one place that reads the time of day.

Rules take the day as an argument; the edge of the system (pages, jobs, commands) asks here. The demo lives on
another day: its clock is the real clock plus an offset, so time goes on and several processes agree on it.
"""

import os
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

#: Whole or fractional seconds added to the real clock. Processes started by this one inherit it.
OFFSET_VARIABLE = "OKNO_NOW_OFFSET_SECONDS"

_offset: timedelta | None = None


class BadClockOffset(ValueError):
    """The environment holds something that is not a number of seconds."""


def now() -> datetime:
    """The present moment, aware, in UTC, with the demo's offset if there is one."""
    return datetime.now(UTC) + _current_offset()


def today(time_zone: str) -> date:
    """The calendar day it is now in `time_zone` (an IANA name, e.g. "Asia/Almaty")."""
    return now().astimezone(ZoneInfo(time_zone)).date()


def offset() -> timedelta:
    """How far this clock stands from the real one: to tell a moment of the real clock as this one would have."""
    return _current_offset()


def shift_to(moment: datetime) -> None:
    """Make it `moment` (aware) now, here and in processes started from here. Time goes on from there."""
    global _offset
    if moment.tzinfo is None:
        raise ValueError("Момент для сдвига часов нужен с часовым поясом.")
    _offset = moment - datetime.now(UTC)
    os.environ[OFFSET_VARIABLE] = str(_offset.total_seconds())


def reset() -> None:
    """Go back to the real clock, here and in processes started from here on."""
    global _offset
    _offset = timedelta(0)
    os.environ.pop(OFFSET_VARIABLE, None)


def _current_offset() -> timedelta:
    global _offset
    if _offset is None:
        _offset = _offset_from_environment()
    return _offset


def _offset_from_environment() -> timedelta:
    text = os.environ.get(OFFSET_VARIABLE, "").strip()
    if not text:
        return timedelta(0)
    try:
        return timedelta(seconds=float(text))
    except (ValueError, OverflowError) as error:
        raise BadClockOffset(f"{OFFSET_VARIABLE} должно быть числом секунд, а указано «{text}».") from error
