"""What a posting does to the penalties of the accounts it touched, in its own transaction.

A fact of a day that posted penalties have counted already makes them equal to what they would have been; where terms
post at payment, the penalty of the parts a payment closed is posted with it; conditions of waivers are looked at. One
indexed question tells that there is nothing of the sort, and that is nearly always the answer.
"""

from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import psycopg

from okno.access.models import Organisation
from okno.database.trips import arrive
from okno.ledger.effects import Coming, Follow, Moved
from okno.ledger.models import EntryKind
from okno.ledger.penalties import words
from okno.ledger.penalties.reposting import Cause, equalise
from okno.ledger.penalties.terms import OrganisationTerms, hold_months
from okno.ledger.penalties.waiver import judge
from okno.ledger.rows import Cursor


def ask(cursor: Cursor, coming: Coming, *, now: datetime) -> Follow:
    """Ask whether anything of penalties stands in the way of what is coming, as of `now` (aware)."""
    if coming.kind == EntryKind.PENALTIES:
        return _nothing
    accounts = list(coming.account_ids)
    concerned = psycopg.Cursor(cursor.connection).execute(
        _CONCERNED,
        (list(coming.earliest), list(coming.earliest.values()), accounts, coming.organisation_id),
        prepare=True,
    )
    return partial(follow, concerned=concerned, now=now)


def _nothing(cursor: Cursor, moved: Moved) -> bool:
    return False


def follow(cursor: Cursor, moved: Moved, *, concerned: Cursor, now: datetime) -> bool:
    """Keep the penalties of the touched accounts true; says whether there was anything to look into."""
    if not moved.reversed_ids and concerned.fetchone() is None:
        return False
    arrive(cursor.connection)
    if moved.reversed_ids:
        # A month that is begun meanwhile would neither be seen here nor see what is reversed.
        hold_months(cursor, moved.organisation_id, alone=False)
    accounts = _touched(cursor, moved)
    if not accounts:
        return False
    organisation = Organisation.objects.get(pk=moved.organisation_id)
    terms = OrganisationTerms(organisation)
    reason = words.posted_after(moved.kind, at_payment=terms.ever_at_payment)
    done = equalise(cursor, terms, accounts, Cause(key=f"penalties:after:{moved.entry_id}", reason=reason))
    judge(organisation, done, today=now.astimezone(ZoneInfo(organisation.time_zone)).date())
    return True


def _touched(cursor: Cursor, moved: Moved) -> list[int]:
    """Accounts on which the posting may have changed what is posted, or ought to be."""
    accounts, reversed_ids = list(moved.account_ids), list(moved.reversed_ids)
    rows = cursor.execute(
        _TOUCHED,
        (
            list(moved.earliest),
            list(moved.earliest.values()),
            accounts,
            accounts,
            moved.organisation_id,
            reversed_ids,
            moved.organisation_id,
        ),
        prepare=True,
    )
    return [int(row[0]) for row in rows.fetchall()]


_CONCERNED = """
SELECT 1 FROM unnest(%s::bigint[], %s::date[]) AS came(account_id, day)
JOIN ledger_penaltystanding AS standing ON standing.account_id = came.account_id
WHERE standing.posted_through >= came.day
UNION ALL SELECT 1 FROM ledger_penaltywaiver WHERE account_id = ANY(%s) AND state <> 'taken_back'
UNION ALL SELECT 1 FROM ledger_penaltyterms WHERE organisation_id = %s AND posting = 'at_payment'
LIMIT 1
"""

_TOUCHED = """
SELECT standing.account_id FROM unnest(%s::bigint[], %s::date[]) AS came(account_id, day)
JOIN ledger_penaltystanding AS standing ON standing.account_id = came.account_id
WHERE standing.posted_through >= came.day
UNION SELECT account_id FROM ledger_penaltywaiver WHERE account_id = ANY(%s) AND state <> 'taken_back'
UNION SELECT account_id FROM ledger_lateshare WHERE account_id = ANY(%s)
  AND EXISTS (SELECT FROM ledger_penaltyterms WHERE organisation_id = %s AND posting = 'at_payment')
UNION SELECT reversed.account_id FROM unnest(%s::bigint[]) AS reversed(account_id)
WHERE EXISTS (SELECT FROM ledger_penaltymonth WHERE organisation_id = %s)
"""
