"""How people sign in: staff are invited, nobody registers by themselves; letters leave through our own channel."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.core.mail.backends.smtp import EmailBackend
from django.http import HttpRequest

from config import environment


def whose_door(request: HttpRequest | None, credentials: Mapping[str, Any] | None = None) -> str:
    """Whose failures are counted: the address as it was typed, folded, known to us or not.

    The sign-in hands it over as `email`, its form as `login`; without this every failure would belong to nobody.
    """
    told = dict(credentials or {})
    typed = told.get("email") or told.get("username") or told.get("login")
    if not typed and request is not None:
        typed = request.POST.get("login", "")
    return str(typed or "").strip().casefold()[:254]


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Registration is closed: an administrator invites."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class ChannelMail(EmailBackend):
    """Letters of the sign-in itself (a new password) through the mail server of the settings."""

    def __init__(self, **options: object) -> None:
        url = urlsplit(environment.value("SMTP_URL") or "smtp://127.0.0.1:25")
        super().__init__(
            host=url.hostname,
            port=url.port or 25,
            username=unquote(url.username or ""),
            password=unquote(url.password or ""),
            use_tls=url.scheme == "smtp+starttls",
            use_ssl=url.scheme == "smtps",
            timeout=15,
            fail_silently=bool(options.get("fail_silently", False)),
        )
