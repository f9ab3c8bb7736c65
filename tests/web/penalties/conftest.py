"""The same street, seen by who counts penalties."""

import pytest
from django.test import Client

from tests.web.accounts.conftest import enter, noon, street

__all__ = ["noon", "street"]


@pytest.fixture
def desk(manager, noon) -> Client:
    return enter(manager)
