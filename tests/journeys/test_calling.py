"""Calls on the desk: a campaign from its subject to its pause, a talk that came and its result, requests, promises."""

import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from okno.access.models import Membership
from okno.dialogs.live import agents, call_backs
from okno.dialogs.models import Agent, Call, CallCampaign, CallTurn
from okno.people.models import Consent
from okno.requests.models import Outage, Request
from tests.conftest import _member
from tests.journeys.conftest import Desk, faults
from tests.web.accounts.street import Street, build

pytestmark = pytest.mark.journey


@pytest.fixture
def street(transactional_db, organisation, manager, colleague, today, noon) -> Street:
    Membership.objects.filter(pk=colleague.pk).update(all_houses=True)
    return build(organisation, today)


@pytest.fixture
def dispatcher(street, organisation) -> Membership:
    return _member(organisation, "dispatcher", "dispatcher@example.org", "Дина Диспетчерова")


def photograph(page: Page, artefacts: Path, name: str) -> None:
    """Both lights, each looked at by the accessibility checker."""
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        assert faults(page) == [], (name, theme)
        page.screenshot(path=artefacts / f"{name}-{theme}.png", full_page=True)
    page.emulate_media(color_scheme="light")


def on_a_phone(desk: Desk, artefacts: Path, email: str, paths: dict[str, str]) -> None:
    phone = desk.enter(email, path="/desk/profile/", width=390)
    for name, path in paths.items():
        phone.goto(f"{desk.url}{path}")
        phone.wait_for_load_state("load")
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390, path
        assert faults(phone) == [], name
        phone.screenshot(path=artefacts / f"{name}-phone.png", full_page=True)


def agree(street: Street, *numbers: str) -> None:
    for number in numbers:
        Consent.objects.create(
            organisation=street.organisation,
            person=street.people[number],
            channel="robot_call",
            given=True,
            on=street.day,
            source="Заявление",
        )


def call(street: Street, number: str, **more) -> Call:
    told = {
        "organisation": street.organisation,
        "uid": uuid.uuid4(),
        "direction": "in",
        "account": street.accounts[number],
        "person": street.people[number],
        "house": street.house,
        "address": street.people[number].phones.get().number,
        "language": "ru",
        "scenario": "debt_notice",
        "state": "with_person",
        "started_at": street.noon,
        "answered_at": street.noon,
    }
    return Call.objects.create(**{**told, **more})


def ended(street: Street, calling: CallCampaign, number: str, outcome: str, result: str = "") -> None:
    call(
        street,
        number,
        direction="out",
        campaign=calling,
        state="ended",
        outcome=outcome,
        result=result,
        ended_at=street.noon + timedelta(seconds=70),
        seconds=70 if outcome == "answered" else None,
    )


def test_a_campaign_of_calls_is_drafted_checked_started_and_paused(street, desk: Desk, artefacts):
    agree(street, "1", "2", "3", "7", "8")
    page = desk.enter("colleague@example.org", path="/desk/portfolio/")
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/desk/calling/")
    photograph(page, artefacts, "calling-empty")
    page.keyboard.press("n")
    page.wait_for_url("**/calling/new/")
    photograph(page, artefacts, "calling-about")
    page.keyboard.press("1")
    page.wait_for_url("**scenario=debt_notice")
    photograph(page, artefacts, "calling-form")
    page.get_by_label("Линий сразу").fill("3")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Нет согласия — робот не звонит.")).to_be_visible()
    photograph(page, artefacts, "calling-draft")
    page.get_by_role("button", name="Запустить для").click()
    page.locator("#start").get_by_role("button", name="Запустить").click()
    expect(page.get_by_text("0 из 5")).to_be_visible()
    calling = CallCampaign.objects.get()
    for number, outcome, result in (
        ("1", "answered", "promised"),
        ("2", "answered", "dispute"),
        ("3", "answered", "promised"),
        ("7", "no_answer", ""),
        ("8", "busy", ""),
    ):
        ended(street, calling, number, outcome, result)
    page.reload()
    expect(page.get_by_role("link", name="Разговоров 3")).to_be_visible()
    photograph(page, artefacts, "calling-live")
    page.get_by_role("button", name="Приостановить").click()
    page.locator("#pause").get_by_label("Почему").fill("Поправим текст")
    page.locator("#pause").get_by_role("button", name="Приостановить").click()
    expect(page.get_by_text("Обзвон стоит.")).to_be_visible()
    page.goto(f"{desk.url}/desk/calling/")
    photograph(page, artefacts, "calling")
    page.goto(f"{desk.url}/desk/calling/calls/?campaign={calling.pk}")
    photograph(page, artefacts, "campaign-calls")
    here = f"/desk/calling/{calling.pk}/"
    paths = {"calling": "/desk/calling/", "calling-form": "/desk/calling/new/?scenario=visit", "calling-live": here}
    on_a_phone(desk, artefacts, "colleague@example.org", paths)


def test_a_call_comes_with_its_card_and_its_result_is_written_with_the_keys(street, dispatcher, desk: Desk, artefacts):
    page = desk.enter("dispatcher@example.org", path="/desk/seat/")
    photograph(page, artefacts, "seat-first")
    page.get_by_label("Телефон или SIP-адрес").fill("sip:dina@127.0.0.1")
    page.get_by_role("button", name="Запомнить").click()
    page.get_by_role("button", name="Я на месте").click()
    expect(page.get_by_text("Ждём звонка")).to_be_visible()
    call_backs.owe(
        call(street, "3", state="ended", outcome="answered", ended_at=street.noon), street.noon, words="Про лифт"
    )
    Request.objects.create(
        organisation=street.organisation, number=1, house=street.house, flat=street.accounts["1"].flat,
        category="heating", text="Холодные батареи", source="call", created_at=street.noon,
    )  # fmt: skip
    came = call(street, "1")
    turns = (("robot", "Здравствуйте! Это робот организации УК «Наш дом»."), ("person", "Дайте человека"))
    for number, (who, said) in enumerate(turns, start=1):
        CallTurn.objects.create(call=came, number=number, who=who, at_ms=number * 900, text=said)
    agents.take_free(street.organisation.pk, came)
    expect(page.get_by_role("heading", name="Входящий звонок")).to_be_visible()
    expect(page.get_by_text("Холодные батареи")).to_be_visible()
    photograph(page, artefacts, "seat-call")
    page.keyboard.press("1")
    page.get_by_label("День").fill("2026-11-25")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Можно брать").or_(page.get_by_text("Как закончите"))).to_be_visible()
    Call.objects.filter(pk=came.pk).update(state="ended", outcome="answered", ended_at=street.noon, seconds=80)
    agents.release(Agent.objects.get())
    expect(page.get_by_role("button", name="Готов к следующему")).to_be_visible()
    page.keyboard.press("F8")
    expect(page.get_by_text("Ждём звонка")).to_be_visible()
    photograph(page, artefacts, "seat-free")
    page.goto(f"{desk.url}/desk/call-backs/")
    photograph(page, artefacts, "call-backs")
    page.get_by_role("link", name="10 мин").or_(page.locator("tr[data-row] a").first).first.click()
    photograph(page, artefacts, "call-back")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Отмечено: перезвонили")).to_be_visible()
    on_a_phone(desk, artefacts, "dispatcher@example.org", {"seat": "/desk/seat/", "call-backs": "/desk/call-backs/"})


def test_a_request_and_an_outage_are_written_with_the_keys(street, dispatcher, desk: Desk, artefacts):
    page = desk.enter("dispatcher@example.org", path="/desk/requests/")
    photograph(page, artefacts, "requests-empty")
    page.goto(f"{desk.url}/desk/outages/new/")
    page.get_by_label("Дома", exact=False).last.select_option(label=street.house.short_address)
    page.locator("[name=category]").select_option("cold_water")
    page.locator("[name=words_ru]").fill("Нет холодной воды: авария на насосной, обещают к вечеру")
    photograph(page, artefacts, "outage-form")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Холодная вода")
    assert Outage.objects.count() == 1
    photograph(page, artefacts, "outage")

    page.keyboard.press("g")
    page.keyboard.press("z")
    page.wait_for_url("**/desk/requests/")
    page.keyboard.press("n")
    page.get_by_label("Что случилось").fill("Пахнет газом в подъезде")
    page.locator("[name=house]").select_option(label=street.house.short_address)
    expect(page.locator("#beside").get_by_text("Передайте сразу")).to_be_visible()
    expect(page.get_by_text("Об этом уже знаем")).to_be_visible()
    photograph(page, artefacts, "request-form")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Заявка № 1")
    photograph(page, artefacts, "request")
    page.keyboard.press("a")
    expect(page.get_by_text("Заявка № 1 в работе")).to_be_visible()
    page.keyboard.press("e")
    page.locator("#done textarea").fill("Вызвали газовую службу, утечку устранили")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("утечку устранили")).to_be_visible()
    page.goto(f"{desk.url}/desk/requests/")
    photograph(page, artefacts, "requests")
    page.goto(f"{desk.url}/desk/outages/")
    photograph(page, artefacts, "outages")
    one = Request.objects.get()
    paths = {
        "requests": "/desk/requests/",
        "request": f"/desk/requests/{one.pk}/",
        "request-form": "/desk/requests/new/",
        "outage-form": "/desk/outages/new/",
        "outages": "/desk/outages/",
    }
    on_a_phone(desk, artefacts, "dispatcher@example.org", paths)


def test_a_promise_is_written_on_the_card_and_found_in_the_list(street, desk: Desk, artefacts):
    here = f"/desk/accounts/{street.accounts['1'].pk}/promises/"
    page = desk.enter("colleague@example.org", path="/desk/portfolio/")
    page.goto(f"{desk.url}{here}")
    page.keyboard.press("b")
    page.locator("#promise [name=on]").fill("2026-11-25")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("напоминания подождут этого дня")).to_be_visible()
    page.keyboard.press("h")
    page.locator("#hold [name=reason]").select_option("dispute")
    page.locator("#hold [name=words]").fill("Не согласна с отоплением за октябрь")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Напоминания по этому счёту подождут")).to_be_visible()
    photograph(page, artefacts, "account-promises")
    page.keyboard.press("g")
    page.keyboard.press("b")
    page.wait_for_url("**/desk/promises/")
    photograph(page, artefacts, "promises")
    page.goto(f"{desk.url}/desk/holds/")
    photograph(page, artefacts, "holds")
    on_a_phone(desk, artefacts, "colleague@example.org", {"account-promises": here, "promises": "/desk/promises/"})
