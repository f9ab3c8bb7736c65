"""A colleague adds a passkey to the account and next time signs in with it: no password, no code.

The authenticator is the browser's own virtual one, which speaks WebAuthn as a phone or a key would.
"""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PASSWORD, Desk, faults

pytestmark = pytest.mark.journey


def a_key_in_hand(page: Page) -> None:
    """Plug a virtual authenticator that keeps passkeys and knows its owner's finger."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_colleague_signs_in_with_a_passkey_instead_of_a_password(colleague, desk: Desk):
    # A passkey belongs to a name, not to a number of an address.
    desk.url = desk.url.replace("127.0.0.1", "localhost")
    page = desk.enter("colleague@example.org")
    page.goto(f"{desk.url}/accounts/2fa/webauthn/add/")
    if page.locator("[name=password]").count():
        page.fill("[name=password]", PASSWORD)
        page.locator("form button[type=submit]").first.click()
    a_key_in_hand(page)
    assert faults(page) == []
    page.fill("[name=name]", "Телефон Марии")
    page.locator("[name=passwordless]").check()
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url(lambda address: "/webauthn/add" not in address)

    page.goto(f"{desk.url}/accounts/2fa/webauthn/")
    expect(page.get_by_text("Телефон Марии")).to_be_visible()

    page.context.clear_cookies()
    page.goto(f"{desk.url}/accounts/login/?next=/desk/accounts/")
    page.locator("#passkey_login").click()
    page.wait_for_url(lambda address: "/accounts/login" not in address)
    expect(page.locator("h1")).to_contain_text("Лицевые счета")
