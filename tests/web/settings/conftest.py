"""The same street, seen from the settings."""

import pytest
from django.test import Client

from tests.web.accounts.conftest import enter, street

__all__ = ["street"]


@pytest.fixture
def desk(manager, noon) -> Client:
    return enter(manager)
