"""Rules: what counts as debt, the contact policy against the law, the calendar, the norms."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from okno.access.models import Action, CalendarDay, Organisation
from okno.debts.models import DebtDefinition
from okno.outreach.models import ContactPolicy
from tests.conftest import _member
from tests.web.accounts.conftest import enter

DEFINITION = {
    "regimes": ["housing"],
    "days_allowed": "30",
    "least": "5 000",
    "since": "2026-12-01",
    "reason": "мелкие долги не тревожим",
}
POLICY = {
    "workday_since": "09:00",
    "workday_until": "21:00",
    "day_off_since": "10:00",
    "day_off_until": "18:00",
    "messages_a_day": "1",
    "messages_a_week": "2",
    "messages_a_month": "4",
    "calls_a_day": "1",
    "calls_a_week": "1",
    "calls_a_month": "4",
    "feed_fresh_hours": "24",
    "needs_consent": ["robot_call"],
    "reason": "бережём людей",
}


def test_a_new_definition_is_seen_before_it_is_taken(desk, street):
    page = desk.post(reverse("desk:rules"), {**DEFINITION, "step": "preview"})
    assert (page.context["preview"].proposed.accounts, page.context["preview"].present.accounts) == (2, 14)
    assert "вместо" in page.content.decode()
    assert DebtDefinition.objects.count() == 1


def test_confirmed_twice_it_is_taken_once(desk, street):
    for _time in range(2):
        assert desk.post(reverse("desk:rules"), {**DEFINITION, "step": "confirm"}).status_code == 302
    taken = DebtDefinition.objects.get(since=date(2026, 12, 1))
    assert (taken.regimes, taken.days_allowed, taken.least_minor) == (["housing"], 30, 500_000)
    line = Action.objects.get(verb="debts.definition_changed")
    assert line.reason == "мелкие долги не тревожим"


def test_a_bad_definition_keeps_what_was_typed(desk, street):
    page = desk.post(reverse("desk:rules"), {**DEFINITION, "days_allowed": "400", "least": "-1", "step": "preview"})
    text = page.content.decode()
    assert page.status_code == 422
    assert 'value="400"' in text
    assert "Исправьте, чтобы продолжить" in text
    past = desk.post(reverse("desk:rules"), {**DEFINITION, "since": "2026-11-01", "step": "confirm"})
    assert "Прошлые дни" in past.content.decode()


def test_who_only_looks_changes_nothing(street, organisation):
    client = enter(_member(organisation, "accountant", "sums@example.org", "Анна Счётова"))
    client.post(reverse("desk:rules"), {**DEFINITION, "step": "confirm"})
    client.post(reverse("desk:policy"), POLICY)
    client.post(reverse("desk:calendar"), {"text": "31.12.2026;выходной;Указ"})
    assert DebtDefinition.objects.filter(since__gt=date(2000, 1, 1)).count() == 0
    assert not ContactPolicy.objects.filter(messages_a_day=1).exists()
    assert not CalendarDay.objects.exists()


def test_the_policy_is_kept_with_its_reason_and_once(desk):
    for _time in range(2):
        assert desk.post(reverse("desk:policy"), POLICY).status_code == 302
    kept = ContactPolicy.objects.get()
    assert (kept.messages_a_day, kept.feed_fresh_hours, kept.needs_consent) == (1, 24, ["robot_call"])
    assert Action.objects.get(verb="policy.changed").reason == "бережём людей"


def test_the_policy_cannot_be_wider_than_the_law(desk):
    page = desk.post(reverse("desk:policy"), {**POLICY, "needs_consent": []})
    text = page.content.decode()
    assert page.status_code == 422
    assert "Закон требует согласия на звонок робота" in text
    assert "41-ФЗ" in text
    assert 'value="бережём людей"' in text
    assert not ContactPolicy.objects.exists()


def test_wider_than_a_yardstick_is_allowed_and_said(desk):
    assert desk.post(reverse("desk:policy"), {**POLICY, "messages_a_week": "6"}).status_code == 302
    page = desk.get(reverse("desk:policy"))
    assert page.context["beyond"] == {"messages_a_week"}
    assert "сейчас шире мерила" in page.content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"workday_since": "22:00"},
        {"day_off_until": ""},
        {"feed_fresh_hours": "0"},
        {"messages_a_day": "-1"},
        {"workday_since": "рано"},
    ],
)
def test_an_impossible_policy_is_refused_in_words(desk, wrong):
    page = desk.post(reverse("desk:policy"), {**POLICY, **wrong})
    assert page.status_code == 422
    assert "Исправьте, чтобы продолжить" in page.content.decode()
    assert not ContactPolicy.objects.exists()


def test_each_value_stands_beside_its_norm(desk):
    text = desk.get(reverse("desk:policy")).content.decode()
    assert "230-ФЗ" in text
    assert "не проверено" in text
    assert "политика организации" in text
    assert "норма" in text


def test_a_calendar_is_loaded_whole_or_not_at_all(desk):
    bad = "день;вид;источник\n31.12.2026;выходной;Указ\n32.12.2026;выходной;Указ\n30.12.2026;праздничный;Указ"
    page = desk.post(reverse("desk:calendar"), {"text": bad})
    text = page.content.decode()
    assert page.status_code == 422
    assert "строка 3" in text
    assert "строка 4" in text
    assert "31.12.2026;выходной;Указ" in text
    assert not CalendarDay.objects.exists()
    file = SimpleUploadedFile("days.csv", "31.12.2026;выходной;Указ губернатора".encode("cp1251"))
    for _time in range(2):
        file.seek(0)
        assert desk.post(reverse("desk:calendar"), {"file": file, "text": ""}).status_code == 302
    assert CalendarDay.objects.get().source == "Указ губернатора"
    assert "Указ губернатора" in desk.get(reverse("desk:calendar")).content.decode()


def test_nothing_to_load_and_too_much_are_both_said(desk):
    assert "Выберите файл" in desk.post(reverse("desk:calendar"), {"text": ""}).content.decode()
    huge = SimpleUploadedFile("days.csv", b"x" * 300_000)
    assert "слишком велик" in desk.post(reverse("desk:calendar"), {"file": huge}).content.decode()


def test_the_norms_of_the_country_are_all_there(desk, outsider):
    page = desk.get(reverse("desk:law"))
    text = page.content.decode()
    names = {norm.name for norm in page.context["norms"]}
    assert {"ru.due_day.day_of_month", "ru.key_rate.percent", "ru.penalty.housing", "ru.court.claim_fee"} <= names
    assert all(name.startswith("ru.") for name in names)
    assert "не проверено" in text
    assert "15-е число" in text
    assert all(one.text for norm in page.context["norms"] for one in norm.editions)
    foreign = enter(outsider).get(reverse("desk:law"))
    assert all(norm.name.startswith("kz.") for norm in foreign.context["norms"])


def test_what_is_missing_and_what_ends_soon_is_told_first(desk):
    page = desk.get(reverse("desk:law"))
    told = {one.title: one.text for one in page.context["remarks"]}
    assert "известно только по 13.09.2026" in told["Ключевая ставка Банка России"]
    assert "известно по 31.12.2026" in told["Предел ставки для пени (меньшая из него и ключевой)"]
    assert [one.serious for one in page.context["remarks"]] == sorted(
        (one.serious for one in page.context["remarks"]), reverse=True
    )


@pytest.mark.parametrize(("country", "currency"), [("kz", "KZT"), ("ua", "UAH")])
def test_every_norm_of_every_country_has_its_page(outsider, country, currency):
    Organisation.objects.filter(pk=outsider.organisation_id).update(country=country, currency=currency)
    client = enter(outsider)
    listed = client.get(reverse("desk:law"))
    assert all(one.text for one in listed.context["remarks"])
    for norm in listed.context["norms"]:
        assert client.get(norm.url).status_code == 200, norm.name


def test_a_norm_shows_every_value_with_its_source_and_a_picture(desk, outsider):
    address = reverse("desk:norm", args=["ru.key_rate.percent"])
    text = desk.get(address).content.decode().replace("\xa0", " ")
    for told in ("21 % годовых", "28.10.2024", "Банк России", 'class="chart values"'):
        assert told in text
    assert enter(outsider).get(address).status_code == 404
    assert desk.get(reverse("desk:norm", args=["ru.penalty.housing"])).status_code == 200
    assert desk.get(reverse("desk:norm", args=["x"])).status_code == 404


@pytest.mark.parametrize("name", ["rules", "policy", "calendar", "law", "templates"])
def test_pages_ask_no_more_than_fifteen_times_and_dispatchers_stay_out(desk, organisation, name):
    with CaptureQueriesContext(connection) as asked:
        assert desk.get(reverse(f"desk:{name}")).status_code == 200
    assert len(asked) <= 15
    dispatcher = enter(_member(organisation, "dispatcher", "shift@example.org", "Дина Пультова"))
    assert dispatcher.get(reverse(f"desk:{name}")).status_code == 403
