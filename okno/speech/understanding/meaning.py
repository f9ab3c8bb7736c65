"""One possible meaning of what was heard."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

Value = date | Decimal | int | str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value and how sure of it the grammar is, from 0 to 1."""

    value: Value
    confidence: float
