"""Accounts that owe, and a clock that stands where the test says."""

from datetime import UTC, datetime

import pytest

from okno.common import clock
from tests.ledger.book import Book


@pytest.fixture
def book(organisation) -> Book:
    return Book.begin(organisation)


@pytest.fixture
def moment(today) -> datetime:
    """Noon of today in Moscow."""
    return datetime(today.year, today.month, today.day, 9, tzinfo=UTC)


@pytest.fixture
def stopped_clock(monkeypatch, moment) -> datetime:
    monkeypatch.setattr(clock, "now", lambda: moment)
    return moment
