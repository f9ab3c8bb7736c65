"""A penalty is looked at: typed in, explained, read in two ways, and refused where nobody knows the rate."""

from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

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
    page.set_viewport_size({"width": 1280, "height": 1500})
    page.get_by_label("Начислено").fill(TYPED["bills"])
    page.get_by_label("Оплачено").fill(TYPED["payments"])
    page.get_by_label("Посчитать по день").fill(TYPED["as_of"])
    page.keyboard.press("Control+Enter")
    expect(page.locator(".reading-figure .money-big")).to_contain_text("841,11")
    for details in page.locator("main details.bill").all():
        details.evaluate("element => element.open = true")
    photograph(page, artefacts, "penalty-calculator")
    on_a_phone(desk, artefacts, "penalty-calculator", page.url.removeprefix(desk.url))
    page.get_by_role("row", name="каждого дня просрочки").get_by_role("link", name="рядом").first.click()
    expect(page.locator(".reading-difference")).to_contain_text("+2,08")
    expect(page.locator("[data-differs]").first).to_contain_text("иначе")
    photograph(page, artefacts, "penalty-readings")
    page.locator("section", has_text="Первое чтение").first.screenshot(path=artefacts / "penalty-side-by-side.png")
    on_a_phone(desk, artefacts, "penalty-readings", page.url.removeprefix(desk.url))


def test_a_missing_rate_gives_no_figure_and_leads_to_where_it_is_entered(street, desk: Desk, artefacts):
    page = desk.enter("manager@example.org", path="/desk/penalty-calculator/")
    page.goto(f"{desk.url}/desk/penalty-calculator/?{urlencode({**TYPED, 'as_of': '2027-03-10'})}")
    alert = page.locator(".alert[data-tone=late]").first
    expect(alert).to_contain_text("Суммы нет: на 10.03.2027 не введено «Ключевая ставка Банка России».")
    expect(page.locator(".money-big")).to_have_count(0)
    photograph(page, artefacts, "penalty-missing")
    alert.get_by_role("link", name="Ввести").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ключевая ставка Банка России")
    expect(page.get_by_label("Действует с")).to_have_value("2027-03-10")
    page.get_by_label("Значение", exact=True).fill("13,5")
    page.get_by_label("По день").first.fill("2027-04-01")
    page.get_by_label("Источник", exact=True).fill("Банк России, пресс-релиз")
    page.get_by_role("button", name="Ввести", exact=True).click()
    expect(page.locator(".decisions")).to_contain_text("13,5 % годовых")
    photograph(page, artefacts, "law-entered")


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
    page.goto(f"{desk.url}/desk/accounts/{account.pk}/")
    page.locator(".tile", has_text="Пеня").click()
    expect(page.locator(".standing")).to_contain_text("Пеня по закону на 18.11.2026")
    page.locator("main details.bill").first.evaluate("element => element.open = true")
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
    page.keyboard.press("p")
    page.get_by_label("Причина").fill("Акт сверки счётчика")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Приостановить").click()
    expect(page.locator(".decisions")).to_contain_text("спор о начислениях")
    photograph(page, artefacts, "account-penalties-decided")
    page.get_by_role("link", name="Что если считать иначе").click()
    page.get_by_label("Посчитать по день").fill("2026-12-31")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**as_of=2026-12-31**")
    photograph(page, artefacts, "account-what-if")


def test_terms_are_set_and_a_month_is_posted_from_the_desk(street, desk: Desk, artefacts):
    page = desk.enter("manager@example.org", path="/desk/rules/penalties/")
    page.get_by_label("Раз в месяц").check()
    page.get_by_label("Действует с").fill("2026-01-01")
    page.get_by_label("Почему меняем").fill("Решение правления № 4")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Проверьте, что получится")).to_be_visible()
    photograph(page, artefacts, "penalty-terms")
    page.get_by_role("button", name="Ввести с 01.01.2026").click()
    expect(page.locator("aside", has_text="Как менялось").last).to_contain_text("с 01.01.2026")
    page.keyboard.press("Control+k")
    page.keyboard.type("пени за")
    expect(page.locator(".omnibox-row").first).to_contain_text("Пени за месяц")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Что будет проведено за октябрь 2026")).to_be_visible()
    photograph(page, artefacts, "penalty-posting")
    on_a_phone(desk, artefacts, "penalty-posting", "/desk/penalties/posting/")
    page.get_by_role("button", name="Провести пени").click()
    expect(page.locator(".tile", has_text="Начислений пени")).to_contain_text("показать лицевые счета")
    photograph(page, artefacts, "penalty-posted")


def test_the_resident_reads_why_on_a_phone(street, desk: Desk, artefacts, resident):
    person = street.people["2"]
    person.user = resident.user
    person.save(update_fields=["user"])
    home = desk.enter("resident@example.org", path="/me/", width=390)
    home.get_by_role("link", name="Почему пеня").click()
    expect(home.locator(".standing")).to_contain_text("Сегодня пеня")
    home.locator("main details.bill").first.evaluate("element => element.open = true")
    assert home.evaluate("document.documentElement.scrollWidth") <= 390
    photograph(home, artefacts, "cabinet-penalties")
