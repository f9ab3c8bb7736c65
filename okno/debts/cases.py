"""How cases are opened, kept up and closed: the same statements for one posting and for a night's cycle.

The caller holds the balances of these accounts, so nobody posts or opens a case on them meanwhile.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from okno.debts.ageing import Cursor, Debt, Yardstick
from okno.debts.segments import SEGMENTS, placed
from okno.debts.words import closed_in_words
from okno.outreach.withdrawal import withdraw

CAUSE = "debt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Whose cases are changed and when; `now` is aware, the day is the organisation's."""

    organisation_id: int
    day: date
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """A debt that meets the definition; `case_id` 0: it has no open case yet."""

    debt: Debt
    case_id: int = 0
    earlier_debts: int = 0


COUNTED = {
    "debt_minor": "met.debt_minor",
    "overdue_since": "met.overdue_since",
    "months_owed": "met.months_owed",
    "age_30_minor": "met.age_30_minor",
    "age_60_minor": "met.age_60_minor",
    "age_90_minor": "met.age_90_minor",
    "age_over_minor": "met.age_over_minor",
    "aged_on": "%(day)s::date",
    "segment": "(%(segments)s::text[])[met.segment + 1]",
}
"""What is counted anew each time, and its value where `met` is the counted debt."""


def opening(source: str, counted: Mapping[str, str]) -> str:
    """The statement that opens a case for each row of `source` (what follows FROM, named `met`) without one.

    Accounts that have got an open one meanwhile are passed over.
    """
    return (
        "INSERT INTO debts_case (organisation_id, account_id, definition_id, state, opened_on, opened_at, opened_why,"
        f" earlier_debts, {', '.join(counted)})"
        " SELECT %(organisation)s, met.account_id, %(definition)s, 'open', %(day)s, %(now)s,"
        " jsonb_build_object('code', %(code)s::text, 'definition', %(definition)s::bigint, 'day', %(day)s::date,"
        " 'debt_minor', met.debt_minor, 'least_minor', %(least)s::bigint, 'bills', met.bills,"
        " 'months', met.months_owed, 'oldest_due_on', met.overdue_since, 'barred_minor', met.barred_minor)"
        f" || %(more)s::jsonb, met.earlier_debts, {', '.join(counted.values())}"
        f" FROM {source} WHERE met.case_id = 0"
        " ORDER BY met.account_id ON CONFLICT (account_id) WHERE state = 'open' DO NOTHING"
    )


def keeping(source: str, counted: Mapping[str, str]) -> str:
    """The statement that counts anew the open cases of the rows of `source` where anything differs."""
    return (
        f"UPDATE debts_case AS kept SET {', '.join(f'{column} = {value}' for column, value in counted.items())}"
        f" FROM {source} WHERE kept.id = met.case_id AND kept.state = 'open'"
        f" AND ({', '.join(f'kept.{column}' for column in counted)}) IS DISTINCT FROM ({', '.join(counted.values())})"
    )


def parameters(moment: Moment, by: Yardstick, code: str, **more: Any) -> dict[str, Any]:
    """What both statements are told besides their source; `more` goes into the reason of opening."""
    return {
        "organisation": moment.organisation_id,
        "day": moment.day,
        "now": moment.now,
        "definition": by.definition_id,
        "least": by.least_minor,
        "segments": list(SEGMENTS),
        "code": code,
        "more": json.dumps(more),
    }


def open_cases(cursor: Cursor, moment: Moment, met: Sequence[Met], by: Yardstick, code: str, **more: Any) -> int:
    """Open a case for each debt that has none; returns how many were opened."""
    if not met:
        return 0
    cursor.execute(_OPENING, parameters(moment, by, code, **more) | _columns(met, moment.day), prepare=True)
    return cursor.rowcount


def keep_cases(cursor: Cursor, moment: Moment, met: Sequence[Met], by: Yardstick) -> int:
    """Count anew the open cases and say how many differ from what was kept."""
    if not met:
        return 0
    cursor.execute(_KEEPING, parameters(moment, by, "") | _columns(met, moment.day), prepare=True)
    return cursor.rowcount


def earlier_debts(cursor: Cursor, accounts: Sequence[int], day: date) -> dict[int, int]:
    """How many cases of each account closed in the year before `day`; accounts without any are left out."""
    cursor.execute(EARLIER, {"accounts": list(accounts), "day": day})
    return dict(cursor.fetchall())


EARLIER = (
    "SELECT account_id, count(*) FROM debts_case WHERE account_id = ANY(%(accounts)s) AND state = 'closed'"
    " AND closed_on > %(day)s::date - 365 GROUP BY 1"
)


def closed_why(code: str, debt: Debt, by: Yardstick, **more: Any) -> dict[str, Any]:
    """What a case is closed with: how it ended and what is left of it."""
    return {
        "code": code,
        "definition": by.definition_id,
        "left_minor": debt.debt_minor,
        "least_minor": by.least_minor,
        "barred_minor": debt.barred_minor,
        **more,
    }


def close_cases(cursor: Cursor, moment: Moment, whys: Mapping[int, dict[str, Any]]) -> int:
    """Close the cases (id → reason) and withdraw what was about to be said about them; the sums stay as last counted.

    Returns how many were closed.
    """
    if not whys:
        return 0
    cursor.execute(
        "UPDATE debts_case AS ended SET state = 'closed', closed_on = %s, closed_at = %s, closed_why = done.why"
        " FROM unnest(%s::bigint[], %s::jsonb[]) AS done(id, why) WHERE ended.id = done.id AND ended.state = 'open'",
        (moment.day, moment.now, list(whys), [json.dumps(why) for why in whys.values()]),
        prepare=True,
    )
    closed = cursor.rowcount
    by_words: dict[str, list[int]] = {}
    for case_id, why in whys.items():
        by_words.setdefault(str(closed_in_words(why)), []).append(case_id)
    for words, case_ids in by_words.items():
        withdraw(cursor, organisation_id=moment.organisation_id, cause=CAUSE, cause_ids=case_ids, why=words)
    return closed


_FIGURES = {
    "account_id": "bigint",
    "debt_minor": "bigint",
    "age_30_minor": "bigint",
    "age_60_minor": "bigint",
    "age_90_minor": "bigint",
    "age_over_minor": "bigint",
    "months_owed": "int",
    "bills": "int",
    "overdue_since": "date",
    "barred_minor": "bigint",
}
"""The columns of `Debt` by their types."""

_MORE = {"case_id": "bigint", "earlier_debts": "int", "segment": "int"}


def _columns(met: Sequence[Met], day: date) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {name: [getattr(one.debt, name) for one in met] for name in _FIGURES}
    columns["case_id"] = [one.case_id for one in met]
    columns["earlier_debts"] = [one.earlier_debts for one in met]
    columns["segment"] = [
        int(placed(one.debt.months_owed, _days_past(one.debt, day), one.earlier_debts)) for one in met
    ]
    return columns


def _days_past(debt: Debt, day: date) -> int:
    return (day - debt.overdue_since).days if debt.overdue_since else 0


_FEW = (
    f"unnest({', '.join(f'%({name})s::{kind}[]' for name, kind in (_FIGURES | _MORE).items())})"
    f" AS met ({', '.join(_FIGURES | _MORE)})"
)
_OPENING, _KEEPING = opening(_FEW, COUNTED | {"step": "''"}), keeping(_FEW, COUNTED)
