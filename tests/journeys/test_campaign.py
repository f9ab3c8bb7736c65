"""A debt specialist reminds debtors: chooses whom, sees the words, starts, watches, and reads why one was refused."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections
from playwright.sync_api import Page, expect

from okno.access.models import Membership
from okno.common import clock
from okno.outreach import templates
from okno.outreach.models import Campaign, Contact, Permit
from okno.outreach.sending import Sender
from okno.people.models import Phone
from tests.journeys.conftest import Desk, faults
from tests.outreach.loopback import Loopback
from tests.web.accounts.street import Street, build

pytestmark = pytest.mark.journey


@pytest.fixture
def street(transactional_db, organisation, colleague, today, noon) -> Street:
    from okno.access.actor import process

    Membership.objects.filter(pk=colleague.pk).update(all_houses=True)
    templates.install_defaults(organisation, process(organisation, "проверка"))
    return build(organisation, today)


def send(outside: Loopback) -> int:
    """Let the sender take everything that is due, in a thread of its own: the browser's loop runs in this one."""

    def work() -> int:
        try:
            return Sender(outside.ways(), now=clock.now).run(once=True, linger=5).sent
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as hand:
        return hand.submit(work).result()


def photograph(page: Page, artefacts: Path, name: str) -> None:
    """Both lights, each looked at by the accessibility checker."""
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        assert faults(page) == [], (name, theme)
        page.screenshot(path=artefacts / f"{name}-{theme}.png")
    page.emulate_media(color_scheme="light")


def test_reminding_from_the_list_to_the_live_result(street, desk: Desk, artefacts, tmp_path):
    Phone.objects.filter(person=street.people["2"]).update(do_not_call=True)
    Phone.objects.filter(person=street.people["1"]).update(number="+79161112233")
    page = desk.enter("colleague@example.org", path="/desk/portfolio/")
    expect(page.get_by_role("heading", name="Долги")).to_be_visible()
    photograph(page, artefacts, "portfolio")

    page.get_by_role("link", name="больше 90 дней").first.click()
    expect(page.locator("tr[data-row]")).to_have_count(2)
    page.locator("[data-pick-all]").check()
    page.get_by_role("button", name="Напомнить").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Напоминание")
    expect(page.get_by_text("Ровно 2 отмеченных")).to_be_visible()
    photograph(page, artefacts, "campaign-draft")

    page.get_by_role("link", name="Изменить").click()
    page.locator("[name=first]").select_option("sms")
    page.locator("[name=second]").select_option("")
    page.get_by_role("button", name="Проверить").click()
    expect(page.get_by_text("просил не звонить")).to_be_visible()
    page.get_by_role("button", name="Запустить для").click()
    page.locator("#start").get_by_role("button", name="Запустить").click()
    expect(page.get_by_text("Ничего ещё не ушло.")).to_be_visible()
    assert Contact.objects.get().state == "waiting"

    Campaign.objects.update(start_after=clock.now() - timedelta(seconds=1))
    with Loopback(tmp_path / "outside") as outside:
        assert send(outside) == 1
    expect(page.locator("a.tile", has_text="Доставлено")).to_contain_text("1")
    photograph(page, artefacts, "campaign")

    page.goto(f"{desk.url}/desk/outbox/")
    expect(page.locator("tr[data-row]")).to_have_count(1)
    photograph(page, artefacts, "outbox")
    page.locator("tr[data-row] a").first.click()
    expect(page.get_by_text("Почему можно было")).to_be_visible()
    assert outside.messages()[0].text == page.locator(".preview-text").inner_text()
    photograph(page, artefacts, "message")


def test_reading_why_a_contact_was_refused(street, desk: Desk, artefacts):
    street.remind()
    Phone.objects.filter(person=street.people["1"]).update(do_not_call=True)
    street.ask_the_gate()
    assert Permit.objects.filter(allowed=False).count() == 1
    page = desk.enter("colleague@example.org", path="/desk/refusals/")
    page.get_by_role("link", name="Просил не звонить").click()
    expect(page.locator("tr[data-row]")).to_have_count(1)
    photograph(page, artefacts, "refusals")
    page.locator("tr[data-row] a").first.click()
    expect(page.locator(".check").first).to_contain_text("Просил не звонить")
    expect(page.locator(".check").first).to_contain_text("По желанию или данным человека")
    photograph(page, artefacts, "permit")


def test_new_words_are_looked_at_while_they_are_typed(street, desk: Desk, artefacts, manager):
    page = desk.enter("manager@example.org", path="/desk/templates/")
    page.get_by_role("link", name="Напоминание о долге").last.click()
    field = page.locator("#text_ru")
    field.fill("Заплатите, иначе выселим. ")
    expect(page.locator("#look-ru .problems")).to_contain_text("угроза")
    field.fill("По счёту не оплачено ")
    page.get_by_role("button", name="{debt}", exact=True).click()
    expect(field).to_have_value("По счёту не оплачено {debt}")
    page.locator("#account").select_option(index=1)
    expect(page.locator("#look-ru .preview-text")).to_contain_text("17\xa0990,00")
    photograph(page, artefacts, "template")


PAGES = (
    "today/",
    "portfolio/",
    "sending/",
    "sending/new/",
    "contacts/",
    "replay/?day=2026-11-18",
    "rules/",
    "rules/policy/",
    "rules/calendar/",
    "rules/law/",
    "staff/",
    "profile/",
    "trail/",
    "health/",
)


def test_the_heads_pages_pass_in_both_lights_and_on_a_phone(street, desk: Desk, artefacts, manager):
    street.remind()
    street.ask_the_gate()
    page = desk.enter("manager@example.org", path="/desk/today/")
    phone = desk.enter("manager@example.org", path="/desk/today/", width=390)
    for path in PAGES:
        name = path.split("?")[0].strip("/").replace("/", "-")
        page.goto(f"{desk.url}/desk/{path}")
        photograph(page, artefacts, name)
        phone.goto(f"{desk.url}/desk/{path}")
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390, path
        phone.screenshot(path=artefacts / f"{name}-phone.png")
