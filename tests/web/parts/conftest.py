"""A server for pages that ask the database nothing."""

from collections.abc import Iterator

import pytest
from pytest_django.live_server_helper import LiveServer


@pytest.fixture(scope="session")
def server_without_database() -> Iterator[LiveServer]:
    server = LiveServer("localhost")
    yield server
    server.stop()


@pytest.fixture
def site(server_without_database: LiveServer) -> str:
    """The gallery and the sign-in pages need no rows, so nothing has to be emptied after each test."""
    return str(server_without_database.url)
