"""How a chunk's rows are written to the tables; called by `posting` alone, inside its transaction."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from typing import Any

from psycopg.types.json import Jsonb

from okno.database.trips import is_open
from okno.ledger.allocation import Share
from okno.ledger.rows import Cursor, Work
from okno.ledger.tables import ALLOCATION, BILL, LATE_SHARE, OPEN_BILL, PAYMENT, Table

FEW = 50
"""Up to so many rows are written by one statement; more go by COPY, which is faster a row."""


def is_few(cursor: Cursor, rows: int) -> bool:
    """Whether so many rows are written by one statement; where statements are gathered for a trip they always are."""
    return rows <= FEW or is_open(cursor.connection)


_quoted = cache(json.dumps)
"""A service's code as JSON has it: there are few of them, and millions of lines."""


def _written(lines: dict[str, int]) -> str:
    return "{" + ",".join([f"{_quoted(code)}:{minor}" for code, minor in lines.items()]) + "}"


def _document(lines: dict[str, int]) -> Jsonb:
    return Jsonb(lines, _written)


class Pen:
    """Writes a posting's changes: many rows table by table, few by one statement at the end.

    Half of what a single payment costs is not its rows but its statements, so INSERTs of a few rows travel as JSON and
    every change becomes a part of one WITH.
    """

    def __init__(self, cursor: Cursor, *, few: bool) -> None:
        self._cursor = cursor
        self._few = few
        self.lines: Callable[[dict[str, int]], Any] = (lambda lines: lines) if few else _document
        """How a bill's lines are put into a row."""
        self._parts: list[str] = []
        self._values: list[Any] = []

    def insert(self, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
        """Write rows of a table."""
        if not self._few:
            with self._cursor.copy(f"COPY {table.name} ({table.columns}) FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(list(table.types.values()))
                for row in rows:
                    copy.write_row(row)
        elif found := [dict(zip(table.types, row, strict=True)) for row in rows]:
            self.change(table.insertion, [json.dumps(found, default=date.isoformat)])

    def change(self, statement: str, values: Sequence[Any]) -> None:
        """Do a change that touches no row of another change."""
        if not self._few:
            self._cursor.execute(statement, values, prepare=True)
            return
        self._parts.append(statement)
        self._values += values

    def finish(self) -> None:
        """Send what is still at hand."""
        if not self._parts:
            return
        *firsts, last = self._parts
        named = ", ".join(f"change_{number} AS ({part})" for number, part in enumerate(firsts))
        self._cursor.execute(f"WITH {named} {last}" if named else last, self._values, prepare=True)


def write(cursor: Cursor, work: Work) -> None:
    """Write the chunk: rows, allocations, remainders, balances."""
    paid: dict[int, int] = defaultdict(int)
    used: dict[int, int] = defaultdict(int)
    for _, share in work.moves:
        paid[share.bill_id] += share.amount_minor
        used[share.payment_id] += share.amount_minor
    pen = Pen(cursor, few=is_few(cursor, len(work.new_bills) + len(work.new_payments) + len(work.moves)))
    _write_bills(pen, work, paid)
    _write_payments(pen, work, used)
    write_allocations(pen, work, work.moves)
    _write_open(pen, work)
    _write_free(pen, work)
    _write_balances(pen, work)
    pen.finish()


def _write_bills(pen: Pen, work: Work, paid: dict[int, int]) -> None:
    if not work.new_bills:
        return
    org, entry, versions = work.organisation_id, work.entry_id, work.versions
    bills = (
        (
            pk, org, row.account_id, entry, versions[row.account_id], row.kind, row.regime, row.month, row.due_on,
            row.amount_minor, pen.lines(row.lines), row.source_key,
        )
        for pk, row in work.new_bills
    )  # fmt: skip
    still_open = (
        (pk, org, row.account_id, row.kind, row.regime, row.month, row.due_on, row.amount_minor, rest)
        for pk, row in work.new_bills
        if (rest := row.amount_minor - paid.get(pk, 0))
    )
    pen.insert(BILL, bills)
    pen.insert(OPEN_BILL, still_open)


def _write_payments(pen: Pen, work: Work, used: dict[int, int]) -> None:
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
    pen.insert(PAYMENT, payments)


def write_allocations(pen: Pen, work: Work, moves: Sequence[tuple[int, Share]]) -> None:
    """Write what moves on each account (id, share), and apart what of it is paid late."""
    if not moves:
        return
    org, entry, versions = work.organisation_id, work.entry_id, work.versions
    rows = (
        (org, account, entry, versions[account], share.payment_id, share.bill_id, share.amount_minor)
        for account, share in moves
    )
    pen.insert(ALLOCATION, rows)
    late = [move for move in moves if move[1].is_late]
    if late:
        pen.insert(LATE_SHARE, _late_rows(org, late))


def _late_rows(organisation_id: int, late: Iterable[tuple[int, Share]]) -> Iterator[tuple[Any, ...]]:
    for account, share in late:
        bill, payment = share.bill, share.payment
        yield (
            organisation_id, account, bill.regime, bill.id, payment.id, bill.due_on, payment.value_on,
            share.amount_minor,
        )  # fmt: skip


def _write_open(pen: Pen, work: Work) -> None:
    """Rewrite the rows of bills paid in part, take away those of bills paid whole, put back what is open again."""
    fresh = {pk for pk, _ in work.new_bills}
    moved = {share.bill_id: share.bill for _, share in work.moves if share.bill_id not in fresh}
    done = [pk for pk, bill in moved.items() if bill.open_minor == 0 and pk in work.rows]
    part = {pk: bill.open_minor for pk, bill in moved.items() if bill.open_minor and pk in work.rows}
    back = {pk: bill.open_minor for pk, bill in moved.items() if bill.open_minor and pk not in work.rows}
    if done:
        pen.change("DELETE FROM ledger_openbill WHERE bill_id = ANY(%s)", (done,))
    if part:
        pen.change(
            "UPDATE ledger_openbill AS row SET open_minor = now.minor"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS now(id, minor) WHERE row.bill_id = now.id",
            (list(part), list(part.values())),
        )
    if back:
        pen.change(OPEN_AGAIN, (list(back), list(back.values())))


OPEN_AGAIN = (
    f"INSERT INTO ledger_openbill ({OPEN_BILL.columns})"
    " SELECT bill.id, organisation_id, account_id, kind, regime, month, due_on, amount_minor, back.minor"
    " FROM unnest(%s::bigint[], %s::bigint[]) AS back(id, minor) JOIN ledger_bill AS bill ON bill.id = back.id"
    " ON CONFLICT (bill_id) DO UPDATE SET open_minor = ledger_openbill.open_minor + excluded.open_minor"
)
"""So much more of these bills is open; one paid whole is put back."""


def _write_free(pen: Pen, work: Work) -> None:
    fresh = {pk for pk, _ in work.new_payments}
    moved = {share.payment_id: share.payment.free_minor for _, share in work.moves if share.payment_id not in fresh}
    if moved:
        pen.change(
            "UPDATE ledger_payment AS row SET free_minor = now.minor"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS now(id, minor) WHERE row.id = now.id",
            (list(moved), list(moved.values())),
        )


def _write_balances(pen: Pen, work: Work) -> None:
    """Versions go up and the sums follow; what is open is counted from the rows at hand, and the check in the
    database refuses the posting if the two ways of counting differ by a kopeck."""
    accounts = sorted(work.delta)
    if not accounts:
        return
    pen.change(
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
    )
