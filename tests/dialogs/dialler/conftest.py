"""A town that owes and may be called by a robot, clocks that stand, and operators by name."""

from datetime import UTC, datetime

import pytest

from okno.common import clock
from okno.dialogs.dialler import answers, promises
from tests.dialogs.dialler.callers import Callers


@pytest.fixture
def moment(today) -> datetime:
    """Noon of today in Moscow: a Wednesday."""
    return datetime(today.year, today.month, today.day, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch, moment) -> datetime:
    monkeypatch.setattr(clock, "now", lambda: moment)
    return moment


@pytest.fixture(autouse=True)
def nothing_remembered():
    """What a process keeps between its looks is of another test's organisation."""
    promises.forget()
    answers.forget()


@pytest.fixture
def town(organisation, moment) -> Callers:
    return Callers.owing(organisation, moment)


@pytest.fixture
def lasting_town(transactional_db, organisation, moment) -> Callers:
    """The town in a database that really commits: for threads and killed processes."""
    return Callers.owing(organisation, moment)
