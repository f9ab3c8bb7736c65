"""The ledger counted again from its history: what is open, what is free, what was paid late, account by account.

Bills and payments take their places first, then each allocation takes its share off both. Places are small whole
numbers given by the caller; a row that has none is −1 and is passed over.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from okno.ledger.kernel.columns import Ints
from okno.ledger.kernel.compiling import compiled

Small = npt.NDArray[np.int32]

PENALTY, POSTED_BY_US = 4, 8
"""Bits of a bill's code: it is a penalty, and one that the ledger's own penalties have posted. Below them is the
regime's number, above them the due day's."""
CODES = 16

NOBODY = -1

PACK = 2**20
"""An account's number and what is told of its row travel in one column, account × PACK + told: a column less is a
tenth less to read. What is told is a code or a day, counted from 1900 so that it is never below zero."""
FIRST_DAY = -36_524
"""1900-01-01 as a day's number."""


class Bills(NamedTuple):
    """By the bill's place. `left` is the amount that stands, less what went to it."""

    left: Ints
    account: Small
    code: Small


class Payments(NamedTuple):
    """By the payment's place. `left` is the amount that stands, less what it gave, less what is kept as free."""

    left: Ints
    account: Small
    value: Small


class Sums(NamedTuple):
    """By the account's place. Costs of what was paid late are whole + rest/denominator; `late` is what of it is not
    sealed; `broken` tells an allocation that joins two accounts or takes more than there is."""

    billed: Ints
    paid: Ints
    open: Ints
    free: Ints
    posted: Ints
    whole: Ints
    rest: Ints
    missing: Ints
    late: Ints
    broken: Ints


class Law(NamedTuple):
    """Coefficients by which late payments are priced.

    `rows` gives the row of `numerators` by the organisation's place and the bill's code less `first_code`, −1 where
    nothing is priced; its column is the paying day less `first_day`. `denominators` and `sealed` (the last day sealed)
    are by the organisation's place, `organisation` is by the account's.
    """

    organisation: Small
    rows: Small
    first_code: int
    numerators: Ints
    first_day: int
    denominators: Ints
    sealed: Ints


def empty_bills(count: int) -> Bills:
    """Places of bills, nobody's yet."""
    return Bills(np.zeros(count, np.int64), np.full(count, NOBODY, np.int32), np.zeros(count, np.int32))


def empty_payments(count: int) -> Payments:
    """Places of payments, nobody's yet."""
    return Payments(np.zeros(count, np.int64), np.full(count, NOBODY, np.int32), np.zeros(count, np.int32))


def empty_sums(count: int) -> Sums:
    """Accounts of which nothing is known."""
    return Sums(*(np.zeros(count, np.int64) for _ in Sums._fields))


@compiled
def unpacked(packed: Ints) -> tuple[Ints, Ints]:
    """The accounts' numbers, and what is told beside them."""
    account, told = np.empty_like(packed), np.empty_like(packed)
    for row in range(len(packed)):
        account[row], told[row] = packed[row] // PACK, packed[row] % PACK
    return account, told


@compiled
def take_bills(bills: Bills, sums: Sums, place: Ints, account: Ints, minor: Ints, code: Ints) -> None:
    """Put bills in their places; `minor` is 0 for a reversed one."""
    for row in range(len(place)):
        at, whose = place[row], account[row]
        if at < 0 or at >= len(bills.left) or whose < 0:
            continue
        bills.left[at], bills.account[at], bills.code[at] = minor[row], whose, code[row]
        sums.billed[whose] += minor[row]
        if code[row] & POSTED_BY_US:
            sums.posted[whose] += minor[row]


@compiled
def take_payments(payments: Payments, sums: Sums, place: Ints, account: Ints, minor: Ints, value: Ints) -> None:
    """Put payments in their places; `minor` is 0 for a reversed one."""
    for row in range(len(place)):
        at, whose = place[row], account[row]
        if at < 0 or at >= len(payments.left) or whose < 0:
            continue
        payments.left[at], payments.account[at], payments.value[at] = minor[row], whose, value[row]
        sums.paid[whose] += minor[row]


@compiled
def take_free(payments: Payments, sums: Sums, place: Ints, free: Ints) -> None:
    """Take what is kept as free off the payments."""
    for row in range(len(place)):
        at = place[row]
        if at < 0 or at >= len(payments.left) or payments.account[at] < 0:
            continue
        payments.left[at] -= free[row]
        sums.free[payments.account[at]] += free[row]


def take_moves(bills: Bills, payments: Payments, sums: Sums, law: Law, bill: Ints, payment: Ints, minor: Ints) -> None:
    """Take allocations off both sides and price what was paid late."""
    take_late(sums, law, *_moved(bills, payments, sums.broken, bill, payment, minor))


@compiled
def _moved(
    bills: Bills, payments: Payments, broken: Ints, bill: Ints, payment: Ints, minor: Ints
) -> tuple[Ints, Ints, Ints, Ints]:
    """Take the shares off; what was paid after the due day is returned: account, code, paying day, minor units."""
    late = np.empty((4, len(bill)), np.int64)
    count = 0
    for row in range(len(bill)):
        at, by = bill[row], payment[row]
        if at < 0 or at >= len(bills.left) or by < 0 or by >= len(payments.left):
            continue
        whose = bills.account[at]
        if whose < 0 or payments.account[by] < 0:
            continue
        bills.left[at] -= minor[row]
        payments.left[by] -= minor[row]
        if payments.account[by] != whose:
            broken[whose] = 1
        code, value = bills.code[at], payments.value[by]
        if value > code // CODES:
            late[0, count], late[1, count], late[2, count], late[3, count] = whose, code, value, minor[row]
            count += 1
    return late[0, :count], late[1, :count], late[2, :count], late[3, :count]


@compiled
def take_late(sums: Sums, law: Law, account: Ints, code: Ints, value: Ints, minor: Ints) -> None:
    """Price what was paid late of principal: coefficients times sums, exactly (see `costs`)."""
    for row in range(len(account)):
        whose = account[row]
        if whose < 0 or code[row] & PENALTY or value[row] <= code[row] // CODES:
            continue
        organisation = law.organisation[whose]
        if value[row] > law.sealed[organisation]:
            sums.late[whose] += minor[row]
        line = law.rows[organisation, code[row] - law.first_code]
        if line < 0:
            continue
        numerator, denominator = law.numerators[line, value[row] - law.first_day], law.denominators[organisation]
        if numerator < 0:
            sums.missing[whose] += 1
            continue
        a, c = minor[row] // denominator, numerator // denominator
        b, d = minor[row] - a * denominator, numerator - c * denominator
        carry = b * d // denominator
        sums.whole[whose] += minor[row] * c + a * d + carry
        sums.rest[whose] += b * d - carry * denominator
        if sums.rest[whose] >= denominator:
            sums.whole[whose] += 1
            sums.rest[whose] -= denominator


@compiled
def mark_codes(bills: Bills, organisation: Small, first_code: int, marks: npt.NDArray[np.bool_]) -> None:
    """Mark which codes the bills of each organisation (a row of `marks`) have, counted from `first_code`."""
    for at in range(len(bills.left)):
        if bills.account[at] >= 0:
            marks[organisation[bills.account[at]], bills.code[at] - first_code] = True


@compiled
def take_open(bills: Bills, sums: Sums) -> None:
    """Sum up what is open of the bills."""
    for at in range(len(bills.left)):
        whose = bills.account[at]
        if whose >= 0:
            sums.open[whose] += bills.left[at]
            if bills.left[at] < 0:
                sums.broken[whose] = 1
