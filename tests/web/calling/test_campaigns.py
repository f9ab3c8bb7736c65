"""A campaign of calls from its form to its numbers: looked at before it starts, twice is once."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db

NEW = "/desk/calling/new/"


def form(**more):
    return {
        "name": "Ноябрьский обзвон",
        "mode": "robot",
        "lines": "2",
        "calls_a_second": "1",
        "tries": "3",
        "ring_seconds": "30",
        "since": "",
        "until": "",
        "record": "on",
        "pause_busy": "15",
        "pause_no_answer": "120",
        "least": "",
        "months": "",
        **more,
    }


def test_an_empty_list_tells_what_a_campaign_of_calls_is(desk):
    page = desk.get("/desk/calling/").content.decode()
    assert "Обзвонов пока нет" in page


def test_what_to_call_about_is_asked_first(desk):
    page = desk.get(NEW).content.decode()
    assert "?scenario=debt_notice" in page


def test_the_form_offers_the_figures_of_a_quiet_campaign(desk):
    page = desk.get(NEW, {"scenario": "debt_notice"})
    assert page.status_code == 200
    assert page.context["extent"].count == 14
    assert "126-ФЗ" in page.content.decode()


def test_a_bad_form_keeps_what_was_typed(desk):
    page = desk.post(f"{NEW}?scenario=debt_notice", form(lines="1000", since="18:00", until="10:00"))
    text = page.content.decode()
    assert page.status_code == 422
    assert 'value="1000"' in text
    assert "Конец должен быть позже начала" in text
    _ = reverse("desk:calling")
