"""When a person asked to be called: never in the past, and an hour that has gone by is tomorrow's."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from okno.dialogs.asked import moment

ZONE = ZoneInfo("Asia/Yekaterinburg")
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)  # 15:00 by the house's clock


@pytest.mark.parametrize(
    ("on", "at", "minutes", "asked"),
    [
        (None, None, 60, NOW + timedelta(hours=1)),
        (None, "18:00", None, datetime(2026, 11, 18, 18, 0, tzinfo=ZONE)),
        (None, "10:00", None, datetime(2026, 11, 19, 10, 0, tzinfo=ZONE)),
        ("2026-11-20", "19:00", None, datetime(2026, 11, 20, 19, 0, tzinfo=ZONE)),
        ("2026-11-20", None, None, datetime(2026, 11, 20, 0, 0, tzinfo=ZONE)),
        ("2026-11-17", None, None, None),
        ("2026-11-18", "10:00", None, None),
        (None, None, None, None),
    ],
)
def test_the_moment_is_what_was_asked_and_lies_ahead(on, at, minutes, asked):
    assert moment(on, at, minutes, ZONE, NOW) == asked
