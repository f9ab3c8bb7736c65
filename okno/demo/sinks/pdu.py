"""SMPP 3.4 as the centre sees it: frames, fields, parts of a long message.

Written apart from the library that the channel uses, so that the two check each other. Source: Short Message
Peer-to-Peer Protocol Specification v3.4, §3.2 (header), §4.4, §4.6, §5.2, §5.3.
"""

import asyncio
import struct
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from aiosmpplib.codec import GSM7BitCodec

GENERIC_NACK = 0x80000000
BIND_RECEIVER, BIND_TRANSMITTER, BIND_TRANSCEIVER = 0x01, 0x02, 0x09
SUBMIT_SM, DELIVER_SM, UNBIND, ENQUIRE_LINK = 0x04, 0x05, 0x06, 0x15
RESPONSE = 0x80000000
LONGEST = 70_000
"""Octets: a message_payload may hold 64 K, everything else is far shorter."""

STATUSES = {
    "ESME_ROK": 0x00,
    "ESME_RINVMSGLEN": 0x01,
    "ESME_RINVCMDLEN": 0x02,
    "ESME_RINVCMDID": 0x03,
    "ESME_RINVBNDSTS": 0x04,
    "ESME_RSYSERR": 0x08,
    "ESME_RINVDSTADR": 0x0B,
    "ESME_RBINDFAIL": 0x0D,
    "ESME_RINVPASWD": 0x0E,
    "ESME_RMSGQFUL": 0x14,
    "ESME_RTHROTTLED": 0x58,
}
"""The statuses this centre gives by name."""

TAG_REFERENCE, TAG_TOTAL, TAG_NUMBER = 0x020C, 0x020E, 0x020F
TAG_USER_REFERENCE, TAG_PAYLOAD = 0x0204, 0x0424
TAG_RECEIPTED_ID, TAG_STATE = 0x001E, 0x0427


class Malformed(ValueError):
    """These octets are not what the protocol says."""


@dataclass(frozen=True)
class Pdu:
    """One frame."""

    command: int
    status: int
    sequence: int
    body: bytes = b""

    @classmethod
    async def read(cls, reader: asyncio.StreamReader) -> Self:
        """The next frame; raises `Malformed` when the length cannot be true, `IncompleteReadError` at the end."""
        header = await reader.readexactly(16)
        length, command, status, sequence = struct.unpack("!IIII", header)
        if not 16 <= length <= LONGEST:
            raise Malformed(f"length {length}")
        return cls(command, status, sequence, await reader.readexactly(length - 16))

    def octets(self) -> bytes:
        """The frame for the wire."""
        return struct.pack("!IIII", 16 + len(self.body), self.command, self.status, self.sequence) + self.body


class Fields:
    """Reads the fields of a body one after another; every reading past the end is `Malformed`."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def number(self) -> int:
        """One octet."""
        return self.octets(1)[0]

    def octets(self, count: int) -> bytes:
        """Exactly so many octets."""
        found = self._body[self._at : self._at + count]
        if len(found) < count:
            raise Malformed("the body ends too early")
        self._at += count
        return found

    def word(self) -> str:
        """A string that ends with a zero."""
        end = self._body.find(b"\0", self._at)
        if end < 0:
            raise Malformed("a string without an end")
        found = self._body[self._at : end]
        self._at = end + 1
        try:
            return found.decode("ascii")
        except UnicodeDecodeError as error:
            raise Malformed("a string that is not ASCII") from error

    def tlvs(self) -> dict[int, bytes]:
        """The optional parameters, to the end."""
        found = {}
        while self._at < len(self._body):
            tag, length = struct.unpack("!HH", self.octets(4))
            found[tag] = self.octets(length)
        return found


@dataclass(frozen=True, kw_only=True)
class Submission:
    """One submit_sm: a whole message, or a part of it when `total` is more than one."""

    source: str
    destination: str
    coding: int
    wants_receipt: bool
    octets: bytes
    reference: int
    number: int
    total: int
    user_reference: int | None

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Raises `Malformed`."""
        fields = Fields(body)
        fields.word()
        fields.octets(2)
        source = fields.word()
        fields.octets(2)
        destination = fields.word()
        esm_class = fields.number()
        fields.octets(2)
        fields.word()
        fields.word()
        registered = fields.number()
        fields.number()
        coding = fields.number()
        fields.number()
        message = fields.octets(fields.number())
        tlvs = fields.tlvs()
        message = message or tlvs.get(TAG_PAYLOAD, b"")
        reference, number, total = 0, 1, 1
        if esm_class & 0x40:
            reference, number, total, message = _header(message)
        elif TAG_TOTAL in tlvs:
            reference, number, total = (
                int.from_bytes(tlvs.get(tag, b"\0")) for tag in (TAG_REFERENCE, TAG_NUMBER, TAG_TOTAL)
            )
        if not 1 <= number <= total:
            raise Malformed(f"part {number} of {total}")
        user_reference = tlvs.get(TAG_USER_REFERENCE)
        return cls(
            source=source,
            destination=destination,
            coding=coding,
            wants_receipt=bool(registered & 0x03),
            octets=message,
            reference=reference,
            number=number,
            total=total,
            user_reference=int.from_bytes(user_reference) if user_reference else None,
        )


def text_of(octets: bytes, coding: int) -> str:
    """The words behind the octets; raises `Malformed` when they are not in that alphabet."""
    try:
        if coding == 0x08:
            return octets.decode("utf-16-be")
        if coding == 0x00:
            return GSM7BitCodec().decode(octets)[0]
        return octets.decode("latin-1")
    except ValueError as error:
        raise Malformed(f"not in the alphabet {coding:#04x}") from error


def receipt_body(
    *, source: str, destination: str, provider_id: str, state: str, error: str, at: datetime, text: str = ""
) -> bytes:
    """The body of a deliver_sm with a delivery receipt (SMPP 3.4, appendix B, and the two TLVs of §5.3)."""
    states = {"DELIVRD": 2, "EXPIRED": 3, "DELETED": 4, "UNDELIV": 5, "ACCEPTD": 6, "UNKNOWN": 7, "REJECTD": 8}
    moment = at.strftime("%y%m%d%H%M")
    message = (
        f"id:{provider_id} sub:001 dlvrd:{int(state == 'DELIVRD'):03d} submit date:{moment} done date:{moment} "
        f"stat:{state} err:{error} text:{text}"
    ).encode("ascii")
    identifier = provider_id.encode("ascii") + b"\0"
    tlvs = struct.pack("!HH", TAG_RECEIPTED_ID, len(identifier)) + identifier
    if state in states:
        tlvs += struct.pack("!HHB", TAG_STATE, 1, states[state])
    return (
        b"\0\x01\x01"
        + source.encode("ascii")
        + b"\0\x01\x01"
        + destination.encode("ascii")
        + b"\0\x04\0\0\0\0\0\0\0\0"
        + bytes([len(message)])
        + message
        + tlvs
    )


def _header(message: bytes) -> tuple[int, int, int, bytes]:
    """Reference, number, total and the rest behind a user data header (3GPP TS 23.040 §9.2.3.24)."""
    fields = Fields(message)
    elements = Fields(fields.octets(fields.number()))
    rest = message[message[0] + 1 :]
    while True:
        try:
            kind, value = elements.number(), elements.octets(elements.number())
        except Malformed:
            return 0, 1, 1, rest
        if kind == 0x00 and len(value) == 3:
            return value[0], value[2], value[1], rest
        if kind == 0x08 and len(value) == 4:
            return int.from_bytes(value[:2]), value[3], value[2], rest
