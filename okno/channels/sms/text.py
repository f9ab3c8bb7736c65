"""How a text fits into short messages: alphabet, length, parts. Nothing is transliterated.

Sources: 3GPP TS 23.038 (the 7-bit alphabet and its extension table, UCS-2), TS 23.040 §9.2.3.24.1 (a part
of a long message gives six octets of its 140 to the header).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The place of a character in this string is its code; code 0x1B is the escape to the extension table."""

ESCAPE = 0x1B
EXTENSION = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}
_CODES = {character: code for code, character in enumerate(BASIC) if code != ESCAPE}


class Encoding(StrEnum):
    """The two alphabets that every phone knows."""

    GSM = "gsm0338"
    UCS2 = "ucs2"


_WHOLE = {Encoding.GSM: 160, Encoding.UCS2: 70}
_PART = {Encoding.GSM: 153, Encoding.UCS2: 67}


@dataclass(frozen=True)
class Measured:
    """The size of a text as a short message.

    `characters` is what a person counts, `units` what the network counts (septets, or 16-bit units: `€`
    takes two of the first, an emoji two of the second), `remaining` the units still free in the last part.
    """

    encoding: Encoding
    characters: int
    units: int
    parts: int
    remaining: int


def encoding_of(text: str) -> Encoding:
    """GSM when every character is in its tables; one Cyrillic letter makes the whole text UCS-2."""
    return Encoding.GSM if all(c in _CODES or c in EXTENSION for c in text) else Encoding.UCS2


def measure(text: str) -> Measured:
    """Count units and parts; an empty text has no parts."""
    encoding = encoding_of(text)
    pieces = list(_pieces(text, encoding))
    capacity = _WHOLE[encoding] if len(pieces) <= 1 else _PART[encoding]
    return Measured(
        encoding=encoding,
        characters=len(text),
        units=_units(text, encoding),
        parts=len(pieces),
        remaining=capacity - (_units(pieces[-1], encoding) if pieces else 0),
    )


def split(text: str) -> list[str]:
    """The parts of the text, in order; joined they give it back.

    A character that takes two units (`€`, an emoji) never lies across a border, so a part may be a unit
    shorter.
    """
    return list(_pieces(text, encoding_of(text)))


def encode(text: str, encoding: Encoding) -> bytes:
    """Octets for the wire: one septet an octet, or UTF-16 big-endian. Raises `UnicodeEncodeError`."""
    if encoding is Encoding.UCS2:
        return text.encode("utf-16-be")
    octets = bytearray()
    for position, character in enumerate(text):
        if character in _CODES:
            octets.append(_CODES[character])
        elif character in EXTENSION:
            octets += bytes((ESCAPE, EXTENSION[character]))
        else:
            raise UnicodeEncodeError(encoding.value, text, position, position + 1, "not in the alphabet")
    return bytes(octets)


def _width(character: str, encoding: Encoding) -> int:
    if encoding is Encoding.GSM:
        return 2 if character in EXTENSION else 1
    return 2 if ord(character) > 0xFFFF else 1


def _units(text: str, encoding: Encoding) -> int:
    return sum(_width(character, encoding) for character in text)


def _pieces(text: str, encoding: Encoding) -> Iterator[str]:
    if not text:
        return
    if _units(text, encoding) <= _WHOLE[encoding]:
        yield text
        return
    start, used = 0, 0
    for position, character in enumerate(text):
        width = _width(character, encoding)
        if used + width > _PART[encoding]:
            yield text[start:position]
            start, used = position, 0
        used += width
    yield text[start:]
