"""The page of what must never happen tells the truth, and a figure by an unverified norm always says so."""

import re
from datetime import date
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from okno.access import founding
from okno.houses.models import Flat, House
from okno.law.countries import pack
from okno.ledger import posting, services
from okno.ledger.accounts import NewAccount, open_accounts
from okno.ledger.rows import NewBill

ROOT = Path(__file__).resolve().parent.parent
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "docs" / "never.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_the_page_names_tests_that_exist(path, name):
    assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)


def test_the_page_has_a_test_for_each_of_the_seven():
    rows = re.findall(r"^\| (\d) \|.*$", (ROOT / "docs" / "never.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == list("1234567")
    assert len(NAMED) >= 7


@pytest.fixture
def flat_in_kyiv(db):
    """An account whose due day stands on practice, not on a text that was read."""
    organisation = founding.found_organisation(name="КП «Дім»", country="ua")
    house = House.objects.create(
        organisation=organisation,
        address="м Київ, вул Садова, буд 2",
        short_address="вул. Садова, 2",
        match_key="київ||садова|2||",
        search_text="київ садова 2",
        sort_key="садова 2",
        time_zone="Europe/Kyiv",
    )
    flat = Flat.objects.create(organisation=organisation, house=house, number="12", number_order=12)
    services.install_defaults(organisation)
    account = open_accounts(organisation, [NewAccount(number="700012", flat_id=flat.pk)])["700012"]
    bill = NewBill(account, "month", "housing", date(2026, 9, 1), date(2026, 10, 20), 100_00, {"maintenance": 100_00})
    posting.post(organisation=organisation, key="bill", kind="bills", reason="вересень", bills=[bill])
    membership = founding.add_member(
        organisation, email="kyiv@example.org", name="Олена", role="accountant", password="не потрібен 2026"
    )
    membership.user.language = "ru"
    membership.user.save()
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(membership.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client, account


def test_an_unverified_norm_is_marked_on_every_page_that_shows_it(flat_in_kyiv):
    client, account = flat_in_kyiv
    assert not pack("ua").due_day(date(2026, 9, 1)).verified
    for page in (reverse("desk:account_bills", args=[account]), reverse("desk:law")):
        answer = client.get(page)
        assert answer.status_code == 200, page
        assert "не проверено" in answer.content.decode(), page
