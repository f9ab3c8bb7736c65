"""The dispatcher's register: what is dangerous stands first, a form sent twice is one request, steps are legal ones."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from okno.access.models import Action
from okno.common import clock
from okno.houses.models import HouseScope
from okno.requests import outages
from okno.requests.models import Outage, Request
from tests.web.accounts.conftest import enter

pytestmark = pytest.mark.django_db

NEW = "/desk/requests/new/"


def form(street, **more):
    told = {"house": street.house.pk, "flat": "3", "text": "Капает кран", "uid": uuid.uuid4()}
    return {**told, "place": "", "phone": "", "category": "", "urgency": "", **more}


@pytest.fixture
def leak(desk, street) -> Request:
    desk.post(NEW, form(street))
    return Request.objects.get()


def test_an_empty_register_says_what_it_is_for(desk):
    assert "Заявок пока нет" in desk.get("/desk/requests/").content.decode()


def test_a_form_sent_twice_is_one_request(desk, street):
    told = form(street, phone="8 912 345 67 89")
    first, second = desk.post(NEW, told), desk.post(NEW, told)
    assert first.url == second.url
    made = Request.objects.get()
    assert (made.flat.number, made.phone, made.source) == ("3", "+79123456789", "desk")
    assert made.created_by.email == "dispatcher@example.org"


def test_words_tell_the_kind_and_danger_when_nobody_chose_them(desk, street):
    desk.post(NEW, form(street, text="Сильно пахнет газом на кухне"))
    made = Request.objects.get()
    assert (made.category, made.urgency) == ("gas", "danger")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"flat": "999"}, "нет такой квартиры"),
        ({"phone": "123"}, "Не похоже на телефон"),
        ({"text": ""}, "Исправьте"),
        ({"house": ""}, "Исправьте"),
    ],
)
def test_a_wrong_form_says_what_to_mend(desk, street, wrong, told):
    page = desk.post(NEW, form(street, **wrong))
    assert page.status_code == 422
    assert told in page.content.decode()
    assert not Request.objects.exists()


def test_what_is_known_of_the_house_comes_while_the_words_are_typed(desk, street, leak):
    page = desk.get("/desk/requests/beside/", {"house": street.house.pk, "text": "пахнет газом"}).content.decode()
    assert "Опасно для людей" in page
    assert "Капает кран" in page


def test_dangerous_requests_stand_first_and_closed_ones_last(desk, street, leak):
    desk.post(NEW, form(street, text="Искрит розетка в подъезде"))
    desk.post(f"/desk/requests/{leak.pk}/step/", {"do": "close"})
    desk.post(NEW, form(street, text="Не горит лампочка в подъезде"))
    lines = desk.get("/desk/requests/").context["page"].lines
    assert [line.group for line in lines] == ["Опасно для людей", "Открытые", "Закрытые"]


def test_a_request_goes_its_way_and_every_step_is_once(desk, leak):
    at = f"/desk/requests/{leak.pk}/step/"
    for _twice in range(2):
        desk.post(at, {"do": "take"})
    assert Action.objects.filter(verb="request.taken").count() == 1
    desk.post(at, {"do": "done", "words": "Заменили прокладку"})
    page = desk.get(f"/desk/requests/{leak.pk}/").content.decode()
    assert "Заменили прокладку" in page
    assert "Открыть снова" in page
    desk.post(at, {"do": "reopen", "words": "Капает опять"})
    leak.refresh_from_db()
    assert (leak.state, leak.done_at) == ("reopened", None)


def test_a_step_that_is_not_legal_is_refused_in_words(desk, leak):
    at = f"/desk/requests/{leak.pk}/step/"
    desk.post(at, {"do": "close"})
    page = desk.post(at, {"do": "take"}, follow=True).content.decode()
    assert "так с ней поступить нельзя" in page


def test_a_house_out_of_sight_has_no_requests(desk, dispatcher, street, leak):
    dispatcher.all_houses = False
    dispatcher.save()
    HouseScope.objects.create(membership=dispatcher, house=street.second)
    assert enter(dispatcher).get(f"/desk/requests/{leak.pk}/").status_code == 404
    assert enter(dispatcher).get("/desk/requests/").context["page"].total == 0
    assert enter(dispatcher).post(NEW, form(street)).status_code == 422


def test_others_of_the_staff_read_and_do_not_write(leak, accountant_member):
    client = enter(accountant_member)
    assert client.get(f"/desk/requests/{leak.pk}/").status_code == 200
    assert client.post(f"/desk/requests/{leak.pk}/step/", {"do": "take"}).status_code == 403


@pytest.fixture
def accountant_member(organisation):
    from tests.conftest import _member

    return _member(organisation, "accountant", "accountant@example.org", "Борис Бухгалтеров")


def test_the_pages_ask_the_database_few_times(desk, street, leak):
    for at in ("/desk/requests/", f"/desk/requests/{leak.pk}/", NEW):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            desk.get(at)
        assert len(asked) <= 15, (at, len(asked))


def outage(street, **more):
    since = f"{clock.now() + timedelta(hours=3, minutes=-1):%Y-%m-%dT%H:%M}"  # Moscow's clock
    told = {"category": "cold_water", "planned": "no", "since": since, "until": "", "houses": [street.house.pk]}
    return {**told, "words_ru": "Нет холодной воды: авария на насосной", **more}


def test_an_outage_is_told_once_and_heard_in_its_house(desk, street):
    told = outage(street)
    first, second = desk.post("/desk/outages/new/", told), desk.post("/desk/outages/new/", told)
    assert first.url == second.url
    made = Outage.objects.get()
    (known,) = outages.known(street.house.pk, clock.now(), "kk")
    assert known.words == made.words["ru"]
    assert outages.known(street.second.pk, clock.now(), "ru") == ()
    assert "авария на насосной" in desk.get("/desk/requests/").content.decode()


def test_an_outage_wants_houses_words_and_an_order_of_moments(desk, street):
    wrong = outage(street, houses=[], words_ru="", until="2020-01-01T10:00")
    page = desk.post("/desk/outages/new/", wrong)
    text = page.content.decode()
    assert page.status_code == 422
    assert "Выберите дома" in text
    assert "позже начала" in text
    assert not Outage.objects.exists()


def test_an_outage_gets_another_term_and_ends(desk, street):
    desk.post("/desk/outages/new/", outage(street))
    made = Outage.objects.get()
    at = f"/desk/outages/{made.pk}/change/"
    desk.post(at, {"do": "expect", "until": "2026-11-19T18:00"})
    made.refresh_from_db()
    assert made.until.isoformat() == "2026-11-19T15:00:00+00:00"
    desk.post(at, {"do": "expect", "until": "когда-нибудь"})
    desk.post(at, {"do": "end"})
    made.refresh_from_db()
    assert made.ended_at is not None
    assert "закончилось" in desk.get(f"/desk/outages/{made.pk}/").content.decode()


def test_an_outage_is_told_on_the_card_of_the_account_and_of_the_house(desk, street):
    desk.post("/desk/outages/new/", outage(street))
    for at in (f"/desk/accounts/{street.accounts['1'].pk}/", f"/desk/houses/{street.house.pk}/"):
        assert "авария на насосной" in desk.get(at).content.decode()
    assert "авария на насосной" not in desk.get(f"/desk/accounts/{street.accounts['8-1'].pk}/").content.decode()


@pytest.mark.parametrize("text", ["1", "№ 1", "заявка 1", "Капает"])
def test_the_search_finds_a_request_by_its_number_and_its_words(desk, leak, text):
    found = desk.get("/search/", {"q": text}, headers={"HX-Request": "true"}).content.decode()
    assert f"/desk/requests/{leak.pk}/" in found


def test_the_search_shows_no_request_of_another_organisation(leak, outsider):
    found = enter(outsider).get("/search/", {"q": "Капает"}, headers={"HX-Request": "true"}).content.decode()
    assert f"/desk/requests/{leak.pk}/" not in found


def test_the_heads_day_begins_with_what_is_dangerous(desk, manager, street):
    desk.post(NEW, form(street, text="Пахнет газом"))
    told = enter(manager).get("/desk/today/").content.decode()
    assert "Опасная заявка не выполнена: 1" in told
