"""An organisation with payment details, and accounts of a house to print bills of."""

from datetime import date

import pytest

from okno.exchange.paper.models import PaymentDetails
from okno.ledger import services
from tests.exchange.paper import samples
from tests.ledger.book import Book

OCTOBER, ISSUED = date(2026, 10, 1), date(2026, 11, 5)


@pytest.fixture
def book(organisation) -> Book:
    services.install_defaults(organisation)
    return Book.begin(organisation)


@pytest.fixture
def details(organisation) -> PaymentDetails:
    """Where the organisation is paid; one payee for everything."""
    return samples.russian_details(organisation)
