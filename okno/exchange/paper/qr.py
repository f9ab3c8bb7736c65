"""A payload as a drawing of a QR code: rows of dark modules as strokes, so that it is sharp on any printer.

Error correction M, as ГОСТ Р 56042 and the National Bank of Ukraine ask; byte mode without a change of encoding, for a
reader takes the encoding from the head of the payload.
"""

import re
from dataclasses import dataclass
from typing import cast

import zxingcpp

from okno.exchange.paper.codes.nbu import DISC
from okno.exchange.paper.codes.unfit import UnfitForCode

#: Light modules around the code (ISO/IEC 18004).
QUIET = 4

_DARK = re.compile(rb"\x00+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A code as SVG. `disc` is the diameter of the white disc in the middle as a share of the drawing's side, or 0."""

    svg: str
    modules: int
    disc: float = 0


def draw(payload: bytes, *, with_disc: bool = False) -> Drawing:
    """The code of these bytes; with a disc for a sign its version is kept to those the National Bank allows.

    Raises UnfitForCode for more bytes than such a code holds.
    """
    rows, side = _modules(payload)
    if not with_disc:
        return Drawing(svg=_svg(rows, side), modules=side)
    if _version(side) < min(DISC):
        rows, side = _modules(payload, version=min(DISC))
    disc = DISC.get(_version(side))
    if disc is None:
        raise UnfitForCode("QR", f"данных {len(payload)} байт: не помещается в код версии {max(DISC)}")
    return Drawing(svg=_svg(rows, side, disc), modules=side, disc=disc / (side + 2 * QUIET))


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


def _svg(rows: bytes, side: int, disc: int = 0) -> str:
    strokes = []
    for row in range(side):
        line = rows[row * side : (row + 1) * side]
        strokes += [f"M{run.start()} {row}h{len(run[0])}" for run in _DARK.finditer(line)]
    whole = side + 2 * QUIET
    # A stroke is a hair wider than its row, so that no light seam shows between two rows.
    sign = f'<circle cx="{side / 2}" cy="{side / 2 - 0.5}" r="{disc / 2}" fill="#fff"/>' if disc else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-QUIET} {-QUIET - 0.5} {whole} {whole}">'
        f'<path stroke="#000" stroke-width="1.03" d="{"".join(strokes)}"/>{sign}</svg>'
    )
