"""A range of accounts as a night sees them: read as columns, aged, priced and placed on the ladder, without any lock.

The versions of the accounts are read first: whatever a posting changes afterwards, it changes the version too, so what
was counted here is written only where the version is still the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from okno.access.models import Organisation
from okno.debts import ladder, segments
from okno.debts.ageing import Cursor, Debt, Yardstick
from okno.debts.cases import earlier_debts
from okno.debts.ladder import Step
from okno.law import dated
from okno.law.countries import pack
from okno.law.dated import NotInForce
from okno.ledger import ages
from okno.ledger.kernel import ageing, columns
from okno.ledger.kernel.ageing import Aged
from okno.ledger.kernel.columns import Ints, day_number, day_of
from okno.ledger.penalties.many import REGIME, REGIMES, OpenLines, Read, due_of_many
from okno.ledger.penalties.terms import OrganisationTerms

NO_DAY = day_number(date(1900, 1, 1))
"""Stands for an empty day in a column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """By what the accounts of an organisation are judged on a day."""

    organisation: Organisation
    day: date
    by: Yardstick
    steps: tuple[Step, ...]
    terms: OrganisationTerms


class Cases(NamedTuple):
    """Open cases, ordered by account; `step` is the place in the ladder, −1 for none."""

    account: Ints
    case_id: Ints
    definition: Ints
    earlier_debts: Ints
    step: Ints
    step_on: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """An open case whose debt no longer meets the definition."""

    account_id: int
    case_id: int
    definition_id: int
    debt: Debt


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What a range of accounts comes to: `met` are columns by name, a row for each debt that meets the definition."""

    met: Mapping[str, Ints]
    ending: Mapping[int, Ending]
    """By account."""
    versions: Mapping[int, int]
    """Of the accounts whose cases end."""


def look(cursor: Cursor, rules: Rules, *, first: int = 0, last: int = 0, accounts: Sequence[int] = ()) -> Night:
    """Count the organisation's accounts from `first` to `last`, or exactly `accounts`."""
    read = _read(rules, first, last, accounts)
    account, version = _by_account(
        columns.read(cursor, ("account_id", "version"), f"ledger_balance WHERE {read.condition}", read.parameters)
    )
    lines, month = _open_lines(cursor, read)
    cases = Cases(
        *_by_account(
            columns.read(cursor, _CASE, f"debts_case WHERE {read.condition} AND state = 'open'", read.parameters)
        )
    )
    owing, debts = _aged(rules, lines, month)
    is_met = (debts.debt_minor > 0) & (debts.debt_minor >= rules.by.least_minor)
    met, met_debts = owing[is_met], Aged(*(column[is_met] for column in debts))
    owed = due_of_many(cursor, rules.terms, met, lines, read, rules.day)
    found = {
        "account_id": met,
        "version": version[np.searchsorted(account, met)],
        **met_debts._asdict(),
        **_placed(cursor, rules, met, met_debts, cases),
        "penalty_minor": owed.minor,
        "penalty_doubted": owed.doubted.astype(np.int64),
    }
    ending = _ending(cases, met, owing, debts)
    return Night(
        met=found,
        ending=ending,
        versions={pk: int(version[np.searchsorted(account, pk)]) for pk in ending},
    )


_CASE = (
    "account_id",
    "id",
    "definition_id",
    "earlier_debts",
    "coalesce(array_position(%(codes)s::varchar[], step), 0) - 1",
    "coalesce(step_on, date '1900-01-01')",
)


def _read(rules: Rules, first: int, last: int, accounts: Sequence[int]) -> Read:
    within = "account_id = ANY(%(accounts)s)" if accounts else "account_id BETWEEN %(first)s AND %(last)s"
    return Read(
        condition=f"organisation_id = %(organisation)s AND {within}",
        parameters={
            "organisation": rules.organisation.pk,
            "first": first,
            "last": last,
            "accounts": list(accounts),
            "day": rules.day,
            "codes": [step.code for step in rules.steps],
        },
    )


def _open_lines(cursor: Cursor, read: Read) -> tuple[OpenLines, Ints]:
    """What is open and overdue, or a penalty; and the month of each."""
    *lines, month = columns.read(
        cursor,
        ("account_id", REGIME, "due_on", "open_minor", "(kind = 'penalty')::int", "month"),
        f"ledger_openbill WHERE (due_on < %(day)s OR kind = 'penalty') AND {read.condition}",
        read.parameters,
    )
    return OpenLines(*lines), month


def _aged(rules: Rules, lines: OpenLines, month: Ints) -> tuple[Ints, Aged]:
    """The accounts that owe anything the definition names, in order, and their debts."""
    named = [REGIMES.index(regime) for regime in rules.by.regimes]
    counts = np.isin(lines.regime, named) & (lines.due <= day_number(rules.by.last_due_on))
    account, due, minor, month = (column[counts] for column in (lines.account, lines.due, lines.minor, month))
    order, owing, starts = ageing.grouped(account, month)
    return owing, ageing.aged(
        starts,
        month[order],
        due[order],
        minor[order],
        day=day_number(rules.day),
        barred_until=day_number(rules.by.barred_until),
        last=np.array(ages.LAST),
    )


def _placed(cursor: Cursor, rules: Rules, met: Ints, debts: Aged, cases: Cases) -> dict[str, Ints]:
    """The case of each debt (0: none yet), its segment, and where it stands on the ladder."""
    place = np.searchsorted(cases.account, met)
    has = np.isin(met, cases.account)
    known = Cases(*(np.where(has, np.append(column, 0)[place * has], 0) for column in cases))
    before = earlier_debts(cursor, met[~has].tolist(), rules.day)
    earlier = known.earlier_debts
    earlier[~has] = [before.get(pk, 0) for pk in met[~has].tolist()]
    today = day_number(rules.day)
    days_past = today - debts.overdue_since
    step = ladder.placed(
        rules.steps, days_past, debts.months_owed, debts.debt_minor, _court_is_open(rules, debts.overdue_since)
    )
    step_on = np.where(has & (known.step == step), known.step_on, today)
    step_on = np.where(step < 0, NO_DAY, np.where(step_on == NO_DAY, today, step_on))
    asks = np.array([bool(one.families) for one in rules.steps] + [False])
    repeat = np.array([one.repeat_days for one in rules.steps] + [0])
    return {
        "case_id": known.case_id,
        "earlier_debts": earlier,
        "segment": segments.placed(debts.months_owed, days_past, earlier),
        "step": step,
        "step_on": step_on,
        "contact_on": np.where(asks[step], ladder.contact_asked_on(step_on, repeat[step], today), NO_DAY),
    }


def _court_is_open(rules: Rules, oldest_due: Ints) -> npt.NDArray[np.bool_]:
    """Whether the law already lets the oldest of a debt go to a notary or a court."""
    days, place = np.unique(oldest_due, return_inverse=True)
    country, edition = rules.organisation.country, dated.generation()
    is_open = [_court_opens(country, day_of(number), edition) <= rules.day for number in days]
    return np.array(is_open, bool)[place]


@lru_cache(maxsize=4096)
def _court_opens(country: str, due_on: date, edition: int) -> date:
    try:
        return pack(country).first_court_day(due_on).value
    except NotInForce:
        return date.max


def _ending(cases: Cases, met: Ints, owing: Ints, debts: Aged) -> dict[int, Ending]:
    ended = ~np.isin(cases.account, met)
    found = {}
    for account, case, definition in zip(*(column[ended].tolist() for column in cases[:3]), strict=True):
        place = int(np.searchsorted(owing, account))
        owes = place < len(owing) and owing[place] == account
        debt = _debt(account, debts, place) if owes else Debt(account)
        found[account] = Ending(account_id=account, case_id=case, definition_id=definition, debt=debt)
    return found


def _debt(account: int, debts: Aged, place: int) -> Debt:
    row = {name: int(column[place]) for name, column in debts._asdict().items()}
    since = row.pop("overdue_since")
    return Debt(account_id=account, overdue_since=day_of(since) if row["bills"] else None, **row)


def _by_account(found: tuple[Ints, ...]) -> tuple[Ints, ...]:
    order = np.argsort(found[0], kind="stable")
    return tuple(column[order] for column in found)
