"""A signed-in director at noon."""

from tests.web.accounts.conftest import desk, enter, noon

__all__ = ["desk", "enter", "noon"]
