"""A town that owes, in a test's own transaction or in a database that really commits; clocks that stand."""

from datetime import UTC, datetime

import pytest

from okno.common import clock
from tests.outreach.town import Town


@pytest.fixture
def moment(today) -> datetime:
    """Noon of today in Moscow: a Wednesday."""
    return datetime(today.year, today.month, today.day, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch, moment) -> datetime:
    monkeypatch.setattr(clock, "now", lambda: moment)
    return moment


@pytest.fixture
def town(organisation, moment) -> Town:
    return Town.owing(organisation, moment)


@pytest.fixture
def lasting_town(transactional_db, organisation, moment) -> Town:
    """The town in a database that really commits: for threads and killed processes."""
    return Town.owing(organisation, moment)
