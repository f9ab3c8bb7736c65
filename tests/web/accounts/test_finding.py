"""The search box: shorthand, the wrong layout, slips, phones, surnames, sums; and it stays within the scope."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from okno.access.actor import Actor, acting
from okno.common.folding import fold
from okno.houses.models import Flat, HouseScope
from okno.ledger.accounts import NewAccount, open_accounts
from okno.ledger.models import Account
from okno.people.models import Person, Phone
from okno.web.desk.accounts import finding
from tests.web.accounts.conftest import enter

pytestmark = pytest.mark.django_db

MOST_QUERIES = 12


def found(membership, text: str) -> dict[str, list[str]]:
    """Titles by group, as this member would see them."""
    actor = Actor(organisation=membership.organisation, user=membership.user, membership=membership, name="")
    with acting(actor, source="test"):
        groups = list(finding.find(membership, text))
    return {str(group.title): [row.title for row in group.rows] for group in groups if group.rows}


@pytest.mark.parametrize(
    "text",
    [
        "лен 5 12",
        "Ленина 5-12",
        "ул. Ленина, д. 5, кв. 12",
        "ktybyf 5 12",
        "kty 5 12",
        "лениина 5 12",
        "ленена 5 12",
        "ЛЕНИНА 5 12",
    ],
)
def test_an_address_is_found_however_it_is_typed(street, manager, text):
    assert found(manager, text)["Лицевые счета"] == ["ул. Ленина, 5, кв. 12"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("иванова", "Иванова Мария Петровна"),
        ("bdfyjdf", "Иванова Мария Петровна"),
        ("фёдорова", "Фёдорова Нина Юрьевна"),
        ("федорова", "Фёдорова Нина Юрьевна"),
        ("галаган", "Ґалаґан Юрій Іванович"),
        ("алия", "Сейткали Әлия Қайратқызы"),
        ("петренко окс", "Петренко Оксана Сергіївна"),
        ("лебидев", "Лебедев Игорь Олегович"),
    ],
)
def test_a_surname_is_found_in_any_letters_and_with_a_slip(street, manager, text, name):
    street.people["5"].refresh_from_db()
    Person.objects.filter(pk=street.people["5"].pk).update(
        is_company=False, full_name="Ґалаґан Юрій Іванович", search_text=fold("Ґалаґан Юрій Іванович")
    )
    assert name in found(manager, text)["Люди"]


@pytest.mark.parametrize("text", ["0007", "345-00-07", "+7 912 345-00-07", "8 912 345 00 07"])
def test_a_phone_is_found_by_its_last_digits_or_whole(street, manager, text):
    assert found(manager, text)["По телефону"] == [street.people["7"].full_name]


@pytest.mark.parametrize("text", ["40100012", "00012", "40100021", "4010012", "401000112", "40100017"])
def test_an_account_is_found_by_its_number_even_with_one_slip(street, manager, text):
    assert "ул. Ленина, 5, кв. 12" in found(manager, text)["Лицевые счета"]


@pytest.mark.parametrize("text", ["8 715,00", "8715", "8715,00 ₽"])
def test_a_sum_finds_the_accounts_that_owe_exactly_that(street, manager, text):
    assert found(manager, text)["Должны ровно столько"] == ["ул. Ленина, 5, кв. 3"]


def test_nothing_out_of_sight_is_found(street, colleague, outsider):
    HouseScope.objects.create(membership=colleague, house=street.second)
    for text in ("лен 5 12", "иванова", "40100001", "0001", "8715"):
        assert found(outsider, text) == {}
        assert "ул. Ленина, 5, кв. 12" not in str(found(colleague, text))
        assert "Иванова" not in str(found(colleague, text))
    assert found(colleague, "сад 8 1")["Лицевые счета"] == ["ул. Садовая, 8, кв. 1"]


def test_a_field_worker_finds_houses_and_no_people(street, organisation):
    from tests.conftest import _member

    worker = _member(organisation, "field_worker", "matvey@example.org", "Матвей Мастеров")
    assert found(worker, "лен 5 12") == {"Дома": ["ул. Ленина, 5"]}
    assert found(worker, "иванова") == {}
    assert found(worker, "0001") == {}


def test_a_search_costs_a_dozen_queries_at_most(street, manager):
    for text in (
        "лен 5 12",
        "ktybyf 5 12",
        "лениина 5 12",
        "иванова",
        "bdfyjdf",
        "лебидев",
        "40100021",
        "8715,00",
        "0007",
    ):
        with CaptureQueriesContext(connection) as queries:
            found(manager, text)
        assert len(queries) <= MOST_QUERIES, (text, len(queries))


def test_the_box_shows_what_was_found(street, desk):
    page = desk.get("/search/", {"q": "ktybyf 5 12"}, headers={"HX-Request": "true"}).content.decode()
    assert f'href="/desk/accounts/{street.accounts["12"].pk}/"' in page


def test_the_list_is_searched_with_the_same_words(street, desk):
    for text in ("ktybyf 5 12", "фёдорова", "40100012", "345-00-12"):
        page = desk.get("/desk/accounts/", {"q": text}).content.decode()
        assert "40100012" in page, text
        assert "40100003" not in page, text


@pytest.fixture
def town(street, organisation):
    """Twenty thousand people more, so that the planner has something to choose."""
    names = [f"Тестов{number:05} Иван" for number in range(20_000)]
    people = Person.objects.bulk_create(
        Person(organisation=organisation, full_name=name, surname=name.split()[0], search_text=fold(name))
        for name in names
    )
    Phone.objects.bulk_create(
        Phone(organisation=organisation, person=person, number=f"+79{number * 48_271 % 10**9:09}")
        for number, person in enumerate(people)
    )
    flats = Flat.objects.bulk_create(
        Flat(organisation=organisation, house=street.second, number=f"{number + 10}") for number in range(5_000)
    )
    accounts = [NewAccount(number=f"7{place:07}", flat_id=flat.pk) for place, flat in enumerate(flats)]
    open_accounts(organisation, accounts)
    with connection.cursor() as cursor:
        # What was written a moment ago still waits to be taken into the index; a vacuum would do it by itself.
        cursor.execute("SELECT gin_clean_pending_list('person_search'), gin_clean_pending_list('phone_search')")
        cursor.execute("ANALYZE people_person, people_phone, people_occupancy, ledger_account, houses_house")
    return street


def plan_of(rows) -> str:
    return rows.explain()


def test_people_and_phones_are_found_through_their_indexes(town, manager):
    people = Person.objects.filter(organisation=manager.organisation)
    assert "person_search" in plan_of(finding.people_named(people, "иванова"))
    assert "person_search" in plan_of(finding.spelt_alike(people, "лебидев"))
    assert "phone_search" in plan_of(finding.phones_ending(manager, "345-00-07"))
    assert "phone_by_number" in plan_of(finding.phones_ending(manager, "+7 912 345-00-07"))


def test_a_slip_in_a_number_is_looked_up_by_an_index_of_numbers(town, manager):
    rows = Account.objects.filter(organisation=manager.organisation)
    # Of twenty thousand accounts PostgreSQL 15 rather reads all: a city has more.
    more = ", ".join(f.column for f in Account._meta.concrete_fields if f.name not in ("id", "number"))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO ledger_account (number, {more}) SELECT '8' || lpad(n::text, 7, '0'), {more}"
            " FROM ledger_account, generate_series(1, 60000) AS n WHERE id = %s",
            [rows.get(number="70000001").pk],
        )
        cursor.execute("SELECT gin_clean_pending_list('account_search')")
        cursor.execute("ANALYZE ledger_account")
    plan = plan_of(finding.accounts_numbered(rows, "40100021"))
    assert "an_account_number_once" in plan, plan


def test_the_page_of_the_search_works_without_scripts(street, manager):
    page = enter(manager).get("/search/", {"q": "лен 5 12"}).content.decode()
    assert "ул. Ленина, 5, кв. 12" in page
