"""Dues in Kazakhstan: the accumulative ones have a floor, 0.005 of the monthly index for a square metre a month."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from okno.law.court import half_up
from okno.law.explained import Explained, gettext_noop
from okno.law.kz.mrp import MONTHLY_INDEX
from okno.law.sheets import load

PARAMETERS = load(Path(__file__).with_suffix(".yaml"))


def least_accumulative(area_m2: Decimal, month: date) -> Explained[int]:
    """The least accumulative dues for the month (any day in it), in tiyns, half up. Raises `NotInForce`."""
    day = month.replace(day=1)
    share = PARAMETERS["least_accumulative_share"].at(day)
    index = MONTHLY_INDEX.at(day)
    why = gettext_noop("Не меньше %(share)s МРП за квадратный метр в месяц; площадь %(area)s м².")
    rows = (
        share.reading(why, since=day, until=day, params={"share": share.value, "area": area_m2}),
        index.reading(gettext_noop("МРП: %(index)s ₸."), since=day, until=day, params={"index": index.value}),
    )
    return Explained(half_up(Fraction(share.value) * Fraction(index.value) * Fraction(area_m2) * 100), rows)
