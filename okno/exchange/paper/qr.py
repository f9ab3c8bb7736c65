"""A payload as a picture of a QR code, in black and white points that no printer blurs.

Error correction M, as ГОСТ Р 56042 and the National Bank of Ukraine ask; byte mode without a change of encoding, for a
reader takes the encoding from the head of the payload.
"""

import struct
import zlib
from dataclasses import dataclass
from typing import cast

import zxingcpp

from okno.exchange.paper.codes.nbu import DISC
from okno.exchange.paper.codes.unfit import UnfitForCode

#: Light modules around the code (ISO/IEC 18004).
QUIET = 4

#: Points a module is drawn with: a viewer that smooths pictures softens its edge alone.
_POINTS = 2
_BITS = bytes.maketrans(b"\x00\xff", b"01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A code as PNG, its quiet zone left to the page.

    `quiet` is the zone's width as a share of the whole side, and `disc` the diameter of a white disc in the middle (0:
    none).
    """

    png: bytes
    modules: int
    quiet: float
    disc: float = 0


def draw(payload: bytes, *, with_disc: bool = False) -> Drawing:
    """The code of these bytes; with a disc for a sign its version is kept to those the National Bank allows.

    Raises UnfitForCode for more bytes than such a code holds.
    """
    rows, side = _modules(payload)
    disc = 0
    if with_disc:
        if _version(side) < min(DISC):
            rows, side = _modules(payload, version=min(DISC))
        if _version(side) > max(DISC):
            raise UnfitForCode("QR", f"данных {len(payload)} байт: не помещается в код версии {max(DISC)}")
        disc = DISC[_version(side)]
    whole = side + 2 * QUIET
    return Drawing(png=_png(rows, side), modules=side, quiet=QUIET / whole, disc=disc / whole)


def _modules(payload: bytes, **options: int) -> tuple[bytes, int]:
    """Zero bytes are dark modules, row by row, and how many stand in a row."""
    try:
        made = zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCode, ec_level="M", **options)
    except ValueError as error:
        raise UnfitForCode("QR", f"данных {len(payload)} байт: код столько не вмещает") from error
    image = made.to_image(add_quiet_zones=False)
    # The image lends its bytes as a buffer, which its types do not say.
    return memoryview(cast(bytes, image)).tobytes(), image.shape[0]


def _version(side: int) -> int:
    return (side - 17) // 4


def _png(rows: bytes, side: int) -> bytes:
    """The modules as a picture of one bit a point (ISO/IEC 15948)."""
    width = side * _POINTS
    spare = -width % 8
    lines = []
    for start in range(0, side * side, side):
        bits = rows[start : start + side].translate(_BITS)
        bits = bits.replace(b"0", b"0" * _POINTS).replace(b"1", b"1" * _POINTS)
        # Each line begins with the number of its filter: none.
        lines.append((b"\x00" + (int(bits, 2) << spare).to_bytes((width + spare) // 8, "big")) * _POINTS)
    head = struct.pack(">IIBBBBB", width, width, 1, 0, 0, 0, 0)
    body = zlib.compress(b"".join(lines), 6)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(name: bytes, content: bytes) -> bytes:
    told = name + content
    return struct.pack(">I", len(content)) + told + struct.pack(">I", zlib.crc32(told))
