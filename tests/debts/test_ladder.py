"""The ladder of steps: both sides of every threshold, the days of contacts, what the law forbids, what is refused."""

from dataclasses import asdict, replace
from datetime import date, timedelta

import numpy as np
import pytest

from okno.access.actor import process
from okno.access.models import Action
from okno.debts import cycle, ladder
from okno.debts.ladder import LadderRefused, Step, change, contact_asked_on, in_force, placed
from okno.debts.models import Case, Ladder
from tests.ledger.book import Book, bill, pay

STEPS = (
    Step(code="reminder", days=1, repeat_days=7, families=("message",)),
    Step(code="demand", days=31, least_minor=500_00, families=("message", "call")),
    Step(code="warning", days=61, months=2),
    Step(code="court", days=91, months=3, to_court=True),
)


@pytest.mark.parametrize(
    ("days", "months", "minor", "court_is_open", "expected"),
    [
        (0, 1, 900_00, True, -1),
        (1, 1, 900_00, True, 0),
        (30, 1, 900_00, True, 0),
        (31, 1, 900_00, True, 1),
        (31, 1, 499_99, True, 0),
        (31, 1, 500_00, True, 1),
        (61, 1, 900_00, True, 1),
        (61, 2, 900_00, True, 2),
        (61, 2, 100_00, True, 2),
        (91, 3, 900_00, True, 3),
        (91, 3, 900_00, False, 2),
        (91, 2, 900_00, True, 2),
    ],
)
def test_a_case_stands_on_the_highest_step_it_has_reached(days, months, minor, court_is_open, expected):
    assert placed(STEPS, days, months, minor, court_is_open) == expected
    columns = (np.array([value]) for value in (days, months, minor, court_is_open))
    assert placed(STEPS, *columns).tolist() == [expected]


@pytest.mark.parametrize(
    ("step_on", "repeat", "day", "expected"), [(10, 0, 99, 10), (10, 7, 10, 10), (10, 7, 16, 10), (10, 7, 17, 17)]
)
def test_a_step_asks_for_a_contact_at_once_and_then_every_so_often(step_on, repeat, day, expected):
    assert contact_asked_on(step_on, repeat, day) == expected


@pytest.mark.parametrize("country", ["ru", "kz", "ua"])
def test_the_shipped_ladders_pass_their_own_check(country, organisation, today):
    change(process(organisation, "проверка"), ladder.SHIPPED[country], since=date(2030, 1, 1))
    assert in_force(organisation, date(2030, 1, 1)) == ladder.SHIPPED[country]


@pytest.fixture
def laid(organisation, today, stopped_clock):
    """The ladder above, in force from today."""
    change(process(organisation, "проверка"), STEPS, since=today, reason="так решили")
    return organisation


def test_a_new_ladder_holds_from_its_day_and_the_trail_says_so(laid, today):
    assert in_force(laid, today) == STEPS
    assert in_force(laid, today - timedelta(days=1)) == ladder.SHIPPED["ru"]
    line = Action.objects.get(verb="debts.ladder_changed")
    assert (line.reason, line.sentence.endswith("Последнее предупреждение, Подготовка к суду")) == ("так решили", True)


@pytest.mark.parametrize(
    "steps",
    [
        (),
        (Step(code="one"), Step(code="one")),
        (Step(code=" "),),
        (Step(code="б" * 33),),
        (Step(code="one", days=0),),
        (Step(code="one", months=0),),
        (Step(code="one", least_minor=-1),),
        (Step(code="one", repeat_days=366),),
        (Step(code="one", families=("fax",)),),
        (Step(code="one", days=31), Step(code="other", days=1)),
    ],
)
def test_a_ladder_that_cannot_be_climbed_is_refused(steps, organisation, today, stopped_clock):
    with pytest.raises(LadderRefused):
        change(process(organisation, "проверка"), steps, since=today)
    assert not Ladder.objects.exists()


def test_the_past_keeps_its_ladder(organisation, today, stopped_clock):
    with pytest.raises(LadderRefused):
        change(process(organisation, "проверка"), STEPS, since=today - timedelta(days=1))


def test_a_condition_is_told_in_words():
    step = Step(code="court", days=91, months=3, least_minor=500_00, to_court=True)
    told = ladder.condition(step, currency="RUB").replace("\xa0", " ")
    assert told == "с 91-го дня просрочки, от 3 месяцев, от 500,00 ₽, не раньше, чем разрешает закон"
    assert ladder.condition(replace(step, months=1, least_minor=0, to_court=False), currency="RUB") == (
        "с 91-го дня просрочки"
    )


# At night


def night(organisation, day, moment):
    cycle.run(organisation, day, moment)


def case_of(account: int) -> Case:
    return Case.objects.get(account=account, state="open")


def test_a_case_climbs_step_by_step_and_keeps_the_day_it_came(laid, book, today, moment):
    account = book.accounts[0]
    book.post(bill(account, "2026-09", 600_00, due="2026-11-17"))
    came = {}
    for later in range(40):
        night(laid, today + timedelta(days=later), moment)
        case = case_of(account)
        came.setdefault(case.step, case.step_on)
        assert case.step_on == came[case.step]
        if case.step == "reminder":
            assert case.contact_on == today + timedelta(days=later // 7 * 7)
    assert came == {"reminder": today, "demand": today + timedelta(days=30)}
    assert case_of(account).contact_on == came["demand"]


def test_a_debt_paid_down_goes_down_the_ladder(laid, book, today, moment):
    account = book.accounts[0]
    book.post(*(bill(account, month, 600_00) for month in ("2026-06", "2026-07", "2026-08")))
    night(laid, today, moment)
    assert (case_of(account).step, case_of(account).contact_on) == ("court", None)
    book.post(pay(account, "2026-11-18", 1_200_00))
    night(laid, today, moment)
    assert (case_of(account).step, case_of(account).step_on) == ("demand", today)


def test_no_ladder_brings_a_debt_to_court_before_the_law_does(other_organisation, moment, today):
    steps = (Step(code="reminder"), Step(code="notary", days=2, to_court=True))
    Ladder.objects.create(
        organisation=other_organisation,
        since=date(2026, 1, 1),
        steps=[asdict(step) for step in steps],
    )
    book = Book.begin(other_organisation)
    account = book.accounts[0]
    book.post(bill(account, "2026-08", 6_000_00, due="2026-09-25"))
    # Two months after the due day (ст. 34-1 п. 10 ЗРК «О жилищных отношениях»): the first day is the next one.
    night(other_organisation, date(2026, 11, 25), moment)
    assert case_of(account).step == "reminder"
    night(other_organisation, date(2026, 11, 26), moment)
    assert case_of(account).step == "notary"
