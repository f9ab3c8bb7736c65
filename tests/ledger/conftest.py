"""A house with flats and accounts to post to."""

import pytest

from tests.ledger.book import Book


@pytest.fixture
def book(organisation) -> Book:
    return Book.begin(organisation)


@pytest.fixture
def neighbours_book(other_organisation) -> Book:
    return Book.begin(other_organisation)


@pytest.fixture
def lasting_organisation(transactional_db, organisation):
    """The organisation in a database that really commits: for threads and killed processes."""
    return organisation


@pytest.fixture
def lasting_book(lasting_organisation) -> Book:
    return Book.begin(lasting_organisation)
