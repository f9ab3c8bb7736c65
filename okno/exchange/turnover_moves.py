"""What one row of a turnover sheet changes in the books of its month."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from okno.access.working_days import calendar_of
from okno.common.days import add_months, last_day
from okno.exchange.accounted import Accounted
from okno.exchange.books import Books, Posted, credit_key, recalculation_key, sheet_penalty_key
from okno.exchange.run import Run, Verdict
from okno.exchange.turnover_rows import (
    ACCOUNT,
    BILLED,
    OPENING,
    OPENS,
    PENALTY,
    RECALCULATED,
    RECALCULATION,
    Row,
    Services,
)
from okno.houses.models import House
from okno.ledger import billing
from okno.ledger.models import Account, Regime
from okno.ledger.rows import NewBill, NewPayment

OPENING_KEY = "opening"


class Moves(NamedTuple):
    """What a row changes in the books. Balances brought in belong to the month before the sheet's."""

    bills: list[NewBill]
    payments: list[NewPayment]
    reverse_bills: list[int]
    reverse_payments: list[int]

    @property
    def verdict(self) -> Verdict:
        if self.reverse_bills or self.reverse_payments:
            return "changed"
        return "new" if self.bills or self.payments else "same"


class Month:
    """The month of a sheet: compares its rows with what stands."""

    def __init__(self, run: Run, month: date, services: Services) -> None:
        self._month = month
        self._services = services
        self._due = _DueDays(run, month)
        for regime, _lines in services.by_regime:
            # Fails closed before anything is shown: what has no due day cannot be billed.
            self._due.on(0, month, regime)
        self.accounted = Accounted(run.cursor, run.organisation, month)
        self._as_closed: dict[int, dict[str, dict[str, int]]] = {}
        #: Accounts whose penalty Okno posts itself, otherwise than the sheet says.
        self.penalties_differ = 0

    def learn(self, account_ids: Sequence[int]) -> None:
        """Remember what must be known of the accounts of some rows."""
        self._due.learn(account_ids)
        self._as_closed = self.accounted.as_closed(account_ids)

    def knows(self, account_id: int, books: Books) -> bool:
        """Whether something of the month stands on the account already."""
        return account_id in books.at_month or account_id in self._as_closed or self.accounted.of(account_id)

    def moves(self, row: Row, books: Books, *, first: bool) -> Moves:
        """What the row changes; `first`: the account has never been billed, so its balance is brought in too."""
        moves = Moves([], [], [], [])
        account = row[ACCOUNT]
        self._month_bills(row, account, books, moves)
        self._recalculation(row, account, books, moves)
        for regime, place in self._services.penalties:
            self._penalty(row[place], regime, account, books, moves)
        if first:
            self._opening(row, account, books, moves)
        return moves

    def is_new(self, row: Row, books: Books, *, first: bool) -> bool:
        """The same for a row of whose month nothing stands: whatever its lines are, it is new if it says anything."""
        return bool(row[BILLED] or row[RECALCULATED] or (first and row[OPENS] != books.opening(row[ACCOUNT])))

    def _month_bills(self, row: Row, account: int, books: Books, moves: Moves) -> None:
        asked = self._services.bills(row)
        standing = books.bills.get(account, {})
        if self.accounted.closed_until is not None and asked == self._as_closed.get(account, {}):
            # The sheet of a closed month, as it was closed: what later months corrected stays corrected.
            return
        for regime, lines in asked.items():
            found = standing.get(regime)
            if found is not None:
                if found.lines == lines:
                    continue
                moves.reverse_bills.append(found.id)
            due_on = self._due.on(account, self._month, regime)
            moves.bills.append(NewBill(account, "month", regime, self._month, due_on, sum(lines.values()), lines))
        moves.reverse_bills.extend(bill.id for regime, bill in standing.items() if regime not in asked)

    def _recalculation(self, row: Row, account: int, books: Books, moves: Moves) -> None:
        added, taken = books.added.get(account), books.taken_off.get(account)
        standing = _amount(added) - _amount(taken)
        if row[RECALCULATED] in (standing, standing + self.accounted.recalculated.get(account, 0)):
            return
        if added is not None:
            moves.reverse_bills.append(added.id)
        if taken is not None:
            moves.reverse_payments.append(taken.id)
        amount, month = row[RECALCULATED], self._month
        if amount > 0:
            due_on = self._due.on(account, month, "housing")
            lines = {RECALCULATION: amount}
            moves.bills.append(
                NewBill(account, "recalculation", "housing", month, due_on, amount, lines, recalculation_key(month))
            )
        elif amount < 0:
            key = credit_key(account, month)
            moves.payments.append(
                NewPayment(account, "recalculation", last_day(month), -amount, key, regime=Regime.HOUSING.value)
            )

    def _penalty(self, amount: int, regime: str, account: int, books: Books, moves: Moves) -> None:
        """A penalty the sheet brings; where Okno posts penalties itself, its own stand."""
        found = books.penalties.get(account, {}).get(regime)
        others = self.accounted.penalties.get((account, regime), 0)
        if amount in (_amount(found), _amount(found) + others):
            return
        if others:
            self.penalties_differ += 1
            return
        if found is not None:
            moves.reverse_bills.append(found.id)
        if amount:
            due_on, key = self._due.on(account, self._month, regime), sheet_penalty_key(regime, self._month)
            moves.bills.append(NewBill(account, "penalty", regime, self._month, due_on, amount, {PENALTY: amount}, key))

    def _opening(self, row: Row, account: int, books: Books, moves: Moves) -> None:
        """The sheet's balance at the start of the account's first month, less what the books already know of it."""
        amount = row[OPENS] - books.opening(account)
        before = add_months(self._month, -1)
        if amount > 0:
            due_on = self._due.on(account, before, "housing")
            moves.bills.append(
                NewBill(account, "opening", "housing", before, due_on, amount, {OPENING: amount}, OPENING_KEY)
            )
        elif amount < 0:
            moves.payments.append(NewPayment(account, "opening", last_day(before), -amount, f"{OPENING_KEY}:{account}"))


class _DueDays:
    """Due days asked once for each month, regime and contract day."""

    def __init__(self, run: Run, month: date) -> None:
        self._run = run
        self._calendar = calendar_of(run.organisation)
        self._contracts = House.objects.filter(organisation=run.organisation, contract_due_day__isnull=False).exists()
        self._house: dict[int, House] = {}
        self._asked: dict[tuple[date, str, int | None], date] = {}

    def learn(self, account_ids: Sequence[int]) -> None:
        """Remember the houses of these accounts whose contracts name a day."""
        if not self._contracts:
            return
        accounts = Account.objects.filter(pk__in=account_ids, flat__house__contract_due_day__isnull=False)
        houses = {account.pk: account.flat.house for account in accounts.select_related("flat__house")}
        self._house = houses

    def on(self, account_id: int, month: date, regime: str) -> date:
        """The last day to pay, inclusive. Raises NotInForce where nobody entered what held then."""
        house = self._house.get(account_id)
        asked = (month, regime, house.contract_due_day if house else None)
        if asked not in self._asked:
            found = billing.due_on(self._run.organisation, house, month, regime, calendar=self._calendar)
            self._asked[asked] = found.value
        return self._asked[asked]


def _amount(posted: Posted | None) -> int:
    return posted.amount_minor if posted is not None else 0
