"""How rows are taken back: what they paid opens again, what paid them is free again. Called by `posting` alone."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from okno.ledger.allocation import FreeMoney, OpenBill, Share
from okno.ledger.rows import Cursor, Work
from okno.ledger.writing import OPEN_AGAIN, Pen, is_few, write_allocations

Reversals = Mapping[int, Sequence[tuple[str, int, int]]]
"""Account → (side, row, amount) of each row to reverse."""


def reverse(cursor: Cursor, work: Work, reversals: Reversals) -> dict[int, date]:
    """Mark the rows reversed and unwind their allocations.

    Returns the accounts on which later payments must be allocated anew, with the first day of theirs.
    """
    if not reversals:
        return {}
    gone = {
        side: {pk: account for account, rows in reversals.items() for kind, pk, _ in rows if kind == side}
        for side in ("bill", "payment")
    }
    unwound = _allocated(cursor, gone)
    pen = Pen(cursor, few=is_few(cursor, len(unwound)))
    write_allocations(pen, work, unwound)
    pen.finish()
    _mark_bills(cursor, work, gone["bill"])
    _mark_payments(cursor, work, gone["payment"])
    opened: dict[int, int] = defaultdict(int)
    freed: dict[int, int] = defaultdict(int)
    for _, share in unwound:
        opened[share.bill_id] -= share.amount_minor
        freed[share.payment_id] -= share.amount_minor
    _give_back(cursor, OPEN_AGAIN, {pk: minor for pk, minor in opened.items() if pk not in gone["bill"]})
    _give_back(cursor, _FREE_AGAIN, {pk: minor for pk, minor in freed.items() if pk not in gone["payment"]})
    for account, rows in reversals.items():
        for side, _, amount in rows:
            work.delta[account][0 if side == "bill" else 1] -= amount
    return _since(cursor, unwound, gone["payment"])


def _allocated(cursor: Cursor, gone: Mapping[str, Mapping[int, int]]) -> list[tuple[int, Share]]:
    """Everything that stands between the reversed rows and others, as what takes it back."""
    cursor.execute(
        _ALLOCATED,
        (sorted({*gone["bill"].values(), *gone["payment"].values()}), list(gone["bill"]), list(gone["payment"])),
    )
    return [
        (account, Share(FreeMoney(payment, value_on, 0), OpenBill(pk, kind, regime, month, due_on, 0), -minor))
        for account, payment, value_on, pk, kind, regime, month, due_on, minor in cursor.fetchall()
    ]


_ALLOCATED = """
SELECT paid.account_id, payment.id, payment.value_on, bill.id, bill.kind, bill.regime, bill.month, bill.due_on,
       paid.minor
FROM (
    SELECT account_id, payment_id, bill_id, sum(amount_minor)::bigint AS minor FROM ledger_allocation
    WHERE account_id = ANY(%s) AND (bill_id = ANY(%s) OR payment_id = ANY(%s))
    GROUP BY 1, 2, 3 HAVING sum(amount_minor) <> 0
) AS paid
JOIN ledger_payment AS payment ON payment.id = paid.payment_id
JOIN ledger_bill AS bill ON bill.id = paid.bill_id
ORDER BY 1, 2, 4
"""


def _mark_bills(cursor: Cursor, work: Work, bills: Mapping[int, int]) -> None:
    if not bills:
        return
    cursor.execute("DELETE FROM ledger_openbill WHERE bill_id = ANY(%s)", (list(bills),))
    cursor.execute(
        "UPDATE ledger_bill AS row SET reversed_by_id = %s, reversed_version = gone.version"
        " FROM unnest(%s::bigint[], %s::int[]) AS gone(id, version) WHERE row.id = gone.id",
        (work.entry_id, list(bills), [work.versions[account] for account in bills.values()]),
    )


def _mark_payments(cursor: Cursor, work: Work, payments: Mapping[int, int]) -> None:
    if not payments:
        return
    cursor.execute(
        "UPDATE ledger_payment AS row SET reversed_by_id = %s, reversed_version = gone.version, free_minor = 0"
        " FROM unnest(%s::bigint[], %s::int[]) AS gone(id, version) WHERE row.id = gone.id",
        (work.entry_id, list(payments), [work.versions[account] for account in payments.values()]),
    )


def _give_back(cursor: Cursor, statement: str, sums: Mapping[int, int]) -> None:
    if sums:
        cursor.execute(statement, (list(sums), list(sums.values())), prepare=True)


_FREE_AGAIN = (
    "UPDATE ledger_payment AS row SET free_minor = row.free_minor + back.minor"
    " FROM unnest(%s::bigint[], %s::bigint[]) AS back(id, minor) WHERE row.id = back.id"
)


def _since(cursor: Cursor, unwound: Sequence[tuple[int, Share]], payments: Mapping[int, int]) -> dict[int, date]:
    """From the day of the first payment that had paid a reversed bill, or could have paid what a reversed one paid."""
    since: dict[int, date] = {}
    for account, share in unwound:
        if share.payment_id not in payments:
            since[account] = min(share.payment.value_on, since.get(account, share.payment.value_on))
    if payments:
        cursor.execute(_FIRST_TOUCHED, (list(payments),))
        for account, day in cursor.fetchall():
            since[account] = min(day, since.get(account, day))
    return since


# A payment that came after the reversed one, though of an earlier day, had taken its place before it.
_FIRST_TOUCHED = """
SELECT gone.account_id, least(min(gone.value_on), min(later.value_on))
FROM ledger_payment AS gone LEFT JOIN ledger_payment AS later
    ON later.account_id = gone.account_id AND later.version > gone.version AND later.reversed_by_id IS NULL
WHERE gone.id = ANY(%s) GROUP BY 1
"""
