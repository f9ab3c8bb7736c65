"""Everything the ledger keeps beside its history, counted again by columns, and which accounts differ.

The history is the bills, the payments and the allocations as they were written, not the rule by which they were
allocated then: a ledger that followed another law in another year is as true as today's. What is read need not be of
one moment: an account on which something is posted meanwhile may look different, and is looked at again under its
lock.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

from okno.access.models import Organisation
from okno.law.countries import pack
from okno.ledger.kernel import recount
from okno.ledger.kernel.columns import Ints, day_number, day_of
from okno.ledger.kernel.costs import LARGEST_DENOMINATOR, TooLarge
from okno.ledger.kernel.penalties import Table
from okno.ledger.kernel.recount import CODES, FIRST_DAY, PACK, PENALTY, POSTED_BY_US, Bills, Law, Payments, Sums
from okno.ledger.penalties.keys import last_day
from okno.ledger.penalties.many import REGIME, REGIMES
from okno.ledger.penalties.terms import OrganisationTerms, posted_months

Rows = Callable[[str, Sequence[str]], Iterable[tuple[Ints, ...]]]
"""(table, columns) → the rows asked for, in as many parts as is convenient; of `FREE` only those above zero."""
_STANDS = "CASE WHEN reversed_by_id IS NULL THEN amount_minor ELSE 0 END"
_BITS = (
    f"CASE WHEN kind <> 'penalty' THEN {REGIME}"
    f" WHEN source_key LIKE 'penalty:%%' THEN {PENALTY + POSTED_BY_US} ELSE {PENALTY} END"
)
_DUE, _VALUE = "(due_on - date '1900-01-01')", "(value_on - date '1900-01-01')"

BILL = ("id", _STANDS, f"account_id * {PACK} + {_DUE} * {CODES} + {_BITS}")
PAYMENT = ("id", _STANDS, f"account_id * {PACK} + {_VALUE}")
FREE = ("id", "free_minor")
MOVE = ("bill_id", "payment_id", "amount_minor")
BALANCE = ("account_id", "organisation_id", "billed_minor", "paid_minor", "open_minor", "advance_minor")
OPEN = ("bill_id", "account_id", "open_minor")
LATE = ("account_id", f"(due_on - date '2000-01-01') * {CODES} + {REGIME}", "value_on", "amount_minor")
STANDING = ("account_id", "settled_whole", "settled_rest", "denominator", "posted_minor")

NEVER = -(2**31)


class Places:
    """Places of numbers that are known: in their order, from 0 on."""

    def __init__(self, numbers: Ints) -> None:
        self.numbers = np.unique(numbers)
        first, last = (int(self.numbers[0]), int(self.numbers[-1])) if len(numbers) else (0, -1)
        self._first = first
        self._table = np.full(0, -1, np.int64)
        if last - first < 4 * len(numbers) + 1_000_000:
            self._table = np.full(last - first + 1, -1, np.int64)
            self._table[self.numbers - first] = np.arange(len(self.numbers))

    def of(self, numbers: Ints) -> Ints:
        """Their places; −1 for a number that is not known."""
        if len(self._table):
            at = numbers - self._first
            known = (at >= 0) & (at < len(self._table))
            return np.where(known, self._table[np.where(known, at, 0)], -1)
        if not len(self.numbers):
            return np.full(len(numbers), -1, np.int64)
        place = np.minimum(np.searchsorted(self.numbers, numbers), len(self.numbers) - 1)
        return np.where(self.numbers[place] == numbers, place, -1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Places of numbers that follow one another: from `first` on, `count` of them."""

    first: int
    count: int

    def of(self, numbers: Ints) -> Ints:
        """Their places; a number outside has one outside."""
        return numbers - self.first


@dataclass(kw_only=True)
class Counted:
    """What the history gives and what is kept, by the places of accounts; `differs` where the two are not the same.

    `broken` tells accounts whose history contradicts itself: no counting can mend it. `rows` were read.
    """

    accounts: Places
    organisations: Sequence[Organisation]
    whose: recount.Small
    bills: Bills
    payments: Payments
    sums: Sums
    rows: int = 0
    differs: npt.NDArray[np.bool_] = field(init=False)
    late_differs: npt.NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        """Nothing differs yet."""
        self.differs, self.late_differs = (np.zeros(len(self.accounts.numbers), bool) for _ in range(2))

    @property
    def broken(self) -> npt.NDArray[np.bool_]:
        broken: npt.NDArray[np.bool_] = self.sums.broken > 0
        return broken


def count(
    rows: Rows,
    balances: tuple[Ints, ...],
    organisations: Sequence[Organisation],
    bills: Span | Places,
    payments: Span | Places,
) -> Counted:
    """Count the accounts of these balances (columns `BALANCE`). `bills` and `payments` give the places of their rows.

    Raises TooLarge.
    """
    accounts = Places(balances[0])
    place = {organisation.pk: number for number, organisation in enumerate(organisations)}
    order = np.argsort(balances[0])
    counted = Counted(
        accounts=accounts,
        organisations=organisations,
        whose=np.array([place[pk] for pk in balances[1][order].tolist()], np.int32),
        bills=recount.empty_bills(_size(bills)),
        payments=recount.empty_payments(_size(payments)),
        sums=recount.empty_sums(len(accounts.numbers)),
    )
    for number, minor, packed in rows("ledger_bill", BILL):
        account, code = recount.unpacked(packed)
        code += FIRST_DAY * CODES
        recount.take_bills(counted.bills, counted.sums, bills.of(number), accounts.of(account), minor, code)
        counted.rows += len(number)
    for number, minor, packed in rows("ledger_payment", PAYMENT):
        account, value = recount.unpacked(packed)
        value += FIRST_DAY
        recount.take_payments(counted.payments, counted.sums, payments.of(number), accounts.of(account), minor, value)
        counted.rows += len(number)
    for number, free in rows("ledger_payment", FREE):
        recount.take_free(counted.payments, counted.sums, payments.of(number), free)
    shares = [tuple(part) for part in rows("ledger_lateshare", LATE)]
    law = _law(counted, [OrganisationTerms(organisation) for organisation in organisations], shares)
    for bill, payment, minor in rows("ledger_allocation", MOVE):
        recount.take_moves(
            counted.bills, counted.payments, counted.sums, law, bills.of(bill), payments.of(payment), minor
        )
        counted.rows += len(bill)
    recount.take_open(counted.bills, counted.sums)
    _compare_balances(counted, tuple(column[order] for column in balances))
    _compare_open(counted, rows, bills)
    _compare_late(counted, rows, law, shares)
    return counted


def _size(places: Span | Places) -> int:
    return places.count if isinstance(places, Span) else len(places.numbers)


def _law(counted: Counted, terms: Sequence[OrganisationTerms], shares: Sequence[tuple[Ints, ...]]) -> Law:
    """The coefficients that the bills and payments found may need, by the terms under which they are folded."""
    codes = counted.bills.code
    first_code = min([int(codes.min(initial=0)), *(int(part[1].min(initial=0)) for part in shares)]) // CODES * CODES
    last_code = max([int(codes.max(initial=0)), *(int(part[1].max(initial=0)) for part in shares)])
    last_day = max([int(counted.payments.value.max(initial=0)), *(int(part[2].max(initial=0)) for part in shares)])
    marks = np.zeros((max(len(terms), 1), last_code - first_code + 1), bool)
    recount.mark_codes(counted.bills, counted.whose, first_code, marks)
    for account, code, _value, _minor in shares:
        known = counted.accounts.of(account)
        marks[counted.whose[known[known >= 0]], code[known >= 0] - first_code] = True
    rows = np.full(marks.shape, -1, np.int32)
    numerators: list[tuple[int, Ints]] = []
    denominators, sealed = np.ones(len(marks), np.int64), np.full(len(marks), NEVER, np.int64)
    for number, own in enumerate(terms):
        denominators[number] = own.denominator
        sealed_on = sealed_through(own.organisation)
        sealed[number] = NEVER if sealed_on is None else day_number(sealed_on)
        for regime, place in _asked(own, marks[number], first_code, last_day):
            table = _table(own, regime, place // CODES, last_day, sealed_on)
            rows[number, place - first_code] = len(numerators) + np.arange(len(place))
            numerators += [(table.first, row) for row in table.numerators]
    first_day = min((first for first, _ in numerators), default=last_day)
    stacked = np.zeros((max(len(numerators), 1), last_day - first_day + 1), np.int64)
    for number, (first, row) in enumerate(numerators):
        stacked[number, first - first_day :] = row
    _refuse_too_large(counted, stacked, denominators)
    return Law(counted.whose, rows, first_code, stacked, first_day, denominators, sealed)


def _asked(
    terms: OrganisationTerms, marks: npt.NDArray[np.bool_], first_code: int, last_day: int
) -> Iterable[tuple[str, Ints]]:
    """Regimes that bear a penalty and the codes of their bills that something could be paid late on."""
    (codes,) = np.nonzero(marks)
    codes = codes + first_code
    for regime in terms.regimes:
        its = codes[(codes % CODES == REGIMES.index(regime)) & (codes // CODES < last_day)]
        if len(its):
            yield regime, its


def _table(terms: OrganisationTerms, regime: str, due: Ints, until: int, sealed_on: date | None) -> Table:
    law = pack(terms.organisation.country).penalty.coefficients(
        regime,
        [day_of(number) for number in due],
        day_of(until),
        settings=terms.on(regime, sealed_on or date.max).settings,
        calendar=terms.calendar,
    )
    return Table.of(law)


def sealed_through(organisation: Organisation) -> date | None:
    """The last day through which late payments are folded; None when no month of penalties was posted."""
    months = posted_months(organisation.pk)
    return last_day(months[-1]) if months else None


def _refuse_too_large(counted: Counted, numerators: Ints, denominators: Ints) -> None:
    largest = int(numerators.max()) // int(denominators.min()) + 2
    total = float(counted.sums.billed.astype(np.float64).sum())
    if int(denominators.max()) > LARGEST_DENOMINATOR or total * largest >= 2**62:
        raise TooLarge("Пени за всю историю не помещаются в 64 бита")


def _compare_balances(counted: Counted, balances: tuple[Ints, ...]) -> None:
    _account, _organisation, billed, paid, still_open, advance = balances
    sums = counted.sums
    counted.differs |= (sums.billed != billed) | (sums.paid != paid) | (sums.open != still_open)
    counted.differs |= sums.free != advance
    left = counted.payments.left != 0
    counted.differs[counted.payments.account[left & (counted.payments.account >= 0)]] = True


def _compare_open(counted: Counted, rows: Rows, bills: Span | Places) -> None:
    """Take what is kept as open off what was counted: nothing should be left."""
    left = counted.bills.left.copy()
    for number, account, minor in rows("ledger_openbill", OPEN):
        at, whose = bills.of(number), counted.accounts.of(account)
        known = (at >= 0) & (at < len(left)) & (whose >= 0)
        np.subtract.at(left, at[known], minor[known])
        foreign = counted.bills.account[at[known]] != whose[known]
        counted.differs[whose[known][foreign]] = True
        counted.differs[whose[~known & (whose >= 0)]] = True
    counted.differs[counted.bills.account[(left != 0) & (counted.bills.account >= 0)]] = True


def _compare_late(counted: Counted, rows: Rows, law: Law, shares: Sequence[tuple[Ints, ...]]) -> None:
    """What was paid late costs as much by the standings and the late shares as by the allocations."""
    kept = recount.empty_sums(len(counted.whose))
    for account, code, value, minor in shares:
        recount.take_late(kept, law, counted.accounts.of(account), code, value, minor)
    denominator = law.denominators[counted.whose]
    for account, whole, rest, own_denominator, posted in rows("ledger_penaltystanding", STANDING):
        whose = counted.accounts.of(account)
        known = whose >= 0
        at = whose[known]
        for sums, column in ((kept.whole, whole), (kept.rest, rest), (kept.posted, posted)):
            np.add.at(sums, at, column[known])
        other = (own_denominator[known] != denominator[at]) & ((whole[known] != 0) | (rest[known] != 0))
        counted.late_differs[at[other]] = True
    own, priced = counted.sums, (counted.sums.missing == 0) & (kept.missing == 0)
    carried = kept.rest // denominator
    counted.late_differs |= priced & (own.whole != kept.whole + carried)
    counted.late_differs |= priced & (own.rest != kept.rest - carried * denominator)
    counted.late_differs |= (own.late != kept.late) | (own.posted != kept.posted)
