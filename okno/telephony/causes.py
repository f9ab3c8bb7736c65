"""SIP statuses and Q.850 causes in our few words.

The telephone network's cause, when it is given and says something, is believed before the SIP status: a trunk turns
many causes into one status (RFC 3398), and "the phone is off" must not look like "nobody picked up".
"""

import re

from okno.telephony.leg import Kind, Outcome

_BY_Q850 = {
    1: Kind.INVALID_NUMBER,  # unallocated number
    2: Kind.FAILED,  # no route to the transit network
    3: Kind.UNREACHABLE,  # no route to the destination
    4: Kind.INVALID_NUMBER,  # special information tone: the number is out of service
    17: Kind.BUSY,
    18: Kind.UNREACHABLE,  # no user responding: the phone did not even ring
    19: Kind.NO_ANSWER,  # alerted, nobody picked up
    20: Kind.UNREACHABLE,  # subscriber absent: off or out of coverage
    21: Kind.REJECTED,
    22: Kind.INVALID_NUMBER,  # number changed
    27: Kind.UNREACHABLE,  # destination out of order
    28: Kind.INVALID_NUMBER,  # incomplete number
    34: Kind.FAILED,  # no circuit
    38: Kind.FAILED,  # network out of order
    41: Kind.FAILED,  # temporary failure
    42: Kind.FAILED,  # congestion
    44: Kind.FAILED,
    47: Kind.FAILED,
    50: Kind.FAILED,  # facility not subscribed
    55: Kind.REJECTED,  # incoming calls barred
    57: Kind.FAILED,
    58: Kind.FAILED,
    88: Kind.FAILED,
    102: Kind.FAILED,  # recovery on timer expiry
    111: Kind.FAILED,
    127: Kind.FAILED,
}
"""Causes that say something. 16 and 31 are "normal": the status is asked then."""

_BY_STATUS = {
    404: Kind.INVALID_NUMBER,
    410: Kind.INVALID_NUMBER,
    484: Kind.INVALID_NUMBER,
    604: Kind.INVALID_NUMBER,
    486: Kind.BUSY,
    600: Kind.BUSY,
    603: Kind.REJECTED,
    607: Kind.REJECTED,
    608: Kind.REJECTED,
    433: Kind.REJECTED,  # anonymity disallowed
    487: Kind.CANCELLED,
}

_SILENT = {408, 480}
"""Nobody responded: after ringing nobody picked up, without it the phone is not there."""

_REASON = re.compile(r"Q\.850\s*;[^,]*?\bcause\s*=\s*(\d+)", re.IGNORECASE)
_STATUS = re.compile(r"(?:SIP/2\.0 )?([1-6]\d\d)\b\s*(.*)", re.DOTALL)


def q850(reason: str) -> int | None:
    """The cause inside a Reason header (RFC 3326) or a text that carries one; None when there is none."""
    found = _REASON.search(reason)
    return int(found[1]) if found else None


def from_sip(status: int, *, cause: int | None = None, words: str = "", rang: bool = False) -> Outcome:
    """The outcome of a final SIP answer. `cause` is Q.850 when it was told; `rang` is whether ringing came before."""
    kind = _BY_Q850.get(cause) if cause is not None else None
    if 200 <= status < 300:
        kind = Kind.ANSWERED
    elif kind is None:
        kind = _kind(status, rang)
    return Outcome(kind=kind, sip_status=status, q850=cause, words=words, rang=rang)


def from_q850(cause: int | None, *, words: str = "", rang: bool = False) -> Outcome:
    """The outcome where only the telephone network's cause is known (Asterisk); normal clearing after ringing is
    nobody picking up."""
    kind = _BY_Q850.get(cause) if cause is not None else None
    if kind is None:
        kind = Kind.NO_ANSWER if rang else Kind.FAILED
    return Outcome(kind=kind, q850=cause, words=words, rang=rang)


def from_text(text: str, *, reason: str = "", rang: bool = False) -> Outcome:
    """The outcome of a closing text of the SIP stack: "486 Busy Here", or an error of the network without a status."""
    cause = q850(reason) or q850(text)
    found = _STATUS.match(text)
    if found:
        return from_sip(int(found[1]), cause=cause, words=text, rang=rang)
    if cause is not None:
        return from_q850(cause, words=text, rang=rang)
    return nothing_came(words=text, rang=rang)


def nothing_came(*, words: str = "", rang: bool) -> Outcome:
    """Time ran out without a final answer."""
    return Outcome(kind=Kind.NO_ANSWER if rang else Kind.UNREACHABLE, words=words, rang=rang)


def _kind(status: int, rang: bool) -> Kind:
    if status in _SILENT:
        return Kind.NO_ANSWER if rang else Kind.UNREACHABLE
    return _BY_STATUS.get(status, Kind.FAILED)
