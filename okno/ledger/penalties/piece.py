"""One piece of a month's posting: some accounts, counted with the law's tables and posted as one entry.

A plain account costs one multiplication an open bill and one a late share. Accounts with a pause or a waiver, and all
where the terms round row by row, go the single way (`reposting`), which says the same of plain ones.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from okno.ledger import posting
from okno.ledger.models import EntryKind
from okno.ledger.penalties.costs import rounded
from okno.ledger.penalties.differences import penalty_bill
from okno.ledger.penalties.keys import last_day
from okno.ledger.penalties.models import PenaltyMonth, Posting
from okno.ledger.penalties.months import Charge
from okno.ledger.penalties.reposting import Cause, equalise
from okno.ledger.penalties.standing import (
    Standing,
    lock,
    readings_of,
    recount,
    standings_of,
    write_standings,
)
from okno.ledger.penalties.terms import OrganisationTerms
from okno.ledger.rows import Cursor, NewBill
from okno.ledger.words import month_in_words


@dataclass(kw_only=True)
class Piece:
    """Some accounts of a month; `bills` and `posted_minor` are what came of them."""

    terms: OrganisationTerms
    run: PenaltyMonth
    accounts: Sequence[int]
    decided: set[int]
    bills: int = 0
    posted_minor: int = 0
    _end: date = field(init=False)

    def __post_init__(self) -> None:
        """The last day of the month is what everything is counted through."""
        self._end = last_day(self.run.month)

    def post(self, cursor: Cursor, *, number: int) -> None:
        """Post and seal these accounts in the caller's transaction, which may take them from nobody's hands.

        Raises PenaltyUnknown when a value of the law is missing.
        """
        key = f"penalties:{self.run.month:%Y-%m}:{self.run.attempt}:{number}"
        reason = _("Пени за %(month)s") % {"month": month_in_words(self.run.month)}
        lock(cursor, self.accounts)
        single = self._single(cursor)
        if single:
            done = equalise(cursor, self.terms, sorted(single), Cause(key=f"{key}:single", reason=reason))
            for unknown in done.unknown.values():
                raise unknown
            self.bills += done.bills
            self.posted_minor += done.posted_minor
        sealed = [account for account in self.accounts if account not in self.decided]
        if sealed:
            self._post_plain(cursor, sealed, single, Cause(key=key, reason=reason))

    def _single(self, cursor: Cursor) -> set[int]:
        """Accounts of the piece that are counted one by one."""
        if any(self.terms.costs(regime, self._end).counts_by_row for regime in self.terms.regimes):
            return set(self.accounts)
        at_payment = [
            regime for regime in self.terms.regimes if self.terms.posting(regime, self._end) == Posting.AT_PAYMENT
        ]
        single = self.decided.intersection(self.accounts)
        if at_payment:
            rows = cursor.execute(
                "SELECT DISTINCT account_id FROM ledger_lateshare WHERE account_id = ANY(%s) AND regime = ANY(%s)",
                (list(self.accounts), at_payment),
            )
            single |= {row[0] for row in rows.fetchall()}
        return single

    def _post_plain(self, cursor: Cursor, accounts: Sequence[int], single: set[int], cause: Cause) -> None:
        """Seal these accounts, and post the month on those that are not counted singly."""
        standings = self._standings(cursor, accounts)
        open_cost = self._count(cursor, accounts, standings)
        plain = [row for _key, row in sorted(standings.items()) if row.account_id not in single]
        bills = [bill for row in plain if (bill := self._bill(row, open_cost[row.account_id, row.regime]))]
        if bills:
            posted = posting.post(
                organisation=self.terms.organisation,
                key=cause.key,
                kind=EntryKind.PENALTIES.value,
                reason=cause.reason,
                bills=bills,
            )
            self.bills += posted.bills
            self.posted_minor += sum(bill.amount_minor for bill in bills)
        cursor.execute(
            "DELETE FROM ledger_lateshare WHERE account_id = ANY(%s) AND value_on <= %s", (list(accounts), self._end)
        )
        kept = [row for row in standings.values() if row.settled or row.posted_minor or row.posted_through]
        write_standings(cursor, self.terms.organisation.pk, kept, self.terms.denominator)

    def _standings(self, cursor: Cursor, accounts: Sequence[int]) -> dict[tuple[int, str], Standing]:
        """What stands on these accounts, folded by the readings of this month's last day."""
        standings = standings_of(cursor, accounts)
        readings = {regime: readings_of(self.terms.on(regime, self._end)) for regime in self.terms.regimes}
        stale = sorted(
            {row.account_id for row in standings.values() if row.settled and row.readings != readings.get(row.regime)}
        )
        if not stale:
            return standings
        recount(cursor, self.terms, stale, sealed_on=None, by=self._end)
        fresh = standings_of(cursor, stale)
        for key, row in fresh.items():
            row.posted_through = standings[key].posted_through if key in standings else row.posted_through
        return {key: row for key, row in standings.items() if row.account_id not in stale} | fresh

    def _count(
        self, cursor: Cursor, accounts: Sequence[int], standings: dict[tuple[int, str], Standing]
    ) -> dict[tuple[int, str], int]:
        """Fold the late payments of the month into the standings; the cost of what is open on its last day."""
        open_cost: dict[tuple[int, str], int] = defaultdict(int)
        costs = {regime: self.terms.costs(regime, self._end) for regime in self.terms.regimes}
        for account, regime, due_on, value_on, minor in cursor.execute(_LATE, (list(accounts), self._end)).fetchall():
            if regime not in costs:
                continue
            row = standings.setdefault((account, regime), Standing(account_id=account, regime=regime))
            if value_on <= self._end:
                row.settled += minor * costs[regime].numerator(due_on, value_on)
                row.is_doubted |= costs[regime].is_doubted(due_on, value_on)
            else:
                open_cost[account, regime] += minor * costs[regime].numerator(due_on, self._end)
        for account, regime, due_on, minor in cursor.execute(_OPEN, (list(accounts), self._end)).fetchall():
            if regime in costs:
                standings.setdefault((account, regime), Standing(account_id=account, regime=regime))
                open_cost[account, regime] += minor * costs[regime].numerator(due_on, self._end)
        for row in standings.values():
            row.sealed_on = self._end
            row.readings = readings_of(self.terms.on(row.regime, self._end))
        return open_cost

    def _bill(self, row: Standing, open_cost: int) -> NewBill | None:
        """The month's penalty of an account and regime; None when it has it already or there is nothing to post."""
        if row.regime not in self.terms.regimes or (row.posted_through is not None and row.posted_through >= self._end):
            return None
        if self.terms.posting(row.regime, self._end) != Posting.MONTHLY:
            return None
        minor = rounded(row.settled + open_cost, self.terms.denominator) - row.posted_minor
        if row.settled or row.posted_minor or minor > 0:
            row.posted_through = self._end
        if minor <= 0 or minor < self.terms.least_minor(row.regime, self._end):
            return None
        row.posted_minor += minor
        charge = Charge(regime=row.regime, through=self._end, at_payment=False, amount_minor=minor)
        return penalty_bill(row.account_id, charge, self.terms.due_on(row.regime, charge.month))


_LATE = (
    "SELECT account_id, regime, due_on, value_on, sum(amount_minor)::bigint FROM ledger_lateshare"
    " WHERE account_id = ANY(%s) AND due_on < %s GROUP BY 1, 2, 3, 4"
)
_OPEN = (
    "SELECT account_id, regime, due_on, sum(open_minor)::bigint FROM ledger_openbill"
    " WHERE account_id = ANY(%s) AND kind <> 'penalty' AND due_on < %s GROUP BY 1, 2, 3"
)
