"""An accountant goes through the month, closes it knowingly with the keys alone; the head opens it again."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from okno.access.models import Membership
from okno.ledger.models import PaymentFeed
from okno.ledger.months.models import ClosedMonth
from okno.ledger.rows import NewBill
from okno.ledger.services import install_defaults
from tests.conftest import _member
from tests.journeys.conftest import Desk, faults
from tests.ledger.book import Book, pay

pytestmark = pytest.mark.journey


@pytest.fixture
def accountant(transactional_db, organisation, manager, noon) -> Membership:
    return _member(organisation, "accountant", "accountant@example.org", "Борис Бухгалтеров")


@pytest.fixture
def books(accountant, organisation) -> Book:
    """Two houses, two months, money paid late and in advance, a penalty and a recalculation."""
    install_defaults(organisation)
    one, other = Book.begin(organisation, 6), Book.begin(organisation, 4)
    books = Book(organisation, one.house, one.accounts + other.accounts)
    for month in (date(2026, 9, 1), date(2026, 10, 1)):
        books.post(*(charge(account, month) for account in books.accounts))
    books.post(*(pay(account, "2026-10-08", 2_300_00) for account in books.accounts[:5]), kind="payments")
    books.post(pay(books.accounts[6], "2026-10-12", 12_000_00), kind="payments")
    late = date(2026, 11, 16)
    key = "penalty:housing:2026-10"
    owed = NewBill(books.accounts[7], "penalty", "housing", date(2026, 10, 1), late, 61_20, {"penalty": 61_20}, key)
    books.post(owed)
    books.post(pay(books.accounts[8], "2026-10-31", 150_00, kind="recalculation", stated="2026-09", regime="housing"))
    PaymentFeed.objects.create(
        organisation=organisation, name="Сбербанк", covers_until=datetime(2026, 10, 30, tzinfo=UTC)
    )
    return books


def charge(account: int, month: date) -> NewBill:
    lines = {"maintenance": 980_00, "heating": 1_204_37, "waste": 151_18}
    return NewBill(account, "month", "housing", month, date(2026, month.month + 1, 16), sum(lines.values()), lines)


def photograph(page: Page, artefacts: Path, name: str) -> None:
    """Both lights, each looked at by the accessibility checker."""
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        assert faults(page) == [], (name, theme)
        page.screenshot(path=artefacts / f"{name}-{theme}.png", full_page=True)
    page.emulate_media(color_scheme="light")


def on_a_phone(desk: Desk, artefacts: Path, path: str, name: str) -> None:
    phone = desk.enter("accountant@example.org", path="/desk/months/", width=390)
    phone.goto(f"{desk.url}{path}")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390, path
    assert faults(phone) == [], name
    phone.screenshot(path=artefacts / f"{name}-phone.png", full_page=True)


def test_a_month_is_looked_through_and_closed_with_the_keys(books, desk: Desk, artefacts: Path) -> None:
    page = desk.enter("accountant@example.org", path="/desk/imports/")
    page.keyboard.press("g")
    page.keyboard.press("m")
    page.wait_for_url("**/desk/months/")
    expect(page.get_by_text("нет платежей до конца месяца: Сбербанк")).to_be_visible()
    photograph(page, artefacts, "months")

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/months/2026-10/")
    expect(page.get_by_role("cell", name="На конец")).to_have_count(0)
    photograph(page, artefacts, "month-houses")
    page.get_by_role("link", name="По услугам").click()
    expect(page.get_by_text("Авансы: оплачено и не использовано")).to_be_visible()
    photograph(page, artefacts, "month-services")
    page.get_by_role("link", name="Отопление").click()
    page.get_by_role("link", name=books.house.short_address).click()
    expect(page.locator("tbody tr")).to_have_count(6)
    photograph(page, artefacts, "month-house")
    on_a_phone(desk, artefacts, "/desk/months/2026-10/", "month-houses")
    on_a_phone(desk, artefacts, "/desk/months/2026-10/close/", "month-close")

    page.goto(f"{desk.url}/desk/months/2026-10/")
    page.keyboard.press("c")
    page.wait_for_url("**/close/")
    expect(page.get_by_text("Сходится до копейки.")).to_be_visible()
    page.keyboard.press("v")
    expect(page.locator("#verified")).to_contain_text("Сошлись 10 лицевых счетов")
    photograph(page, artefacts, "month-close")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Отметьте, что закрываете с незаконченным").first).to_be_visible()
    assert not ClosedMonth.objects.exists()
    page.get_by_label("Закрыть, хотя сделано не всё").check()
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/desk/months/2026-10/")
    expect(page.get_by_text("Так месяц закрыли.")).to_be_visible()
    expect(page.get_by_role("link", name="Открыть снова")).to_have_count(0)
    photograph(page, artefacts, "month-closed")


def test_the_head_opens_a_closed_month_again(books, manager, desk: Desk, artefacts: Path) -> None:
    from okno.access.actor import process
    from okno.ledger.months import closing

    closing.close(process(books.organisation, "проверка"), date(2026, 10, 1), today=date(2026, 11, 18))
    page = desk.enter("manager@example.org", path="/desk/months/2026-10/")
    page.get_by_role("link", name="Открыть снова").click()
    photograph(page, artefacts, "month-reopen")
    page.get_by_label("Почему открываете").fill("Не загрузили реестр Сбербанка за 31 октября")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/desk/months/2026-10/")
    expect(page.get_by_text("Не загрузили реестр Сбербанка за 31 октября")).to_be_visible()
    photograph(page, artefacts, "month-reopened")
