"""Sums of bases and coefficients are exact to the last part of the denominator, and refuse what they cannot hold."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okno.ledger.kernel.costs import LARGEST_DENOMINATOR, TooLarge, costs, rounded

denominators = st.one_of(st.sampled_from([1, 2, 365, 10_000, 663_000_000, LARGEST_DENOMINATOR]), st.integers(1, 10**9))
lines = st.lists(
    st.tuples(st.integers(0, 3), st.integers(-(10**13), 10**13), st.integers(0, 10**11)), min_size=1, max_size=30
)


@given(denominator=denominators, lines=lines)
def test_the_sum_is_the_sum_of_fractions(denominator, lines):
    group, base, numerator = (np.array(column, np.int64) for column in zip(*lines, strict=True))
    numerator = np.minimum(numerator, 9 * denominator)
    found = costs(group, base, numerator, denominator=denominator, groups=4)
    for place in range(4):
        exact = sum(
            (
                Fraction(int(b) * int(n), denominator)
                for g, b, n in zip(group, base, numerator, strict=True)
                if g == place
            ),
            Fraction(0),
        )
        whole, rest = int(found.whole[place]), int(found.rest[place])
        assert Fraction(whole * denominator + rest, denominator) == exact
        assert 0 <= rest < denominator
        if exact >= 0:
            assert rounded(found.whole, found.rest, denominator)[place] == math.floor(exact + Fraction(1, 2))


def test_a_missing_coefficient_is_counted_and_costs_nothing():
    found = costs(np.array([0, 0, 1]), np.array([10, 10, 10]), np.array([-1, 5, 5]), denominator=5, groups=2)
    assert (found.whole.tolist(), found.missing.tolist()) == ([10, 10], [1, 0])


@pytest.mark.parametrize(
    ("base", "numerator", "denominator"),
    [(2**62, 1, 1), (2**40, 2**40, 1), (1, 1, LARGEST_DENOMINATOR + 1)],
)
def test_what_64_bits_do_not_hold_is_refused(base, numerator, denominator):
    with pytest.raises(TooLarge):
        costs(np.array([0]), np.array([base]), np.array([numerator]), denominator=denominator, groups=1)
