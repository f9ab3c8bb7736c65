"""Splitting a part payment between the lines of a month's bill."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okno.law.allocation import split_by_lines

LINES = st.dictionaries(
    st.text("abcdef", min_size=1), st.integers(min_value=0, max_value=10**9), min_size=1, max_size=8
)


def test_a_half_payment_pays_half_of_each_line() -> None:
    assert split_by_lines(500_00, {"heat": 600_00, "water": 400_00}) == {"heat": 300_00, "water": 200_00}


def test_the_kopeck_that_rounding_leaves_goes_where_most_was_lost() -> None:
    assert split_by_lines(100, {"heat": 100, "water": 100, "lift": 100}) == {"heat": 34, "water": 33, "lift": 33}
    assert split_by_lines(2, {"heat": 1, "water": 2}) == {"heat": 1, "water": 1}


def test_a_full_payment_pays_every_line() -> None:
    assert split_by_lines(300, {"heat": 100, "water": 200}) == {"heat": 100, "water": 200}


def test_nothing_of_a_bill_of_nothing_is_nothing() -> None:
    assert split_by_lines(0, {"heat": 0}) == {"heat": 0}


@pytest.mark.parametrize(("amount", "lines"), [(-1, {"heat": 100}), (101, {"heat": 100}), (50, {"heat": -1, "x": 90})])
def test_what_cannot_be_split_is_refused(amount: int, lines: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="Разделить"):
        split_by_lines(amount, lines)


@given(LINES, st.data())
def test_nothing_is_made_or_lost_and_no_line_gets_more_than_it_asks(lines: dict[str, int], data: st.DataObject) -> None:
    total = sum(lines.values())
    amount = data.draw(st.integers(min_value=0, max_value=total))
    split = split_by_lines(amount, lines)
    assert sum(split.values()) == amount
    for name, line in lines.items():
        assert 0 <= split[name] <= line
        assert abs(split[name] * total - amount * line) < max(total, 1)
