"""The staged rows of a turnover sheet: which columns they have and which services their sums belong to."""

from dataclasses import dataclass
from typing import Any

from okno.exchange.formats.headers import Columns
from okno.ledger.models import Regime

#: Codes of the lines that are no service.
RECALCULATION, OPENING, CHARGES = "recalculation", "opening", "charges"
PENALTY = "penalty"
"""The line of a penalty, and how the codes of penalty columns begin: one a regime."""

#: Columns of every sheet; the services of this one follow, and in the end stands the account, if it is known.
COLUMNS = (
    ("row_number", "int8"),
    ("number", "text"),
    ("address", "text"),
    ("flat", "text"),
    ("opening", "int8"),
    ("billed", "int8"),
    ("recalculated", "int8"),
    ("paid", "int8"),
    ("closing", "int8"),
)
ROW, NUMBER, ADDRESS, FLAT, OPENS, BILLED, RECALCULATED, PAID, CLOSES = range(len(COLUMNS))
ACCOUNT = -1
SUMS = {"opening": OPENS, "billed": BILLED, "recalculated": RECALCULATED, "paid": PAID, "closing": CLOSES}

Row = tuple[Any, ...]
"""A staged row: half a million of them are compared, so they stay as the database gives them."""


@dataclass(frozen=True)
class Services:
    """The services of a sheet, in order: their codes, and by regime which staged columns hold their sums.

    Penalties are columns like services and bills of their own: `penalties` are (regime, staged column).
    """

    codes: tuple[str, ...]
    by_regime: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]
    penalties: tuple[tuple[str, int], ...] = ()

    @classmethod
    def of(cls, columns: Columns) -> "Services":
        """Those the sheet's columns name; a sheet without services has one line, what was charged in all."""
        default = dict(columns.constants).get("regime", Regime.HOUSING.value)
        regimes = {code: regime for _, code, regime in columns.services}
        if not regimes:
            return cls(codes=(), by_regime=((default, ((CHARGES, BILLED),)),))
        places: dict[str, list[tuple[str, int]]] = {}
        penalties = []
        for place, (code, regime) in enumerate(regimes.items(), start=len(COLUMNS)):
            if code.startswith(PENALTY):
                penalties.append((regime, place))
            else:
                places.setdefault(regime, []).append((code, place))
        return cls(
            codes=tuple(regimes),
            by_regime=tuple((regime, tuple(lines)) for regime, lines in places.items()),
            penalties=tuple(penalties),
        )

    def bills(self, row: Row) -> dict[str, dict[str, int]]:
        """Regime → service → minor units, without what is nothing."""
        found = {}
        for regime, lines in self.by_regime:
            charged = {code: row[place] for code, place in lines if row[place]}
            if charged:
                found[regime] = charged
        return found
