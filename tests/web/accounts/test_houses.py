"""A house: totals that add up and a grid of flats tinted by what is asked."""

import pytest

from okno.houses.models import HouseScope
from okno.people.models import EmailAddress, Phone
from tests.web.accounts.conftest import enter

pytestmark = pytest.mark.django_db


def body(response) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode().replace("\xa0", " ").replace("\u202f", " ")


def test_a_flat_in_the_grid_is_tinted_by_the_age_of_its_debt_and_leads_to_its_account(desk, street):
    page = body(desk.get(f"/desk/houses/{street.house.pk}/"))
    link = page.partition(f'href="/desk/accounts/{street.accounts["2"].pk}/"')
    assert 'data-tint="age4"' in link[0][-120:]
    assert "Квартира 2: просрочено 17 390,00 ₽ с 18.08.2026" in link[2][:400]


def test_a_flat_nobody_can_reach_is_seen_on_the_contact_layer(desk, street):
    Phone.objects.filter(person=street.people["7"]).update(is_wrong=True)
    EmailAddress.objects.filter(person=street.people["7"]).update(is_wrong=True)
    assert "Квартира 7: нет контакта" in body(desk.get(f"/desk/houses/{street.house.pk}/?layer=contact"))
    listed = body(desk.get("/desk/accounts/?unreachable=1"))
    assert street.accounts["7"].number in listed
    assert street.accounts["8"].number not in listed


def test_a_meter_due_for_verification_is_seen_on_its_layer(desk, street):
    assert "Квартира 1: поверка до 08.12.2026" in body(desk.get(f"/desk/houses/{street.house.pk}/?layer=meters"))


def test_houses_out_of_sight_are_not_listed(street, colleague):
    HouseScope.objects.create(membership=colleague, house=street.second)
    client = enter(colleague)
    page = body(client.get("/desk/houses/"))
    assert "Садовая" in page
    assert "Ленина" not in page
    assert client.get(f"/desk/houses/{street.house.pk}/").status_code == 404


def test_the_list_of_accounts_adds_up_and_narrows(desk, street):
    page = body(desk.get("/desk/accounts/?age=over"))
    assert street.accounts["1"].number in page
    assert street.accounts["3"].number not in page
    assert "40100003" in body(desk.get("/desk/accounts/?state=owes&sort=-saldo"))


def test_the_file_of_the_list_holds_every_account(desk, street):
    answer = desk.get("/desk/accounts/?file=csv")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + len(street.accounts)
