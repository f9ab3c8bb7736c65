"""A field worker sees the houses in sight and how to get in, and nothing of money or people."""

import pytest

from okno.houses.models import HouseScope
from tests.conftest import _member
from tests.web.accounts.conftest import enter, street  # noqa: F401

pytestmark = pytest.mark.django_db


def test_houses_in_sight_with_their_memo_and_no_debts(street, organisation):  # noqa: F811
    worker = _member(organisation, "field_worker", "matvey@example.org", "Матвей", all_houses=False)
    HouseScope.objects.create(membership=worker, house=street.house)
    page = enter(worker).get("/field/").content.decode()
    assert "ул. Ленина, 5" in page
    assert "Код подъезда 1: 25К" in page
    assert "Садовая" not in page
    assert "₽" not in page
    assert street.people["1"].full_name not in page


def test_a_house_is_picked_by_shorthand(street, organisation):  # noqa: F811
    worker = _member(organisation, "field_worker", "matvey@example.org", "Матвей")
    page = enter(worker).get("/field/", {"q": "cfl 8"}).content.decode()
    assert "Садовая, 8" in page
    assert "Ленина, 5" not in page


def test_the_grid_of_a_house_shows_a_worker_no_debts(street, organisation):  # noqa: F811
    worker = _member(organisation, "field_worker", "matvey@example.org", "Матвей")
    page = enter(worker).get(f"/desk/houses/{street.house.pk}/?layer=debt").content.decode()
    assert "Счётчики" in page
    assert "просрочено" not in page.lower().replace("поверка просрочена", "")
    assert "₽" not in page
