"""The way to the telephone network as the installer set it up (`OKNO_TRUNK_URL`). The demo has only the loopback."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from config import environment
from okno.outreach.routes import OutwardForbidden, is_loopback

SIP, ASTERISK = "sip", "asterisk"
_FLAGS = frozenset({"register", "plus", "refer", "trace"})
_NUMBERS = frozenset({"register_every", "calls", "lost_after"})
_LISTS = frozenset({"allowed", "codecs"})
_ONLY_SIP = _FLAGS | _NUMBERS | {"codecs"}
_WORDS = {
    SIP: {"auth_user", "proxy", "transport", "keys", "listen", "interface", "rtp_ports"},
    ASTERISK: {"endpoint", "app", "media", "listen", "reach", "caller"},
}


class BadTrunk(ValueError):
    """The trunk's address cannot be used; the message says what is wrong with it, in Russian."""


@dataclass(frozen=True, kw_only=True)
class Trunk:
    """A driver of `okno.telephony` and its settings; `calls` at once at most."""

    driver: str
    settings: dict[str, Any]
    calls: int = 100


def configured() -> Trunk | None:
    """The trunk in force; None when nobody set one up. Raises `BadTrunk`, `OutwardForbidden`."""
    told = environment.value("TRUNK_URL").strip()
    return read(told, only_loopback=environment.flag("DEMO")) if told else None


def read(told: str, *, only_loopback: bool = False) -> Trunk:
    """A trunk out of `sip://user:password@host:port?register=1&…` or `asterisk://user:password@host:8088?endpoint=…`.

    Raises `BadTrunk`; `OutwardForbidden` when only the loopback is allowed and another host is named.
    """
    try:
        url = urlsplit(told)
        port = url.port
    except ValueError as error:
        raise BadTrunk(f"OKNO_TRUNK_URL: это не адрес: {error}") from error
    if url.scheme not in (SIP, ASTERISK) or not url.hostname:
        raise BadTrunk(
            "OKNO_TRUNK_URL: нужен адрес вида sip://имя:пароль@узел:порт или asterisk://имя:пароль@узел:8088"
        )
    if only_loopback and not is_loopback(url.hostname):
        raise OutwardForbidden(
            f"OKNO_TRUNK_URL: демонстрационный город никому не звонит наружу, а указан узел {url.hostname}. "
            "Укажите 127.0.0.1 или выключите OKNO_DEMO."
        )
    more = _more(url)
    calls = more.pop("calls", 100)
    host = url.hostname if port is None else f"{url.hostname}:{port}"
    user, password = unquote(url.username or "okno"), unquote(url.password or "")
    if url.scheme == SIP:
        settings = {"user": user, "domain": host, "password": password, "calls": calls, **more}
    else:
        settings = {"url": f"http://{host}", "user": user, "password": password, **more}
        settings.setdefault("endpoint", "PJSIP/{number}@trunk")
    return Trunk(driver=url.scheme, settings=settings, calls=calls)


def _more(url: SplitResult) -> dict[str, Any]:
    """What stands behind the question mark."""
    known = _WORDS[url.scheme] | {"allowed", "calls"} | (_ONLY_SIP if url.scheme == SIP else set())
    told = dict(parse_qsl(url.query))
    unknown = sorted(set(told) - known)
    if url.scheme == ASTERISK and "codecs" in unknown:
        raise BadTrunk(
            "OKNO_TRUNK_URL: codecs бывает только у sip://; кодеки линии Asterisk — в его pjsip.conf (allow)"
        )
    if unknown:
        raise BadTrunk(f"OKNO_TRUNK_URL: непонятно {', '.join(unknown)}; бывает: {', '.join(sorted(known))}")
    return {name: _value(name, value) for name, value in told.items()}


def _value(name: str, value: str) -> Any:
    if name in _LISTS:
        return [part for part in value.split(",") if part]
    if name in _FLAGS:
        if value not in {"0", "1"}:
            raise BadTrunk(f"OKNO_TRUNK_URL: {name} — 0 или 1")
        return value == "1"
    if name in _NUMBERS | {"calls"}:
        if not value.isdigit():
            raise BadTrunk(f"OKNO_TRUNK_URL: {name} — целое число")
        return int(value)
    return value
