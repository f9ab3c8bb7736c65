"""Who may be told about an account: of its debt the owner or the payer of its flat on that day, of the rest more."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

import psycopg

from okno.people.models import OccupancyRole

#: The payer stands first: the organisation was told whom to write to.
ENTITLED = (OccupancyRole.PAYER.value, OccupancyRole.OWNER.value)

#: Whom readings, visits and announcements are for: whoever lives there too.
AT_HOME = (*ENTITLED, OccupancyRole.TENANT.value, OccupancyRole.RESIDENT.value)


def entitled(
    cursor: psycopg.Cursor[Any], account_ids: Sequence[int], day: date, roles: Sequence[str] = ENTITLED
) -> dict[int, list[int]]:
    """Account → the people who may hear about its debt on `day` (both ends of an occupancy are inclusive).

    In the order of `roles`, payers before owners, then by id; a person stands once. Accounts with nobody are left
    out. Reads what the caller's transaction sees.
    """
    cursor.execute(
        "SELECT account.id, occupancy.person_id, min(array_position(%s::varchar[], occupancy.role)) AS rank"
        " FROM ledger_account AS account JOIN people_occupancy AS occupancy ON occupancy.flat_id = account.flat_id"
        " AND occupancy.organisation_id = account.organisation_id"
        " WHERE account.id = ANY(%s) AND occupancy.role = ANY(%s)"
        " AND coalesce(occupancy.since, '-infinity') <= %s AND coalesce(occupancy.until, 'infinity') >= %s"
        " GROUP BY 1, 2 ORDER BY 1, 3, 2",
        (list(roles), list(account_ids), list(roles), day, day),
        prepare=True,
    )
    found: dict[int, list[int]] = defaultdict(list)
    for account, person, _ in cursor.fetchall():
        found[account].append(person)
    return dict(found)
