"""The two ends of a short message: the phone it goes to and the name it comes from."""

import re

from okno.channels.base import Refused, Word


def digits(to: str) -> str:
    """`+77011234567` as `77011234567`. Raises `Refused` (never) for anything that is not E.164."""
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", to):
        raise Refused("Телефон должен быть в виде +77011234567.", word=Word.NEVER, code="bad_phone")
    return to[1:]


def sender_name(name: str) -> str:
    """A name of up to eleven Latin letters, digits, spaces and signs, or a number. Raises `Refused`."""
    if re.fullmatch(r"\+?[0-9]{3,15}", name) or re.fullmatch(r"[A-Za-z0-9 ._&+-]{1,11}", name):
        return name
    raise Refused("Имя отправителя SMS: до 11 латинских букв и цифр.", word=Word.REJECTED_BY_US, code="bad_sender")
