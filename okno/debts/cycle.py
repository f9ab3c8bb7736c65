"""The daily round: who became a debtor, who ceased to be one, how old every debt is today.

Only open bills are read. Accounts are taken in chunks, each in a transaction of its own that holds their balances FOR
SHARE as the gate does: a posting waits for one chunk at most and never slips between reading and writing. A round cut
short is simply run again; the same day twice changes nothing.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg
from django.db import connection, transaction

from okno.access.models import Organisation
from okno.debts.ageing import Cursor, Debt, Yardstick, debts_of, parameters
from okno.debts.cases import Met, Moment, close_cases, closed_why, earlier_debts, keep_cases, open_cases
from okno.debts.definition import DEBTORS, in_force, measure
from okno.debts.models import DebtDefinition
from okno.jobs import signals

AT_ONCE = 20_000
"""Accounts of one chunk."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CycleResult:
    """What a round did; `debtors` and `debt_minor` are the open cases after it."""

    opened: int
    closed: int
    aged: int
    debtors: int
    debt_minor: int
    seconds: float


def run(organisation: Organisation, day: date, now: datetime) -> CycleResult:
    """Open, close and age the organisation's cases as of `day`; `now` (aware) is the moment written into them."""
    began = time.monotonic()
    by = measure(in_force(organisation, day), organisation.country, day)
    moment = Moment(organisation_id=organisation.pk, day=day, now=now)
    accounts = _candidates(organisation.pk, by)
    opened = closed = aged = 0
    for start in range(0, len(accounts), AT_ONCE):
        with transaction.atomic():
            cursor = _cursor()
            counts = _round(cursor, organisation, accounts[start : start + AT_ONCE], by, moment)
        opened, closed, aged = opened + counts[0], closed + counts[1], aged + counts[2]
    if opened or closed or aged:
        signals.send(organisation.pk, ["debts"])
    debtors, debt_minor = _standing(organisation.pk)
    return CycleResult(
        opened=opened,
        closed=closed,
        aged=aged,
        debtors=debtors,
        debt_minor=debt_minor,
        seconds=time.monotonic() - began,
    )


def _cursor() -> Cursor:
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)


def _candidates(organisation_id: int, by: Yardstick) -> list[int]:
    """Accounts that owe or have an open case, in the order of their ids; looked at again under their locks."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT account_id FROM ({DEBTORS}) AS debtors"
            " UNION SELECT account_id FROM debts_case WHERE organisation_id = %(organisation)s AND state = 'open'"
            " ORDER BY 1",
            {"organisation": organisation_id, **parameters(by)},
        )
        return [row[0] for row in cursor.fetchall()]


def _round(
    cursor: Cursor, organisation: Organisation, accounts: Sequence[int], by: Yardstick, moment: Moment
) -> tuple[int, int, int]:
    # One round of an organisation at a time: two would both share the balances.
    cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('debts.cycle', %s))", (organisation.pk,))
    cursor.execute(
        "SELECT account_id FROM ledger_balance WHERE account_id = ANY(%s) ORDER BY account_id FOR SHARE",
        (list(accounts),),
    )
    cursor.execute(
        "SELECT account_id, id, definition_id, earlier_debts FROM debts_case"
        " WHERE account_id = ANY(%s) AND state = 'open'",
        (list(accounts),),
    )
    cases, earlier = {}, {}
    for account, case, definition, debts_before in cursor.fetchall():
        cases[account], earlier[account] = (case, definition), debts_before
    debts = debts_of(cursor, accounts, by)
    met = {pk: debt for pk, debt in debts.items() if by.met_by(debt.debt_minor)}
    still = [Met(debt=debt, case_id=cases[pk][0], earlier_debts=earlier[pk]) for pk, debt in met.items() if pk in cases]
    before = earlier_debts(cursor, [pk for pk in met if pk not in cases], by.day)
    fresh = [Met(debt=debt, earlier_debts=before.get(pk, 0)) for pk, debt in met.items() if pk not in cases]
    ending = {pk: case for pk, case in cases.items() if pk not in met}
    closed = close_cases(cursor, moment, _endings(cursor, organisation, ending, debts, by))
    aged = keep_cases(cursor, moment, still, by)
    opened = open_cases(cursor, moment, fresh, by, "overdue")
    return opened, closed, aged


def _endings(
    cursor: Cursor,
    organisation: Organisation,
    ending: dict[int, tuple[int, int]],
    debts: dict[int, Debt],
    by: Yardstick,
) -> dict[int, dict[str, Any]]:
    """Why each of these cases ends (account → (case, its definition)) although no posting ended it."""
    under_old = _met_under_their_own(cursor, organisation, ending, by)
    whys: dict[int, dict[str, Any]] = {}
    for account, (case, definition) in ending.items():
        debt = debts.get(account) or Debt(account)
        if account in under_old:
            code = "definition"
        elif by.met_by(debt.debt_minor + debt.barred_minor):
            code = "barred"
        elif debt.debt_minor:
            code = "below_least"
        else:
            code = "paid"
        whys[case] = closed_why(code, debt, by, opened_under=definition)
    return whys


def _met_under_their_own(
    cursor: Cursor, organisation: Organisation, ending: dict[int, tuple[int, int]], by: Yardstick
) -> set[int]:
    """Accounts that would still owe under the definition their case was opened by."""
    others = {definition for _, definition in ending.values()} - {by.definition_id}
    met: set[int] = set()
    for definition in DebtDefinition.objects.filter(pk__in=others):
        own = measure(definition, organisation.country, by.day)
        accounts = [account for account, (_, pk) in ending.items() if pk == definition.pk]
        debts = debts_of(cursor, accounts, own)
        met |= {pk for pk, debt in debts.items() if own.met_by(debt.debt_minor)}
    return met


def _standing(organisation_id: int) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), coalesce(sum(debt_minor), 0)::bigint FROM debts_case"
            " WHERE organisation_id = %s AND state = 'open'",
            [organisation_id],
        )
        row = cursor.fetchone() or (0, 0)
    return int(row[0]), int(row[1])
