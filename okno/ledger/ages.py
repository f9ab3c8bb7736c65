"""How old an overdue sum is, by days past its due day: 1–30, 31–60, 61–90, 91 and more.

The due day itself is still in time; the day after it is the first day past. One place for the bounds, in Python and
in SQL.
"""

from datetime import date

AGES = ("age_30", "age_60", "age_90", "age_over")

LAST = (30, 60, 90)
"""The last day past due of each age but the oldest."""


def days_past(due_on: date, day: date) -> int:
    """How many days `day` is past the due day; nothing or less: not yet due."""
    return (day - due_on).days


def age(days: int) -> str | None:
    """Which of `AGES` so many days past due fall into; None while it is not overdue."""
    if days < 1:
        return None
    return next((name for name, last in zip(AGES, LAST, strict=False) if days <= last), AGES[-1])


def sums(*, day: str, counted: str) -> str:
    """Four SQL sums of `bill.open_minor` by age, in the order of `AGES`; `bill` is a row of the open bills.

    `day` and `counted` are SQL expressions.
    """
    past = f"({day} - bill.due_on)"
    bounds = (f"{past} BETWEEN 1 AND 30", f"{past} BETWEEN 31 AND 60", f"{past} BETWEEN 61 AND 90", f"{past} > 90")
    return ", ".join(
        f"coalesce(sum(bill.open_minor) FILTER (WHERE {counted} AND {bound}), 0)::bigint" for bound in bounds
    )
