"""The door: five wrong passwords lock one person's pair with the address, nobody learns who exists, a second factor."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from axes.models import AccessAttempt
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from tests.web.conftest import faults

PASSWORD = "Очень длинный пароль 2026"


@pytest.fixture(autouse=True)
def no_counts(db):
    call_command("createcachetable", verbosity=0)
    cache.clear()


def sign_in(email: str, password: str):
    """From a browser that was never here before."""
    client = Client(SERVER_NAME="127.0.0.1")
    return client.post(reverse("account_login"), {"login": email, "password": password})


def words(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>|value=\"[^\"]*\"", " ", response.content.decode()))


def test_six_wrong_passwords_lock_and_the_right_one_is_refused_too(manager, settings):
    answers = [sign_in("manager@example.org", "неверный") for _time in range(6)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429, 429]
    assert "Вход закрыт на 15 минут" in words(answers[-1])
    locked = sign_in("Manager@example.org ", PASSWORD)
    assert locked.status_code == 429
    # What is counted stands in the database, so every process knows it; it is forgotten when the time is over.
    attempt = AccessAttempt.objects.get(username="manager@example.org")
    assert attempt.failures_since_start >= 5
    AccessAttempt.objects.update(attempt_time=attempt.attempt_time - timedelta(minutes=16))
    assert sign_in("manager@example.org", PASSWORD).status_code == 302


def test_one_persons_lock_is_nobody_elses(manager, colleague):
    for _time in range(6):
        sign_in("manager@example.org", "неверный")
    assert sign_in("colleague@example.org", PASSWORD).status_code == 302


def test_nobody_learns_who_exists(manager):
    for number in range(6):
        known, unknown = sign_in("manager@example.org", "неверный"), sign_in("nobody@example.org", "неверный")
        assert known.status_code == unknown.status_code, number
        assert words(known) == words(unknown).replace("nobody@", "manager@")
    reset = [Client().post(reverse("account_reset_password"), {"email": email}) for email in ("x@example.org",)]
    assert reset[0].status_code == 302


def test_a_closed_account_says_no_more_than_one_that_never_was(colleague):
    colleague.user.is_active = False
    colleague.user.save()
    closed, unknown = sign_in("colleague@example.org", "неверный"), sign_in("nobody@example.org", "неверный")
    assert words(closed) == words(unknown).replace("nobody@", "colleague@")
    assert sign_in("colleague@example.org", PASSWORD).url == reverse("account_inactive")


def test_a_second_factor_is_switched_on_and_asked_for(manager, artefacts, open_page, transactional_db):
    page = open_page(f"/accounts/login/?next={reverse('mfa_activate_totp')}")
    base = page.url.split("/accounts/")[0]
    page.fill("[name=login]", "manager@example.org")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Войти", exact=True).click()
    page.wait_for_url(re.compile("2fa/totp/activate/$|reauthenticate"))
    if "reauthenticate" in page.url:
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name="Подтвердить").click()
        page.wait_for_url(re.compile("2fa/totp/activate/$"))
    assert faults(page) == []
    page.screenshot(path=artefacts / "second-factor-light.png", full_page=True)
    secret = page.locator("#authenticator_secret").input_value()
    page.fill("[name=code]", code(secret))
    page.locator("form button[type=submit]").last.click()
    page.wait_for_url(re.compile("recovery-codes"))
    page.goto(base + reverse("mfa_index"))
    assert faults(page) == []
    page.screenshot(path=artefacts / "sign-in-protection-light.png", full_page=True)
    page.context.clear_cookies()
    cache.clear()
    page.goto(base + "/accounts/login/")
    page.fill("[name=login]", "manager@example.org")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Войти", exact=True).click()
    page.wait_for_url(re.compile("2fa/authenticate"))
    page.screenshot(path=artefacts / "second-factor-asked-light.png", full_page=True)
    page.fill("[name=code]", "000000")
    page.get_by_role("button", name="Войти", exact=True).click()
    page.wait_for_load_state("load")
    assert "authenticate" in page.url


def code(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))
