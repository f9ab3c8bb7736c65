"""A person of the desk finds an account by a mistyped address and reads why somebody was not reminded."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from okno.access.models import Membership
from okno.people.models import Person
from tests.journeys.conftest import Desk, faults
from tests.web.accounts.street import Street, build

pytestmark = pytest.mark.journey


@pytest.fixture
def street(transactional_db, organisation, colleague, today, noon) -> Street:
    Membership.objects.filter(pk=colleague.pk).update(all_houses=True)
    street = build(organisation, today, months=14)
    street.remind()
    Person.objects.filter(pk=street.people["12"].pk).update(do_not_call=True)
    street.ask_the_gate()
    return street


def photograph(page: Page, artefacts: Path, name: str) -> None:
    """Both lights, each looked at by the accessibility checker."""
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        assert faults(page) == [], (name, theme)
        page.screenshot(path=artefacts / f"{name}-{theme}.png")
    page.emulate_media(color_scheme="light")


def test_an_account_is_found_by_a_mistyped_address_and_tells_why_nobody_was_reminded(street, desk: Desk, artefacts):
    page = desk.enter("colleague@example.org", path="/desk/houses/")
    page.goto(f"{desk.url}/desk/accounts/")
    expect(page.locator("tr[data-row]")).to_have_count(14)
    photograph(page, artefacts, "accounts")

    page.keyboard.press("Control+k")
    page.keyboard.type("лениина 5 12")
    first = page.locator(".omnibox-row").first
    expect(first).to_contain_text("ул. Ленина, 5, кв. 12")
    expect(first).to_have_attribute("aria-selected", "true")
    photograph(page, artefacts, "omnibox")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("ул. Ленина, 5, кв. 12")
    expect(page.locator(".standing")).to_contain_text("Просрочен долг")
    refusal = page.locator("article.event", has_text="не разрешено").first
    expect(refusal).to_contain_text("Просил не звонить и не слать СМС")
    refusal.locator("summary").click()
    expect(refusal).to_contain_text("У дома 12:00, можно: с 08:00 до 22:00")
    photograph(page, artefacts, "account")

    page.keyboard.press("n")
    page.keyboard.type("Обещал заплатить в пятницу")
    page.keyboard.press("Control+Enter")
    expect(page.locator("article.event").first).to_contain_text("Обещал заплатить в пятницу")
    page.get_by_role("link", name="Деньги").click()
    expect(page.locator("article.event", has_text="Обещал")).to_have_count(0)
    expect(page.locator("article.event").first).to_be_visible()


def test_arrows_lead_over_the_flats_of_a_house(street, desk: Desk, artefacts):
    page = desk.enter("colleague@example.org", path=f"/desk/houses/{street.house.pk}/")
    photograph(page, artefacts, "house")
    page.locator("[data-flat]", has_text="5").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-flat]:focus b")).to_have_text("4")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("ул. Ленина, 5, кв. 4")


def test_a_recalculation_is_looked_at_before_it_is_done(street, desk: Desk, artefacts, manager):
    account = street.accounts["3"]
    page = desk.enter("manager@example.org", path="/desk/houses/")
    page.goto(f"{desk.url}/desk/accounts/{account.pk}/recalculation/")
    page.get_by_label("Сумма").fill("1000,50")
    page.get_by_label("За какой месяц").fill("2026-10")
    page.get_by_label("Основание").fill("Акт № 7: не было отопления")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Проверьте перерасчёт")).to_be_visible()
    photograph(page, artefacts, "recalculation")
    page.get_by_role("button", name="Провести").click()
    page.wait_for_url(f"{desk.url}/desk/accounts/{account.pk}/bills/")
    assert account.payments.get(kind="recalculation").amount_minor == 100_050


TABS = ("", "bills/", "payments/", "people/", "contacts/", "meters/", "documents/", "recalculation/")


def test_pages_of_accounts_pass_in_both_lights_and_on_a_phone(street, desk: Desk, artefacts, manager):
    page = desk.enter("manager@example.org", path="/desk/houses/")
    phone = desk.enter("manager@example.org", path="/desk/houses/", width=390)
    account, person = street.accounts["2"], street.people["2"]
    paths = {f"account-{tail.strip('/') or 'card'}": f"/desk/accounts/{account.pk}/{tail}" for tail in TABS}
    paths |= {
        "person": f"/desk/people/{person.pk}/",
        "houses": "/desk/houses/",
        "house-phone": f"/desk/houses/{street.house.pk}/",
    }
    for name, path in paths.items():
        page.goto(f"{desk.url}{path}")
        page.wait_for_load_state("networkidle")
        for details in page.locator("main details").all():
            details.evaluate("element => element.open = true")
        photograph(page, artefacts, name)
        phone.goto(f"{desk.url}{path}")
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390, path
        phone.screenshot(path=artefacts / f"{name}-phone.png")


def test_the_resident_and_the_worker_see_theirs_on_a_phone(street, desk: Desk, artefacts, resident, organisation):
    from tests.conftest import _member

    person = street.people["2"]
    person.user = resident.user
    person.save(update_fields=["user"])
    _member(organisation, "field_worker", "matvey@example.org", "Матвей Мастеров")
    home = desk.enter("resident@example.org", path="/me/", width=390)
    account = street.accounts["2"].pk
    for name, path in {
        "cabinet": "/me/",
        "cabinet-debt": f"/me/accounts/{account}/debt/",
        "cabinet-bills": f"/me/accounts/{account}/bills/",
        "cabinet-payments": f"/me/accounts/{account}/payments/",
    }.items():
        home.goto(f"{desk.url}{path}")
        assert home.evaluate("document.documentElement.scrollWidth") <= 390, path
        photograph(home, artefacts, name)
    works = desk.enter("matvey@example.org", path="/field/", width=390)
    expect(works.get_by_text("Код подъезда 1: 25К").first).to_be_visible()
    photograph(works, artefacts, "works")


def test_unfinished_words_are_kept_and_given_back(street, desk: Desk, manager):
    page = desk.enter("manager@example.org", path="/desk/houses/")
    card = f"{desk.url}/desk/accounts/{street.accounts['12'].pk}/"
    page.goto(card)
    note = page.locator(".note-form textarea")
    note.fill("Обещала заплатить в пят")
    with page.expect_response(lambda answer: "/drafts/account-note/" in answer.url and answer.request.method == "PUT"):
        note.press_sequentially("н")
    page.goto(f"{desk.url}/desk/houses/")
    page.goto(card)
    expect(note).to_have_value("Обещала заплатить в пятн")
    note.fill("Обещала заплатить в пятницу")
    page.get_by_role("button", name="Записать").click()
    expect(page.locator(".journal, [id^=journal]").first).to_contain_text("Обещала заплатить в пятницу")
    page.goto(card)
    expect(note).to_have_value("")
