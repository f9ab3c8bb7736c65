"""A payment without an account is resolved by one key, and the deed is taken back by another."""

from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import expect

from okno.common import clock
from okno.exchange.models import UnmatchedPayment
from tests.journeys.conftest import Desk, faults
from tests.web.exchange.conftest import load_town, member

pytestmark = pytest.mark.journey


@pytest.fixture
def accountant(transactional_db, organisation, tmp_path: Path):
    membership = member(organisation, "accountant")
    loaded = load_town(organisation, membership.user, tmp_path, clock.today(organisation.time_zone))
    for row in (901, 902):
        UnmatchedPayment.objects.create(
            organisation=organisation,
            source=loaded["register"],
            row_number=row,
            source_key=f"other:{row}",
            value_on=date(2026, 11, 17),
            amount_minor=250_000,
            payer="Лебедев И. О.",
            purpose="Квартплата",
        )
    return membership


def test_one_key_gives_the_money_and_another_takes_it_back(accountant, desk: Desk, artefacts: Path) -> None:
    money = UnmatchedPayment.objects.earliest("pk")
    page = desk.enter(accountant.user.email, path="/desk/payments/")
    card = page.locator(f"#payment-{money.pk}")
    expect(card.locator("[data-key=Digit1]")).to_be_visible()
    expect(page.locator("[data-key=Digit1]")).to_have_count(3, timeout=20_000)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        assert faults(page) == [], theme
        page.screenshot(path=artefacts / f"payments-{theme}.png")

    page.keyboard.press("1")
    expect(card).to_have_count(0)
    page.get_by_role("button", name="Отменить").wait_for()
    money.refresh_from_db()
    assert money.state == "matched"

    page.keyboard.press("Control+z")
    expect(card).to_be_visible()
    money.refresh_from_db()
    assert (money.state, money.payment_id) == ("waiting", None)


def test_another_account_is_searched_and_money_returned_by_keys(accountant, desk: Desk) -> None:
    money = UnmatchedPayment.objects.earliest("pk")
    page = desk.enter(accountant.user.email, path="/desk/payments/")
    page.keyboard.press("f")
    page.keyboard.type("лесная 3")
    page.locator("dialog[open]").get_by_role("button", name="40100004").click()
    expect(page.locator(f"#payment-{money.pk}")).to_have_count(0)
    money.refresh_from_db()
    assert money.account is not None
    assert money.account.number == "40100004"
    for left in (1, 0):
        page.keyboard.press("v")
        page.keyboard.type("не наш житель")
        page.keyboard.press("Control+Enter")
        expect(page.locator("article")).to_have_count(left)
    page.get_by_text("Всё разнесено").wait_for()
    assert faults(page) == []
