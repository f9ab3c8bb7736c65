"""What the books hold of a month beside the rows of its sheet: corrections, penalties, and how the month was closed."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from okno.access.models import Organisation
from okno.common.days import last_day
from okno.exchange.books import recalculation_key, sheet_penalty_key
from okno.exchange.staging import Cursor
from okno.ledger.months.closed import first_open_day


class Accounted:
    """A month of the books, read once a sheet.

    `recalculated` is what corrections and reversals that no sheet made add to an account in this month, `penalties`
    what was posted by account and regime. `closed_until` is the first open day when the month is closed, else None.
    """

    def __init__(self, cursor: Cursor, organisation: Organisation, month: date) -> None:
        self._cursor = cursor
        self._month = month
        self.recalculated: dict[int, int] = defaultdict(int)
        self.penalties: dict[tuple[int, str], int] = defaultdict(int)
        first_open = first_open_day(organisation)
        self.closed_until = first_open if first_open is not None and month < first_open else None
        self._read(organisation.pk)

    def of(self, account_id: int) -> bool:
        """Whether the account has something here."""
        return account_id in self.recalculated or account_id in self._with_penalties

    def as_closed(self, account_ids: Sequence[int]) -> dict[int, dict[str, dict[str, int]]]:
        """The month's bills (account → regime → lines) as they stood when it was closed; nothing for an open month."""
        found: dict[int, dict[str, dict[str, int]]] = defaultdict(dict)
        if self.closed_until is None:
            return found
        self._cursor.execute(_AS_CLOSED, (list(account_ids), self._month, last_day(self._month), last_day(self._month)))
        for account, regime, lines in self._cursor.fetchall():
            found[account][regime] = json.loads(lines)
        return found

    def _read(self, organisation_id: int) -> None:
        month = f"{self._month:%Y-%m}"
        self._cursor.execute(
            _BESIDE,
            (
                organisation_id, self._month, last_day(self._month), self._month, recalculation_key(self._month),
                sheet_penalty_key("%", self._month), f"recalculation:%:{month}",
            ),
        )  # fmt: skip
        for account, regime, minor in self._cursor.fetchall():
            if regime is None:
                self.recalculated[account] += minor
            else:
                self.penalties[account, regime] += minor
        self._with_penalties = {account for account, _regime in self.penalties}


_BESIDE = """
WITH entry AS MATERIALIZED (
    SELECT id FROM ledger_entry WHERE organisation_id = %s AND accounted_on BETWEEN %s AND %s
)
SELECT bill.account_id, CASE bill.kind WHEN 'penalty' THEN bill.regime END, sum(bill.amount_minor)::bigint
FROM entry JOIN ledger_bill AS bill ON bill.entry_id = entry.id
LEFT JOIN entry AS undone ON undone.id = bill.reversed_by_id
WHERE undone.id IS NULL AND (
    bill.kind = 'month' AND bill.month <> %s
    OR bill.kind = 'recalculation' AND bill.source_key IS DISTINCT FROM %s
    OR bill.kind = 'penalty' AND bill.source_key NOT LIKE %s
) GROUP BY 1, 2
UNION ALL
SELECT bill.account_id, NULL, -sum(bill.amount_minor)::bigint
FROM entry AS undone JOIN ledger_bill AS bill ON bill.reversed_by_id = undone.id
LEFT JOIN entry AS posted ON posted.id = bill.entry_id
WHERE posted.id IS NULL AND bill.kind <> 'opening' GROUP BY 1
UNION ALL
SELECT payment.account_id, NULL, -sum(payment.amount_minor)::bigint
FROM entry JOIN ledger_payment AS payment ON payment.entry_id = entry.id
LEFT JOIN entry AS undone ON undone.id = payment.reversed_by_id
WHERE undone.id IS NULL AND payment.kind = 'recalculation' AND payment.source_key NOT LIKE %s GROUP BY 1"""

_AS_CLOSED = """
SELECT bill.account_id, bill.regime, bill.lines
FROM ledger_bill AS bill JOIN ledger_entry AS posted ON posted.id = bill.entry_id
LEFT JOIN ledger_entry AS undone ON undone.id = bill.reversed_by_id
WHERE bill.account_id = ANY(%s) AND bill.month = %s AND bill.kind = 'month' AND posted.accounted_on <= %s
  AND (undone.id IS NULL OR undone.accounted_on > %s)"""
