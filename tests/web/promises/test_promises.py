"""Promises and holds on the desk: written once, taken back with a reason, seen in their houses alone."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from okno.access.models import Action
from okno.debts.models import CaseHold, Promise
from okno.houses.models import HouseScope
from tests.conftest import _member
from tests.web.accounts.conftest import enter

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(street) -> str:
    return f"/desk/accounts/{street.accounts['1'].pk}"


def said(street, **more):
    told = {
        "on": street.day + timedelta(days=5),
        "minor": "1 500,50",
        "person": street.people["1"].pk,
        "words": "С аванса",
    }
    return {**told, "uid": uuid.uuid4(), **more}


def test_a_promise_sent_twice_is_one_and_holds_reminders(desk, street, at):
    told = said(street)
    desk.post(f"{at}/promises/new/", told)
    desk.post(f"{at}/promises/new/", told)
    made = Promise.objects.get()
    assert (made.minor, made.person, made.state) == (150_050, street.people["1"], "open")
    street.remind()
    street.ask_the_gate()
    waits = made.account.contacts.get()
    assert (waits.state, waits.not_before.date()) == ("waiting", made.on + timedelta(days=1))


def test_a_promise_of_the_past_or_of_nothing_keeps_what_was_typed(desk, street, at):
    page = desk.post(f"{at}/promises/new/", said(street, on=street.day - timedelta(days=1), minor="0"))
    text = page.content.decode()
    assert page.status_code == 422
    assert "сумму больше нуля" in text
    page = desk.post(f"{at}/promises/new/", said(street, on=street.day - timedelta(days=1)))
    assert "Этот день уже прошёл" in page.content.decode()
    assert not Promise.objects.exists()


def test_a_promise_is_taken_back_once_and_with_a_reason(desk, street, at):
    desk.post(f"{at}/promises/new/", said(street))
    made = Promise.objects.get()
    desk.post(f"/desk/promises/{made.pk}/drop/", {"why": " "})
    made.refresh_from_db()
    assert made.state == "open"
    for _twice in range(2):
        desk.post(f"/desk/promises/{made.pk}/drop/", {"why": "Записали не на тот счёт"})
    made.refresh_from_db()
    assert (made.state, made.ended_on) == ("dropped", street.day)
    assert Action.objects.filter(verb="promise.dropped").count() == 1
    assert "отменено" in desk.get(f"{at}/promises/").content.decode()


def test_a_kept_promise_is_not_taken_back(desk, street, at):
    desk.post(f"{at}/promises/new/", said(street))
    street.pay("1", street.day, 150_050)
    made = Promise.objects.get()
    assert made.state == "kept"
    page = desk.post(f"/desk/promises/{made.pk}/drop/", {"why": "Ошибка"}, follow=True).content.decode()
    assert "уже закончилось" in page


def test_a_hold_makes_reminders_wait_until_it_is_looked_at(desk, street, at):
    told = {"reason": "dispute", "until": "", "words": "Квартира пустая", "uid": uuid.uuid4()}
    desk.post(f"{at}/holds/new/", told)
    desk.post(f"{at}/holds/new/", told)
    held = CaseHold.objects.get()
    assert held.until == street.day + timedelta(days=30)
    assert "Квартира пустая" in desk.get("/desk/holds/").content.decode()
    desk.post(f"/desk/holds/{held.pk}/end/", {"why": "Пересчитали"})
    held.refresh_from_db()
    assert (held.ended_on, held.ended_why) == (street.day, "Пересчитали")


def test_a_hold_for_ever_is_refused(desk, street, at):
    told = {"reason": "dispute", "until": "2030-01-01", "words": "", "uid": uuid.uuid4()}
    page = desk.post(f"{at}/holds/new/", told)
    assert page.status_code == 422
    assert not CaseHold.objects.exists()


def test_the_list_tells_today_broken_and_sums(desk, street, at):
    desk.post(f"{at}/promises/new/", said(street, on=street.day))
    page = desk.get("/desk/promises/", {"pile": "today"})
    assert page.context["page"].total == 1
    assert page.context["totals"]["today_minor"] == 150_050
    assert desk.get("/desk/promises/", {"pile": "broken"}).context["page"].total == 0


def test_promises_of_houses_out_of_sight_are_not_there(desk, manager, street, at):
    desk.post(f"{at}/promises/new/", said(street))
    made = Promise.objects.get()
    manager.all_houses = False
    manager.save()
    HouseScope.objects.create(membership=manager, house=street.second)
    narrowed = enter(manager)
    assert narrowed.get("/desk/promises/").context["page"].total == 0
    assert narrowed.get(f"{at}/promises/").status_code == 404
    assert narrowed.post(f"/desk/promises/{made.pk}/drop/", {"why": "Чужое"}).status_code == 404


def test_an_accountant_reads_and_does_not_write(street, organisation, at):
    client = enter(_member(organisation, "accountant", "accountant@example.org", "Борис Бухгалтеров"))
    page = client.get(f"{at}/promises/")
    assert page.status_code == 200
    assert "Записать обещание" not in page.content.decode()
    assert client.post(f"{at}/promises/new/", said(street)).status_code == 403


def test_the_pages_ask_the_database_few_times(desk, street, at):
    desk.post(f"{at}/promises/new/", said(street))
    for path in ("/desk/promises/", "/desk/holds/", f"{at}/promises/"):
        with CaptureQueriesContext(connection) as asked:
            desk.get(path)
        assert len(asked) <= 15, (path, [one["sql"][:90] for one in asked])
