"""A colleague adds a passkey to the account, signs in with it instead of a password, and takes it away again.

The authenticator is the browser's own virtual one, which speaks WebAuthn as a phone or a key would.
"""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PASSWORD, Desk, faults

pytestmark = pytest.mark.journey

ENGLISH = re.compile(r"[A-Za-z]{3,}")


class Authenticator:
    """A virtual authenticator of one page that keeps passkeys and knows its owner's finger."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        self._id = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def keys(self) -> list[dict[str, Any]]:
        """The passkeys it keeps."""
        told = self._session.send("WebAuthn.getCredentials", {"authenticatorId": self._id})
        return list(told["credentials"])

    def know(self, *, owner: bool) -> None:
        """Whether it recognises who touches it."""
        self._session.send("WebAuthn.setUserVerified", {"authenticatorId": self._id, "isUserVerified": owner})


@pytest.fixture
def page(colleague, desk: Desk) -> Page:
    """The colleague at work, at an address with a name: a passkey does not belong to a number."""
    desk.url = desk.url.replace("127.0.0.1", "localhost")
    return desk.enter("colleague@example.org")


def look(page: Page, artefacts: Path, name: str) -> None:
    """The page can be used by everybody and speaks Russian only."""
    assert faults(page) == []
    said = page.locator("main").inner_text()
    assert ENGLISH.findall(said.replace("colleague@example.org", "")) == [], said
    page.screenshot(path=artefacts / f"{name}.png")


def confirm_password(page: Page) -> None:
    """A change of how one signs in asks who is there once more."""
    if "reauthenticate" in page.url:
        page.fill("[name=password]", PASSWORD)
        page.locator("form button[type=submit]").first.click()
        page.wait_for_url(lambda address: "reauthenticate" not in address)


def add_key(page: Page, desk: Desk, artefacts: Path, *, passwordless: bool) -> Authenticator:
    page.goto(f"{desk.url}/desk/profile/")
    page.get_by_role("link", name="Защита входа").click()
    look(page, artefacts, "security")
    page.locator("a[href*='/webauthn/add/']").click()
    confirm_password(page)
    authenticator = Authenticator(page)
    look(page, artefacts, "passkey-add")
    page.fill("[name=name]", "Телефон Кирилла")
    page.locator("[name=passwordless]").set_checked(passwordless)
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url(lambda address: "/webauthn/add" not in address)
    look(page, artefacts, "passkey-added")
    assert len(authenticator.keys()) == 1
    return authenticator


def sign_out(page: Page, desk: Desk) -> None:
    page.goto(f"{desk.url}/desk/accounts/")
    page.locator("button[popovertarget=user-menu]").click()
    page.locator("#user-menu").get_by_role("button", name="Выйти").click()
    page.wait_for_url("**/accounts/login/**")


def ask_to_enter(page: Page, desk: Desk) -> None:
    page.goto(f"{desk.url}/accounts/login/?next=/desk/accounts/")
    page.get_by_role("button", name="Войти ключом или отпечатком").click()


def test_a_colleague_signs_in_with_a_passkey_until_it_is_taken_away(page: Page, desk: Desk, artefacts: Path):
    authenticator = add_key(page, desk, artefacts, passwordless=True)

    sign_out(page, desk)
    ask_to_enter(page, desk)
    expect(page.locator("h1")).to_contain_text("Лицевые счета")
    (key,) = authenticator.keys()
    assert key["signCount"] >= 1

    page.goto(f"{desk.url}/accounts/2fa/webauthn/")
    expect(page.get_by_text("Телефон Кирилла")).to_be_visible()
    look(page, artefacts, "passkeys")
    page.locator("a[href*='/remove/']").click()
    confirm_password(page)
    look(page, artefacts, "passkey-remove")
    page.locator("form[action*='/remove/'] button").click()
    expect(page.get_by_text("Телефон Кирилла")).to_have_count(0)
    look(page, artefacts, "passkeys-none")

    # The phone still has its key, the desk knows it no more.
    sign_out(page, desk)
    assert len(authenticator.keys()) == 1
    ask_to_enter(page, desk)
    expect(page.locator(".alert[data-tone=late]")).to_contain_text("Этого ключа здесь не знают")
    expect(page.locator(".toast")).to_have_count(0)
    look(page, artefacts, "passkey-refused")
    page.goto(f"{desk.url}/desk/accounts/")
    assert "/accounts/login/" in page.url
    page.fill("[name=login]", "colleague@example.org")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Войти", exact=True).click()
    expect(page.locator("h1")).to_contain_text("Лицевые счета")


def test_a_strange_finger_does_not_open_the_desk_and_is_told_so(page: Page, desk: Desk, artefacts: Path):
    authenticator = add_key(page, desk, artefacts, passwordless=True)
    sign_out(page, desk)
    authenticator.know(owner=False)
    ask_to_enter(page, desk)
    expect(page.locator(".toast")).to_contain_text("Ключ не сработал")
    look(page, artefacts, "passkey-stranger")
    authenticator.know(owner=True)
    page.get_by_role("button", name="Войти ключом или отпечатком").click()
    expect(page.locator("h1")).to_contain_text("Лицевые счета")


def test_a_key_that_is_not_a_passkey_is_the_second_step_after_the_password(page: Page, desk: Desk, artefacts: Path):
    add_key(page, desk, artefacts, passwordless=False)
    sign_out(page, desk)
    page.goto(f"{desk.url}/accounts/login/?next=/desk/accounts/")
    page.fill("[name=login]", "colleague@example.org")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Войти", exact=True).click()
    page.wait_for_url("**/accounts/2fa/authenticate/**")
    look(page, artefacts, "second-step")
    page.goto(f"{desk.url}/desk/accounts/")
    assert "/desk/" not in page.url.split("?")[0]
    page.goto(f"{desk.url}/accounts/2fa/authenticate/")
    page.get_by_role("button", name="Ключом или отпечатком").click()
    expect(page.locator("h1")).to_contain_text("Лицевые счета")
