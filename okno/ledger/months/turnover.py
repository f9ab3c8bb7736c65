"""What moved in a month: the trial balance by account, by house and by service, counted from the ledger.

Everything is counted backwards from what stands now, so the cost is that of the facts since the month began and of what
is still open, never of the whole history; a closed month is read as it was packed (`closed`). Each question is one
statement, so it is answered as of one moment even while postings go on.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date
from typing import Any, TypeVar

from django.db import connection, transaction

from okno.common.days import add_months
from okno.ledger.months import facts, lines
from okno.ledger.months.models import SUMS

ADVANCE = lines.ADVANCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnover:
    """The columns of a month, minor units.

    `opening` and `closing`: above zero is owed, below is an advance. `introduced`: balances brought in when the books
    began. `charged`: bills for this very month. `recalculated`: recalculations, up less down, and bills for other
    months. `penalty`: penalties posted. `paid`: money that came. What was posted and reversed within the month leaves
    no trace; `charges_reversed` and `payments_reversed` take back what earlier months had.
    """

    opening_minor: int = 0
    introduced_minor: int = 0
    charged_minor: int = 0
    recalculated_minor: int = 0
    penalty_minor: int = 0
    paid_minor: int = 0
    charges_reversed_minor: int = 0
    payments_reversed_minor: int = 0
    closing_minor: int = 0

    def __add__(self, other: "Turnover") -> "Turnover":
        return Turnover(**{name: getattr(self, name) + getattr(other, name) for name in NAMES})

    @property
    def moved_minor(self) -> int:
        """What the month adds to the balance."""
        return (
            self.introduced_minor
            + self.charged_minor
            + self.recalculated_minor
            + self.penalty_minor
            - self.paid_minor
            + self.reversed_minor
        )

    @property
    def reversed_minor(self) -> int:
        """What reversals of earlier months' rows add to the balance: payments taken back less charges taken back."""
        return self.payments_reversed_minor - self.charges_reversed_minor

    @property
    def foots(self) -> bool:
        """Whether the closing balance follows from the rest."""
        return self.opening_minor + self.moved_minor == self.closing_minor

    @property
    def is_empty(self) -> bool:
        """Whether nothing stood and nothing moved."""
        return not any(astuple(self))


NAMES = tuple(field.name for field in fields(Turnover))
assert tuple(f"{name}_minor" for name in SUMS) == NAMES


def total(turnovers: Iterable[Turnover]) -> Turnover:
    """The sum of all of them."""
    columns = zip(*(astuple(one) for one in turnovers), strict=True)
    return Turnover(**dict(zip(NAMES, map(sum, columns), strict=False)))


@dataclass(frozen=True, slots=True)
class AccountTurnover:
    """The month of one account."""

    account_id: int
    house_id: int
    sums: Turnover


@dataclass(frozen=True, slots=True)
class LineTurnover:
    """The month of one service of a house or an account, by its id; `line` is the service's code, `ADVANCE` for money
    not yet used."""

    key: int
    line: str
    sums: Turnover


def by_account(organisation_id: int, month: date, *, houses: Sequence[int] | None = None) -> list[AccountTurnover]:
    """The month of every account of these houses (None: all), house by house.

    `month` is its first day. An account opened later is there too, with nothing.
    """
    return [
        AccountTurnover(row[0], row[1], _sums(row[2:]))
        for row in _ask(facts.BY_ACCOUNT, organisation_id, month, houses)
    ]


def by_house(organisation_id: int, month: date, *, houses: Sequence[int] | None = None) -> dict[int, Turnover]:
    """The month of every house: its accounts added up."""
    return {row[0]: _sums(row[1:]) for row in _ask(facts.BY_HOUSE, organisation_id, month, houses)}


def by_line(
    organisation_id: int, month: date, *, houses: Sequence[int] | None = None, closed_id: int | None = None
) -> list[LineTurnover]:
    """The month of every service of every house.

    Money goes to services as it went to bills, within a bill in proportion to its lines (`law.allocation`); what is not
    yet used stands under `ADVANCE`. Added up by house it is what `by_house` gives. `closed_id` is the closed month
    before (`closed.foundation`): then only what moved is looked at.
    """
    question = _BY_LINE if closed_id is None else _BY_LINE_AFTER_CLOSED
    rows = _ask(question, organisation_id, month, houses, closed_id)
    return [LineTurnover(row[0], row[1], _sums(row[2:])) for row in rows]


def by_account_and_line(organisation_id: int, month: date, *, houses: Sequence[int]) -> list[LineTurnover]:
    """The month of every service of every account of these houses."""
    rows = _ask(_BY_ACCOUNT_AND_LINE, organisation_id, month, houses)
    return [LineTurnover(row[0], row[1], _sums(row[2:])) for row in rows]


_BY_LINE = lines.statement()
_BY_LINE_AFTER_CLOSED = lines.statement(after_closed=True)
_BY_ACCOUNT_AND_LINE = lines.statement(by="account")


def _ask(
    statement: str, organisation_id: int, month: date, houses: Sequence[int] | None, closed_id: int | None = None
) -> list[tuple[Any, ...]]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FOR_A_LARGE_QUESTION)

        def ask(values: dict[str, Any]) -> list[tuple[Any, ...]]:
            cursor.execute(statement, values)
            return list(cursor.fetchall())

        return steadily(
            {
                "organisation": organisation_id,
                "month": month,
                "houses": None if houses is None else list(houses),
                "closed": closed_id,
            },
            ask,
        )


Answer = TypeVar("Answer")


def steadily(values: dict[str, Any], ask: Callable[[dict[str, Any]], Answer]) -> Answer:
    """Ask a question of `facts` or `lines` (organisation, month, houses, closed), told the first entry since the month
    began: a number the planner can weigh. An entry that was being written meanwhile may come before it; then the
    question is asked again."""
    first = _first_entry(values)
    while True:
        answer = ask(values | {"next": add_months(values["month"], 1), "first_entry": first})
        before, first = first, _first_entry(values)
        if first == before:
            return answer


def _first_entry(values: dict[str, Any]) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(id) FROM ledger_entry WHERE organisation_id = %(organisation)s AND accounted_on >= %(month)s",
            values,
        )
        (first,) = cursor.fetchone() or (None,)
        return first


FOR_A_LARGE_QUESTION = "SET LOCAL jit = off; SET LOCAL work_mem = '64MB'"
"""A month is a question of many steps over many rows: compiling it takes longer than answering it."""


def _sums(row: Sequence[int]) -> Turnover:
    return Turnover(**dict(zip(NAMES, row, strict=True)))
