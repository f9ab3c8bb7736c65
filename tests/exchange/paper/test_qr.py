"""The drawing of a code holds exactly its bytes, and with a disc is of the versions the National Bank allows."""

import io

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageOps

from okno.exchange.paper.codes import UnfitForCode
from okno.exchange.paper.codes.nbu import DISC
from okno.exchange.paper.qr import QUIET, Drawing, draw


def seen(drawing: Drawing, *, blotted: bool = False) -> bytes:
    """What a phone reads off the picture, with the disc painted white if need be."""
    picture = Image.open(io.BytesIO(drawing.png)).convert("L")
    point = picture.width // drawing.modules
    picture = ImageOps.expand(picture, border=QUIET * point, fill=255).resize((600, 600), Image.Resampling.NEAREST)
    if blotted:
        radius = drawing.disc * 300
        ImageDraw.Draw(picture).ellipse([300 - radius, 300 - radius, 300 + radius, 300 + radius], fill=255)
    (found,) = zxingcpp.read_barcodes(picture)
    return bytes(found.bytes)


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=1, max_size=700))
def test_any_bytes_are_read_back_as_they_were(payload):
    assert seen(draw(payload)) == payload


@pytest.mark.parametrize("length", [40, 150, 250, 350, 450, 500])
def test_a_disc_in_the_middle_hides_nothing(length):
    payload = b"https://qr.bank.gov.ua/" + bytes(65 + place % 26 for place in range(length - 23))
    drawing = draw(payload, with_disc=True)
    assert (drawing.modules - 17) // 4 in DISC
    assert seen(drawing, blotted=True) == payload


def test_more_than_such_a_code_holds_is_refused():
    with pytest.raises(UnfitForCode):
        draw(b"a" * 700, with_disc=True)
    with pytest.raises(UnfitForCode):
        draw(bytes(range(256)) * 20)


def test_a_code_without_a_disc_has_none():
    assert draw(b"ST00012|Name=").disc == 0
