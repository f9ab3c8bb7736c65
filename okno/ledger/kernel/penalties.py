"""What late payment costs many accounts on a day: `okno.ledger.penalties.accrual` over columns, one regime at a time.

What was paid late and sealed is a sum; to it are added the late shares since, each by its paying day, and what is still
open by the day itself. Exact until the end, then rounded once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from okno.law.penalty import Coefficients
from okno.ledger.kernel.columns import Ints, day_number
from okno.ledger.kernel.costs import costs, rounded


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A law's coefficients as an array: a row a due day (in order), a column a paying day from `first` on."""

    denominator: int
    first: int
    due: Ints
    numerators: Ints

    @classmethod
    def of(cls, law: Coefficients) -> "Table":
        """The table of the law's answer, whose due days are in order."""
        rows = [np.frombuffer(row, np.int64) for row in law.numerators]
        return cls(
            denominator=law.denominator,
            first=day_number(law.first),
            due=np.array([day_number(day) for day in law.due_days], np.int64),
            numerators=np.stack(rows) if rows else np.zeros((0, 0), np.int64),
        )

    def numerator(self, due: Ints, value: Ints) -> Ints:
        """The coefficient of each due day and paying day; nothing is due on the due day itself."""
        late = value > due
        found = np.zeros(len(due), np.int64)
        found[late] = self.numerators[np.searchsorted(self.due, due[late]), value[late] - self.first]
        return found


class Parts(NamedTuple):
    """Parts of bills: the group (account) each belongs to, the bill's due day, the day it was paid or is open on."""

    group: Ints
    due: Ints
    value: Ints
    minor: Ints


class Settled(NamedTuple):
    """What was sealed of each group: whole minor units and the rest in 1/denominator."""

    whole: Ints
    rest: Ints


class Figures(NamedTuple):
    """One row a group: the figure rounded once, and whether a value of the law is missing for it."""

    minor: Ints
    missing: npt.NDArray[np.bool_]


def figures(table: Table, parts: Sequence[Parts], settled: Settled) -> Figures:
    """The figure of each group from its parts and what was settled before. Raises TooLarge."""
    group, due, value, minor = (np.concatenate(column) for column in zip(*parts, strict=True))
    found = costs(group, minor, table.numerator(due, value), denominator=table.denominator, groups=len(settled.whole))
    rest = found.rest + settled.rest
    whole = found.whole + settled.whole + rest // table.denominator
    return Figures(rounded(whole, rest % table.denominator, table.denominator), found.missing > 0)
