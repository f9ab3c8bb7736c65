"""What moved in a month: the trial balance by account, by house and by service, counted from the ledger.

Everything is counted backwards from what stands now, so the cost is that of the facts since the month began and of what
is still open, never of the whole history; a closed month is read as it was packed (`closed`). Each question is one
statement, so it is answered as of one moment even while postings go on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date
from typing import Any

from django.db import connection

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
    """The month of one service of one house; `line` is its code, `ADVANCE` for money not yet used."""

    house_id: int
    line: str
    sums: Turnover


def by_account(organisation_id: int, month: date, *, houses: Sequence[int] | None = None) -> list[AccountTurnover]:
    """The month of every account of these houses (None: all), house by house.

    `month` is its first day. An account opened later is there too, with nothing.
    """
    return [AccountTurnover(*row[:2], _sums(row[2:])) for row in _ask(facts.BY_ACCOUNT, organisation_id, month, houses)]


def by_house(organisation_id: int, month: date, *, houses: Sequence[int] | None = None) -> dict[int, Turnover]:
    """The month of every house: its accounts added up."""
    return {row[0]: _sums(row[1:]) for row in _ask(facts.BY_HOUSE, organisation_id, month, houses)}


def by_line(organisation_id: int, month: date, *, houses: Sequence[int] | None = None) -> list[LineTurnover]:
    """The month of every service of every house.

    Money goes to services as it went to bills, within a bill in proportion to its lines (`law.allocation`); what is not
    yet used stands under `ADVANCE`. Added up by house it is what `by_house` gives.
    """
    return [LineTurnover(*row[:2], _sums(row[2:])) for row in _ask(lines.BY_LINE, organisation_id, month, houses)]


def _ask(statement: str, organisation_id: int, month: date, houses: Sequence[int] | None) -> list[tuple[Any, ...]]:
<<<<<<< HEAD
    asked: dict[str, Any] = {
=======
    asked = {
>>>>>>> b0f8ea7 (wip)
        "organisation": organisation_id,
        "month": month,
        "next": add_months(month, 1),
        "houses": None if houses is None else list(houses),
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        return list(cursor.fetchall())


def _sums(row: Sequence[int]) -> Turnover:
    return Turnover(**dict(zip(NAMES, row, strict=True)))
