"""A street that owes, and persons at the desk."""

from tests.web.accounts.conftest import street
from tests.web.debts.conftest import desk

__all__ = ["desk", "street"]
