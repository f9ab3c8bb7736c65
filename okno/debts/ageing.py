"""What an account owes under a definition on a day: the sum, its ages, the months, since when.

Counted twice over in the same words: in SQL over the open bills of many accounts, and in Python over the bills of one
(for a moment of the past). A time-barred bill is not a debt that anybody is reminded of; it is summed up apart.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

import psycopg

from okno.ledger import ages
from okno.ledger.allocation import OpenBill
from okno.ledger.limitation import barred_until

Cursor = psycopg.Cursor[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Yardstick:
    """A definition of debt laid on a day.

    A bill counts when its regime is named and its due day lies between `barred_until` (excluded) and `last_due_on`
    (included: later ones are still within the days allowed).
    """

    definition_id: int
    day: date
    regimes: tuple[str, ...]
    least_minor: int
    last_due_on: date
    barred_until: date

    def met_by(self, debt_minor: int) -> bool:
        """Whether so much is a debt: something, and not less than the least sum."""
        return debt_minor > 0 and debt_minor >= self.least_minor


NOTHING_BARRED = date(1900, 1, 1)


def yardstick(
    *, definition_id: int, country: str, day: date, regimes: Iterable[str], days_allowed: int, least_minor: int
) -> Yardstick:
    """Lay a definition on `day`. `days_allowed` 0: the debt begins on the day after the due day."""
    return Yardstick(
        definition_id=definition_id,
        day=day,
        regimes=tuple(regimes),
        least_minor=least_minor,
        last_due_on=day - timedelta(days=days_allowed + 1),
        barred_until=barred_until(country, day) or NOTHING_BARRED,
    )


class Debt(NamedTuple):
    """What an account owes; `barred_minor` is time-barred and in none of the other figures."""

    account_id: int
    debt_minor: int = 0
    age_30_minor: int = 0
    age_60_minor: int = 0
    age_90_minor: int = 0
    age_over_minor: int = 0
    months_owed: int = 0
    bills: int = 0
    overdue_since: date | None = None
    barred_minor: int = 0


_COUNTED = "bill.due_on > %(barred_until)s"

_DEBTS = f"""
SELECT bill.account_id,
       coalesce(sum(bill.open_minor) FILTER (WHERE {_COUNTED}), 0)::bigint,
       {ages.sums(day="%(day)s::date", counted=_COUNTED)},
       count(DISTINCT bill.month) FILTER (WHERE {_COUNTED}),
       count(*) FILTER (WHERE {_COUNTED}),
       min(bill.due_on) FILTER (WHERE {_COUNTED}),
       coalesce(sum(bill.open_minor) FILTER (WHERE NOT {_COUNTED}), 0)::bigint
FROM ledger_openbill AS bill
WHERE bill.account_id = ANY(%(accounts)s)
  AND bill.regime = ANY(%(regimes)s) AND bill.due_on <= %(last_due_on)s
GROUP BY bill.account_id
"""


def parameters(by: Yardstick) -> dict[str, Any]:
    """The yardstick as parameters of a query."""
    return {
        "day": by.day,
        "regimes": list(by.regimes),
        "last_due_on": by.last_due_on,
        "barred_until": by.barred_until,
        "least": max(by.least_minor, 1),
    }


def debts_of(cursor: Cursor, accounts: Sequence[int], by: Yardstick) -> dict[int, Debt]:
    """What each of the accounts owes now (those that owe nothing overdue are left out), under the caller's locks."""
    cursor.execute(_DEBTS, {"accounts": list(accounts), **parameters(by)}, prepare=True)
    return {row[0]: Debt(*row) for row in cursor.fetchall()}


def debt_of(account_id: int, bills: Iterable[OpenBill], by: Yardstick) -> Debt:
    """The same out of one account's open bills at hand: pure."""
    overdue = [
        bill for bill in bills if bill.open_minor > 0 and bill.regime in by.regimes and bill.due_on <= by.last_due_on
    ]
    counted = [bill for bill in overdue if bill.due_on > by.barred_until]
    sums = dict.fromkeys(ages.AGES, 0)
    for bill in counted:
        sums[ages.age(ages.days_past(bill.due_on, by.day)) or ages.AGES[0]] += bill.open_minor
    debt_minor = sum(sums.values())
    return Debt(
        account_id=account_id,
        debt_minor=debt_minor,
        age_30_minor=sums["age_30"],
        age_60_minor=sums["age_60"],
        age_90_minor=sums["age_90"],
        age_over_minor=sums["age_over"],
        months_owed=len({bill.month for bill in counted}),
        bills=len(counted),
        overdue_since=min((bill.due_on for bill in counted), default=None),
        barred_minor=sum(bill.open_minor for bill in overdue) - debt_minor,
    )
