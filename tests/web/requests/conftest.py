"""A street, and a dispatcher at the desk."""

import pytest
from django.test import Client

from tests.conftest import _member
from tests.web.accounts.conftest import enter, street

__all__ = ["street"]


@pytest.fixture
def dispatcher(street, organisation):
    return _member(organisation, "dispatcher", "dispatcher@example.org", "Дина Диспетчерова")


@pytest.fixture
def desk(dispatcher) -> Client:
    return enter(dispatcher)
