"""In which order a payment is set against debts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from okno.law.dated import Parameter
from okno.law.explained import Explained, gettext_noop

#: What is tried in turn: the period the payer named; the oldest month that can still be claimed (or simply the
#: oldest); what is left over waits for the next bill.
Step = Literal["stated_period", "oldest_not_time_barred", "oldest", "advance"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationOrder:
    """The order of allocation on one day."""

    steps: tuple[Step, ...]
    #: Penalty is paid only when no principal is open, or when the payer says so.
    principal_before_penalty: bool
    #: What pays a part of a month's bill pays each of its lines by its share, see `split_by_lines`.
    proportionally_by_lines: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationRules:
    """One country's order, from its sheet."""

    steps: Parameter
    principal_before_penalty: Parameter
    proportionally_by_lines: Parameter

    def order(self, day: date) -> Explained[AllocationOrder]:
        """The order on the value date of a payment."""
        steps = self.steps.at(day)
        principal = self.principal_before_penalty.at(day)
        by_lines = self.proportionally_by_lines.at(day)
        told = gettext_noop("Сначала период, который назвал плательщик, затем старые долги, остаток в аванс.")
        after = gettext_noop("Сначала основной долг, потом пени.")
        inside = gettext_noop("Внутри месяца деньги делятся между строками счёта пропорционально.")
        rows = (
            steps.reading(told, since=day, until=day),
            principal.reading(after, since=day, until=day),
            by_lines.reading(inside, since=day, until=day),
        )
        order = AllocationOrder(
            steps=tuple(steps.value),
            principal_before_penalty=principal.value,
            proportionally_by_lines=by_lines.value,
        )
        return Explained(order, rows)


def split_by_lines(amount_minor: int, lines: Mapping[str, int]) -> dict[str, int]:
    """What of a payment falls on each line of the bill (minor units), by the lines' shares (ПП РФ 354 п. 118).

    Each line gets its share rounded down, and what rounding leaves over goes by one to those it took most from, the
    first of equals first: nothing is made or lost, and no line gets more than it asks. Raises `ValueError` for a sum
    below zero or above the bill.
    """
    total = sum(lines.values())
    if not 0 <= amount_minor <= total or any(line < 0 for line in lines.values()):
        raise ValueError("Разделить можно от нуля до суммы счёта, строки не меньше нуля.")
    shares = {name: divmod(amount_minor * line, total or 1) for name, line in lines.items()}
    left = amount_minor - sum(whole for whole, _ in shares.values())
    luckiest = sorted(shares, key=lambda name: -shares[name][1])[:left]
    return {name: whole + (name in luckiest) for name, (whole, _) in shares.items()}
