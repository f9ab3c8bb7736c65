"""How the households of a made city pay: what is billed, paid and allocated, month by month, for a block of accounts.

The allocation is the ledger's own for one regime without limitation: the oldest bill first, what is left is an advance
that the next bill takes. Rows come in the order of time, as they would have been posted.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from okno.ledger.kernel.columns import Ints
from okno.ledger.kernel.compiling import compiled

MONTHLY, AHEAD, LATE, CHRONIC = range(4)
SHARES = (0.492, 0.308, 0.15, 0.05)
"""Of all accounts: those who pay each bill in time, two at once ahead, late, and hardly ever."""

LONGEST = 30
"""Months after which a chronic debtor has paid everything: nothing becomes time-barred."""


class Rows(NamedTuple):
    """Rows of one table: the account's place in the block, the month's, the account's version, and the rest."""

    account: Ints
    month: Ints
    version: Ints
    minor: Ints
    left: Ints
    """What is still open of the bill, or free of the payment."""
    offset: Ints
    """Of a payment: days from the due day of its month."""


class Moves(NamedTuple):
    """Allocations: places of the bill and of the payment in their rows, and which of them moved the money."""

    bill: Ints
    payment: Ints
    minor: Ints
    by_payment: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Everything that happened to a block of accounts."""

    bills: Rows
    payments: Rows
    moves: Moves
    versions: Ints


def live(chance: np.random.Generator, accounts: int, months: int) -> Block:
    """Let so many households live for so many months."""
    kind = chance.choice(4, accounts, p=SHARES).astype(np.int64)
    usual = chance.integers(200_000, 900_000, accounts)
    season = 1 + 0.3 * np.cos(2 * np.pi * np.arange(months) / 12)
    minor = (usual * season[:, None]).astype(np.int64) + chance.integers(-20_000, 20_000, (months, accounts))
    minor[:, kind == AHEAD] = usual[kind == AHEAD]
    luck = chance.random((months, accounts), dtype=np.float32)
    days = chance.integers(0, 8, (months, accounts), dtype=np.int8)
    bills, payments, moves, versions = _live(kind, minor, luck, days)
    return Block(bills=Rows(*bills), payments=Rows(*payments), moves=Moves(*moves), versions=versions)


@compiled
def _live(
    kind: Ints, minor: Ints, luck: npt.NDArray[np.float32], days: npt.NDArray[np.int8]
) -> tuple[Ints, Ints, Ints, Ints]:
    months, accounts = minor.shape
    bills = np.zeros((6, months * accounts), np.int64)
    payments = np.zeros((6, months * accounts), np.int64)
    moves = np.empty((4, 2 * months * accounts), np.int64)
    version, owed = np.zeros(accounts, np.int64), np.zeros(accounts, np.int64)
    oldest, newest = np.zeros(accounts, np.int64), np.full(accounts, -1, np.int64)
    paid = moved = 0
    for month in range(months):
        for account in range(accounts):
            row = month * accounts + account
            version[account] += 1
            bills[0, row], bills[1, row], bills[2, row] = account, month, version[account]
            bills[3, row] = bills[4, row] = minor[month, account]
            owed[account] += minor[month, account]
            used = newest[account]
            if used >= 0 and payments[4, used] > 0:
                share = min(payments[4, used], bills[4, row])
                payments[4, used] -= share
                bills[4, row] -= share
                owed[account] -= share
                moves[0, moved], moves[1, moved], moves[2, moved], moves[3, moved] = row, used, share, 0
                moved += 1
            pays, in_time = 0, True
            who, chance = kind[account], luck[month, account]
            if who == MONTHLY:
                pays = owed[account]
                if chance < 0.03:
                    pays = pays + 10_000 - pays % 10_000
            elif who == AHEAD and owed[account] > 0:
                pays = owed[account] + minor[month, account] * (month > 0 or account % 2)
            elif who == LATE and chance < 0.6:
                pays, in_time = owed[account] - minor[month, account], False
            elif who == CHRONIC:
                in_time = False
                if owed[account] > 0 and month - oldest[account] >= LONGEST:
                    pays = owed[account]
                elif chance < 0.12:
                    pays = owed[account] * (3 + days[month, account] % 4) // 10
            if pays <= 0:
                continue
            version[account] += 1
            payments[0, paid], payments[1, paid], payments[2, paid] = account, month, version[account]
            payments[3, paid] = payments[4, paid] = pays
            payments[5, paid] = -days[month, account] if in_time else 2 + days[month, account]
            while oldest[account] <= month and payments[4, paid] > 0:
                bill = oldest[account] * accounts + account
                share = min(payments[4, paid], bills[4, bill])
                if share > 0:
                    payments[4, paid] -= share
                    bills[4, bill] -= share
                    owed[account] -= share
                    moves[0, moved], moves[1, moved], moves[2, moved], moves[3, moved] = bill, paid, share, 1
                    moved += 1
                if bills[4, bill] == 0:
                    oldest[account] += 1
            newest[account] = paid
            paid += 1
    return bills, payments[:, :paid], moves[:, :moved], version
