"""A switchboard after a day of calls, and signed-in persons."""

import pytest

from tests.web.accounts.conftest import desk, enter, street
from tests.web.calls.switchboard import Switchboard, build

__all__ = ["desk", "enter", "street"]


@pytest.fixture
def board(street, settings, tmp_path, monkeypatch) -> Switchboard:
    """The street's calls; recordings stand in a folder of the test's own."""
    monkeypatch.setenv("OKNO_DATA_DIR", str(tmp_path))
    return build(street)
