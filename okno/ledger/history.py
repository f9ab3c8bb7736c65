"""An account as it stood at a version of its balance, out of rows that are never edited.

Every row carries the version of the posting that wrote it, a reversed row also the version from which it is reversed;
what was open is the amount less what had gone to it by then.
"""

from collections.abc import Mapping
from typing import Any

import psycopg

from okno.ledger.allocation import OpenBill

Cursor = psycopg.Cursor[Any]

_OPEN_BILLS = """
SELECT bill.account_id, bill.id, bill.kind, bill.regime, bill.month, bill.due_on,
       (bill.amount_minor - coalesce(gone.minor, 0))::bigint AS open_minor
FROM unnest(%s::bigint[], %s::int[]) AS asked(account_id, version)
JOIN ledger_bill AS bill ON bill.account_id = asked.account_id AND bill.version <= asked.version
    AND (bill.reversed_version IS NULL OR bill.reversed_version > asked.version)
LEFT JOIN LATERAL (
    SELECT sum(move.amount_minor) AS minor FROM ledger_allocation AS move
    WHERE move.account_id = asked.account_id AND move.version <= asked.version AND move.bill_id = bill.id
) AS gone ON true
WHERE bill.amount_minor > coalesce(gone.minor, 0)
ORDER BY bill.account_id, bill.due_on, bill.id
"""


def open_bills_at(cursor: Cursor, versions: Mapping[int, int]) -> dict[int, list[OpenBill]]:
    """The open bills of each account (id → version), oldest first; an account that owed nothing has an empty list."""
    cursor.execute(_OPEN_BILLS, (list(versions), list(versions.values())))
    bills: dict[int, list[OpenBill]] = {account: [] for account in versions}
    for account, *row in cursor.fetchall():
        bills[account].append(OpenBill(*row))
    return bills
