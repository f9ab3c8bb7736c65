"""The street, and signed-in persons."""

import pytest
from django.test import Client

from tests.web.accounts.street import Street, build


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
