"""How a chunk's rows are written to the tables; called by `posting` alone, inside its transaction."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from typing import Any

from psycopg.types.json import Jsonb

from okno.ledger.allocation import Share
from okno.ledger.rows import Cursor, Work


def reverse(cursor: Cursor, work: Work, reversals: dict[int, list[tuple[str, int, int]]]) -> None:
    """Unwind every allocation of the reversed rows; what they paid opens again, what paid them is free again."""
    if not reversals:
        return
    rows = [(side, pk, account, amount) for account, found in reversals.items() for side, pk, amount in found]
    gone = {side: [pk for kind, pk, _, _ in rows if kind == side] for side in ("bill", "payment")}
    cursor.execute(
        "SELECT account_id, payment_id, bill_id, sum(amount_minor) FROM ledger_allocation"
        " WHERE account_id = ANY(%s) AND (bill_id = ANY(%s) OR payment_id = ANY(%s))"
        " GROUP BY 1, 2, 3 HAVING sum(amount_minor) <> 0 ORDER BY 1, 2, 3",
        (list(reversals), gone["bill"], gone["payment"]),
    )
    unwound = [(row[0], Share(row[1], row[2], int(row[3]))) for row in cursor.fetchall()]
    work.unwound += unwound
    freed: dict[int, int] = defaultdict(int)
    opened: dict[int, int] = defaultdict(int)
    for _, share in unwound:
        freed[share.payment_id] += share.amount_minor
        opened[share.bill_id] += share.amount_minor
    for side in ("bill", "payment"):
        remainder = "open_minor" if side == "bill" else "free_minor"
        cursor.execute(
            f"UPDATE ledger_{side} AS row SET reversed_by_id = %s, reversed_version = gone.version, {remainder} = 0"
            " FROM unnest(%s::bigint[], %s::int[]) AS gone(id, version) WHERE row.id = gone.id",
            (work.entry_id, gone[side], [work.versions[account] for kind, _, account, _ in rows if kind == side]),
        )
    gone_bills, gone_payments = set(gone["bill"]), set(gone["payment"])
    _give_back(cursor, "bill", {pk: sum_ for pk, sum_ in opened.items() if pk not in gone_bills})
    _give_back(cursor, "payment", {pk: sum_ for pk, sum_ in freed.items() if pk not in gone_payments})
    for side, _, account, amount in rows:
        work.delta[account][0 if side == "bill" else 1] -= amount


def _give_back(cursor: Cursor, side: str, sums: dict[int, int]) -> None:
    if not sums:
        return
    remainder = "open_minor" if side == "bill" else "free_minor"
    cursor.execute(
        f"UPDATE ledger_{side} AS row SET {remainder} = row.{remainder} + back.amount"
        " FROM unnest(%s::bigint[], %s::bigint[]) AS back(id, amount) WHERE row.id = back.id",
        (list(sums), list(sums.values())),
        prepare=True,
    )


FEW = 50
"""Up to so many rows are written by INSERTs that leave in one trip; more go by COPY, which is faster a row."""


def write(cursor: Cursor, work: Work) -> None:
    """Write the chunk: rows, allocations, remainders, balances."""
    paid: dict[int, int] = defaultdict(int)
    used: dict[int, int] = defaultdict(int)
    for _, share in work.shares:
        paid[share.bill_id] += share.amount_minor
        used[share.payment_id] += share.amount_minor
    fresh_bills = {pk for pk, _ in work.new_bills}
    fresh_payments = {pk for pk, _ in work.new_payments}
    few = len(work.new_bills) + len(work.new_payments) + len(work.shares) + len(work.unwound) <= FEW
    with cursor.connection.pipeline() if few else nullcontext():
        _write_bills(cursor, work, paid, few)
        _write_payments(cursor, work, used, few)
        _write_allocations(cursor, work, few)
        _give_back(cursor, "bill", {pk: -amount for pk, amount in paid.items() if pk not in fresh_bills})
        _give_back(cursor, "payment", {pk: -amount for pk, amount in used.items() if pk not in fresh_payments})
        _write_balances(cursor, work)


BILL_COLUMNS = (
    "id, organisation_id, account_id, entry_id, version, kind, regime, month, due_on, amount_minor, open_minor, lines,"
    " source_key"
)
BILL_TYPES = [
    "int8",
    "int8",
    "int8",
    "int8",
    "int4",
    "varchar",
    "varchar",
    "date",
    "date",
    "int8",
    "int8",
    "jsonb",
    "varchar",
]
PAYMENT_COLUMNS = (
    "id, organisation_id, account_id, entry_id, version, kind, value_on, amount_minor, free_minor, stated_month,"
    " regime, purpose, payer, source_key"
)
PAYMENT_TYPES = [
    "int8",
    "int8",
    "int8",
    "int8",
    "int4",
    "varchar",
    "date",
    "int8",
    "int8",
    "date",
    "varchar",
    "text",
    "varchar",
    "varchar",
]
ALLOCATION_COLUMNS = "organisation_id, account_id, entry_id, version, payment_id, bill_id, amount_minor"
ALLOCATION_TYPES = ["int8", "int8", "int8", "int4", "int8", "int8", "int8"]


def _insert(
    cursor: Cursor, table: str, columns: str, types: Sequence[str], rows: Iterable[tuple[Any, ...]], few: bool
) -> None:
    if few:
        arrays = ", ".join(f"%s::{kind}[]" for kind in types)
        statement = f"INSERT INTO {table} ({columns}) SELECT * FROM unnest({arrays})"
        cursor.execute(statement, [list(column) for column in zip(*rows, strict=True)], prepare=True)
        return
    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def _write_bills(cursor: Cursor, work: Work, paid: dict[int, int], few: bool) -> None:
    if not work.new_bills:
        return
    org, entry, versions = work.organisation_id, work.entry_id, work.versions
    _insert(
        cursor,
        "ledger_bill",
        BILL_COLUMNS,
        BILL_TYPES,
        (
            (
                pk, org, row.account_id, entry, versions[row.account_id], row.kind, row.regime, row.month, row.due_on,
                row.amount_minor, row.amount_minor - paid.get(pk, 0), Jsonb(row.lines), row.source_key,
            )
            for pk, row in work.new_bills
        ),
        few,
    )  # fmt: skip


def _write_payments(cursor: Cursor, work: Work, used: dict[int, int], few: bool) -> None:
    if not work.new_payments:
        return
    org, entry, versions = work.organisation_id, work.entry_id, work.versions
    _insert(
        cursor,
        "ledger_payment",
        PAYMENT_COLUMNS,
        PAYMENT_TYPES,
        (
            (
                pk, org, row.account_id, entry, versions[row.account_id], row.kind, row.value_on, row.amount_minor,
                row.amount_minor - used.get(pk, 0), row.stated_month, row.regime, row.purpose, row.payer,
                row.source_key,
            )
            for pk, row in work.new_payments
        ),
        few,
    )  # fmt: skip


def _write_allocations(cursor: Cursor, work: Work, few: bool) -> None:
    org, entry, versions = work.organisation_id, work.entry_id, work.versions
    moves = [(account, share, -share.amount_minor) for account, share in work.unwound]
    moves += [(account, share, share.amount_minor) for account, share in work.shares]
    if moves:
        _insert(
            cursor,
            "ledger_allocation",
            ALLOCATION_COLUMNS,
            ALLOCATION_TYPES,
            (
                (org, account, entry, versions[account], share.payment_id, share.bill_id, amount)
                for account, share, amount in moves
            ),
            few,
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
