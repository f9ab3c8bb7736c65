"""What a posting must know of a chunk of accounts before it writes: asked in one trip, under the balances' locks."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from okno.database.trips import together
from okno.ledger.allocation import FreeMoney, OpenBill
from okno.ledger.rows import Cursor, NewBill, NewPayment


@dataclass(kw_only=True)
class Standing:
    """What stands on these accounts, and which of the rows to post are new (by the numbers they will have).

    `latest` is the last day of each account's payments and `newest` the last month billed (of those that are paid, or
    billed a penalty, now); `places` are the versions at which a bill stood that a new one replaces.
    """

    bills: dict[int, list[OpenBill]]
    money: dict[int, list[FreeMoney]]
    latest: dict[int, date]
    newest: dict[int, date]
    places: dict[int, int]
    new_bills: dict[int, NewBill]
    new_payments: dict[int, NewPayment]
    known_bills: list[NewBill]
    known_payments: list[NewPayment]


@dataclass(kw_only=True)
class Asked:
    """Questions that have left; `standing` waits for the answers."""

    bills: Sequence[NewBill]
    payments: Sequence[NewPayment]
    open_bills: Cursor
    free_money: Cursor
    months: Cursor | None
    sources: Cursor | None
    latest: Cursor | None
    newest: Cursor | None
    bill_numbers: Cursor | None
    payment_numbers: Cursor | None


def ask(
    cursor: Cursor,
    organisation_id: int,
    accounts: Sequence[int],
    bills: Sequence[NewBill],
    payments: Sequence[NewPayment],
) -> Asked:
    """Ask for the open bills and the free money of the accounts, and which of the rows were posted before.

    Numbers asked for rows that turn out to be known are lost, which costs nothing.
    """
    connection = cursor.connection
    with together(connection):
        open_bills = _ask(connection, _OPEN_BILLS, (list(accounts),))
        free_money = _ask(connection, _FREE_MONEY, (list(accounts),))
        months = sources = latest = newest = bill_numbers = payment_numbers = None
        penalised = {row.account_id for row in bills if row.kind == "penalty"}
        if bills:
            months = _ask(connection, _KNOWN_BILLS, (list(accounts), list({bill.month for bill in bills})))
            bill_numbers = _ask(connection, _NUMBERS, ("ledger_bill", len(bills)))
        if payments or penalised:
            latest = _ask(connection, _LATEST, (list(penalised.union(row.account_id for row in payments)),))
        if penalised:
            newest = _ask(connection, _NEWEST, (list(penalised),))
        if payments:
            sources = _ask(connection, _KNOWN_SOURCES, (organisation_id, [row.source_key for row in payments]))
            payment_numbers = _ask(connection, _NUMBERS, ("ledger_payment", len(payments)))
    return Asked(
        bills=bills,
        payments=payments,
        open_bills=open_bills,
        free_money=free_money,
        months=months,
        sources=sources,
        latest=latest,
        newest=newest,
        bill_numbers=bill_numbers,
        payment_numbers=payment_numbers,
    )


def standing(asked: Asked) -> Standing:
    """The answers, with the new rows told from those posted before."""
    posted = _rows(asked.months)
    fresh_bills, known_bills = _new_bills([row[1:] for row in posted if row[0] is None], asked.bills)
    fresh_payments, known_payments = _new_payments({row[0] for row in _rows(asked.sources)}, asked.payments)
    new_bills = dict(zip((row[0] for row in _rows(asked.bill_numbers)), fresh_bills, strict=False))
    return Standing(
        bills=_by_account(asked.open_bills, OpenBill),
        money=_by_account(asked.free_money, FreeMoney),
        latest=dict(_rows(asked.latest)),
        newest=dict(_rows(asked.newest)),
        places=_places([row for row in posted if row[0] is not None], new_bills),
        new_bills=new_bills,
        new_payments=dict(zip((row[0] for row in _rows(asked.payment_numbers)), fresh_payments, strict=False)),
        known_bills=known_bills,
        known_payments=known_payments,
    )


_KNOWN_BILLS = (
    "SELECT CASE WHEN reversed_by_id IS NOT NULL THEN version END, account_id, month, regime, kind, source_key"
    " FROM ledger_bill WHERE account_id = ANY(%s) AND month = ANY(%s)"
)
_KNOWN_SOURCES = (
    "SELECT source_key FROM ledger_payment"
    " WHERE organisation_id = %s AND source_key = ANY(%s) AND reversed_by_id IS NULL"
)
_OPEN_BILLS = (
    "SELECT account_id, bill_id, kind, regime, month, due_on, open_minor FROM ledger_openbill"
    " WHERE account_id = ANY(%s)"
)
_FREE_MONEY = (
    "SELECT account_id, id, value_on, free_minor, stated_month, regime FROM ledger_payment"
    " WHERE account_id = ANY(%s) AND free_minor > 0"
)
_LATEST = (
    "SELECT asked.account_id, last.value_on FROM unnest(%s::bigint[]) AS asked(account_id) CROSS JOIN LATERAL ("
    "SELECT value_on FROM ledger_payment AS payment"
    " WHERE payment.account_id = asked.account_id AND payment.reversed_by_id IS NULL"
    " ORDER BY value_on DESC LIMIT 1) AS last"
)
_NEWEST = (
    "SELECT asked.account_id, last.month FROM unnest(%s::bigint[]) AS asked(account_id) CROSS JOIN LATERAL ("
    "SELECT month FROM ledger_bill AS bill"
    " WHERE bill.account_id = asked.account_id AND bill.reversed_by_id IS NULL AND bill.kind <> 'penalty'"
    " ORDER BY month DESC LIMIT 1) AS last"
)
_NUMBERS = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"


def _ask(connection: psycopg.Connection[Any], statement: str, parameters: tuple[Any, ...]) -> Cursor:
    return psycopg.Cursor(connection).execute(statement, parameters, prepare=True)


def _rows(answer: Cursor | None) -> list[tuple[Any, ...]]:
    return [] if answer is None else answer.fetchall()


def _by_account(cursor: Cursor, row_type: type[Any]) -> dict[int, list[Any]]:
    rows: dict[int, list[Any]] = defaultdict(list)
    for account, *row in cursor.fetchall():
        rows[account].append(row_type(*row))
    return rows


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
