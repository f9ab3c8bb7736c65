"""What many accounts owe as penalty on a day: `accrual.accrued` by columns, without going through their histories.

What was paid late and sealed stands as a sum, what was paid late since as late shares, the rest is still open; the
law's coefficients do the rest. An account about which somebody has decided by hand (a pause, a waiver), or which such a
sum cannot tell, is counted singly.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from okno.law.countries import pack
from okno.ledger.kernel import columns
from okno.ledger.kernel.columns import Cursor, Ints, day_number, day_of
from okno.ledger.kernel.penalties import Parts, Settled, Table, figures
from okno.ledger.models import Regime
from okno.ledger.penalties.accrual import Accrued, accrued_of
from okno.ledger.penalties.gathering import decided_upon
from okno.ledger.penalties.standing import readings_of
from okno.ledger.penalties.terms import OrganisationTerms

REGIMES = tuple(Regime.values)
"""A regime's place here is its number in a column."""
_CASES = " ".join(f"WHEN '{regime}' THEN {number}" for number, regime in enumerate(REGIMES))
REGIME = f"CASE regime {_CASES} END"
"""That number in SQL: a list of cases costs half of looking it up in an array."""

UNKNOWN = -1
"""Stands for a figure that cannot be told because a value of the law is missing."""

SINGLY_AT_ONCE = 1_000
"""Accounts gone through singly at a time: bounds the memory."""

Flags = npt.NDArray[np.bool_]


class OpenLines(NamedTuple):
    """Open remainders of bills; `is_penalty` is 1 for those of penalties."""

    account: Ints
    regime: Ints
    due: Ints
    minor: Ints
    is_penalty: Ints


class _Shares(NamedTuple):
    account: Ints
    regime: Ints
    due: Ints
    value: Ints
    minor: Ints


class Owed(NamedTuple):
    """What accounts owe as penalty, or UNKNOWN, and whether a norm behind it was not verified by anybody."""

    minor: Ints
    doubted: Flags


class _Standings(NamedTuple):
    account: Ints
    regime: Ints
    whole: Ints
    rest: Ints
    posted: Ints
    fits: Ints
    """1 when it can be added to: folded by the readings of this day, nothing posted for days after it."""
    doubted: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Which rows are read: a condition over `organisation_id` and `account_id`, and what it is told."""

    condition: str
    parameters: Mapping[str, Any]


def due_of_many(
    cursor: Cursor, terms: OrganisationTerms, accounts: Ints, lines: OpenLines, read: Read, day: date
) -> Owed:
    """What each of `accounts` (in order, each once) owes as penalty through `day`, posted or not.

    `lines` are all that is open on them and overdue on `day`, and all open penalty bills.
    """
    due = np.zeros(len(accounts), np.int64)
    unknown, doubted = np.zeros(len(accounts), bool), np.zeros(len(accounts), bool)
    singly = np.isin(accounts, list(decided_upon(cursor, terms.organisation.pk)))
    lines = _of(accounts, lines)
    np.add.at(due, lines.account[lines.is_penalty == 1], lines.minor[lines.is_penalty == 1])
    lines = _only(lines, (lines.is_penalty == 0) & (lines.due < day_number(day)))
    shares = _of(accounts, _shares(cursor, read))
    standings = _of(accounts, _standings(cursor, terms, read, day))
    for number, regime in enumerate(REGIMES):
        if regime not in terms.regimes:
            continue
        its = [_only(rows, rows.regime == number) for rows in (lines, shares, standings)]
        if terms.costs(regime, day).counts_by_row:
            for rows in its:
                singly[rows.account] = True
            continue
        singly[its[2].account[its[2].fits == 0]] = True
        figure, missing = _not_posted(terms, regime, day, len(accounts), *its)
        due += figure
        unknown |= missing
        _mark_doubted(doubted, terms, regime, day, *its)
    due[unknown] = UNKNOWN
    for place, told in _singly(terms, accounts, singly, day):
        due[place] = UNKNOWN if told.due_minor is None else told.due_minor
        doubted[place] = not told.verified
    return Owed(due, doubted & (due > 0))


def not_posted_of_many(
    cursor: Cursor,
    terms: OrganisationTerms,
    regimes: Sequence[str],
    accounts: Ints,
    lines: OpenLines,
    read: Read,
    day: date,
) -> dict[str, Ints]:
    """What each of `accounts` (in order, each once) has accrued through `day` and not been asked for; or UNKNOWN.

    By regime. `lines` are all that is open on them and overdue on `day`.
    """
    decided = np.isin(accounts, list(decided_upon(cursor, terms.organisation.pk)))
    lines = _of(accounts, lines)
    lines = _only(lines, (lines.is_penalty == 0) & (lines.due < day_number(day)))
    shares = _of(accounts, _shares(cursor, read))
    standings = _of(accounts, _standings(cursor, terms, read, day))
    found = {}
    for regime in regimes:
        number = REGIMES.index(regime)
        its = [_only(rows, rows.regime == number) for rows in (lines, shares, standings)]
        singly, figure = decided.copy(), np.zeros(len(accounts), np.int64)
        if terms.costs(regime, day).counts_by_row:
            for rows in its:
                singly[rows.account] = True
        else:
            singly[its[2].account[its[2].fits == 0]] = True
            figure, missing = _not_posted(terms, regime, day, len(accounts), *its)
            figure[missing] = UNKNOWN
        for place, told in _singly(terms, accounts, singly, day):
            one = next(own for own in told.regimes if own.regime == regime)
            figure[place] = UNKNOWN if one.not_posted_minor is None else one.not_posted_minor
        found[regime] = figure
    return found


def _not_posted(
    terms: OrganisationTerms,
    regime: str,
    day: date,
    count: int,
    lines: OpenLines,
    shares: _Shares,
    standings: _Standings,
) -> tuple[Ints, Flags]:
    """What has accrued of one regime and is not posted, and where it cannot be told."""
    today = day_number(day)
    days = np.unique(np.concatenate([lines.due, shares.due]))
    law = pack(terms.organisation.country).penalty.coefficients(
        regime,
        [day_of(number) for number in days],
        day,
        settings=terms.on(regime, day).settings,
        calendar=terms.calendar,
    )
    settled, posted = Settled(np.zeros(count, np.int64), np.zeros(count, np.int64)), np.zeros(count, np.int64)
    for column, own in zip((*settled, posted), (standings.whole, standings.rest, standings.posted), strict=True):
        column[standings.account] = own
    parts = (
        Parts(lines.account, lines.due, np.full(len(lines.due), today), lines.minor),
        Parts(shares.account, shares.due, np.minimum(shares.value, today), shares.minor),
    )
    found = figures(Table.of(law), parts, settled)
    return np.maximum(found.minor - posted, 0), found.missing


def _mark_doubted(
    doubted: Flags,
    terms: OrganisationTerms,
    regime: str,
    day: date,
    lines: OpenLines,
    shares: _Shares,
    standings: _Standings,
) -> None:
    """Mark the accounts whose penalty of one regime rests on a norm nobody has verified.

    What is open is asked about as the account's card asks, a bill a due day; what was paid late by the table.
    """
    law, costs, today = pack(terms.organisation.country).penalty, terms.costs(regime, day), day_number(day)
    open_days, late_days = np.unique(lines.due), np.unique(shares.due)
    not_read = [number for number in open_days if not costs.is_verified(day_of(int(number)), day)]
    doubted[lines.account[np.isin(lines.due, not_read)]] = True
    if len(late_days):
        found = law.doubts(
            regime,
            [day_of(int(number)) for number in late_days],
            day,
            settings=terms.on(regime, day).settings,
            calendar=terms.calendar,
        )
        table = np.stack([np.frombuffer(row, np.uint8) for row in found])
        value = np.minimum(shares.value, today)
        marks = table[np.searchsorted(late_days, shares.due), value - late_days[0]]
        doubted[shares.account[(marks > 0) & (value > shares.due)]] = True
    doubted[standings.account[standings.doubted > 0]] = True


def _shares(cursor: Cursor, read: Read) -> _Shares:
    return _Shares(
        *columns.read(
            cursor,
            ("account_id", REGIME, "due_on", "value_on", "amount_minor"),
            f"ledger_lateshare WHERE due_on < %(day)s AND {read.condition}",
            read.parameters,
        )
    )


def _standings(cursor: Cursor, terms: OrganisationTerms, read: Read, day: date) -> _Standings:
    """Standings read by the terms of `day`."""
    return _Standings(
        *columns.read(
            cursor,
            ("account_id", REGIME, "settled_whole", "settled_rest", "posted_minor", _FITS, "is_doubted::int"),
            f"ledger_penaltystanding WHERE {read.condition}",
            {
                **read.parameters,
                "denominator": terms.denominator,
                "readings": [readings_of(terms.on(regime, day)) for regime in REGIMES],
            },
        )
    )


_FITS = (
    "((settled_whole = 0 AND settled_rest = 0 OR denominator = %(denominator)s"
    f" AND readings = (%(readings)s::varchar[])[({REGIME}) + 1])"
    " AND coalesce(posted_through <= %(day)s, true) AND coalesce(sealed_on <= %(day)s, true))::int"
)


def _singly(terms: OrganisationTerms, accounts: Ints, singly: Flags, day: date) -> Iterator[tuple[int, Accrued]]:
    """The accounts that are gone through one by one, each with its place."""
    (places,) = np.nonzero(singly)
    for start in range(0, len(places), SINGLY_AT_ONCE):
        piece = places[start : start + SINGLY_AT_ONCE]
        found = accrued_of(terms.organisation, accounts[piece].tolist(), day)
        yield from ((int(place), found[int(accounts[place])]) for place in piece)


def _of(accounts: Ints, rows: Any) -> Any:
    """The rows of these accounts, with the account's place instead of its number."""
    if not len(accounts):
        return _only(rows, np.zeros(len(rows.account), bool))
    place = np.minimum(np.searchsorted(accounts, rows.account), len(accounts) - 1)
    known = accounts[place] == rows.account
    return _only(rows._replace(account=place), known)


def _only(rows: Any, wanted: Flags) -> Any:
    return type(rows)(*(column[wanted] for column in rows))
