"""The daily round: who became a debtor, who ceased to be one, how old and how dear every debt is, what is to be done.

Only what is open is read, never the history. Accounts are taken in ranges and counted without any lock (`night`); what
came of it is written in pieces, each in a transaction of its own that holds its balances FOR SHARE and passes over
every account whose version has moved since: no posting waits for the counting, none is overwritten. The accounts
passed over are counted again under their locks. A round cut short is simply run again; the same day twice changes
nothing. Why this is safe: `docs/decisions/0004-city-scale.md`.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np
import psycopg
from django.db import connection, transaction

from okno.access.models import Organisation
from okno.debts import ladder
from okno.debts.ageing import Cursor, debts_of
from okno.debts.cases import COUNTED, Moment, close_cases, closed_why, keeping, opening, parameters
from okno.debts.definition import in_force, measure
from okno.debts.models import DebtDefinition
from okno.debts.night import Ending, Night, Rules, look
from okno.debts.promises import end_of_day
from okno.jobs import signals
from okno.ledger.kernel import columns
from okno.ledger.kernel.columns import Ints
from okno.ledger.penalties.many import UNKNOWN
from okno.ledger.penalties.terms import OrganisationTerms
from okno.ledger.penalties.waiver import judge_due

AT_ONCE = 100_000
"""Accounts of one range: bounds the memory."""

WRITTEN_AT_ONCE = 20_000
"""Cases of one transaction: bounds how long a payment may wait."""

Progress = Callable[[int, int], None]
"""(accounts done, accounts in all)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CycleResult:
    """What a round did; `debtors` and `debt_minor` are the open cases after it."""

    opened: int
    closed: int
    aged: int
    debtors: int
    debt_minor: int
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class _Counts:
    opened: int = 0
    closed: int = 0
    aged: int = 0

    def __add__(self, other: "_Counts") -> "_Counts":
        return _Counts(
            opened=self.opened + other.opened, closed=self.closed + other.closed, aged=self.aged + other.aged
        )


def run(organisation: Organisation, day: date, now: datetime, progress: Progress | None = None) -> CycleResult:
    """Open, close, age, price and place the organisation's cases as of `day`; `now` (aware) is written into them."""
    began = time.monotonic()
    moment = Moment(organisation_id=organisation.pk, day=day, now=now)
    judge_due(organisation, day)
    rules = Rules(
        organisation=organisation,
        day=day,
        by=measure(in_force(organisation, day), organisation.country, day),
        steps=ladder.in_force(organisation, day),
        terms=OrganisationTerms(organisation),
    )
    cursor = _cursor()
    counts = _Counts()
    with _alone(cursor, organisation):
        accounts = _accounts(cursor, organisation.pk)
        for start in range(0, len(accounts), AT_ONCE):
            piece = accounts[start : start + AT_ONCE]
            night = look(cursor, rules, first=int(piece[0]), last=int(piece[-1]))
            counts += _write(cursor, rules, moment, night)
            if progress is not None:
                progress(start + len(piece), len(accounts))
    end_of_day(organisation, day)
    if counts != _Counts():
        signals.send(organisation.pk, ["debts"])
    debtors, debt_minor = _standing(organisation.pk)
    return CycleResult(
        opened=counts.opened,
        closed=counts.closed,
        aged=counts.aged,
        debtors=debtors,
        debt_minor=debt_minor,
        seconds=time.monotonic() - began,
    )


def _cursor() -> Cursor:
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)


@contextmanager
def _alone(cursor: Cursor, organisation: Organisation) -> Iterator[None]:
    """One round of an organisation at a time; a second one waits and then finds nothing to do."""
    cursor.execute("SELECT pg_advisory_lock(hashtextextended('debts.cycle', %s))", (organisation.pk,))
    try:
        yield
    finally:
        cursor.execute("SELECT pg_advisory_unlock(hashtextextended('debts.cycle', %s))", (organisation.pk,))


def _accounts(cursor: Cursor, organisation_id: int) -> Ints:
    (accounts,) = columns.read(
        cursor,
        ["account_id"],
        "ledger_balance WHERE organisation_id = %(organisation)s",
        {"organisation": organisation_id},
    )
    return np.sort(accounts)


def _write(cursor: Cursor, rules: Rules, moment: Moment, night: Night) -> _Counts:
    """Write what was counted; what has moved meanwhile is counted again under its locks and then stands still."""
    counts, moved = _Counts(), list[int]()
    for piece in _pieces(night):
        with transaction.atomic():
            done, passed_over = _write_piece(cursor, rules, moment, piece)
        counts += done
        moved += passed_over
    for start in range(0, len(moved), WRITTEN_AT_ONCE):
        accounts = sorted(moved[start : start + WRITTEN_AT_ONCE])
        with transaction.atomic():
            cursor.execute(
                "SELECT account_id FROM ledger_balance WHERE account_id = ANY(%s) ORDER BY account_id FOR SHARE",
                (accounts,),
            )
            done, _none = _write_piece(cursor, rules, moment, look(cursor, rules, accounts=accounts))
        counts += done
    return counts


def _pieces(night: Night) -> Iterator[Night]:
    """The night in pieces of one transaction each."""
    ending = list(night.ending)
    count = max(len(night.met["account_id"]), len(ending))
    for start in range(0, count, WRITTEN_AT_ONCE):
        here = slice(start, start + WRITTEN_AT_ONCE)
        yield replace(
            night,
            met={name: column[here] for name, column in night.met.items()},
            ending={account: night.ending[account] for account in ending[here]},
        )


def _write_piece(cursor: Cursor, rules: Rules, moment: Moment, night: Night) -> tuple[_Counts, list[int]]:
    """Write what still holds; returns what was done and the accounts whose version has moved."""
    moved = _hold(cursor, night)
    ending = {account: one for account, one in night.ending.items() if account not in moved}
    told = {
        **parameters(moment, rules.by, "overdue"),
        "steps": [step.code for step in rules.steps],
        "no_day": date(1900, 1, 1),
        "unknown": UNKNOWN,
    }
    closed = close_cases(cursor, moment, _endings(cursor, rules, ending))
    cursor.execute(_KEEPING, told)
    aged = cursor.rowcount
    cursor.execute(_OPENING, told)
    return _Counts(opened=cursor.rowcount, closed=closed, aged=aged), sorted(moved)


def _hold(cursor: Cursor, night: Night) -> set[int]:
    """Hold the balances of the piece and leave in the night's table the debts counted at the versions they stand at.

    Returns the accounts whose version is another by now.
    """
    cursor.execute(_TABLE)
    cursor.execute("TRUNCATE debts_night")
    columns.write(cursor, "debts_night", {name: night.met[name].astype(kind) for name, (_, kind) in _COLUMNS.items()})
    cursor.execute("ANALYZE debts_night")
    versions = dict(zip(night.met["account_id"].tolist(), night.met["version"].tolist(), strict=True))
    versions |= {account: night.versions[account] for account in night.ending}
    cursor.execute(
        "SELECT account_id, version FROM ledger_balance WHERE account_id = ANY(%s) ORDER BY account_id FOR SHARE",
        (list(versions),),
    )
    moved = {account for account, version in cursor.fetchall() if versions[account] != version}
    if moved:
        cursor.execute("DELETE FROM debts_night WHERE account_id = ANY(%s)", (list(moved),))
    return moved


_COLUMNS: Mapping[str, tuple[str, str]] = {
    "account_id": ("bigint", "i8"),
    "case_id": ("bigint", "i8"),
    "debt_minor": ("bigint", "i8"),
    "age_30_minor": ("bigint", "i8"),
    "age_60_minor": ("bigint", "i8"),
    "age_90_minor": ("bigint", "i8"),
    "age_over_minor": ("bigint", "i8"),
    "months_owed": ("int", "i4"),
    "bills": ("int", "i4"),
    "overdue_since": ("date", "i4"),
    "barred_minor": ("bigint", "i8"),
    "earlier_debts": ("int", "i4"),
    "segment": ("int", "i4"),
    "penalty_minor": ("bigint", "i8"),
    "penalty_doubted": ("int", "i4"),
    "step": ("int", "i4"),
    "step_on": ("date", "i4"),
    "contact_on": ("date", "i4"),
}
"""The night's table: a column's type there and in the array that fills it."""

_TABLE = "CREATE TEMP TABLE IF NOT EXISTS debts_night ({})".format(
    ", ".join(f"{name} {kind}" for name, (kind, _) in _COLUMNS.items())
)

_AT_NIGHT = {
    **COUNTED,
    "penalty_minor": "nullif(met.penalty_minor, %(unknown)s)",
    "penalty_on": "CASE WHEN met.penalty_minor <> %(unknown)s THEN %(day)s::date END",
    "penalty_doubted": "met.penalty_doubted > 0",
    "step": "coalesce((%(steps)s::text[])[met.step + 1], '')",
    "step_on": "nullif(met.step_on, %(no_day)s::date)",
    "contact_on": "nullif(met.contact_on, %(no_day)s::date)",
}
_OPENING, _KEEPING = opening("debts_night AS met", _AT_NIGHT), keeping("debts_night AS met", _AT_NIGHT)


def _endings(cursor: Cursor, rules: Rules, ending: Mapping[int, Ending]) -> dict[int, dict[str, Any]]:
    """Why each of these cases ends (by its number) although no posting ended it."""
    under_old = _met_under_their_own(cursor, rules, list(ending.values()))
    whys: dict[int, dict[str, Any]] = {}
    for account, one in ending.items():
        if account in under_old:
            code = "definition"
        elif rules.by.met_by(one.debt.debt_minor + one.debt.barred_minor):
            code = "barred"
        elif one.debt.debt_minor:
            code = "below_least"
        else:
            code = "paid"
        whys[one.case_id] = closed_why(code, one.debt, rules.by, opened_under=one.definition_id)
    return whys


def _met_under_their_own(cursor: Cursor, rules: Rules, ending: Sequence[Ending]) -> set[int]:
    """Accounts that would still owe under the definition their case was opened by."""
    others = {one.definition_id for one in ending} - {rules.by.definition_id}
    met: set[int] = set()
    for definition in DebtDefinition.objects.filter(pk__in=others):
        own = measure(definition, rules.organisation.country, rules.day)
        accounts = [one.account_id for one in ending if one.definition_id == definition.pk]
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
