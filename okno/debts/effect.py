"""What a posting does to the cases of the accounts it touched, in its own transaction.

A case that no longer meets the definition closes and its waiting contacts are withdrawn; one that still does is
counted anew; where something was reversed the debt may be back, and a case opens. Otherwise cases open in the cycle.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from okno.debts.ageing import Cursor, Debt, Yardstick, debts_of
from okno.debts.cases import Moment, close_cases, closed_why, keep_cases, open_cases, opened_why
from okno.debts.definition import at_moment
from okno.ledger.effects import Moved

PAID_BY = {"recalculation": "recalculated", "reversal": "reversed"}
"""How a case ends by the kind of the entry; any other entry brought money or used an advance."""


def follow(cursor: Cursor, moved: Moved, *, now: datetime) -> None:
    """Keep the cases of the touched accounts true as of `now` (aware); one cheap query when none of them has any."""
    cases = _open_cases_of(cursor, moved.account_ids)
    without = [account for account in moved.reversed_ids if account not in cases]
    if not cases and not without:
        return
    by = at_moment(cursor, moved.organisation_id, now)
    moment = Moment(organisation_id=moved.organisation_id, day=by.day, now=now)
    debts = debts_of(cursor, [*cases, *without], by)
    ended: dict[int, dict[str, Any]] = {}
    still: dict[int, Debt] = {}
    for account, case in cases.items():
        debt = debts.get(account) or Debt(account)
        if by.met_by(debt.debt_minor):
            still[case] = debt
        else:
            ended[case] = closed_why(_ending(debt, by, moved.kind), debt, by, entry=moved.entry_id)
    with cursor.connection.pipeline():
        close_cases(cursor, moment, ended)
        keep_cases(cursor, moment, still)
        _reopen(cursor, moment, moved, [debts[pk] for pk in without if pk in debts], by)


def _open_cases_of(cursor: Cursor, accounts: Sequence[int]) -> dict[int, int]:
    cursor.execute(
        "SELECT account_id, id FROM debts_case WHERE account_id = ANY(%s) AND state = 'open'",
        (list(accounts),),
        prepare=True,
    )
    return dict(cursor.fetchall())


def _ending(debt: Debt, by: Yardstick, entry_kind: str) -> str:
    """The posting ended it; only what it left unpaid below the least sum is told apart."""
    if debt.debt_minor > 0:
        return "below_least"
    return PAID_BY.get(entry_kind, "paid")


def _reopen(cursor: Cursor, moment: Moment, moved: Moved, debts: Sequence[Debt], by: Yardstick) -> None:
    met = [debt for debt in debts if by.met_by(debt.debt_minor)]
    open_cases(cursor, moment, met, [opened_why("reversed", debt, by, entry=moved.entry_id) for debt in met])
