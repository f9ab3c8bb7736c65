"""The street, and signed-in persons."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from okno.common import clock
from tests.web.accounts.street import Street, build


@pytest.fixture
def noon():
    """The trade's clock stands at noon in Moscow of the day the tests live in."""
    clock.shift_to(datetime(2026, 11, 18, 9, tzinfo=UTC))
    yield clock.now()
    clock.reset()


@pytest.fixture
def street(organisation, today, noon) -> Street:
    return build(organisation, today)


def enter(membership) -> Client:
    """A browser signed in as this member."""
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(membership.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def desk(manager) -> Client:
    return enter(manager)
