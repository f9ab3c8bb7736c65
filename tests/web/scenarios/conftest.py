"""A signed-in director at noon."""

from tests.web.accounts.conftest import desk, enter

__all__ = ["desk", "enter"]
