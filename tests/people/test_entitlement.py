"""Who may hear about an account's debt, on both sides of every day."""

from datetime import date

import psycopg
import pytest
from django.db import connection

from okno.ledger.models import Account
from okno.people.entitlement import AT_HOME, entitled
from okno.people.models import Occupancy, Person
from tests.ledger.book import Book

DAY = date(2026, 11, 18)


@pytest.fixture
def book(organisation) -> Book:
    return Book.begin(organisation, 2)


@pytest.fixture
def lives(book):
    def act(role: str, since: str | None = None, until: str | None = None, account: int = 0) -> Person:
        person = Person.objects.create(organisation=book.organisation, full_name=role, search_text=role)
        flat = Account.objects.get(pk=book.accounts[account]).flat
        Occupancy.objects.create(
            organisation=book.organisation, person=person, flat=flat, role=role, since=since, until=until
        )
        return person

    return act


def open_cursor() -> psycopg.Cursor:
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)


def ask(book: Book, day: date = DAY) -> list[int]:
    return entitled(open_cursor(), book.accounts, day).get(book.accounts[0], [])


@pytest.mark.parametrize(
    ("role", "may"), [("owner", True), ("payer", True), ("tenant", False), ("resident", False), ("guest", False)]
)
def test_the_owner_and_the_payer_may_hear(book, lives, role, may):
    person = lives(role)
    assert ask(book) == ([person.pk] if may else [])


@pytest.mark.parametrize(
    ("role", "may"), [("owner", True), ("payer", True), ("tenant", True), ("resident", True), ("guest", False)]
)
def test_whoever_lives_there_may_hear_of_a_service(book, lives, role, may):
    person = lives(role)
    assert entitled(open_cursor(), book.accounts, DAY, AT_HOME) == ({book.accounts[0]: [person.pk]} if may else {})


@pytest.mark.parametrize(
    ("since", "until", "may"),
    [
        (None, None, True),
        ("2026-11-18", "2026-11-18", True),
        ("2026-11-19", None, False),
        (None, "2026-11-17", False),
        ("2020-01-01", "2026-11-18", True),
    ],
)
def test_both_days_of_an_occupancy_are_inclusive(book, lives, since, until, may):
    person = lives("owner", since, until)
    assert ask(book) == ([person.pk] if may else [])


def test_payers_stand_before_owners_and_a_person_stands_once(book, lives):
    first_owner, second_owner, payer = lives("owner"), lives("owner"), lives("payer")
    flat = Account.objects.get(pk=book.accounts[0]).flat
    Occupancy.objects.create(organisation=book.organisation, person=second_owner, flat=flat, role="payer")
    assert ask(book) == [second_owner.pk, payer.pk, first_owner.pk]


def test_a_neighbour_is_not_entitled(book, lives):
    lives("owner", account=1)
    assert ask(book) == []


def test_accounts_with_nobody_are_left_out(book):
    assert entitled(open_cursor(), book.accounts, DAY) == {}
    assert entitled(open_cursor(), [], DAY) == {}
