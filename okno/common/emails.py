"""E-mail addresses: tidy, and refuse the impossible. Whether a box exists only its server knows; no DNS."""

import re

#: What all large mail systems take; quoted local parts and bare IP domains are legal but never a resident's.
_SHAPE = re.compile(
    r"(?P<local>[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*)@(?P<domain>[^@\s]+)"
)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


class NotAnEmail(ValueError):
    """The text is not an e-mail address."""


def normalise(raw: str) -> str:
    """The address as it is stored: no spaces around, domain in lower-case ASCII (почта.рф → xn--…).

    The part before @ keeps its case, for only its server may say whether case matters; compare with
    `match_key`. Raises `NotAnEmail`.
    """
    text = raw.strip().removeprefix("mailto:")
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        raise NotAnEmail(f"Не похоже на адрес почты: «{raw}». Нужно так: ivanov@example.com.")
    domain = _ascii_domain(shape["domain"], raw)
    labels = domain.split(".")
    if len(labels) < 2 or len(domain) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise NotAnEmail(f"Неверное имя после @ в адресе «{raw}».")
    if len(shape["local"]) > 64 or labels[-1].isdigit():
        raise NotAnEmail(f"Такого адреса почты не бывает: «{raw}».")
    return f"{shape['local']}@{domain}"


def match_key(email: str) -> str:
    """Equal for two spellings of one normalised address."""
    return email.lower()


def _ascii_domain(domain: str, raw: str) -> str:
    try:
        return domain.lower().encode("idna").decode("ascii")
    except UnicodeError as error:
        raise NotAnEmail(f"Неверное имя после @ в адресе «{raw}».") from error
