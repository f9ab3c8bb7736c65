"""How far the references of a sheet reach is told as if each were read alone, whatever else stands in the piece."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okno.exchange.formats.references import Reach, reach

CELL = re.compile(rb"(?<![\w.:-])r=[\"']([A-Za-z]*)(\d*)")


def one_by_one(xml: bytes) -> Reach:
    row = column = 0
    for letters, digits in CELL.findall(xml):
        number = 0
        for letter in letters.upper():
            number = number * 26 + letter - 64
        row, column = max(row, int(digits or 0)), max(column, number)
    return Reach(row, column)


names = st.sampled_from([b'<c r="', b"<c r='", b'<row r="', b'<c s="1" r="', b'<c colour="', b'<c x.r="'])
columns = st.text("ABCXYZ", max_size=5).map(str.encode)
rows = st.integers(0, 10**7).map(lambda number: str(number).encode())
tags = st.builds(lambda name, column, row: name + column + row + b'"/>', names, columns, rows)


@given(st.lists(st.one_of(tags, st.binary(max_size=6)), max_size=8).map(b"".join))
def test_all_at_once_is_one_by_one(xml: bytes) -> None:
    assert reach(xml) == one_by_one(xml)


@pytest.mark.parametrize("xml", [b"", b"r", b'r="', b'<c r="A', b'<row r="7'])
def test_a_piece_may_end_anywhere(xml: bytes) -> None:
    assert reach(xml) == one_by_one(xml)


def test_a_reference_too_long_to_be_one_is_beyond_every_limit() -> None:
    assert reach(b'<c r="' + b"1" * 40 + b'"/>').row > 10**15
    assert reach(b'<c r="' + b"Z" * 40 + b'1"/>').column > 10**15
