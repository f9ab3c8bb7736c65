"""An accountant loads a month's charges, sees the difference, posts it, mends a row and takes it all back."""

from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from okno.access.models import Membership
from okno.common import clock
from okno.exchange.models import Import
from okno.ledger.models import Bill
from tests.journeys.conftest import Desk, faults
from tests.web.exchange.conftest import load_town, member, turnover

pytestmark = pytest.mark.journey

ROWS = [
    "40100001;;1;Иванова;0,00;2000,00;2000,00;0,00;0,00;2000,00",
    "40100002;;2;Соколов;0,00;2000,0О;2000,00;0,00;0,00;2000,00",
    "40100003;;3;Орлова;0,00;1900,00;1900,00;0,00;0,00;1900,00",
    "40100099;г. Мурманск, ул. Садовая, д. 8;9;Новосёлов;0,00;1800,00;1800,00;0,00;0,00;1800,00",
]


@pytest.fixture
def accountant(transactional_db, organisation, today: date, tmp_path: Path) -> Membership:
    membership = member(organisation, "accountant")
    load_town(organisation, membership.user, tmp_path, clock.today(organisation.time_zone))
    return membership


def is_accessible(page: Page) -> None:
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        assert faults(page) == [], theme
    page.emulate_media(color_scheme="light")


def test_a_month_is_loaded_mended_and_taken_back(accountant, desk: Desk, tmp_path: Path, artefacts: Path) -> None:
    file = tmp_path / "oborotka.csv"
    file.write_bytes(turnover(ROWS))
    page = desk.enter(accountant.user.email, path="/desk/imports/")
    is_accessible(page)
    page.screenshot(path=artefacts / "imports.png")

    page.set_input_files("#import-files", file)
    page.wait_for_url("**/desk/imports/*/")
    expect(page.get_by_role("button", name="Провести")).to_be_visible()
    expect(page.locator(".tile", has_text="Новых")).to_contain_text("2")
    expect(page.locator(".tile", has_text="В карантине")).to_contain_text("2")
    is_accessible(page)
    page.screenshot(path=artefacts / "import-difference.png", full_page=True)

    page.keyboard.press("Control+Enter")
    page.get_by_text("Проведено: импорт №").wait_for()
    is_accessible(page)
    page.screenshot(path=artefacts / "import-receipt.png", full_page=True)

    page.keyboard.press("q")
    page.wait_for_url("**/rows/")
    is_accessible(page)
    page.screenshot(path=artefacts / "import-quarantine.png", full_page=True)
    bad = page.get_by_label("Содержание жилья").first
    bad.fill("две тысячи")
    with page.expect_response("**/mend/") as answered:
        page.get_by_role("button", name="Проверить и провести").first.click()
    assert answered.value.status == 422
    page.get_by_text("«две тысячи»").wait_for()
    expect(page.get_by_label("Содержание жилья").first).to_have_value("две тысячи")
    page.get_by_label("Содержание жилья").first.fill("2000,00")
    page.get_by_role("button", name="Проверить и провести").first.click()
    expect(page.locator(".alert", has_text="исправлена и проведена")).to_have_count(1)
    page.get_by_role("button", name="Создать лицевой счёт и провести").click()
    expect(page.locator(".alert", has_text="исправлена и проведена")).to_have_count(2)
    source = Import.objects.get(file_name="oborotka.csv")
    assert Bill.objects.filter(entry__in=source.entries.all(), kind="month", reversed_by=None).count() == 4

    page.goto(f"{desk.url}/desk/imports/{source.pk}/rollback/")
    is_accessible(page)
    page.screenshot(path=artefacts / "import-rollback.png", full_page=True)
    page.get_by_label("Причина").fill("прислали исправленный файл")
    page.get_by_role("button", name="Откатить").click()
    page.get_by_text("Этот же файл можно загрузить снова").wait_for()
    assert not Bill.objects.filter(entry__in=source.entries.all(), reversed_by=None).exists()


def test_the_columns_of_a_strange_file_are_told_by_hand(
    accountant, desk: Desk, tmp_path: Path, artefacts: Path
) -> None:
    file = tmp_path / "own.csv"
    file.write_text("Квартплата;;\nномер;содержание дома;всего\n40100001;2000,00;2000,00\n", encoding="utf-8")
    page = desk.enter(accountant.user.email, path="/desk/imports/")
    page.set_input_files("#import-files", file)
    page.get_by_text("Столбцы узнаны не все").wait_for()
    page.keyboard.press("c")
    page.wait_for_url("**/columns/")
    is_accessible(page)
    page.screenshot(path=artefacts / "import-columns.png", full_page=True)
    page.get_by_label("За месяц").fill("11.2026")
    page.locator("[name=column-0]").select_option("field:number")
    page.locator("[name=column-1]").select_option("service:maintenance:housing")
    page.locator("[name=column-2]").select_option("field:billed")
    page.get_by_role("button", name="Запомнить и проверить").click()
    expect(page.get_by_role("button", name="Провести")).to_be_visible()
