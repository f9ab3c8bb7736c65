"""How cases are opened, kept up and closed: the same statements for one posting and for a night's cycle.

The caller holds the balances of these accounts, so nobody posts or opens a case on them meanwhile.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from okno.debts.ageing import Cursor, Debt, Yardstick
from okno.debts.words import closed_in_words
from okno.outreach.withdrawal import withdraw

CAUSE = "debt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Whose cases are changed and when; `now` is aware, the day is the organisation's."""

    organisation_id: int
    day: date
    now: datetime


def opened_why(code: str, debt: Debt, by: Yardstick, **more: Any) -> dict[str, Any]:
    """What a case is opened with: the definition, the day and the sums that met it."""
    return {
        "code": code,
        "definition": by.definition_id,
        "day": by.day.isoformat(),
        "debt_minor": debt.debt_minor,
        "least_minor": by.least_minor,
        "bills": debt.bills,
        "months": debt.months_owed,
        "oldest_due_on": debt.overdue_since.isoformat() if debt.overdue_since else None,
        "barred_minor": debt.barred_minor,
        **more,
    }


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


def open_cases(cursor: Cursor, moment: Moment, debts: Sequence[Debt], whys: Sequence[dict[str, Any]]) -> int:
    """Open a case for each debt, with its reason; accounts that have an open one are passed over."""
    if not debts:
        return 0
    cursor.execute(
        "INSERT INTO debts_case (organisation_id, account_id, definition_id, state, opened_on, opened_at, opened_why,"
        " debt_minor, overdue_since, months_owed, aged_on, age_30_minor, age_60_minor, age_90_minor, age_over_minor)"
        " SELECT %s, account_id, (why->>'definition')::bigint, 'open', %s, %s, why, debt, since, months, %s,"
        " age_30, age_60, age_90, age_over"
        " FROM unnest(%s::bigint[], %s::jsonb[], %s::bigint[], %s::date[], %s::int[], %s::bigint[], %s::bigint[],"
        " %s::bigint[], %s::bigint[]) AS met"
        " (account_id, why, debt, since, months, age_30, age_60, age_90, age_over)"
        " ORDER BY account_id ON CONFLICT (account_id) WHERE state = 'open' DO NOTHING",
        (
            moment.organisation_id,
            moment.day,
            moment.now,
            moment.day,
            [debt.account_id for debt in debts],
            [json.dumps(why) for why in whys],
            *_columns(debts),
        ),
        prepare=True,
    )
    return cursor.rowcount


def keep_cases(cursor: Cursor, moment: Moment, debts: Mapping[int, Debt]) -> int:
    """Count anew the open cases (case id → debt) and say how many differ from what was kept."""
    if not debts:
        return 0
    cursor.execute(
        "UPDATE debts_case AS kept SET debt_minor = met.debt, overdue_since = met.since, months_owed = met.months,"
        " aged_on = %s, age_30_minor = met.age_30, age_60_minor = met.age_60, age_90_minor = met.age_90,"
        " age_over_minor = met.age_over"
        " FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::int[], %s::bigint[], %s::bigint[], %s::bigint[],"
        " %s::bigint[]) AS met (id, debt, since, months, age_30, age_60, age_90, age_over)"
        " WHERE kept.id = met.id AND (kept.aged_on, kept.debt_minor, kept.overdue_since, kept.months_owed,"
        " kept.age_30_minor, kept.age_60_minor, kept.age_90_minor, kept.age_over_minor) IS DISTINCT FROM"
        " (%s, met.debt, met.since, met.months, met.age_30, met.age_60, met.age_90, met.age_over)",
        (moment.day, list(debts), *_columns(list(debts.values())), moment.day),
        prepare=True,
    )
    return cursor.rowcount


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


def _columns(debts: Sequence[Debt]) -> tuple[list[Any], ...]:
    return (
        [debt.debt_minor for debt in debts],
        [debt.overdue_since for debt in debts],
        [debt.months_owed for debt in debts],
        [debt.age_30_minor for debt in debts],
        [debt.age_60_minor for debt in debts],
        [debt.age_90_minor for debt in debts],
        [debt.age_over_minor for debt in debts],
    )
