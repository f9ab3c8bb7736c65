"""What an SMS centre says: command statuses and delivery receipts in our words.

Sources: SMPP 3.4 §5.1.3 (command_status), §5.2.28 (message_state), appendix B (the text of a receipt).
"""

import re
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from struct import unpack

from okno.channels.base import Receipt, Refused, Word

STATUSES: dict[int, tuple[str, Word]] = {
    0x01: ("ESME_RINVMSGLEN", Word.REJECTED_BY_US),
    0x02: ("ESME_RINVCMDLEN", Word.REJECTED_BY_US),
    0x03: ("ESME_RINVCMDID", Word.REJECTED_BY_US),
    0x04: ("ESME_RINVBNDSTS", Word.NOT_NOW),
    0x05: ("ESME_RALYBND", Word.NOT_NOW),
    0x06: ("ESME_RINVPRTFLG", Word.REJECTED_BY_US),
    0x07: ("ESME_RINVREGDLVFLG", Word.REJECTED_BY_US),
    0x08: ("ESME_RSYSERR", Word.NOT_NOW),
    0x0A: ("ESME_RINVSRCADR", Word.REJECTED_BY_US),
    0x0B: ("ESME_RINVDSTADR", Word.NEVER),
    0x0D: ("ESME_RBINDFAIL", Word.REJECTED_BY_US),
    0x0E: ("ESME_RINVPASWD", Word.REJECTED_BY_US),
    0x0F: ("ESME_RINVSYSID", Word.REJECTED_BY_US),
    0x14: ("ESME_RMSGQFUL", Word.NOT_NOW),
    0x15: ("ESME_RINVSERTYP", Word.REJECTED_BY_US),
    0x43: ("ESME_RINVESMCLASS", Word.REJECTED_BY_US),
    0x45: ("ESME_RSUBMITFAIL", Word.NOT_NOW),
    0x48: ("ESME_RINVSRCTON", Word.REJECTED_BY_US),
    0x49: ("ESME_RINVSRCNPI", Word.REJECTED_BY_US),
    0x50: ("ESME_RINVDSTTON", Word.REJECTED_BY_US),
    0x51: ("ESME_RINVDSTNPI", Word.REJECTED_BY_US),
    0x53: ("ESME_RINVSYSTYP", Word.REJECTED_BY_US),
    0x58: ("ESME_RTHROTTLED", Word.NOT_NOW),
    0x61: ("ESME_RINVSCHED", Word.REJECTED_BY_US),
    0x62: ("ESME_RINVEXPIRY", Word.REJECTED_BY_US),
    0x64: ("ESME_RX_T_APPN", Word.NOT_NOW),
    0x65: ("ESME_RX_P_APPN", Word.NEVER),
    0x66: ("ESME_RX_R_APPN", Word.REJECTED_BY_US),
    0xC0: ("ESME_RINVOPTPARSTREAM", Word.REJECTED_BY_US),
    0xC1: ("ESME_ROPTPARNOTALLWD", Word.REJECTED_BY_US),
    0xC2: ("ESME_RINVPARLEN", Word.REJECTED_BY_US),
    0xC3: ("ESME_RMISSINGOPTPARAM", Word.REJECTED_BY_US),
    0xC4: ("ESME_RINVOPTPARAMVAL", Word.REJECTED_BY_US),
    0xFE: ("ESME_RDELIVERYFAILURE", Word.NEVER),
    0xFF: ("ESME_RUNKNOWNERR", Word.UNKNOWN),
}
"""Refusals of a submission or of a bind. What is not here (makers' own codes from 0x400) is `UNKNOWN`."""

SLOW_DOWN = frozenset({0x14, 0x58})
"""The centre asks for fewer messages a second."""

STATES: dict[str, Word] = {
    "DELIVRD": Word.DELIVERED,
    "EXPIRED": Word.EXPIRED,
    "DELETED": Word.UNKNOWN,
    "UNDELIV": Word.NEVER,
    "ACCEPTD": Word.ACCEPTED,
    "UNKNOWN": Word.UNKNOWN,
    "REJECTD": Word.REJECTED_BY_US,
}
"""The `stat:` of a receipt. What is not here is `UNKNOWN`."""

STATE_NUMBERS: dict[int, str] = {
    1: "ENROUTE",
    2: "DELIVRD",
    3: "EXPIRED",
    4: "DELETED",
    5: "UNDELIV",
    6: "ACCEPTD",
    7: "UNKNOWN",
    8: "REJECTD",
}

_MEANINGS: dict[Word, str] = {
    Word.NOT_NOW: "SMS-центр просит повторить позже",
    Word.NEVER: "На этот номер SMS не доставить",
    Word.REJECTED_BY_US: "SMS-центр отклонил сообщение: проверьте имя отправителя, текст и настройки",
    Word.UNKNOWN: "SMS-центр ответил кодом, которого мы не знаем",
}

_FIELD = re.compile(r"\b(id|stat|err):\s*(\S+)", re.IGNORECASE)
_RECEIPTED_ID, _STATE = 0x001E, 0x0427


def word_for(status: int) -> Word:
    """Our word for a command_status that is not zero."""
    return STATUSES[status][1] if status in STATUSES else Word.UNKNOWN


def refusal(status: int) -> Refused:
    """A command_status as our exception."""
    word = word_for(status)
    name = STATUSES[status][0] if status in STATUSES else "код изготовителя"
    return Refused(f"{_MEANINGS[word]} ({name})", word=word, code=f"smpp {status:#010x}")


class Unreadable(ValueError):
    """The body of a deliver_sm is damaged."""


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What a delivery receipt says about one short message (one part of a long one)."""

    provider_id: str
    state: str
    error: str
    text: str

    @property
    def word(self) -> Word:
        return STATES.get(self.state, Word.UNKNOWN)


def parse_receipt(body: bytes) -> Fate | None:
    """The fate out of a deliver_sm; None when this is a message of a person, or news that are not final yet.

    The optional parameters go before the text, which every centre writes in its own way. Raises `Unreadable`.
    """
    try:
        esm_class, message, tlvs = _fields(body)
    except (IndexError, ValueError) as error:
        raise Unreadable(f"deliver_sm: {error}") from error
    if (esm_class & 0x3C) not in (0x04, 0x20) and _RECEIPTED_ID not in tlvs:
        return None
    text = message.decode("latin-1")
    words = {name.lower(): value for name, value in _FIELD.findall(text.partition("text:")[0])}
    provider_id = tlvs.get(_RECEIPTED_ID, b"").rstrip(b"\0").decode("latin-1") or words.get("id", "")
    state = words.get("stat", "").upper()
    if number := tlvs.get(_STATE):
        state = STATE_NUMBERS.get(number[0], state)
    if not provider_id or state == "ENROUTE":
        return None
    return Fate(provider_id=provider_id, state=state, error=words.get("err", ""), text=text)


def _fields(body: bytes) -> tuple[int, bytes, dict[int, bytes]]:
    """esm_class, the message and the optional parameters of a deliver_sm."""
    at = body.index(0) + 1
    for _address in range(2):
        at = body.index(0, at + 2) + 1
    esm_class = body[at]
    at += 3
    for _time in range(2):
        at = body.index(0, at) + 1
    length = body[at + 4]
    at += 5
    message, at = body[at : at + length], at + length
    tlvs: dict[int, bytes] = {}
    while at + 4 <= len(body):
        tag, size = unpack("!HH", body[at : at + 4])
        tlvs[tag] = body[at + 4 : at + 4 + size]
        at += 4 + size
    return esm_class, message, tlvs


@dataclass
class _Message:
    message_id: str
    provider_id: str
    waiting: set[str]


class Parts:
    """Joins the receipts of the parts of a message into one.

    A message is delivered when all its parts are; any other fate of one part is the fate of the whole, told once. The
    memory is of this process and holds the last `remember` parts; a receipt it does not know is passed on as it is,
    and the one of the last part carries the `provider_id` that `Sent` carried. The receipt of a part may come before
    the last part is accepted: it is kept for the message it will turn out to belong to.
    """

    def __init__(self, *, remember: int = 200_000) -> None:
        self._messages: OrderedDict[str, _Message] = OrderedDict()
        self._early: OrderedDict[str, Fate] = OrderedDict()
        self._remember = remember

    def sent(self, message_id: str, provider_ids: list[str], at: datetime) -> Receipt | None:
        """These parts were accepted as one message; what to tell when receipts that came before say enough."""
        message = _Message(message_id, provider_ids[-1], set(provider_ids))
        for provider_id in provider_ids:
            self._messages[provider_id] = message
        while len(self._messages) > self._remember:
            self._messages.popitem(last=False)
        told = [self.receipt(self._early.pop(one), at) for one in provider_ids if one in self._early]
        return next((receipt for receipt in told if receipt is not None), None)

    def receipt(self, fate: Fate, at: datetime) -> Receipt | None:
        """What to tell about the whole message; None while other parts are awaited or all was told."""
        message = self._messages.pop(fate.provider_id, None)
        if message is None:
            self._early[fate.provider_id] = fate
            if len(self._early) > self._remember:
                self._early.popitem(last=False)
            return _receipt(fate, provider_id=fate.provider_id, message_id=None, at=at)
        message.waiting.discard(fate.provider_id)
        if fate.word is Word.DELIVERED and message.waiting:
            return None
        for other in message.waiting:
            self._messages.pop(other, None)
        return _receipt(fate, provider_id=message.provider_id, message_id=message.message_id, at=at)


def _receipt(fate: Fate, *, provider_id: str, message_id: str | None, at: datetime) -> Receipt:
    code = f"smpp {fate.state} {fate.error}".strip()
    return Receipt(
        provider_id=provider_id, message_id=message_id, word=fate.word, provider_code=code, text=fate.text, at=at
    )
