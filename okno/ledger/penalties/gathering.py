"""Reads the facts of accounts, many at once: bills, what they were paid by, pauses, waivers."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import psycopg
from django.db import connection

from okno.ledger.penalties.facts import Facts, Parts, Pause, PostedPenalty, PostedWaiver, Principal, Waiver
from okno.ledger.penalties.keys import PENALTY
from okno.ledger.rows import WAIVER, Cursor


def cursor() -> Cursor:
    """A cursor that binds on the server, inside Django's transaction."""
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)


def facts_of(cursor: Cursor, accounts: Sequence[int]) -> dict[int, Facts]:
    """The facts of each account, as they stand now. Those that have none are there too."""
    asked = (list(accounts),)
    parts = _parts(_ask(cursor, _PARTS, asked))
    bills = _by_account(
        (account, Principal(id=pk, regime=regime, due_on=due_on, amount_minor=minor, parts=parts.get(pk, {})))
        for account, pk, regime, due_on, minor in _ask(cursor, _PRINCIPAL, asked)
    )
    penalties = _by_account(
        (account, PostedPenalty(id=pk, source_key=key, amount_minor=minor, parts=parts.get(pk, {})))
        for account, pk, key, minor in _ask(cursor, _PENALTIES, asked)
    )
    taken_off = _by_account(
        (account, PostedWaiver(id=pk, source_key=key, on=on, amount_minor=minor))
        for account, pk, key, on, minor in _ask(cursor, _TAKEN_OFF, asked)
    )
    pauses = _by_account(
        (account, Pause(bill_id=bill, since=since, until=until or date.max))
        for account, bill, since, until in _ask(cursor, _PAUSES, asked)
    )
    waivers = _by_account(
        (
            account,
            Waiver(id=pk, regime=regime, until=until, given_on=given_on, sum_minor=minor, pay_by=pay_by),
        )
        for account, pk, regime, until, given_on, minor, pay_by in _ask(cursor, _WAIVERS, asked)
    )
    return {
        account: Facts(
            bills=bills[account],
            penalties=penalties[account],
            taken_off=taken_off[account],
            pauses=pauses[account],
            waivers=waivers[account],
        )
        for account in accounts
    }


def decided_upon(cursor: Cursor, organisation_id: int) -> set[int]:
    """Accounts with a pause or a waiver of their own: their figures are counted one by one, never in bulk."""
    return {row[0] for row in _ask(cursor, _DECIDED, (organisation_id, organisation_id))}


def _ask(cursor: Cursor, statement: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    return cursor.execute(statement, parameters, prepare=True).fetchall()


def _parts(rows: Iterable[tuple[Any, ...]]) -> dict[int, Parts]:
    parts: dict[int, dict[date, int]] = defaultdict(dict)
    for bill, on, minor in rows:
        parts[bill][on] = minor
    return dict(parts)


def _by_account(rows: Iterable[tuple[int, Any]]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for account, row in rows:
        found[account].append(row)
    return found


_PRINCIPAL = (
    "SELECT account_id, id, regime, due_on, amount_minor FROM ledger_bill"
    " WHERE account_id = ANY(%s) AND reversed_by_id IS NULL AND kind <> 'penalty' AND amount_minor > 0"
    " ORDER BY due_on, id"
)
_PENALTIES = (
    "SELECT account_id, id, source_key, amount_minor FROM ledger_bill"
    f" WHERE account_id = ANY(%s) AND reversed_by_id IS NULL AND kind = 'penalty' AND source_key LIKE '{PENALTY}%%'"
    " ORDER BY month, id"
)
_PARTS = (
    "SELECT move.bill_id, payment.value_on, sum(move.amount_minor)::bigint"
    " FROM ledger_allocation AS move JOIN ledger_payment AS payment ON payment.id = move.payment_id"
    f" WHERE move.account_id = ANY(%s) AND payment.source_key NOT LIKE '{WAIVER}%%'"
    " GROUP BY 1, 2 HAVING sum(move.amount_minor) <> 0"
)
_TAKEN_OFF = (
    "SELECT account_id, id, source_key, value_on, amount_minor FROM ledger_payment"
    f" WHERE account_id = ANY(%s) AND reversed_by_id IS NULL AND source_key LIKE '{WAIVER}%%' ORDER BY id"
)
_PAUSES = 'SELECT account_id, bill_id, since, "until" FROM ledger_penaltypause WHERE account_id = ANY(%s) ORDER BY id'
_WAIVERS = (
    'SELECT account_id, id, regime, "until", given_on, sum_minor, pay_by FROM ledger_penaltywaiver'
    " WHERE account_id = ANY(%s) AND state <> 'taken_back' ORDER BY given_on, id"
)
_DECIDED = (
    "SELECT account_id FROM ledger_penaltypause WHERE organisation_id = %s"
    " UNION SELECT account_id FROM ledger_penaltywaiver WHERE organisation_id = %s AND state <> 'taken_back'"
)
