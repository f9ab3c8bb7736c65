"""A penalty is looked at: typed in, explained, read in two ways, and refused where nobody knows the rate."""

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from okno.common import clock
from tests.journeys.conftest import Desk, faults
from tests.web.accounts.street import Street, build

pytestmark = pytest.mark.journey

TYPED = {
    "bills": "10.06.2025 10 000,00\n10.02.2020 5 000",
    "payments": "15.05.2020 5000\n01.08.2025 4 000\n31.12.2025\t2500,00",
    "regime": "housing",
    "as_of": "2026-03-10",
}


@pytest.fixture
def noon():
    """Noon of a working day in Moscow, for this process and for the server of pages."""
    clock.shift_to(datetime(2026, 11, 18, 9, tzinfo=UTC))
    yield clock.now()
    clock.reset()


@pytest.fixture
def street(transactional_db, organisation, manager, today, noon) -> Street:
    return build(organisation, today, months=14)


def photograph(page: Page, artefacts: Path, name: str) -> None:
    """Both lights, each looked at by the accessibility checker, and a phone."""
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        assert faults(page) == [], (name, theme)
        page.screenshot(path=artefacts / f"{name}-{theme}.png", full_page=True)
    page.emulate_media(color_scheme="light")


def on_a_phone(desk: Desk, artefacts: Path, name: str, path: str) -> None:
    phone = desk.enter("manager@example.org", path="/desk/houses/", width=390)
    phone.goto(f"{desk.url}{path}")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390, path
    assert faults(phone) == [], name
    phone.screenshot(path=artefacts / f"{name}-phone.png", full_page=True)


def test_typed_sums_are_explained_and_read_in_two_ways(street, desk: Desk, artefacts):
    page = desk.enter("manager@example.org", path="/desk/penalty-calculator/")
    page.set_viewport_size({"width": 1280, "height": 1700})
    page.goto(f"{desk.url}/desk/penalty-calculator/?{urlencode(TYPED)}")
    photograph(page, artefacts, "penalty-calculator")
    path = f"/desk/penalty-calculator/?{urlencode({**TYPED, 'c-rate_of': 'each_day', 'c-cap_of': 'each_day'})}"
    page.goto(f"{desk.url}{path}")
    photograph(page, artefacts, "penalty-readings")
    page.goto(f"{desk.url}/desk/penalty-calculator/?{urlencode({**TYPED, 'as_of': '2027-03-10'})}")
    photograph(page, artefacts, "penalty-missing")


def test_the_law_shows_what_holds_and_what_is_missing(street, desk: Desk, artefacts):
    page = desk.enter("manager@example.org", path="/desk/rules/law/")
    for name, path in {"law": "/desk/rules/law/", "law-rate": "/desk/rules/law/ru.key_rate.percent/"}.items():
        page.goto(f"{desk.url}{path}")
        photograph(page, artefacts, name)
        on_a_phone(desk, artefacts, name, path)


def test_the_card_explains_the_penalty_and_keeps_what_was_decided(street, desk: Desk, artefacts):
    account = street.accounts["2"]
    path = f"/desk/accounts/{account.pk}/penalties/"
    page = desk.enter("manager@example.org", path="/desk/houses/")
    page.set_viewport_size({"width": 1280, "height": 1500})
    page.goto(f"{desk.url}{path}")
    expect(page.locator(".standing")).to_contain_text("Пеня к оплате на 18.11.2026")
    for details in page.locator("main details.bill").all()[:2]:
        details.evaluate("element => element.open = true")
    photograph(page, artefacts, "account-penalties")
    on_a_phone(desk, artefacts, "account-penalties", path)
    page.keyboard.press("w")
    page.get_by_label("Причина").fill("Заявление № 15: оплатит до конца месяца")
    page.get_by_label("Если долг оплачен до").fill("2026-11-30")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Проверьте прощение")).to_be_visible()
    photograph(page, artefacts, "penalty-waiver")
    page.get_by_role("button", name="Пообещать").click()
    expect(page.locator(".decisions")).to_contain_text("ждёт оплаты")
    page.goto(f"{desk.url}{path}pause/")
    page.get_by_label("Причина").fill("Акт сверки счётчика")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Приостановить").click()
    expect(page.locator(".decisions")).to_contain_text("спор о начислениях")
    page.goto(f"{desk.url}{path}what-if/?as_of=2026-12-31&c-rate_of=each_day")
    photograph(page, artefacts, "account-what-if")
