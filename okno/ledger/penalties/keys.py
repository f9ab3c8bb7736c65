"""By which names penalties are known in the ledger: `penalty:<regime>:<period>`, `waiver:<id>:<regime>:<period>`.

A period is a month (2026-10) or, for what is posted at payment, a day (2026-10-05).
"""

from calendar import monthrange
from datetime import date

from okno.ledger.rows import WAIVER

PENALTY = "penalty:"


def penalty_key(regime: str, through: date, *, at_payment: bool) -> str:
    """The source key of the penalty bill whose last day counted is `through`."""
    return f"{PENALTY}{regime}:{through.isoformat() if at_payment else f'{through:%Y-%m}'}"


def waiver_key(waiver_id: int, penalty: str) -> str:
    """The source key of the recalculation by which a waiver takes something off a penalty bill."""
    return f"{WAIVER}{waiver_id}:{penalty.removeprefix(PENALTY)}"


def regime_of(key: str) -> str:
    """The regime a key speaks of."""
    return key.split(":")[-2]


def through_of(key: str) -> date:
    """The last day counted in the penalty bill a key speaks of."""
    period = key.rpartition(":")[2]
    is_month = period.count("-") == 1
    return last_day(date.fromisoformat(f"{period}-01")) if is_month else date.fromisoformat(period)


def penalty_of(waiver: str) -> str:
    """The source key of the penalty bill that a waiver's recalculation takes something off."""
    return PENALTY + waiver.split(":", 2)[2]


def last_day(month: date) -> date:
    """The last day of the month of a day."""
    return month.replace(day=monthrange(month.year, month.month)[1])
