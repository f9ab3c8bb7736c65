"""What a printed bill and a statement hold, as plain data. Sums are minor units; days are inclusive."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from okno.exchange.paper.codes.gost import GostCode
from okno.exchange.paper.codes.nbu import NbuCode


class DoesNotFoot(ValueError):
    """The parts do not make the sum: such a page is never printed."""


Texts = tuple[str, ...]
"""The same words in each language of the country, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Executor:
    """Who bills: as the organisation calls itself, with where residents may ask."""

    name: str
    tax_number: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flat:
    """Whose bill it is. `people` are payers and owners by name, none when nobody is known."""

    account: str
    address: str
    people: tuple[str, ...] = ()
    area: Decimal | None = None
    residents: int | None = None


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """A service and what is asked for it this month."""

    name: str
    minor: int


@dataclass(frozen=True, slots=True)
class Recalculation:
    """A change of what was charged for a month: above zero added, below taken off; why, in the words of its entry."""

    month: date | None
    why: str
    minor: int


@dataclass(frozen=True, slots=True)
class Received:
    """Money that came, by its value day."""

    on: date
    minor: int


@dataclass(frozen=True, slots=True)
class OpenMonth:
    """What is still open of a month."""

    month: date
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PenaltyStep:
    """A row of the explanation: a part of a bill through days of one share and one rate; `minor` is exact."""

    month: date
    since: date
    until: date
    days: int
    base_minor: int
    rate: Fraction
    share: Fraction
    exact: Fraction
    norms: tuple[str, ...]
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PenaltyTold:
    """Penalty of an account. `billed_minor` is in this bill's sum; `accrued_minor` is not billed and not asked for.

    None instead of a figure when a value of the law is missing: nothing is guessed. `as_of` is the last day counted.
    """

    as_of: date
    billed_minor: int = 0
    accrued_minor: int | None = 0
    steps: tuple[PenaltyStep, ...] = ()
    verified: bool = True

    @property
    def says_something(self) -> bool:
        return bool(self.billed_minor or self.accrued_minor or self.accrued_minor is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCode:
    """A link to the organisation's page of payment, filled in."""

    address: bytes

    def payload(self) -> bytes:
        return self.address


PaymentCode = GostCode | NbuCode | LinkCode


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentPart:
    """So much to one payee. `details` are (word, value) of the requisites in the order of the country's forms."""

    minor: int
    payee: str
    details: tuple[tuple[str, str], ...]
    due_on: date
    code: PaymentCode | None
    #: What is paid there when the bill has several payees: names of regimes.
    covers: Texts = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterLine:
    """A meter of the flat with its last reading and the day by which it must be verified."""

    kind: Texts
    number: str
    reading: Decimal | None
    taken_on: date | None
    verify_by: date | None
    verify_soon: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DueNorm:
    """Why the due day is what it is. `delivery_day` is the day of the month by which the bill must be delivered."""

    norm: Texts
    verified: bool
    delivery_day: int | None = None
    delivery_norm: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedBill:
    """The bill of a month as it stands on `issued_on`: money valued up to that day is counted.

    opening + charged + recalculated + penalty − received = closing; what is to be paid is the closing sum, split among
    payees, or nothing when it is an advance. Raises DoesNotFoot when it would not be so.
    """

    country: str
    month: date
    issued_on: date
    executor: Executor
    flat: Flat
    opening_minor: int
    lines: tuple[ServiceLine, ...]
    recalculations: tuple[Recalculation, ...]
    penalty: PenaltyTold
    received: tuple[Received, ...]
    parts: tuple[PaymentPart, ...]
    due_on: date
    due_norm: DueNorm | None
    open_months: tuple[OpenMonth, ...] = ()
    meters: tuple[MeterLine, ...] = ()

    def __post_init__(self) -> None:
        if sum(part.minor for part in self.parts) != self.to_pay_minor:
            raise DoesNotFoot(f"{self.flat.account}: {self.to_pay_minor} ≠ {[part.minor for part in self.parts]}")

    @property
    def charged_minor(self) -> int:
        return sum(line.minor for line in self.lines)

    @property
    def recalculated_minor(self) -> int:
        return sum(row.minor for row in self.recalculations)

    @property
    def received_minor(self) -> int:
        return sum(row.minor for row in self.received)

    @property
    def closing_minor(self) -> int:
        """What is owed (above zero) or paid in advance (below)."""
        grown = self.opening_minor + self.charged_minor + self.recalculated_minor + self.penalty.billed_minor
        return grown - self.received_minor

    @property
    def to_pay_minor(self) -> int:
        return max(0, self.closing_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRow:
    """A line of a statement: a bill of a month, a recalculation, a penalty (all above zero or below), or money."""

    on: date
    kind: str
    month: date | None
    text: str
    asked_minor: int = 0
    paid_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedStatement:
    """An account from `since` to `until`, both inclusive: opening + asked − paid = closing, row by row."""

    country: str
    since: date
    until: date
    issued_on: date
    executor: Executor
    flat: Flat
    opening_minor: int
    closing_minor: int
    rows: tuple[StatementRow, ...]
    penalty: PenaltyTold | None = field(default=None)

    def __post_init__(self) -> None:
        if self.opening_minor + self.asked_minor - self.paid_minor != self.closing_minor:
            raise DoesNotFoot(
                f"{self.flat.account}: {self.opening_minor} + {self.asked_minor} − {self.paid_minor}"
                f" ≠ {self.closing_minor}"
            )

    @property
    def asked_minor(self) -> int:
        return sum(row.asked_minor for row in self.rows)

    @property
    def paid_minor(self) -> int:
        return sum(row.paid_minor for row in self.rows)


def split(closing_minor: int, open_by_payee: Sequence[int]) -> list[int]:
    """What is to be paid to each payee: what is open for each, less the advance, taken off from the first on.

    The parts sum up to the closing sum, or are all zero when nothing is owed.
    """
    left = sum(open_by_payee) - max(0, closing_minor)
    parts = []
    for minor in open_by_payee:
        taken = min(max(left, 0), minor)
        left -= taken
        parts.append(minor - taken)
    if left < 0 and parts:
        parts[0] -= left
    return parts
