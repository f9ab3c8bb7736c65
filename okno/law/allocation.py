"""In which order a payment is set against debts."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationRules:
    """One country's order, from its sheet."""

    steps: Parameter
    principal_before_penalty: Parameter

    def order(self, day: date) -> Explained[AllocationOrder]:
        """The order on the value date of a payment."""
        steps = self.steps.at(day)
        principal = self.principal_before_penalty.at(day)
        told = gettext_noop("Сначала период, который назвал плательщик, затем старые долги, остаток в аванс.")
        after = gettext_noop("Сначала основной долг, потом пени.")
        rows = (
            steps.reading(told, since=day, until=day),
            principal.reading(after, since=day, until=day),
        )
        order = AllocationOrder(steps=tuple(steps.value), principal_before_penalty=principal.value)
        return Explained(order, rows)
