"""What the countries' due days have in common: a numbered day of the next month, and moving off a day of rest."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from okno.common.days import add_months, day_in_month
from okno.law.calendar import WorkingCalendar
from okno.law.dated import InForce, Value
from okno.law.explained import Explained, Reading, gettext_noop

#: How the first bill of the Russian reform of 2026 is read, see `okno.law.ru.due_day`.
FirstNewBill = Literal["letter", "march"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDayQuestion:
    """For which bill the due day is asked.

    `month` is the billing month (its first day). `contract_day` is the number of the day agreed in the contract,
    or set by a regional law, None when there is none. `shift_weekends` overrides the country's own habit of moving
    the day to the next working one; None keeps it.
    """

    month: date
    regime: str
    calendar: WorkingCalendar
    contract_day: int | None = None
    first_new_bill: FirstNewBill = "letter"
    shift_weekends: bool | None = None

    @property
    def due_month(self) -> date:
        """The month after the billing month, as its first day."""
        return add_months(self.month, 1)


def numbered_day(question: DueDayQuestion, number: int, cited: InForce, why: str) -> tuple[date, Reading]:
    """The day `number` of the month after the billing month, and the row that tells why."""
    due_on = day_in_month(question.due_month, number)
    return due_on, cited.reading(why, since=question.month, until=due_on, params={"day": due_on.day})


def moved_off_rest(question: DueDayQuestion, due_on: date, habit: Value, rows: tuple[Reading, ...]) -> Explained[date]:
    """The due day moved to the next working day, if the country (or the caller) wants it moved.

    A caller who wants it otherwise than the country's habit gets an unverified row.
    """
    wanted = habit.value if question.shift_weekends is None else question.shift_weekends
    moved_to = question.calendar.next_working_day(due_on)
    if moved_to == due_on:
        return Explained(due_on, rows)
    if not wanted:
        if habit.value:
            stays = gettext_noop("День выпадает на нерабочий, но по настройке организации он не переносится.")
            rows += (habit.reading(stays, since=due_on, until=due_on, verified=False),)
        return Explained(due_on, rows)
    why = gettext_noop("%(from_day)s нерабочий день, срок переходит на ближайший рабочий: %(to_day)s.")
    row = habit.reading(
        why,
        since=due_on,
        until=moved_to,
        verified=habit.value is True,
        params={"from_day": f"{due_on:%d.%m.%Y}", "to_day": f"{moved_to:%d.%m.%Y}"},
    )
    return Explained(moved_to, (*rows, row))
