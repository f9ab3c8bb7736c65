"""The day by which dues and utilities must be paid in Kazakhstan.

Закон «О жилищных отношениях» ст. 34-1 п. 8: up to and including the 25th of the month after the reported one. For
utilities (a ledger keeps them under the regime `other`) the same day comes from order No. 249. Whether a day of rest
moves it nobody has confirmed (ГК РК ст. 175): by default it stays. Before the reform of 2025 the wording was not read:
the organisation's own day stands, unverified.
"""

from datetime import date
from pathlib import Path

from okno.law.due_days import DueDayQuestion, moved_off_rest, numbered_day
from okno.law.explained import Explained, Reading, gettext_noop
from okno.law.sheets import load

PARAMETERS = load(Path(__file__).with_suffix(".yaml"))


def due_day(question: DueDayQuestion) -> Explained[date]:
    """The last day to pay, inclusive, with its reasons. Raises `NotInForce` for months before 2020.

    A contract's day counts only where the law's own is not known, for the law forbids contracts with single owners
    (ст. 47 п. 3). The wording is that of the month in which the bill falls due.
    """
    utilities = question.regime in ("other", "utilities")
    statutory = PARAMETERS["utilities_day_of_month" if utilities else "day_of_month"].at(question.due_month)
    number = statutory.value
    why = gettext_noop("Платят до %(day)s-го числа следующего месяца включительно.")
    if statutory.basis == "policy" and question.contract_day is not None:
        number = question.contract_day
        why = gettext_noop("Платят до %(day)s-го числа следующего месяца: так назначил договор.")
    due_on, row = numbered_day(question, number, statutory, why)
    rows: tuple[Reading, ...] = (row,)
    if question.contract_day not in (None, number):
        ignored = gettext_noop("Договор назначает %(agreed)s-е число, но день оплаты назначен законом.")
        told = {"agreed": question.contract_day}
        rows += (statutory.reading(ignored, since=question.month, until=due_on, params=told),)
    return moved_off_rest(question, due_on, PARAMETERS["weekend_shift"].at(question.due_month), rows)
