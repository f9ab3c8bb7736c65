"""Aggregators of short messages with an HTTP interface: what they call things and what their codes mean.

A profile is facts, no code. A new aggregator is a new `Profile` in `PROFILES`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from okno.channels.base import Word


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Names of fields and meanings of codes.

    Paths are added to the address in the settings. `auth`: login and password among the fields, or a token in the
    header `Authorization: Bearer`. `id_as`: our id as it is, or squeezed into a positive 31-bit number. Codes are
    compared as text. `errors` are answers to a submission, `http_errors` are HTTP statuses that mean something of their
    own. In `statuses` None stands for "still on its way".
    """

    send_path: str
    status_path: str = ""
    body: Literal["form", "json"] = "form"
    auth: Literal["fields", "bearer"] = "fields"
    login_field: str = "login"
    password_field: str = "password"
    to_field: str = "to"
    text_field: str = "text"
    sender_field: str = "sender"
    id_field: str = "id"
    id_as: Literal["text", "number"] = "text"
    fixed: Mapping[str, str] = field(default_factory=dict)
    status_fixed: Mapping[str, str] = field(default_factory=dict)
    answer_id: str = "id"
    answer_parts: str = "parts"
    answer_cost: str = "cost"
    answer_error: str = "error_code"
    answer_words: str = "error"
    errors: Mapping[str, Word]
    http_errors: Mapping[int, Word] = field(default_factory=dict)
    status_id_field: str = "id"
    status_to_field: str = "to"
    status_value: str = "status"
    status_error: str = "err"
    statuses: Mapping[str, Word | None]


SMSC = Profile(
    # Source: the public documentation of smsc.ru and smsc.kz, «HTTP/HTTPS протокол» and «Статусы сообщений».
    send_path="send.php",
    status_path="status.php",
    login_field="login",
    password_field="psw",
    to_field="phones",
    text_field="mes",
    sender_field="sender",
    id_field="id",
    id_as="number",
    fixed={"fmt": "3", "charset": "utf-8", "cost": "3"},
    status_fixed={"fmt": "3", "charset": "utf-8"},
    answer_id="id",
    answer_parts="cnt",
    answer_cost="cost",
    answer_error="error_code",
    answer_words="error",
    errors={
        "1": Word.REJECTED_BY_US,  # parameters
        "2": Word.REJECTED_BY_US,  # login or password, or our address is not in their list
        "3": Word.REJECTED_BY_US,  # no money
        "4": Word.NOT_NOW,  # our address is blocked for a while: too many errors
        "5": Word.REJECTED_BY_US,  # date
        "6": Word.REJECTED_BY_US,  # text or sender's name forbidden
        "7": Word.NEVER,  # number is not a number
        "8": Word.NEVER,  # cannot be delivered to this number
        "9": Word.NOT_NOW,  # the same request twice in a minute, or too many at once
    },
    status_id_field="id",
    status_to_field="phone",
    status_value="status",
    status_error="err",
    statuses={
        "-3": Word.UNKNOWN,  # not found
        "-2": Word.REJECTED_BY_US,  # stopped by us in their cabinet
        "-1": None,  # waits
        "0": None,  # given to the operator
        "1": Word.DELIVERED,
        "2": Word.DELIVERED,  # read
        "3": Word.EXPIRED,
        "4": Word.DELIVERED,  # the link was opened
        "20": Word.NEVER,
        "22": Word.NEVER,  # wrong number
        "23": Word.REJECTED_BY_US,  # forbidden
        "24": Word.REJECTED_BY_US,  # no money
        "25": Word.NEVER,  # the number is out of reach for their operators
    },
)

PROFILES: Mapping[str, Profile] = {"smsc": SMSC}
