"""From which bill back the limitation has expired: one day instead of a question a bill."""

from datetime import date, timedelta
from functools import lru_cache

from okno.law import dated
from okno.law.countries import pack

EARLIEST = date(2006, 1, 1)
"""No bill that is still open is older than this; the countries' sheets begin before it."""


def barred_until(country: str, day: date) -> date | None:
    """The latest due day whose bill is time-barred on `day`; every earlier one is barred too. None: nothing is.

    The end of a limitation never comes earlier for a later due day, so the bound is found by halving.
    Raises NotInForce when the country's sheet has no limitation for these days.
    """
    return _barred_until(country, day, dated.generation())


@lru_cache(maxsize=4096)
def _barred_until(country: str, day: date, generation: int) -> date | None:
    """Remembered for as long as nobody enters another value of the law."""
    rules = pack(country)
    if day <= EARLIEST or not rules.is_time_barred(EARLIEST, day):
        return None
    barred, free = EARLIEST, day
    while free - barred > timedelta(days=1):
        middle = barred + (free - barred) // 2
        if rules.is_time_barred(middle, day):
            barred = middle
        else:
            free = middle
    return barred


def is_barred(country: str, due_on: date, day: date) -> bool:
    """Whether on `day` the bill due on `due_on` is time-barred."""
    bound = barred_until(country, day)
    return bound is not None and due_on <= bound
