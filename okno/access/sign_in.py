"""How people sign in: staff are invited, nobody registers by themselves; letters leave through our own channel."""

from urllib.parse import unquote, urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.core.mail.backends.smtp import EmailBackend
from django.http import HttpRequest

from config import environment


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
