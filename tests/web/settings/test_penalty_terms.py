"""Terms of penalties are seen on real accounts before they are taken, by those who may, with the reason."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from okno.access.models import Action, Organisation
from okno.ledger.penalties.models import PenaltyTerms
from tests.conftest import _member
from tests.web.accounts.conftest import enter

pytestmark = pytest.mark.django_db

TYPED = {
    "regime": "housing",
    "posting": "monthly",
    "least": "10",
    "since": "2026-12-01",
    "reason": "решение правления № 4",
    "s-rate_of": "each_day",
}


def body(response, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()[:1500]
    return response.content.decode().replace("\xa0", " ").replace("\u202f", " ")


@pytest.fixture
def address() -> str:
    return reverse("desk:penalty_terms")


def test_terms_nobody_has_set_post_nothing_and_say_so(desk, street, address):
    page = body(desk.get(address))
    assert "Не проводится, только считается" in page
    assert "Условий ещё не вводили" in page


def test_new_terms_are_tried_on_three_accounts_before_they_are_taken(desk, street, address):
    page = desk.post(address, {**TYPED, "s-debtor": "management_company", "step": "preview"})
    text = body(page)
    assert "Раз в месяц, от 10,00 ₽" in text
    assert [one.account.pk for one in page.context["examples"]][:2] == [
        street.accounts[number].pk for number in ("1", "2")
    ]
    assert all(one.after_minor > one.before_minor > 0 for one in page.context["examples"][:2])
    assert not PenaltyTerms.objects.exists()


def test_confirmed_they_hold_from_their_day_with_only_what_differs_from_the_law(desk, street, address):
    assert desk.post(address, {**TYPED, "step": "confirm"}).status_code == 302
    kept = PenaltyTerms.objects.get()
    assert (kept.regime, kept.since, kept.posting, kept.least_minor) == (
        "housing",
        date(2026, 12, 1),
        "monthly",
        1000,
    )
    assert kept.settings == {"rate_of": "each_day"}
    assert Action.objects.get(verb="penalties.terms_changed").reason == "решение правления № 4"
    assert "Чья ставка: каждого дня просрочки" in body(desk.get(address))


def test_guesses_for_what_if_are_no_terms(desk, street, address):
    assert "s-key_rate" not in body(desk.get(address))
    desk.post(address, {**TYPED, "s-key_rate": "14.00@2027-01-01", "step": "confirm"})
    assert "key_rate" not in PenaltyTerms.objects.get().settings


@pytest.mark.parametrize("wrong", [{"reason": ""}, {"least": "-1"}, {"since": ""}, {"s-rate_of": "yesterday"}])
def test_impossible_terms_are_refused_in_words(desk, street, address, wrong):
    assert "Исправьте, чтобы продолжить" in body(desk.post(address, {**TYPED, **wrong, "step": "confirm"}), 422)
    assert not PenaltyTerms.objects.exists()


def test_who_only_looks_changes_nothing(street, organisation, address):
    client = enter(_member(organisation, "debt_specialist", "looks@example.org", "Денис Долгов"))
    assert "Изменить условия" not in body(client.get(address))
    client.post(address, {**TYPED, "step": "confirm"})
    assert not PenaltyTerms.objects.exists()


def test_a_contract_clause_is_a_term_where_the_law_asks_for_one(outsider, address):
    Organisation.objects.filter(pk=outsider.organisation_id).update(country="ua", currency="UAH")
    client = enter(outsider)
    assert "Пеня по договору" in body(client.get(address))
    told = {key: value for key, value in TYPED.items() if key != "s-rate_of"}
    vague = body(client.post(address, {**told, "s-contract_rate": "сколько договорились", "step": "confirm"}), 422)
    assert "contract_rate" in vague
    assert client.post(address, {**told, "s-contract_rate": "0.01", "step": "confirm"}).status_code == 302
    assert PenaltyTerms.objects.get().settings == {"contract_rate": "0.01"}


def test_the_page_asks_the_database_within_the_limit(desk, street, address):
    with CaptureQueriesContext(connection) as asked:
        body(desk.get(address))
    assert len(asked) <= 15
