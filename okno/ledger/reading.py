"""What a posting must know of a chunk of accounts before it writes: asked in one trip, under the balances' locks."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from okno.ledger.allocation import FreeMoney, OpenBill
from okno.ledger.rows import Cursor, NewBill, NewPayment


@dataclass(kw_only=True)
class Standing:
    """What stands on these accounts, and which of the rows to post are new (by the numbers they will have).

    `latest` is the last day of each account's payments (of those that are paid, or billed a penalty, now); `places`
    are the versions at which a bill stood that a new one replaces.
    """

    bills: dict[int, list[OpenBill]]
    money: dict[int, list[FreeMoney]]
    latest: dict[int, date]
    places: dict[int, int]
    new_bills: dict[int, NewBill]
    new_payments: dict[int, NewPayment]
    known_bills: list[NewBill]
    known_payments: list[NewPayment]


@dataclass(kw_only=True)
class Asked:
    """A question that has left about the rows to post; `standing` waits for the answer."""

    bills: Sequence[NewBill]
    payments: Sequence[NewPayment]
    answer: Cursor


def ask(
    cursor: Cursor,
    organisation_id: int,
    accounts: Sequence[int],
    bills: Sequence[NewBill],
    payments: Sequence[NewPayment],
) -> Asked:
    """Ask for the open bills and the free money of the accounts, and which of the rows were posted before.

    Everything is one statement: half of what a single payment costs is not its rows but its statements. Numbers asked
    for rows that turn out to be known are lost, which costs nothing.
    """
    every = list(accounts)
    parts: list[str] = [_OPEN_BILLS, _FREE_MONEY]
    values: list[Any] = [every, every]
    penalised = {row.account_id for row in bills if row.kind == "penalty"}
    if bills:
        parts += [_KNOWN_BILLS, _BILL_NUMBERS]
        values += [every, list({bill.month for bill in bills}), len(bills)]
    if payments or penalised:
        parts.append(_LATEST)
        values.append(list(penalised.union(row.account_id for row in payments)))
    if payments:
        parts += [_KNOWN_SOURCES, _PAYMENT_NUMBERS]
        values += [organisation_id, [row.source_key for row in payments], len(payments)]
    answer = psycopg.Cursor(cursor.connection).execute(" UNION ALL ".join(parts), values, prepare=True)
    return Asked(bills=bills, payments=payments, answer=answer)


def standing(asked: Asked) -> Standing:
    """The answer, with the new rows told from those posted before."""
    rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for row in asked.answer.fetchall():
        rows[row[0]].append(row)
    posted = [(row[7], row[1], row[5], row[4], row[3], row[8]) for row in rows["known bill"]]
    fresh_bills, known_bills = _new_bills([row[1:] for row in posted if row[0] is None], asked.bills)
    fresh_payments, known_payments = _new_payments({row[8] for row in rows["known payment"]}, asked.payments)
    new_bills = dict(zip((row[2] for row in rows["bill"]), fresh_bills, strict=False))
    found = Standing(
        bills=defaultdict(list),
        money=defaultdict(list),
        latest={row[1]: row[6] for row in rows["latest"]},
        places=_places([row for row in posted if row[0] is not None], new_bills),
        new_bills=new_bills,
        new_payments=dict(zip((row[2] for row in rows["payment"]), fresh_payments, strict=False)),
        known_bills=known_bills,
        known_payments=known_payments,
    )
    for _, account, pk, kind, regime, month, due_on, minor, _ in rows["open"]:
        found.bills[account].append(OpenBill(pk, kind, regime, month, due_on, minor))
    for _, account, pk, _, regime, month, value_on, minor, _ in rows["free"]:
        found.money[account].append(FreeMoney(pk, value_on, minor, month, regime))
    return found


# Each part of the question answers in the same columns: what it is, the account, the number, the kind, the regime, the
# month, the day, minor units (or a version) and the source key.
_OPEN_BILLS = (
    "SELECT 'open', account_id, bill_id, kind, regime, month, due_on, open_minor, NULL::text FROM ledger_openbill"
    " WHERE account_id = ANY(%s)"
)
_FREE_MONEY = (
    "SELECT 'free', account_id, id, NULL, regime, stated_month, value_on, free_minor, NULL FROM ledger_payment"
    " WHERE account_id = ANY(%s) AND free_minor > 0"
)
_KNOWN_BILLS = (
    "SELECT 'known bill', account_id, NULL, kind, regime, month, NULL,"
    " CASE WHEN reversed_by_id IS NOT NULL THEN version END, source_key"
    " FROM ledger_bill WHERE account_id = ANY(%s) AND month = ANY(%s)"
)
_KNOWN_SOURCES = (
    "SELECT 'known payment', NULL, NULL, NULL, NULL, NULL, NULL, NULL, source_key FROM ledger_payment"
    " WHERE organisation_id = %s AND source_key = ANY(%s) AND reversed_by_id IS NULL"
)
# "Stands" is hidden from the planner: until a grown table is analysed it takes the whole of a partial index of the rows
# that stand for a few rows, and reads it once for every account.
_LATEST = (
    "SELECT 'latest', asked.account_id, NULL, NULL, NULL, NULL, last.value_on, NULL, NULL"
    " FROM unnest(%s::bigint[]) AS asked(account_id) CROSS JOIN LATERAL ("
    "SELECT value_on FROM ledger_payment AS payment"
    " WHERE payment.account_id = asked.account_id"
    " AND CASE WHEN payment.reversed_by_id IS NULL THEN true END"
    " ORDER BY value_on DESC LIMIT 1) AS last"
)
_BILL_NUMBERS = (
    "SELECT 'bill', NULL, nextval('ledger_bill_id_seq'), NULL, NULL, NULL, NULL, NULL, NULL FROM generate_series(1, %s)"
)
_PAYMENT_NUMBERS = _BILL_NUMBERS.replace("bill", "payment")


def _new_bills(posted: Sequence[tuple[Any, ...]], bills: Sequence[NewBill]) -> tuple[list[NewBill], list[NewBill]]:
    """The bills apart from those whose month and regime, or source, is billed already (or twice among them)."""
    months: set[tuple[int, date, str]] = set()
    keys: set[tuple[int, str]] = set()
    for account, month, regime, kind, source_key in posted:
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


def _places(reversed_rows: Sequence[tuple[Any, ...]], new_bills: Mapping[int, NewBill]) -> dict[int, int]:
    """The version at which the first bill stood that a new one replaces: same month, regime, kind and source."""
    first: dict[tuple[Any, ...], int] = {}
    for version, *same in reversed_rows:
        first[tuple(same)] = min(version, first.get(tuple(same), version))
    if not first:
        return {}
    rows = {pk: (row.account_id, row.month, row.regime, row.kind, row.source_key) for pk, row in new_bills.items()}
    return {pk: first[same] for pk, same in rows.items() if same in first}


def _new_payments(seen: set[str], payments: Sequence[NewPayment]) -> tuple[list[NewPayment], list[NewPayment]]:
    fresh: list[NewPayment] = []
    known: list[NewPayment] = []
    for payment in payments:
        (known if payment.source_key in seen else fresh).append(payment)
        seen.add(payment.source_key)
    return fresh, known
