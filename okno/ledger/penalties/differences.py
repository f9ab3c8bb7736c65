"""What stands on accounts compared with what should: which rows to reverse, which to post, month by month.

Months are kept apart, for an entry belongs to one accounting month and what differs in March is March's own.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from okno.ledger.models import BillKind, PaymentKind
from okno.ledger.penalties.facts import Facts, PostedWaiver
from okno.ledger.penalties.keys import penalty_of, regime_of, through_of
from okno.ledger.penalties.months import Charge, Foreseen, TakenOff
from okno.ledger.penalties.terms import OrganisationTerms
from okno.ledger.rows import NewBill, NewPayment

SERVICE = "penalty"
"""The code of the line of every penalty bill."""


@dataclass(slots=True, kw_only=True)
class Rows:
    """Rows to reverse and to post as one entry."""

    reverse_bills: list[int] = field(default_factory=list)
    reverse_payments: list[int] = field(default_factory=list)
    bills: list[NewBill] = field(default_factory=list)
    payments: list[NewPayment] = field(default_factory=list)


class Differences:
    """What differs on any number of accounts.

    `penalties` are by the month billed, with the recalculations that go with a bill that is reversed; `waived` by the
    month in which a waiver counts, to be posted after them.
    """

    def __init__(self, terms: OrganisationTerms) -> None:
        self._terms = terms
        self._accounts: set[int] = set()
        self.penalties: dict[date, Rows] = defaultdict(Rows)
        self.waived: dict[date, Rows] = defaultdict(Rows)

    @property
    def accounts(self) -> list[int]:
        """Accounts on which something differs, in order."""
        return sorted(self._accounts)

    def entries(self) -> list[Rows]:
        """What to post, one entry after another."""
        return [rows for side in (self.penalties, self.waived) for _month, rows in sorted(side.items())]

    def compare(self, account: int, facts: Facts, told: Foreseen) -> None:
        """Note what differs on an account."""
        wanted = {charge.source_key: charge for charge in told.charges}
        standing: set[str] = set()
        gone: set[str] = set()
        for row in facts.penalties:
            charge = wanted.get(row.source_key)
            if charge is not None and charge.amount_minor == row.amount_minor:
                standing.add(row.source_key)
                continue
            gone.add(row.source_key)
            self._accounts.add(account)
            self.penalties[through_of(row.source_key).replace(day=1)].reverse_bills.append(row.id)
        for key, charge in wanted.items():
            if key not in standing:
                self._accounts.add(account)
                due_on = self._terms.due_on(charge.regime, charge.month)
                self.penalties[charge.month].bills.append(penalty_bill(account, charge, due_on))
        self._compare_waived(account, facts, told, gone)

    def _compare_waived(self, account: int, facts: Facts, told: Foreseen, gone: set[str]) -> None:
        wanted = {row.source_key: row for row in told.taken_off}
        kept: set[str] = set()
        for row in facts.taken_off:
            if penalty_of(row.source_key) in gone:
                # It may not outlive its bill: what it brings would be free money for anything.
                self._reverse(account, row, self.penalties[through_of(row.source_key).replace(day=1)])
            elif (right := wanted.get(row.source_key)) and (right.amount_minor, right.on) == (row.amount_minor, row.on):
                kept.add(row.source_key)
            else:
                self._reverse(account, row, self.waived[row.on.replace(day=1)])
        for key, taken_off in wanted.items():
            if key not in kept:
                self._accounts.add(account)
                self.waived[taken_off.on.replace(day=1)].payments.append(_recalculation(account, taken_off))

    def _reverse(self, account: int, row: PostedWaiver, rows: Rows) -> None:
        self._accounts.add(account)
        rows.reverse_payments.append(row.id)


def penalty_bill(account: int, charge: Charge, due_on: date) -> NewBill:
    """The charge as a row to post."""
    return NewBill(
        account_id=account,
        kind=BillKind.PENALTY.value,
        regime=charge.regime,
        month=charge.month,
        due_on=due_on,
        amount_minor=charge.amount_minor,
        lines={SERVICE: charge.amount_minor},
        source_key=charge.source_key,
    )


def _recalculation(account: int, row: TakenOff) -> NewPayment:
    return NewPayment(
        account_id=account,
        kind=PaymentKind.RECALCULATION.value,
        value_on=row.on,
        amount_minor=row.amount_minor,
        source_key=row.source_key,
        stated_month=row.charge.month,
        regime=regime_of(row.source_key),
    )
