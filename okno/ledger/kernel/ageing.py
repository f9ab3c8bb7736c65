"""What many accounts owe under a definition of debt: `okno.debts.ageing.debt_of` over columns."""

from typing import NamedTuple

import numpy as np

from okno.ledger.kernel.columns import Ints
from okno.ledger.kernel.compiling import compiled


class Aged(NamedTuple):
    """One row an account, as `Debt`; `overdue_since` is a day's number and means nothing where `bills` is 0."""

    debt_minor: Ints
    age_30_minor: Ints
    age_60_minor: Ints
    age_90_minor: Ints
    age_over_minor: Ints
    months_owed: Ints
    bills: Ints
    overdue_since: Ints
    barred_minor: Ints


def grouped(accounts: Ints, *more: Ints) -> tuple[Ints, Ints, Ints]:
    """Order of the rows by account and then by the columns given, the accounts, and where each of them begins.

    The beginnings have one more at the end: the number of rows.
    """
    order = np.lexsort((*reversed(more), accounts))
    met, starts = np.unique(accounts[order], return_index=True)
    return order, met, np.append(starts, len(accounts)).astype(np.int64)


def aged(starts: Ints, month: Ints, due: Ints, open_minor: Ints, *, day: int, barred_until: int, last: Ints) -> Aged:
    """Count each account's rows, ordered by account and month; `last` is the last day past due of each age but the
    oldest. Only rows that the definition names and whose due day it counts are given, none with nothing open."""
    return Aged(*_aged(starts, month, due, open_minor, day, barred_until, last))


@compiled
def _aged(starts: Ints, month: Ints, due: Ints, open_minor: Ints, day: int, barred_until: int, last: Ints) -> Ints:
    found = np.zeros((9, len(starts) - 1), np.int64)
    for account in range(len(starts) - 1):
        newest = -(2**62)
        for row in range(starts[account], starts[account + 1]):
            minor = open_minor[row]
            if due[row] <= barred_until:
                found[8, account] += minor
                continue
            age = 0
            while age < len(last) and day - due[row] > last[age]:
                age += 1
            found[0, account] += minor
            found[1 + age, account] += minor
            if found[6, account] == 0 or due[row] < found[7, account]:
                found[7, account] = due[row]
            found[6, account] += 1
            if month[row] != newest:
                newest = month[row]
                found[5, account] += 1
    return found
