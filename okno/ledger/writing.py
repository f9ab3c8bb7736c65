"""How a chunk's rows are written to the tables; called by `posting` alone, inside its transaction."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from typing import Any

from psycopg.types.json import Jsonb

from okno.database.trips import is_open, together
from okno.ledger.allocation import Share
from okno.ledger.rows import Cursor, Work
from okno.ledger.tables import ALLOCATION, BILL, LATE_SHARE, OPEN_BILL, PAYMENT, Table

FEW = 50
"""Up to so many rows are written by INSERTs that leave in one trip; more go by COPY, which is faster a row."""


def write(cursor: Cursor, work: Work) -> None:
    """Write the chunk: rows, allocations, remainders, balances."""
    paid: dict[int, int] = defaultdict(int)
    used: dict[int, int] = defaultdict(int)
    for _, share in work.moves:
        paid[share.bill_id] += share.amount_minor
        used[share.payment_id] += share.amount_minor
    few = is_few(cursor, len(work.new_bills) + len(work.new_payments) + len(work.moves))
    with together(cursor.connection) if few else nullcontext():
        _write_bills(cursor, work, paid, few)
        _write_payments(cursor, work, used, few)
        write_allocations(cursor, work, work.moves, few)
        _write_open(cursor, work)
        _write_free(cursor, work)
        _write_balances(cursor, work)


def is_few(cursor: Cursor, rows: int) -> bool:
    """Whether so many rows go by INSERTs; those gathered for one trip always do."""
    return rows <= FEW or is_open(cursor.connection)


def _insert(cursor: Cursor, table: Table, rows: Iterable[tuple[Any, ...]], few: bool) -> None:
    if few:
        found = list(rows)
        if not found:
            return
        arrays = ", ".join(f"%s::{kind}[]" for kind in table.types.values())
        statement = f"INSERT INTO {table.name} ({table.columns}) SELECT * FROM unnest({arrays})"
        cursor.execute(statement, [list(column) for column in zip(*found, strict=True)], prepare=True)
        return
    with cursor.copy(f"COPY {table.name} ({table.columns}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(list(table.types.values()))
        for row in rows:
            copy.write_row(row)


def _write_bills(cursor: Cursor, work: Work, paid: dict[int, int], few: bool) -> None:
    if not work.new_bills:
        return
    org, entry, versions = work.organisation_id, work.entry_id, work.versions
    bills = (
        (
            pk, org, row.account_id, entry, versions[row.account_id], row.kind, row.regime, row.month, row.due_on,
            row.amount_minor, Jsonb(row.lines), row.source_key,
        )
        for pk, row in work.new_bills
    )  # fmt: skip
    still_open = (
        (pk, org, row.account_id, row.kind, row.regime, row.month, row.due_on, row.amount_minor, rest)
        for pk, row in work.new_bills
        if (rest := row.amount_minor - paid.get(pk, 0))
    )
    _insert(cursor, BILL, bills, few)
    _insert(cursor, OPEN_BILL, still_open, few)


def _write_payments(cursor: Cursor, work: Work, used: dict[int, int], few: bool) -> None:
    if not work.new_payments:
        return
    org, entry, versions = work.organisation_id, work.entry_id, work.versions
    payments = (
        (
            pk, org, row.account_id, entry, versions[row.account_id], row.kind, row.value_on, row.amount_minor,
            row.amount_minor - used.get(pk, 0), row.stated_month, row.regime, row.purpose, row.payer, row.source_key,
        )
        for pk, row in work.new_payments
    )  # fmt: skip
    _insert(cursor, PAYMENT, payments, few)


def write_allocations(cursor: Cursor, work: Work, moves: Sequence[tuple[int, Share]], few: bool) -> None:
    """Write what moves on each account (id, share), and apart what of it is paid late."""
    if not moves:
        return
    org, entry, versions = work.organisation_id, work.entry_id, work.versions
    rows = (
        (org, account, entry, versions[account], share.payment_id, share.bill_id, share.amount_minor)
        for account, share in moves
    )
    _insert(cursor, ALLOCATION, rows, few)
    late = [move for move in moves if move[1].is_late]
    if late:
        _insert(cursor, LATE_SHARE, _late_rows(org, late), few)


def _late_rows(organisation_id: int, late: Iterable[tuple[int, Share]]) -> Iterator[tuple[Any, ...]]:
    for account, share in late:
        bill, payment = share.bill, share.payment
        yield (
            organisation_id, account, bill.regime, bill.id, payment.id, bill.due_on, payment.value_on,
            share.amount_minor,
        )  # fmt: skip


def _write_open(cursor: Cursor, work: Work) -> None:
    """Rewrite the rows of bills paid in part, take away those of bills paid whole, put back what is open again."""
    fresh = {pk for pk, _ in work.new_bills}
    moved = {share.bill_id: share.bill for _, share in work.moves if share.bill_id not in fresh}
    done = [pk for pk, bill in moved.items() if bill.open_minor == 0 and pk in work.rows]
    part = {pk: bill.open_minor for pk, bill in moved.items() if bill.open_minor and pk in work.rows}
    back = {pk: bill.open_minor for pk, bill in moved.items() if bill.open_minor and pk not in work.rows}
    if done:
        cursor.execute("DELETE FROM ledger_openbill WHERE bill_id = ANY(%s)", (done,), prepare=True)
    if part:
        cursor.execute(
            "UPDATE ledger_openbill AS row SET open_minor = now.minor"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS now(id, minor) WHERE row.bill_id = now.id",
            (list(part), list(part.values())),
            prepare=True,
        )
    if back:
        cursor.execute(OPEN_AGAIN, (list(back), list(back.values())), prepare=True)


OPEN_AGAIN = (
    f"INSERT INTO ledger_openbill ({OPEN_BILL.columns})"
    " SELECT bill.id, organisation_id, account_id, kind, regime, month, due_on, amount_minor, back.minor"
    " FROM unnest(%s::bigint[], %s::bigint[]) AS back(id, minor) JOIN ledger_bill AS bill ON bill.id = back.id"
    " ON CONFLICT (bill_id) DO UPDATE SET open_minor = ledger_openbill.open_minor + excluded.open_minor"
)
"""So much more of these bills is open; one paid whole is put back."""


def _write_free(cursor: Cursor, work: Work) -> None:
    fresh = {pk for pk, _ in work.new_payments}
    moved = {share.payment_id: share.payment.free_minor for _, share in work.moves if share.payment_id not in fresh}
    if moved:
        cursor.execute(
            "UPDATE ledger_payment AS row SET free_minor = now.minor"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS now(id, minor) WHERE row.id = now.id",
            (list(moved), list(moved.values())),
            prepare=True,
        )


def _write_balances(cursor: Cursor, work: Work) -> None:
    """Versions go up and the sums follow; what is open is counted from the rows at hand, and the check in the
    database refuses the posting if the two ways of counting differ by a kopeck."""
    accounts = sorted(work.delta)
    if not accounts:
        return
    cursor.execute(
        "UPDATE ledger_balance AS balance SET version = moved.version, posted_at = clock_timestamp(),"
        " billed_minor = balance.billed_minor + moved.billed, paid_minor = balance.paid_minor + moved.paid,"
        " open_minor = moved.open, advance_minor = moved.advance"
        " FROM unnest(%s::bigint[], %s::int[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])"
        " AS moved(account_id, version, billed, paid, open, advance) WHERE balance.account_id = moved.account_id",
        (
            accounts,
            [work.versions[pk] for pk in accounts],
            [work.delta[pk][0] for pk in accounts],
            [work.delta[pk][1] for pk in accounts],
            [sum(bill.open_minor for bill in work.bills.get(pk, ())) for pk in accounts],
            [sum(money.free_minor for money in work.money.get(pk, ())) for pk in accounts],
        ),
        prepare=True,
    )
