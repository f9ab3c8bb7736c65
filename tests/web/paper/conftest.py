"""The street with payment details, and people of the desk who print."""

import pytest
from django.test import Client

from tests.exchange.paper.samples import russian_details
from tests.web.accounts.conftest import enter, street

__all__ = ["street"]


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


@pytest.fixture
def details(organisation):
    return russian_details(organisation)


@pytest.fixture
def desk(manager, noon) -> Client:
    return enter(manager)
