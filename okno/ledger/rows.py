"""How a posting's rows are read from and written to the tables; called by `posting` alone, inside its transaction."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from okno.ledger.allocation import FreeMoney, OpenBill, Share

Cursor = psycopg.Cursor[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class NewBill:
    """A bill to post. `lines` (service code → minor units) sum up to `amount_minor` ≥ 0; `month` is a first day."""

    account_id: int
    kind: str
    regime: str
    month: date
    due_on: date
    amount_minor: int
    lines: dict[str, int]
    source_key: str | None = None


@dataclass(frozen=True, slots=True)
class NewPayment:
    """Money to post; `value_on` is the day it counts as paid, `source_key` names its line for ever."""

    account_id: int
    kind: str
    value_on: date
    amount_minor: int
    source_key: str
    stated_month: date | None = None
    regime: str = ""
    purpose: str = ""
    payer: str = ""


@dataclass(kw_only=True)
class Work:
    """The rows of one chunk of accounts on their way into the ledger."""

    organisation_id: int
    entry_id: int
    versions: dict[int, int]
    bills: dict[int, list[OpenBill]]
    money: dict[int, list[FreeMoney]]
    new_bills: list[tuple[int, NewBill]] = field(default_factory=list)
    new_payments: list[tuple[int, NewPayment]] = field(default_factory=list)
    unwound: list[tuple[int, Share]] = field(default_factory=list)
    shares: list[tuple[int, Share]] = field(default_factory=list)
    delta: dict[int, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))


def without_known_bills(
    cursor: Cursor, accounts: Sequence[int], bills: Sequence[NewBill]
) -> tuple[list[NewBill], list[NewBill]]:
    if not bills:
        return [], []
    cursor.execute(
        "SELECT account_id, month, regime, kind, source_key FROM ledger_bill"
        " WHERE account_id = ANY(%s) AND month = ANY(%s) AND reversed_by_id IS NULL",
        (list(accounts), list({bill.month for bill in bills})),
        prepare=True,
    )
    months: set[tuple[int, date, str]] = set()
    keys: set[tuple[int, str]] = set()
    for account, month, regime, kind, source_key in cursor.fetchall():
        if kind == "month":
            months.add((account, month, regime))
        if source_key is not None:
            keys.add((account, source_key))
    fresh: list[NewBill] = []
    known: list[NewBill] = []
    for bill in bills:
        by_month = (bill.account_id, bill.month, bill.regime)
        if (bill.kind == "month" and by_month in months) or (
            bill.source_key is not None and (bill.account_id, bill.source_key) in keys
        ):
            known.append(bill)
            continue
        fresh.append(bill)
        if bill.kind == "month":
            months.add(by_month)
        if bill.source_key is not None:
            keys.add((bill.account_id, bill.source_key))
    return fresh, known


def without_known_payments(
    cursor: Cursor, organisation_id: int, payments: Sequence[NewPayment]
) -> tuple[list[NewPayment], list[NewPayment]]:
    if not payments:
        return [], []
    cursor.execute(
        "SELECT source_key FROM ledger_payment"
        " WHERE organisation_id = %s AND source_key = ANY(%s) AND reversed_by_id IS NULL",
        (organisation_id, [payment.source_key for payment in payments]),
        prepare=True,
    )
    seen = {row[0] for row in cursor.fetchall()}
    fresh: list[NewPayment] = []
    known: list[NewPayment] = []
    for payment in payments:
        (known if payment.source_key in seen else fresh).append(payment)
        seen.add(payment.source_key)
    return fresh, known


def open_bills(cursor: Cursor, accounts: Sequence[int]) -> dict[int, list[OpenBill]]:
    cursor.execute(
        "SELECT account_id, id, kind, regime, month, due_on, open_minor FROM ledger_bill"
        " WHERE account_id = ANY(%s) AND open_minor > 0",
        (list(accounts),),
        prepare=True,
    )
    bills: dict[int, list[OpenBill]] = defaultdict(list)
    for account, *row in cursor.fetchall():
        bills[account].append(OpenBill(*row))
    return bills


def free_money(cursor: Cursor, accounts: Sequence[int]) -> dict[int, list[FreeMoney]]:
    cursor.execute(
        "SELECT account_id, id, value_on, free_minor, stated_month, regime FROM ledger_payment"
        " WHERE account_id = ANY(%s) AND free_minor > 0",
        (list(accounts),),
        prepare=True,
    )
    money: dict[int, list[FreeMoney]] = defaultdict(list)
    for account, *row in cursor.fetchall():
        money[account].append(FreeMoney(*row))
    return money


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
    accounts = list(reversals)
    for account in accounts:
        work.bills.pop(account, None)
        work.money.pop(account, None)
    work.bills.update(open_bills(cursor, accounts))
    work.money.update(free_money(cursor, accounts))


def _give_back(cursor: Cursor, side: str, sums: dict[int, int]) -> None:
    if not sums:
        return
    remainder = "open_minor" if side == "bill" else "free_minor"
    cursor.execute(
        f"UPDATE ledger_{side} AS row SET {remainder} = row.{remainder} + back.amount"
        " FROM unnest(%s::bigint[], %s::bigint[]) AS back(id, amount) WHERE row.id = back.id",
        (list(sums), list(sums.values())),
    )


def _numbers(cursor: Cursor, table: str, count: int) -> list[int]:
    cursor.execute(
        "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
        (table, count),
        prepare=True,
    )
    return [row[0] for row in cursor.fetchall()]


def take_bills(cursor: Cursor, work: Work, bills: Sequence[NewBill]) -> None:
    if not bills:
        return
    for pk, bill in zip(_numbers(cursor, "ledger_bill", len(bills)), bills, strict=True):
        work.new_bills.append((pk, bill))
        work.delta[bill.account_id][0] += bill.amount_minor
        if bill.amount_minor:
            work.bills.setdefault(bill.account_id, []).append(
                OpenBill(pk, bill.kind, bill.regime, bill.month, bill.due_on, bill.amount_minor)
            )


def take_payments(cursor: Cursor, work: Work, payments: Sequence[NewPayment]) -> None:
    if not payments:
        return
    for pk, payment in zip(_numbers(cursor, "ledger_payment", len(payments)), payments, strict=True):
        work.new_payments.append((pk, payment))
        work.delta[payment.account_id][1] += payment.amount_minor
        work.money.setdefault(payment.account_id, []).append(
            FreeMoney(pk, payment.value_on, payment.amount_minor, payment.stated_month, payment.regime)
        )


def write(cursor: Cursor, work: Work) -> None:
    paid: dict[int, int] = defaultdict(int)
    used: dict[int, int] = defaultdict(int)
    for _, share in work.shares:
        paid[share.bill_id] += share.amount_minor
        used[share.payment_id] += share.amount_minor
    _write_bills(cursor, work, paid)
    _write_payments(cursor, work, used)
    _write_allocations(cursor, work)
    fresh_bills = {pk for pk, _ in work.new_bills}
    fresh_payments = {pk for pk, _ in work.new_payments}
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


def _copy(cursor: Cursor, table: str, columns: str, types: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def _write_bills(cursor: Cursor, work: Work, paid: dict[int, int]) -> None:
    if not work.new_bills:
        return
    org, entry, versions = work.organisation_id, work.entry_id, work.versions
    _copy(
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
    )  # fmt: skip


def _write_payments(cursor: Cursor, work: Work, used: dict[int, int]) -> None:
    if not work.new_payments:
        return
    org, entry, versions = work.organisation_id, work.entry_id, work.versions
    _copy(
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
    )  # fmt: skip


def _write_allocations(cursor: Cursor, work: Work) -> None:
    org, entry, versions = work.organisation_id, work.entry_id, work.versions
    moves = [(account, share, -share.amount_minor) for account, share in work.unwound]
    moves += [(account, share, share.amount_minor) for account, share in work.shares]
    if moves:
        _copy(
            cursor,
            "ledger_allocation",
            ALLOCATION_COLUMNS,
            ALLOCATION_TYPES,
            (
                (org, account, entry, versions[account], share.payment_id, share.bill_id, amount)
                for account, share, amount in moves
            ),
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
