"""Ways out from the installer's settings; the demo has only the loopback."""

import pytest

from okno.channels.base import BadSettings
from okno.outreach import routes
from okno.outreach.routes import OutwardForbidden, from_environment, is_loopback

SMTP, SMPP, HTTP = "OKNO_SMTP_URL", "OKNO_SMPP_URL", "OKNO_SMS_HTTP_URL"


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    for name in (SMTP, SMPP, HTTP, "OKNO_DEMO"):
        monkeypatch.setenv(name, "")


def test_nothing_is_set_up_by_itself():
    assert from_environment() == {}


@pytest.mark.parametrize(
    ("url", "port", "security"),
    [
        ("smtp://127.0.0.1:2525", 2525, "none"),
        ("smtp+starttls://user:p%40ss@mail.example.org", 587, "starttls"),
        ("smtps://mail.example.org", 465, "tls"),
    ],
)
def test_mail(monkeypatch, url, port, security):
    monkeypatch.setenv(SMTP, url)
    settings = from_environment()["email"].settings
    assert (settings.port, settings.security) == (port, security)
    assert settings.password == ("p@ss" if "@ss" in url or "%40" in url else "")


def test_short_messages_by_smpp_or_by_http(monkeypatch):
    monkeypatch.setenv(HTTP, "https://login:secret@sms.example.org/sys/")
    settings = from_environment()["sms"].settings
    assert (settings.url, settings.login, settings.password) == ("https://sms.example.org/sys/", "login", "secret")
    monkeypatch.setenv(SMPP, "smpp://okno:secret@smsc.example.org")
    settings = from_environment()["sms"].settings
    assert (settings.host, settings.port, settings.system_id) == ("smsc.example.org", 2775, "okno")


@pytest.mark.parametrize(
    ("name", "url"),
    [
        (SMTP, "http://mail.example.org"),
        (SMTP, "mail.example.org"),
        (SMTP, "smtp://:99999"),
        (SMTP, "smtp://host:port"),
        (SMPP, "http://smsc.example.org"),
        (HTTP, "http://sms.example.org/"),
    ],
)
def test_an_address_that_cannot_be_used_is_named(monkeypatch, name, url):
    monkeypatch.setenv(name, url)
    with pytest.raises(BadSettings):
        from_environment()


@pytest.mark.parametrize(
    ("name", "url"),
    [
        (SMTP, "smtp://mail.example.org"),
        (SMTP, "smtp://192.168.0.10"),
        (SMTP, "smtp://127.0.0.1.example.org"),
        (SMTP, "smtp://127.0.0.1@mail.example.org"),
        (SMTP, "smtp://0.0.0.0"),
        (SMPP, "smpp://okno:okno@10.0.0.1"),
        (HTTP, "https://sms.example.org/sys/"),
    ],
)
def test_the_demo_never_leaves_this_machine(monkeypatch, name, url):
    monkeypatch.setenv("OKNO_DEMO", "1")
    monkeypatch.setenv(name, url)
    with pytest.raises(OutwardForbidden, match="демонстрационный"):
        from_environment()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "[::1]"])
def test_the_demo_talks_to_this_machine(monkeypatch, host):
    monkeypatch.setenv("OKNO_DEMO", "1")
    monkeypatch.setenv(SMTP, f"smtp://{host}:2525")
    assert from_environment().keys() == {"email"}


def test_a_name_is_never_looked_up():
    assert not is_loopback("localhost.example.org")
    assert routes.SMTP_SECURITY.keys() == routes.SMTP_PORTS.keys()


@pytest.mark.parametrize(
    ("name", "address"),
    [(SMPP, "smpp://okno:okno@127.0.0.1:2775?window=20&"), (SMTP, "smtp://127.0.0.1:25?connections=4&")],
)
def test_the_pace_agreed_with_the_other_side_is_told_in_the_address(monkeypatch, name, address):
    monkeypatch.setenv(name, f"{address}per_second=50")
    assert len(from_environment()) == 1
    for wrong in ("per_second=fast", "speed=9"):
        monkeypatch.setenv(name, f"{address}{wrong}")
        with pytest.raises(BadSettings):
            from_environment()
