"""What a posting does to the cases of the accounts it touched, in its own transaction.

A case that no longer meets the definition closes and its waiting contacts are withdrawn; one that still does is
counted anew; where something was reversed the debt may be back, and a case opens. Otherwise cases open in the cycle.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

import psycopg

from okno.database.trips import together
from okno.debts.ageing import Cursor, Debt, Yardstick, debts_of
from okno.debts.cases import Met, Moment, close_cases, closed_why, earlier_debts, keep_cases, open_cases
from okno.debts.definition import ask_definitions, at_moment
from okno.ledger.effects import Coming, Follow, Moved

PAID_BY = {"recalculation": "recalculated", "reversal": "reversed"}
"""How a case ends by the kind of the entry; any other entry brought money or used an advance."""


def ask(cursor: Cursor, coming: Coming, *, now: datetime) -> Follow:
    """Ask for the open cases of the accounts and the definition in force at `now` (aware)."""
    cases = psycopg.Cursor(cursor.connection).execute(_OPEN_CASES, (list(coming.account_ids),), prepare=True)
    definitions = ask_definitions(cursor, coming.organisation_id)
    return partial(follow, asked=cases, definitions=definitions, now=now)


def follow(cursor: Cursor, moved: Moved, *, asked: Cursor, definitions: Cursor, now: datetime) -> bool:
    """Keep the cases of the touched accounts true as of `now`; nothing more is asked when none of them has any."""
    cases = {account: (case, earlier) for account, case, earlier in asked.fetchall()}
    without = [account for account in moved.reversed_ids if account not in cases]
    if not cases and not without:
        return False
    by = at_moment(definitions, moved.organisation_id, now)
    moment = Moment(organisation_id=moved.organisation_id, day=by.day, now=now)
    debts = debts_of(cursor, [*cases, *without], by)
    ended: dict[int, dict[str, Any]] = {}
    still: list[Met] = []
    for account, (case, earlier) in cases.items():
        debt = debts.get(account) or Debt(account)
        if by.met_by(debt.debt_minor):
            still.append(Met(debt=debt, case_id=case, earlier_debts=earlier))
        else:
            ended[case] = closed_why(_ending(debt, by, moved.kind), debt, by, entry=moved.entry_id)
    back = _back(cursor, [debts[pk] for pk in without if pk in debts], by)
    with together(cursor.connection):
        close_cases(cursor, moment, ended)
        keep_cases(cursor, moment, still, by)
        open_cases(cursor, moment, back, by, "reversed", entry=moved.entry_id)
    return False


_OPEN_CASES = "SELECT account_id, id, earlier_debts FROM debts_case WHERE account_id = ANY(%s) AND state = 'open'"
"""The open case of each account and how many debts there had been within a year."""


def _ending(debt: Debt, by: Yardstick, entry_kind: str) -> str:
    """The posting ended it; only what it left unpaid below the least sum is told apart."""
    if debt.debt_minor > 0:
        return "below_least"
    return PAID_BY.get(entry_kind, "paid")


def _back(cursor: Cursor, debts: Sequence[Debt], by: Yardstick) -> list[Met]:
    """Debts that a reversal has brought back."""
    met = [debt for debt in debts if by.met_by(debt.debt_minor)]
    earlier = earlier_debts(cursor, [debt.account_id for debt in met], by.day) if met else {}
    return [Met(debt=debt, earlier_debts=earlier.get(debt.account_id, 0)) for debt in met]
