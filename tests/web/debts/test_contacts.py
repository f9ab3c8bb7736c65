"""Contacts, what left, and why something did not: withdrawn and repeated by a person, read by anybody in sight."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from okno.houses.models import HouseScope
from okno.outreach.models import Contact, Message, Permit
from okno.people.models import Person
from tests.web.accounts.conftest import enter
from tests.web.debts.conftest import carry_out


@pytest.fixture
def left(desk, street) -> Message:
    """Everybody was told but flat 3, who asked not to be rung."""
    street.remind()
    Person.objects.filter(pk=street.people["3"].pk).update(do_not_call=True)
    assert carry_out(street) == 13
    return Message.objects.get(contact__account=street.accounts["1"])


def test_what_left_is_read_as_it_left(desk, left):
    page = desk.get(reverse("desk:message", args=[left.pk]))
    text = page.content.decode()
    assert left.text in page.context["message"].text
    assert "Мария Петровна" in text
    assert "Долг ещё есть" in text
    assert "+7912" in text
    assert all(check.passed for check in page.context["checks"])
    assert len(page.context["checks"]) == 17


def test_the_list_hides_addresses_and_finds_by_words(desk, left, street):
    here = reverse("desk:outbox")
    text = desk.get(here).content.decode()
    assert left.address not in text
    assert desk.get(here, {"channel": "sms"}).context["page"].total == 13
    assert desk.get(here, {"channel": "email"}).context["page"].total == 0
    assert desk.get(here, {"word": "accepted"}).context["page"].total == 13
    assert desk.get(here, {"q": "Иванова"}).context["page"].total == 1
    assert desk.get(here, {"on_from": "2026-11-18", "on_to": "2026-11-18"}).context["page"].total == 13
    assert desk.get(here, {"on_from": "2026-11-19"}).context["page"].total == 0


def test_a_refusal_is_read_check_by_check(desk, left, street):
    permit = Permit.objects.get(allowed=False)
    listed = desk.get(reverse("desk:refusals"))
    assert [(chip["title"], chip["count"]) for chip in listed.context["chips"]] == [("просил не звонить", 1)]
    assert desk.get(listed.context["chips"][0]["url"]).context["page"].total == 1
    page = desk.get(reverse("desk:permit", args=[permit.pk]))
    first = page.context["checks"][0]
    assert (first.code, first.passed) == ("do_not_call", False)
    assert "Просил не звонить" in page.content.decode()
    assert "не разрешено" in page.content.decode()


def test_a_refusal_for_now_names_the_hours_and_when_it_is_asked_again(desk, street):
    street.remind()
    street.ask_the_gate(street.noon + timedelta(hours=11))
    permit = Permit.objects.filter(allowed=False).first()
    text = desk.get(reverse("desk:permit", args=[permit.pk])).content.decode()
    assert "23:00 по времени дома, можно с 08:00 до 22:00" in text
    assert "Спросим снова" in text


def test_waiting_contacts_are_withdrawn_with_a_reason(desk, street):
    street.remind()
    ids = ",".join(str(pk) for pk in Contact.objects.values_list("pk", flat=True)[:2])
    here = reverse("desk:withdraw")
    asked = desk.post(here, {"ids": ids, "all": "", "query": ""})
    assert asked.context["count"] == 2
    assert desk.post(here, {"ids": ids, "confirmed": "1", "why": " "}).status_code == 422
    assert Contact.objects.filter(state="withdrawn").count() == 0
    desk.post(here, {"ids": ids, "confirmed": "1", "why": "сами договорились"})
    again = desk.post(here, {"ids": ids, "confirmed": "1", "why": "сами договорились"})
    assert again.status_code == 302
    assert Contact.objects.filter(state="withdrawn", state_why="сами договорились").count() == 2


def test_an_unknown_outcome_is_repeated_by_a_person(desk, left):
    Contact.objects.filter(pk=left.contact_id).update(state="unknown", state_why="unknown")
    here = reverse("desk:repeat")
    asked = desk.post(here, {"ids": str(left.contact_id), "all": "", "query": ""})
    assert "второй раз" in asked.content.decode()
    desk.post(here, {"ids": str(left.contact_id), "confirmed": "1", "why": "оператор молчит"})
    assert Contact.objects.get(pk=left.contact_id).state_why == "repeated"


def test_what_has_left_is_neither_withdrawn_nor_repeated(desk, left):
    for name in ("withdraw", "repeat"):
        page = desk.post(reverse(f"desk:{name}"), {"ids": str(left.contact_id), "all": "", "query": ""})
        assert page.context["count"] == 0
        assert "Здесь нечего делать" in page.content.decode()


def test_other_houses_and_other_organisations_see_nothing(left, street, colleague, outsider):
    HouseScope.objects.create(membership=colleague, house=street.second)
    permit = Permit.objects.get(allowed=False)
    for who, count in ((colleague, 2), (outsider, 0)):
        client = enter(who)
        assert client.get(reverse("desk:outbox")).context["page"].total == count
        assert client.get(reverse("desk:message", args=[left.pk])).status_code == 404
        assert client.get(reverse("desk:permit", args=[permit.pk])).status_code == 404
        marked = {"ids": str(left.contact_id), "confirmed": "1", "why": "чужое"}
        client.post(reverse("desk:withdraw"), marked)
    assert not Contact.objects.filter(state="withdrawn").exists()


def test_the_day_is_looked_at_again(desk, left):
    page = desk.get(reverse("desk:replay"), {"day": "2026-11-18"})
    assert page.context["found"].violations == []
    assert (page.context["found"].permits, page.context["found"].messages) == (13, 13)
    assert "Нарушений нет" in page.content.decode()
    assert desk.get(reverse("desk:replay"), {"day": "вчера"}).status_code == 422


def test_a_hand_in_the_books_is_seen_by_the_check_of_the_day(desk, left):
    Message.objects.filter(pk=left.pk).update(
        permit=left.permit, claimed_at=left.permit.expires_at + timedelta(hours=1)
    )
    page = desk.get(reverse("desk:replay"), {"day": "2026-11-18"})
    assert page.context["found"].violations
    assert "нарушени" in page.content.decode()


def test_pages_ask_no_more_than_fifteen_times(desk, left):
    permit = Permit.objects.get(allowed=False)
    addresses = [
        reverse("desk:outbox"),
        reverse("desk:refusals"),
        reverse("desk:message", args=[left.pk]),
        reverse("desk:permit", args=[permit.pk]),
    ]
    for address in addresses:
        with CaptureQueriesContext(connection) as asked:
            desk.get(address)
        assert len(asked) <= 15, address
