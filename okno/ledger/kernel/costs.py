"""What late payment costs many accounts: bases times coefficients, summed up exactly in whole numbers.

A coefficient is a whole number of 1/denominator (`okno.law.penalty.Coefficients`), so a sum is a whole number of minor
units and a rest smaller than the denominator. Nothing overflows 64 bits: with base = a·D + b and numerator = c·D + d
(0 ≤ b, d < D) the product is D·(base·c + a·d) + b·d, where b·d < D² and the rest is no more than the sum of all bases
times the largest coefficient; both are looked at before anything is multiplied.
"""

from typing import NamedTuple

import numpy as np

from okno.ledger.kernel.columns import Ints
from okno.ledger.kernel.compiling import compiled

LARGEST_DENOMINATOR = 3_037_000_499
"""Its square is the last below 2⁶³."""


class TooLarge(OverflowError):
    """The sums are beyond what 64 bits hold exactly."""


class Costs(NamedTuple):
    """One row a group: whole minor units, the rest in 1/denominator, and how many coefficients were missing."""

    whole: Ints
    rest: Ints
    missing: Ints


def costs(group: Ints, base: Ints, numerator: Ints, *, denominator: int, groups: int) -> Costs:
    """Sum up base × numerator of each group (0 … groups − 1). A base below zero is a share taken back.

    A numerator below zero means that a value of the law is missing there. Raises TooLarge.
    """
    largest = int(numerator.max(initial=0)) // denominator + 2
    if denominator > LARGEST_DENOMINATOR or float(np.abs(base, dtype=np.float64).sum()) * largest >= 2**62:
        raise TooLarge(f"Пени не помещаются в 64 бита: знаменатель {denominator}, строк {len(base)}")
    return Costs(*_costs(group, base, numerator, denominator, groups))


def rounded(whole: Ints, rest: Ints, denominator: int) -> Ints:
    """Half up to the minor unit, once."""
    up: Ints = whole + (2 * rest >= denominator)
    return up


@compiled
def _costs(group: Ints, base: Ints, numerator: Ints, denominator: int, groups: int) -> Ints:
    found = np.zeros((3, groups), np.int64)
    for row in range(len(base)):
        place = group[row]
        if numerator[row] < 0:
            found[2, place] += 1
            continue
        a, c = base[row] // denominator, numerator[row] // denominator
        b, d = base[row] - a * denominator, numerator[row] - c * denominator
        rest = b * d
        carry = rest // denominator
        found[0, place] += base[row] * c + a * d + carry
        found[1, place] += rest - carry * denominator
        if found[1, place] >= denominator:
            found[0, place] += 1
            found[1, place] -= denominator
    return found
