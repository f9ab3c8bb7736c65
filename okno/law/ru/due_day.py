"""The day by which a bill must be paid in Russia.

ЖК РФ ст. 155 ч. 1. Until 28.02.2026: by the 10th of the month after the billing month, unless the management contract
or the members' meeting sets another day. From 01.03.2026 (177-ФЗ): by the 15th, and no other day may be set. "By"
includes the day itself; a day of rest moves to the next working day (ГК РФ ст. 193).
"""

from datetime import date
from pathlib import Path

from okno.law.dated import InForce, Rule
from okno.law.due_days import DueDayQuestion, moved_off_rest, numbered_day
from okno.law.explained import Explained, Reading, gettext_noop
from okno.law.sheets import load

PARAMETERS = load(Path(__file__).with_suffix(".yaml"))
REFORM_BILL = date(2026, 2, 1)

agreed_day: Rule[[int, int | None], int] = Rule(
    "ru.due_day.agreed_day", title="Может ли договор назначить другой день оплаты", checked_on="2026-11-21"
)


@agreed_day.in_force(
    since="2005-03-01", until="2026-02-28", source="ЖК РФ ст. 155 ч. 1 (прежняя редакция)", verified=True
)
def another_day_may_be_agreed(statutory: int, agreed: int | None) -> int:
    """By the 10th, unless the contract or the members' meeting sets another day."""
    return statutory if agreed is None else agreed


@agreed_day.in_force(since="2026-03-01", source="ЖК РФ ст. 155 ч. 1 в редакции 177-ФЗ от 24.06.2025", verified=True)
def no_other_day_may_be_agreed(statutory: int, agreed: int | None) -> int:
    """By the 15th; neither the contract nor a meeting may set another day."""
    return statutory


def due_day(question: DueDayQuestion) -> Explained[date]:
    """The last day to pay, inclusive, with its reasons. Raises `NotInForce` for months before the code."""
    day = _day_of_wording(question)
    statutory = PARAMETERS["day_of_month"].at(day)
    wording = agreed_day.at(day)
    agreed = wording(statutory.value, question.contract_day)
    cited: InForce
    if question.regime == "capital_repair" and question.contract_day is not None:
        number, cited = question.contract_day, PARAMETERS["capital_repair_regional_day"].at(day)
        why = gettext_noop("Взнос платят до %(day)s-го числа следующего месяца: так назначил закон региона.")
    elif agreed != statutory.value:
        number, cited = agreed, wording
        why = gettext_noop("Платят до %(day)s-го числа следующего месяца: так назначил договор или собрание.")
    else:
        number, cited = statutory.value, statutory
        why = gettext_noop("Платят до %(day)s-го числа следующего месяца включительно.")
    due_on, row = numbered_day(question, number, cited, why)
    rows = (row, *_contract_ignored(question, number, due_on), *_disputed(question, due_on))
    return moved_off_rest(question, due_on, PARAMETERS["weekend_shift"].at(day), rows)


def _day_of_wording(question: DueDayQuestion) -> date:
    """The day whose wording governs the bill.

    Reading taken: the wording of the month in which the bill falls due, as the Ministry's letter has it for the bill
    of February 2026. The other reading, "march", goes by the billing month. They differ for that one bill only.
    """
    return question.due_month if question.first_new_bill == "letter" else question.month


def _contract_ignored(question: DueDayQuestion, number: int, due_on: date) -> tuple[Reading, ...]:
    if question.contract_day is None or question.contract_day == number:
        return ()
    why = gettext_noop("Договор назначает %(agreed)s-е число, но с 01.03.2026 закон не допускает другого дня.")
    wording = agreed_day.at(_day_of_wording(question))
    return (wording.reading(why, since=question.month, until=due_on, params={"agreed": question.contract_day}),)


def _disputed(question: DueDayQuestion, due_on: date) -> tuple[Reading, ...]:
    if question.month != REFORM_BILL:
        return ()
    why = (
        gettext_noop("Счёт за февраль 2026 года спорный: по письму Минстроя он уже оплачивается по новому сроку.")
        if question.first_new_bill == "letter"
        else gettext_noop("Счёт за февраль 2026 года спорный: выбрано чтение, по которому новый срок идёт с марта.")
    )
    value = PARAMETERS["first_new_bill"].at(question.month)
    return (value.reading(why, since=question.month, until=due_on),)
