"""A flat with its people, meters and months, as a call would find it."""

import pytest

from okno.ledger.models import Account
from okno.people.models import Occupancy, OccupancyRole, Person
from tests.ledger.book import Book


@pytest.fixture
def book(organisation) -> Book:
    return Book.begin(organisation, accounts=1)


@pytest.fixture
def account(book: Book):
    return Account.objects.select_related("organisation", "flat__house").get(pk=book.accounts[0])


@pytest.fixture
def owner(organisation, account) -> Person:
    person = Person.objects.create(
        organisation=organisation, full_name="Иванов Пётр Сергеевич", search_text="иванов петр сергеевич"
    )
    Occupancy.objects.create(organisation=organisation, flat=account.flat, person=person, role=OccupancyRole.OWNER)
    return person
