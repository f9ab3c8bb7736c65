"""The day by which a bill must be paid in Ukraine.

Закон 2189-VIII ст. 9 ч. 1: monthly, unless the contract sets another order or term. The law names no day, the
contract does; the usual 20th stands as the organisation's own default and is shown as such. The day itself does not
move off a day of rest: the law moves the start of the penalty instead (ст. 26 ч. 1).
"""

from datetime import date
from pathlib import Path

from okno.law.due_days import DueDayQuestion, moved_off_rest, numbered_day
from okno.law.explained import Explained, gettext_noop
from okno.law.sheets import load

PARAMETERS = load(Path(__file__).with_suffix(".yaml"))


def due_day(question: DueDayQuestion) -> Explained[date]:
    """The last day to pay, inclusive, with its reasons. Raises `NotInForce` for months before May 2019."""
    cited = PARAMETERS["day_of_month" if question.contract_day is None else "contract_sets_day"]
    value = cited.at(question.due_month)
    number = value.value if question.contract_day is None else question.contract_day
    why = (
        gettext_noop("Договор дня не назначил: обычное %(day)s-е число следующего месяца.")
        if question.contract_day is None
        else gettext_noop("Платят до %(day)s-го числа следующего месяца: так назначил договор.")
    )
    due_on, row = numbered_day(question, number, value, why)
    return moved_off_rest(question, due_on, PARAMETERS["weekend_shift"].at(question.due_month), (row,))
