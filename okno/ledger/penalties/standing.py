"""What stands of the penalties of many accounts: read, written and counted again from the history.

A standing is a cache. With it the figure of an account costs as much as it has open bills and late payments since the
last month that was posted, whatever the length of its history.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from okno.ledger.penalties.keys import PENALTY, through_of
from okno.ledger.penalties.terms import OrganisationTerms, Terms
from okno.ledger.rows import Cursor

AT_ONCE = 20_000
"""Accounts counted again at a time: bounds the memory of a rebuild."""

Progress = Callable[[int, int], None]
"""(accounts done, accounts in all)."""


@dataclass(slots=True, kw_only=True)
class Standing:
    """One account and regime, see `models.PenaltyStanding`; `settled` is in 1/denominator of a minor unit."""

    account_id: int
    regime: str
    settled: int = 0
    sealed_on: date | None = None
    readings: str = ""
    posted_minor: int = 0
    posted_through: date | None = None
    is_doubted: bool = False


def readings_of(terms: Terms) -> str:
    """The name of the readings by which late shares are folded: the same for the same settings."""
    return sha256(repr(sorted(terms.settings.items())).encode()).hexdigest()[:32]


def standings_of(cursor: Cursor, accounts: Sequence[int]) -> dict[tuple[int, str], Standing]:
    """What stands on these accounts, by account and regime."""
    rows = cursor.execute(_READ, (list(accounts),), prepare=True).fetchall()
    return {
        (account, regime): Standing(
            account_id=account,
            regime=regime,
            settled=whole * denominator + rest,
            sealed_on=sealed_on,
            readings=readings,
            posted_minor=posted,
            posted_through=through,
            is_doubted=doubted,
        )
        for account, regime, whole, rest, denominator, sealed_on, readings, posted, through, doubted in rows
    }


def write_standings(cursor: Cursor, organisation_id: int, rows: Iterable[Standing], denominator: int) -> None:
    """Put these standings in place of those that are there."""
    found = list(rows)
    if not found:
        return
    cursor.execute(
        _WRITE,
        (
            organisation_id,
            denominator,
            [row.account_id for row in found],
            [row.regime for row in found],
            [row.settled // denominator for row in found],
            [row.settled % denominator for row in found],
            [row.sealed_on for row in found],
            [row.readings for row in found],
            [row.posted_minor for row in found],
            [row.posted_through for row in found],
            [row.is_doubted for row in found],
        ),
        prepare=True,
    )


def note_posted(
    cursor: Cursor, accounts: Sequence[int], through: date | None, at_payment: Mapping[tuple[int, str], date]
) -> None:
    """Count anew what is posted on these accounts.

    It speaks of days through `through`, or through the day of `at_payment` (by account and regime), where that is
    later than noted.
    """
    cursor.execute(_BEGIN_STANDING, (list(accounts), f"{PENALTY}%"), prepare=True)
    cursor.execute(_NOTE_POSTED, (through, f"{PENALTY}%", list(accounts)), prepare=True)
    if at_payment:
        whose, days = [account for account, _ in at_payment], list(at_payment.values())
        cursor.execute(_NOTE_AT_PAYMENT, (whose, [regime for _, regime in at_payment], days), prepare=True)


def recount(
    cursor: Cursor, terms: OrganisationTerms, accounts: Sequence[int], *, sealed_on: date | None, by: date
) -> int:
    """Count these accounts again, whose balances the caller holds; how many have anything.

    What was paid late through `sealed_on` is folded by the terms of the day `by`. Raises PenaltyUnknown.
    """
    cursor.execute("DELETE FROM ledger_penaltystanding WHERE account_id = ANY(%s)", (list(accounts),))
    cursor.execute("DELETE FROM ledger_lateshare WHERE account_id = ANY(%s)", (list(accounts),))
    cursor.execute(_LATE_AGAIN, (list(accounts), sealed_on, sealed_on))
    rows: dict[tuple[int, str], Standing] = {}
    sealed = cursor.execute(_SEALED_AGAIN, (list(accounts), sealed_on)).fetchall() if sealed_on else []
    for account, regime, due_on, value_on, minor in sealed:
        if regime in terms.regimes:
            row = rows.setdefault((account, regime), Standing(account_id=account, regime=regime, sealed_on=sealed_on))
            row.readings = readings_of(terms.on(regime, by))
            row.settled += minor * terms.costs(regime, by).numerator(due_on, value_on)
            row.is_doubted |= terms.costs(regime, by).is_doubted(due_on, value_on)
    for account, regime, key, minor in cursor.execute(_POSTED_AGAIN, (list(accounts), f"{PENALTY}%")).fetchall():
        row = rows.setdefault((account, regime), Standing(account_id=account, regime=regime))
        row.posted_minor += minor
        row.posted_through = max(row.posted_through or date.min, sealed_on or date.min, through_of(key))
    write_standings(cursor, terms.organisation.pk, rows.values(), terms.denominator)
    return len({account for account, _regime in rows})


def lock(cursor: Cursor, accounts: Sequence[int]) -> None:
    """Lock the balances in the order of ids, as a posting does."""
    cursor.execute(
        "SELECT account_id FROM ledger_balance WHERE account_id = ANY(%s) ORDER BY account_id FOR UPDATE",
        (list(accounts),),
        prepare=True,
    )


_READ = (
    "SELECT account_id, regime, settled_whole, settled_rest, denominator, sealed_on, readings, posted_minor,"
    " posted_through, is_doubted FROM ledger_penaltystanding WHERE account_id = ANY(%s)"
)
_WRITE = (
    "INSERT INTO ledger_penaltystanding (organisation_id, denominator, account_id, regime, settled_whole,"
    " settled_rest, sealed_on, readings, posted_minor, posted_through, is_doubted)"
    " SELECT %s, %s, * FROM unnest(%s::bigint[], %s::varchar[], %s::bigint[], %s::bigint[], %s::date[], %s::varchar[],"
    " %s::bigint[], %s::date[], %s::bool[])"
    " ON CONFLICT (account_id, regime) DO UPDATE SET denominator = excluded.denominator,"
    " settled_whole = excluded.settled_whole, settled_rest = excluded.settled_rest, sealed_on = excluded.sealed_on,"
    " readings = excluded.readings, posted_minor = excluded.posted_minor, posted_through = excluded.posted_through,"
    " is_doubted = excluded.is_doubted"
)
_BEGIN_STANDING = """
INSERT INTO ledger_penaltystanding (organisation_id, account_id, regime, settled_whole, settled_rest, denominator,
    readings, posted_minor, is_doubted)
SELECT max(organisation_id), account_id, regime, 0, 0, 1, '', 0, false FROM ledger_bill
WHERE account_id = ANY(%s) AND kind = 'penalty' AND source_key LIKE %s GROUP BY account_id, regime
ON CONFLICT (account_id, regime) DO NOTHING
"""
_NOTE_POSTED = """
UPDATE ledger_penaltystanding AS row SET posted_through = greatest(row.posted_through, %s::date), posted_minor = (
    SELECT coalesce(sum(amount_minor), 0) FROM ledger_bill AS bill
    WHERE bill.account_id = row.account_id AND bill.regime = row.regime AND kind = 'penalty'
      AND reversed_by_id IS NULL AND source_key LIKE %s
) WHERE row.account_id = ANY(%s)
"""
_NOTE_AT_PAYMENT = """
UPDATE ledger_penaltystanding AS row SET posted_through = greatest(row.posted_through, paid.through)
FROM unnest(%s::bigint[], %s::varchar[], %s::date[]) AS paid(account_id, regime, through)
WHERE row.account_id = paid.account_id AND row.regime = paid.regime
"""
_TOUCHED = """
SELECT account_id FROM ledger_penaltystanding WHERE organisation_id = %(organisation)s
UNION SELECT account_id FROM ledger_lateshare WHERE organisation_id = %(organisation)s
UNION SELECT account_id FROM ledger_bill
WHERE organisation_id = %(organisation)s AND kind = 'penalty' AND reversed_by_id IS NULL
UNION SELECT move.account_id FROM ledger_allocation AS move
JOIN ledger_bill AS bill ON bill.id = move.bill_id JOIN ledger_payment AS payment ON payment.id = move.payment_id
WHERE move.organisation_id = %(organisation)s AND bill.kind <> 'penalty' AND payment.value_on > bill.due_on
ORDER BY 1
"""
_LATE = """
FROM ledger_allocation AS move
JOIN ledger_bill AS bill ON bill.id = move.bill_id JOIN ledger_payment AS payment ON payment.id = move.payment_id
WHERE move.account_id = ANY(%s) AND bill.kind <> 'penalty' AND payment.value_on > bill.due_on
"""
_LATE_AGAIN = f"""
INSERT INTO ledger_lateshare (organisation_id, account_id, regime, bill_id, payment_id, due_on, value_on, amount_minor)
SELECT bill.organisation_id, bill.account_id, bill.regime, bill.id, payment.id, bill.due_on, payment.value_on,
       sum(move.amount_minor)
{_LATE} AND (%s::date IS NULL OR payment.value_on > %s)
GROUP BY bill.id, payment.id HAVING sum(move.amount_minor) <> 0 ORDER BY bill.account_id, bill.id, payment.id
"""
_SEALED_AGAIN = f"""
SELECT bill.account_id, bill.regime, bill.due_on, payment.value_on, sum(move.amount_minor)::bigint
{_LATE} AND payment.value_on <= %s GROUP BY 1, 2, 3, 4 HAVING sum(move.amount_minor) <> 0
"""
_POSTED_AGAIN = (
    "SELECT account_id, regime, source_key, amount_minor FROM ledger_bill"
    " WHERE account_id = ANY(%s) AND kind = 'penalty' AND reversed_by_id IS NULL AND source_key LIKE %s"
)
