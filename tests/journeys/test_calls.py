"""The head looks after calls: live, one by one with words and sound, listened to; and mends what the robot says."""

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from okno.access.models import Action
from okno.common import clock
from okno.dialogs.models import Correction, Listening, ScenarioVersion
from tests.journeys.conftest import Desk, faults
from tests.web.accounts.street import build
from tests.web.calls import switchboard
from tests.web.calls.switchboard import Switchboard

pytestmark = pytest.mark.journey


@pytest.fixture
def board(transactional_db, organisation, manager) -> Switchboard:
    """The street after a day of calls, at noon for this process and for the server of pages."""
    clock.shift_to(datetime(2026, 11, 18, 9, tzinfo=UTC))
    assert os.environ["OKNO_DATA_DIR"]
    yield switchboard.build(build(organisation, date(2026, 11, 18)))
    clock.reset()


def photograph(page: Page, artefacts: Path, name: str) -> None:
    """Both lights, each looked at by the accessibility checker."""
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        assert faults(page) == [], (name, theme)
        page.screenshot(path=artefacts / f"{name}-{theme}.png", full_page=True)
    page.emulate_media(color_scheme="light")


def on_a_phone(desk: Desk, artefacts: Path, *paths: tuple[str, str]) -> None:
    phone = desk.enter("manager@example.org", path="/desk/calls/", width=390)
    for path, name in paths:
        phone.goto(f"{desk.url}{path}")
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390, path
        assert faults(phone) == [], name
        phone.screenshot(path=artefacts / f"{name}-phone.png", full_page=True)


def test_a_call_is_opened_for_a_reason_heard_put_right_and_marked(board, desk: Desk, artefacts: Path) -> None:
    page = desk.enter("manager@example.org", path="/desk/calls/live/")
    expect(page.locator(".board-call")).to_have_count(3)
    photograph(page, artefacts, "calls-live")
    page.get_by_text("Показать, что говорят").click()
    page.get_by_label("Зачем открываете").fill("Стажёр ведёт первую смену")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Видны последние слова.")).to_be_visible()
    photograph(page, artefacts, "calls-live-words")
    page.get_by_role("link", name="Журнал", exact=True).click()
    photograph(page, artefacts, "calls-journal")
    call = board.calls["promised"]
    page.goto(f"{desk.url}/desk/calls/{call.pk}/")
    expect(page.get_by_text("да это я")).to_have_count(0)
    photograph(page, artefacts, "call-closed")
    page.get_by_label("Зачем открываете").fill("Жалоба жителя: проверить, что обещал")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("да это я")).to_be_visible()
    photograph(page, artefacts, "call-opened")
    page.locator("[data-wave]").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-wave]")).to_have_attribute("aria-valuenow", "5")
    with page.expect_response("**/sound/"):
        page.locator("[data-play]").click()
    expect(page.locator('[data-when="playing"]')).to_be_visible()
    page.locator("[data-play]").click()
    assert Action.objects.filter(verb="call.listened").exists()
    unsure = page.locator(".turn", has_text="зар платы")
    unsure.get_by_text("Исправить расслышанное").click()
    unsure.get_by_role("textbox").fill("ну наверное в пятницу после зарплаты")
    unsure.get_by_role("button", name="Записать").click()
    expect(page.get_by_text("на самом деле", exact=True)).to_be_visible()
    assert Correction.objects.get().text == "ну наверное в пятницу после зарплаты"
    for row in page.locator(".checklist li").all():
        row.get_by_label("да").check()
    page.get_by_role("button", name="Сохранить оценку", exact=True).click()
    expect(page.get_by_text("7 из 7")).to_be_visible()
    assert Listening.objects.get().listened_at
    page.goto(f"{desk.url}/desk/calls/results/")
    photograph(page, artefacts, "calls-results")
    on_a_phone(
        desk,
        artefacts,
        ("/desk/calls/live/", "calls-live"),
        (f"/desk/calls/{call.pk}/", "call-closed"),
        ("/desk/calls/results/", "calls-results"),
        ("/desk/calls/listening/", "calls-listening"),
    )


def test_a_phrase_is_found_mended_tried_and_published(board, desk: Desk, artefacts: Path) -> None:
    page = desk.enter("manager@example.org", path="/desk/scenarios/")
    photograph(page, artefacts, "scenarios")
    page.get_by_role("link", name="Напоминание о долге").click()
    photograph(page, artefacts, "scenario-graph")
    page.locator('[data-node="ask_when"]').focus()
    page.keyboard.press("Enter")
    expect(
        page.get_by_role("dialog").locator(".says").get_by_text("Когда вам удобно заплатить?", exact=True)
    ).to_be_visible()
    photograph(page, artefacts, "scenario-node")
    page.get_by_role("link", name="Открыть в тексте").click()
    text = page.locator("textarea[name=source]")
    told = text.input_value()
    text.fill(told.replace("go: verify_check", "go: verify_chek", 1))
    expect(page.get_by_text("ведёт в никуда: verify_chek")).to_be_visible()
    photograph(page, artefacts, "scenario-faults")
    text.fill(told.replace('ru: "Когда вам удобно заплатить?"', 'ru: "Какой день вам удобен?"'))
    expect(page.get_by_text("Ошибок нет.")).to_be_visible()
    page.get_by_label("Что изменено").fill("Мягче спросить о дне")
    page.get_by_role("button", name="Сохранить и сравнить").click()
    expect(page.get_by_text("Все прошли так, как должны")).to_be_visible()
    photograph(page, artefacts, "scenario-publish")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/desk/scenarios/")
    assert ScenarioVersion.objects.get().state == "live"
    page.goto(f"{desk.url}/desk/scenarios/debt_notice/try/")
    for answer in ("да", "12"):
        page.get_by_label("Ваш ответ").fill(answer)
        page.keyboard.press("Enter")
        expect(page.locator(".chat li[data-who=person]").last).to_contain_text(answer)
    expect(page.get_by_text("Какой день вам удобен?")).to_be_visible()
    photograph(page, artefacts, "scenario-talk")
    on_a_phone(
        desk,
        artefacts,
        ("/desk/scenarios/", "scenarios"),
        ("/desk/scenarios/debt_notice/", "scenario-graph"),
        ("/desk/scenarios/debt_notice/try/", "scenario-talk"),
        ("/desk/scenarios/debt_notice/edit/", "scenario-edit"),
    )
