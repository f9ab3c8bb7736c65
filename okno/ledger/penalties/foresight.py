"""What posting a month of penalties would do, told without posting or locking anything."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from okno.access.models import Organisation
from okno.ledger.kernel import columns
from okno.ledger.kernel.columns import day_of
from okno.ledger.penalties.gathering import cursor as new_cursor
from okno.ledger.penalties.keys import last_day
from okno.ledger.penalties.many import REGIME, REGIMES, UNKNOWN, OpenLines, Read, not_posted_of_many
from okno.ledger.penalties.models import Posting
from okno.ledger.penalties.terms import OrganisationTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class Foresight:
    """How many accounts would get a penalty bill for a month, how many bills, and their sum.

    `unknown` are accounts for which a value of the law is missing: while there are any, nothing can be posted.
    `waiting` are those whose penalty is below the least sum and waits for another month. `is_verified` is False when a
    norm behind what is still open was not verified by anybody.
    """

    month: date
    accounts: int
    bills: int
    minor: int
    unknown: int
    waiting: int
    is_verified: bool = True


def foresee(organisation: Organisation, month: date) -> Foresight:
    """What `posting.post_month` would post for the days through the end of `month`, as the books stand now."""
    terms = OrganisationTerms(organisation)
    end = last_day(month)
    regimes = [regime for regime in terms.regimes if terms.posting(regime, end) == Posting.MONTHLY]
    cursor = new_cursor()
    read = Read(
        condition="organisation_id = %(organisation)s",
        parameters={"organisation": organisation.pk, "day": end, "regimes": list(REGIMES)},
    )
    lines = OpenLines(
        *columns.read(
            cursor,
            ("account_id", REGIME, "due_on", "open_minor", "0"),
            f"ledger_openbill WHERE due_on < %(day)s AND kind <> 'penalty' AND {read.condition}",
            read.parameters,
        )
    )
    (others,) = columns.read(cursor, ("account_id",), _OTHERS, read.parameters)
    accounts = np.unique(np.concatenate([lines.account, others]))
    touched, unknown, waiting = (np.zeros(len(accounts), bool) for _ in range(3))
    bills = minor = 0
    for regime, figures in not_posted_of_many(cursor, terms, regimes, accounts, lines, read, end).items():
        is_enough = (figures > 0) & (figures >= terms.least_minor(regime, end))
        touched |= is_enough
        unknown |= figures == UNKNOWN
        waiting |= (figures > 0) & ~is_enough
        bills += int(is_enough.sum())
        minor += int(figures[is_enough].sum())
    return Foresight(
        month=month,
        accounts=int(touched.sum()),
        bills=bills,
        minor=minor,
        unknown=int(unknown.sum()),
        waiting=int(waiting.sum()),
        is_verified=all(
            terms.costs(regime, end).is_verified(day_of(int(number)), end)
            for regime in regimes
            for number in np.unique(lines.due[lines.regime == REGIMES.index(regime)])
        ),
    )


_OTHERS = (
    "(SELECT account_id FROM ledger_lateshare WHERE organisation_id = %(organisation)s AND due_on < %(day)s"
    " UNION SELECT account_id FROM ledger_penaltystanding WHERE organisation_id = %(organisation)s) AS other"
)
