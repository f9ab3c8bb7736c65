"""A letter made of our words: addresses checked, headers closed to injection, text and HTML side by side."""

import re
from collections.abc import Mapping
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime

from okno.channels.base import Outgoing, Refused, Word, check_text

_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,60}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_OURS = frozenset(
    {"from", "to", "cc", "bcc", "sender", "return-path", "subject", "date", "message-id", "auto-submitted"}
    | {"list-unsubscribe", "list-unsubscribe-post", "mime-version", "content-type", "content-language"}
    | {"content-transfer-encoding"}
)
_WHOLE = {"list-unsubscribe", "message-id"}


class _Policy(EmailPolicy):
    """Writes an address of a page or a message in one piece: folding would turn it into an encoded word."""

    def fold(self, name: str, value: str) -> str:
        return f"{name}: {value}{self.linesep}" if name.lower() in _WHOLE else super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("ascii") if name.lower() in _WHOLE else super().fold_binary(name, value)


# Bodies in seven bits: not every server on the way has learnt eight.
_POLICY = _Policy(linesep="\r\n", cte_type="7bit")


class BadAddress(ValueError):
    """This is not one e-mail address."""


def mailbox(text: str) -> Address:
    """One address, `name <user@house.рф>` or `user@house.рф`; the domain comes back in ASCII (IDNA).

    Raises `BadAddress` on anything else: two addresses, a group, a control character, an empty part.
    """
    if _CONTROL.search(text):
        raise BadAddress("в адресе есть непечатаемые знаки")
    name, address = "", text.strip()
    if bracketed := re.fullmatch(r"(?P<name>.*)<(?P<address>[^<>]+)>", address):
        name, address = bracketed["name"].strip().strip('"'), bracketed["address"].strip()
    user, at, domain = address.rpartition("@")
    if not at or not user or re.search(r"[\s,;:()<>\[\]\\\"@]", user):
        raise BadAddress("нужен один адрес вида имя@домен")
    try:
        ascii_domain = domain.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise BadAddress("такого домена быть не может") from error
    label = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
    if not re.fullmatch(rf"{label}(\.{label})*", ascii_domain) or len(user.encode()) > 64:
        raise BadAddress("такого домена или имени ящика быть не может")
    return Address(display_name=name, username=user, domain=ascii_domain)


def message_id(our_id: str, domain: str) -> str:
    """The same message always carries the same Message-ID, so a repeated one is recognised."""
    if not re.fullmatch(r"[A-Za-z0-9-]{1,64}", our_id):
        raise Refused("Номер сообщения не годится для письма.", word=Word.REJECTED_BY_US, code="bad_id")
    return f"<{our_id}@{domain}>"


def compose(outgoing: Outgoing, *, sender: Address, recipient: Address, at: datetime) -> EmailMessage:
    """The whole letter. Raises `Refused` (rejected_by_us) when a header holds a line break or a forbidden
    name.
    """
    check_text(outgoing.text + (outgoing.subject or "") + (outgoing.html or ""))
    # A mailbox that is not in Latin letters needs the headers in UTF-8 (RFC 6532); everybody else gets
    # plain ASCII.
    letter = EmailMessage(policy=_POLICY.clone(utf8=not recipient.username.isascii()))
    _header(letter, "From", sender)
    _header(letter, "To", recipient)
    _header(letter, "Subject", _one_line(outgoing.subject or "", "Subject"))
    letter["Date"] = format_datetime(at)
    letter["Message-ID"] = message_id(outgoing.id, sender.domain)
    # RFC 3834: tells autoresponders to keep silent.
    letter["Auto-Submitted"] = "auto-generated"
    if not _LANGUAGE.fullmatch(outgoing.language):
        raise Refused("Язык письма задан неверно.", word=Word.REJECTED_BY_US, code="bad_header")
    if outgoing.unsubscribe_url:
        _unsubscribe(letter, outgoing.unsubscribe_url)
    _extra(letter, outgoing.headers)
    letter.set_content(outgoing.text)
    if outgoing.html is not None:
        letter.add_alternative(outgoing.html, subtype="html")
    # Last, because setting the content clears every Content-* header.
    letter["Content-Language"] = outgoing.language
    return letter


def _unsubscribe(letter: EmailMessage, url: str) -> None:
    """RFC 2369 and, for an https address, one click by RFC 8058 (the mail server must sign both by DKIM)."""
    if not url.isascii() or re.search(r"[\s<>,]", url) or not url.startswith(("https://", "http://", "mailto:")):
        raise Refused(
            "Ссылка для отписки должна быть адресом https:// или mailto:.",
            word=Word.REJECTED_BY_US,
            code="bad_header",
        )
    letter["List-Unsubscribe"] = f"<{url}>"
    if url.startswith("https://"):
        letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _extra(letter: EmailMessage, headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or name.lower() in _OURS:
            raise Refused(f"Заголовок «{name[:60]}» задать нельзя.", word=Word.REJECTED_BY_US, code="bad_header")
        _header(letter, name, _one_line(value, name))


def _header(letter: EmailMessage, name: str, value: str | Address) -> None:
    try:
        letter[name] = value
    except (ValueError, MessageError) as error:
        raise Refused(f"Заголовок {name} не годится: {error}", word=Word.REJECTED_BY_US, code="bad_header") from error


def _one_line(value: str, name: str) -> str:
    if _CONTROL.search(value):
        raise Refused(
            f"В заголовке {name} есть перевод строки или непечатаемый знак.",
            word=Word.REJECTED_BY_US,
            code="bad_header",
        )
    return value
