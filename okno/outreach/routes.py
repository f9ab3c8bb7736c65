"""Which way out serves which channel, from the installer's settings. The demo has only the loopback."""

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from config import environment
from okno.channels import registry
from okno.channels.base import BadSettings
from okno.channels.base import Channel as Way
from okno.people.models import Channel

SMTP_SECURITY = {"smtp": "none", "smtp+starttls": "starttls", "smtps": "tls"}
SMTP_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class OutwardForbidden(BadSettings):
    """The demo was told an address outside this machine; nothing of the demo may ever leave it."""


def from_environment() -> dict[str, Way]:
    """Channel → a way out, not opened yet; channels nobody set up are not there.

    Raises `BadSettings`; `OutwardForbidden` when the demo is pointed at anything but the loopback.
    """
    ways: dict[str, Way] = {}
    if environment.value("SMTP_URL"):
        ways[Channel.EMAIL] = _email(_address("SMTP_URL"))
    if environment.value("SMPP_URL"):
        ways[Channel.SMS] = _smpp(_address("SMPP_URL"))
    elif environment.value("SMS_HTTP_URL"):
        ways[Channel.SMS] = _http_sms(_address("SMS_HTTP_URL"))
    return ways


def _address(name: str) -> SplitResult:
    try:
        url = urlsplit(environment.value(name))
        port = url.port
    except ValueError as error:
        raise BadSettings(f"OKNO_{name}: это не адрес: {error}") from error
    if not url.hostname or port == 0:
        raise BadSettings(f"OKNO_{name}: нужен адрес вида схема://имя:пароль@узел:порт")
    if environment.flag("DEMO") and not is_loopback(url.hostname):
        raise OutwardForbidden(
            f"OKNO_{name}: демонстрационный город ничего не отправляет наружу, а указан узел {url.hostname}. "
            "Укажите 127.0.0.1 или выключите OKNO_DEMO."
        )
    return url


def is_loopback(host: str) -> bool:
    """Whether the host is this very machine, without asking any name server."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _credentials(url: SplitResult) -> tuple[str, str]:
    return unquote(url.username or ""), unquote(url.password or "")


def _email(url: SplitResult) -> Way:
    if url.scheme not in SMTP_SECURITY:
        raise BadSettings(f"OKNO_SMTP_URL: схема {url.scheme}, а бывает: {', '.join(SMTP_SECURITY)}")
    user, password = _credentials(url)
    settings: Mapping[str, object] = {
        "host": url.hostname,
        "port": url.port or SMTP_PORTS[url.scheme],
        "security": SMTP_SECURITY[url.scheme],
        "user": user,
        "password": password,
        "sender": environment.value("MAIL_FROM"),
        **_agreed(url, "OKNO_SMTP_URL", "connections"),
    }
    return registry.build("email", settings)


def _smpp(url: SplitResult) -> Way:
    if url.scheme != "smpp":
        raise BadSettings(f"OKNO_SMPP_URL: схема {url.scheme}, а нужна smpp")
    user, password = _credentials(url)
    settings: Mapping[str, object] = {
        "host": url.hostname,
        "port": url.port or 2775,
        "system_id": user,
        "password": password,
        "sender": environment.value("SMS_SENDER"),
        **_agreed(url, "OKNO_SMPP_URL", "window"),
    }
    return registry.build("sms_smpp", settings)


def _agreed(url: SplitResult, setting: str, width: str) -> dict[str, float | int]:
    """The pace agreed with the other side, told in the address: ?per_second=50 and how many at once (`width`)."""
    told = dict(parse_qsl(url.query))
    unknown = sorted(set(told) - {"per_second", width})
    if unknown:
        raise BadSettings(f"{setting}: непонятно {', '.join(unknown)}; бывает per_second и {width}")
    try:
        return {name: float(value) if name == "per_second" else int(value) for name, value in told.items()}
    except ValueError as error:
        raise BadSettings(f"{setting}: per_second и {width} — числа, например per_second=50") from error


def _http_sms(url: SplitResult) -> Way:
    """The token or login and password stand in the address and are taken out of it."""
    user, password = _credentials(url)
    host = url.hostname if url.port is None else f"{url.hostname}:{url.port}"
    settings: Mapping[str, object] = {
        "url": f"{url.scheme}://{host}{url.path or '/'}",
        "login": user if password else "",
        "password": password or user,
        "sender": environment.value("SMS_SENDER"),
    }
    return registry.build("sms_http", settings)
