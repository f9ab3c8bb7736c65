"""Cases open when the definition is met and close when it is not, each with its reason."""

from datetime import date, timedelta

import pytest
from django.db import connection

from okno.access.actor import process
from okno.debts import cycle
from okno.debts.cause import DebtCause, UnknownFilter
from okno.debts.definition import Terms, change
from okno.debts.models import Case
from okno.ledger.models import Balance, Bill
from tests.ledger.book import bill, pay


@pytest.fixture
def run(organisation, moment, stopped_clock):
    """Run the cycle of a day (today when none is given)."""

    def act(day: date | None = None):
        return cycle.run(organisation, day or moment.date(), moment)

    return act


def case_of(account: int) -> Case:
    return Case.objects.get(account=account)


def test_a_case_opens_on_the_day_after_the_due_day(book, run):
    account = book.accounts[0]
    book.post(bill(account, "2026-10", 300_00, due="2026-11-16"))
    assert run(date(2026, 11, 16)).opened == 0
    found = run(date(2026, 11, 17))
    assert (found.opened, found.debtors, found.debt_minor) == (1, 1, 300_00)
    case = case_of(account)
    assert (case.state, case.opened_on, case.debt_minor, case.months_owed) == ("open", date(2026, 11, 17), 300_00, 1)
    assert case.opened_why["code"] == "overdue"
    assert case.opened_why["oldest_due_on"] == "2026-11-16"


@pytest.mark.parametrize(("minor", "opened"), [(99_99, 0), (100_00, 1)])
def test_both_sides_of_the_least_sum(book, run, minor, opened):
    book.post(bill(book.accounts[0], "2026-09", minor))
    assert run().opened == opened


def test_the_same_day_twice_changes_nothing(book, run):
    for account in book.accounts:
        book.post(bill(account, "2026-09", 300_00))
    run()
    before = list(Case.objects.order_by("id").values())
    again = run()
    assert (again.opened, again.closed, again.aged) == (0, 0, 0)
    assert list(Case.objects.order_by("id").values()) == before


def test_a_case_ages_with_the_days(book, run):
    account = book.accounts[0]
    book.post(bill(account, "2026-08", 300_00, due="2026-09-10"), bill(account, "2026-10", 50_00, due="2026-11-16"))
    run(date(2026, 10, 10))
    case = case_of(account)
    assert (case.age_30_minor, case.age_60_minor) == (300_00, 0)
    run(date(2026, 10, 11))
    case = case_of(account)
    assert (case.age_30_minor, case.age_60_minor, case.aged_on) == (0, 300_00, date(2026, 10, 11))
    run(date(2026, 12, 10))
    case = case_of(account)
    assert (case.age_30_minor, case.age_60_minor, case.age_90_minor, case.age_over_minor) == (50_00, 0, 0, 300_00)
    assert (case.months_owed, case.overdue_since, case.opened_on) == (2, date(2026, 9, 10), date(2026, 10, 10))


def test_a_payment_closes_the_case_in_its_own_transaction(book, run):
    account = book.accounts[0]
    book.post(bill(account, "2026-09", 300_00))
    run()
    posted = book.post(pay(account, "2026-11-18", 300_00), kind="payments")
    case = case_of(account)
    assert case.state == "closed"
    assert case.closed_why["code"] == "paid"
    assert case.closed_why["entry"] == posted.entry_id
    assert case.debt_minor == 300_00


def test_a_part_payment_counts_the_case_anew(book, run):
    account = book.accounts[0]
    book.post(bill(account, "2026-08", 300_00), bill(account, "2026-09", 300_00))
    run()
    book.post(pay(account, "2026-11-18", 400_00), kind="payments")
    case = case_of(account)
    assert (case.state, case.debt_minor, case.months_owed) == ("open", 200_00, 1)


def test_what_is_left_below_the_least_sum_closes_the_case(book, run):
    account = book.accounts[0]
    book.post(bill(account, "2026-09", 300_00))
    run()
    book.post(pay(account, "2026-11-18", 250_00), kind="payments")
    assert case_of(account).closed_why["code"] == "below_least"
    assert case_of(account).closed_why["left_minor"] == 50_00
    assert run().opened == 0


def test_a_recalculation_closes_the_case_by_its_name(book, run):
    account = book.accounts[0]
    book.post(bill(account, "2026-09", 300_00))
    run()
    off = pay(account, "2026-11-18", 300_00, stated="2026-09", regime="housing", kind="recalculation")
    book.post(off, kind="recalculation")
    assert case_of(account).closed_why["code"] == "recalculated"


def test_a_reversed_bill_closes_the_case_by_its_name(book, run):
    account = book.accounts[0]
    book.post(bill(account, "2026-09", 300_00))
    run()
    book.reverse(bills=[Bill.objects.get(account=account).pk])
    assert case_of(account).closed_why["code"] == "reversed"


def test_a_reversed_payment_brings_the_debt_back_at_once(book, run):
    account = book.accounts[0]
    book.post(bill(account, "2026-09", 300_00))
    run()
    payment = book.post(pay(account, "2026-11-18", 300_00, key="bank:1")).payment_ids["bank:1"]
    posted = book.reverse(payments=[payment])
    old, new = Case.objects.filter(account=account).order_by("id")
    assert (old.state, new.state) == ("closed", "open")
    assert new.opened_why["code"] == "reversed"
    assert new.opened_why["entry"] == posted.entry_id


def test_a_bill_that_is_not_due_opens_nothing_in_the_posting(book):
    book.post(bill(book.accounts[0], "2026-09", 300_00))
    assert not Case.objects.exists()


def test_a_changed_definition_closes_what_it_no_longer_names(book, run, organisation, today):
    account = book.accounts[0]
    book.post(bill(account, "2026-09", 300_00))
    run()
    terms = Terms(regimes=("housing",), days_allowed=0, least_minor=900_00)
    change(process(organisation, "проверка"), terms, since=today + timedelta(days=1))
    assert run(today).closed == 0
    assert run(today + timedelta(days=1)).closed == 1
    assert case_of(account).closed_why["code"] == "definition"


def test_a_debt_that_limitation_bars_closes_by_its_name(book, run):
    account = book.accounts[0]
    book.post(bill(account, "2023-09", 300_00, due="2023-10-10"))
    run(date(2026, 10, 10))
    assert case_of(account).state == "open"
    assert run(date(2026, 10, 11)).closed == 1
    assert case_of(account).closed_why["code"] == "barred"
    assert case_of(account).closed_why["barred_minor"] == 300_00


def test_the_neighbours_are_not_touched(book, run, other_organisation, moment):
    book.post(bill(book.accounts[0], "2026-09", 300_00))
    assert cycle.run(other_organisation, moment.date(), moment).debtors == 0
    assert not Case.objects.exists()


def test_chunks_give_the_same_as_one(book, run, monkeypatch):
    for account in book.accounts:
        book.post(bill(account, "2026-09", 300_00))
    monkeypatch.setattr(cycle, "AT_ONCE", 1)
    assert run().opened == 3


def test_a_posting_without_cases_asks_before_it_writes_and_nothing_after(book, stopped_clock):
    from okno.debts import effect
    from okno.ledger.effects import Moved

    moved = Moved(organisation_id=1, entry_id=1, kind="payments", account_ids=book.accounts)
    with connection.cursor() as cursor:
        follow = effect.ask(cursor.cursor, moved, now=stopped_clock)
        assert follow(NoMoreQuestions(), moved) is False


class NoMoreQuestions:
    """A cursor that nobody may use."""


# What the gate asks


def owed(book, case: Case, day: date):
    with connection.cursor() as cursor:
        return DebtCause().owed(cursor.cursor, organisation_id=book.organisation.pk, cause_ids=[case.pk], day=day)[
            case.pk
        ]


def test_the_gate_hears_what_is_owed_and_why(book, run, today):
    account = book.accounts[0]
    book.post(bill(account, "2026-08", 300_00), bill(account, "2026-09", 20_00))
    run()
    answer = owed(book, case_of(account), today)
    assert (answer.owed, answer.debt_minor, answer.account_id) == (True, 320_00, account)
    assert answer.values == {"debt_minor": 320_00, "months_owed": 2, "overdue_since": "2026-09-10"}
    assert answer.why["bills"] == 2


def test_the_gate_hears_that_it_was_paid(book, run, today):
    account = book.accounts[0]
    book.post(bill(account, "2026-09", 300_00))
    run()
    book.post(pay(account, "2026-11-18", 300_00))
    answer = owed(book, case_of(account), today)
    assert (answer.owed, answer.debt_minor) == (False, 0)


def test_the_answer_of_a_version_is_the_answer_of_that_moment(book, run, today):
    account = book.accounts[0]
    book.post(bill(account, "2026-08", 300_00), bill(account, "2026-09", 200_00))
    run()
    case = case_of(account)
    answers = {}
    payment = 0
    for step in range(4):
        answers[Balance.objects.get(account=account).version] = owed(book, case, today)
        if step == 0:
            payment = book.post(pay(account, "2026-11-18", 350_00, key="bank:1")).payment_ids["bank:1"]
        elif step == 1:
            book.reverse(payments=[payment])
        elif step == 2:
            book.reverse(bills=[Bill.objects.get(account=account, month="2026-09-01").pk])
    book.post(pay(account, "2026-11-18", 900_00))
    with connection.cursor() as cursor:
        for version, answer in answers.items():
            again = DebtCause().owed_at_version(
                cursor.cursor,
                organisation_id=book.organisation.pk,
                cause_id=case.pk,
                account_id=account,
                account_version=version,
                day=today,
            )
            assert again == answer
    assert [answer.debt_minor for answer in answers.values()] == [500_00, 150_00, 500_00, 300_00]


def test_the_audience_is_narrowed_by_what_the_campaign_asks(book, run, organisation, today):
    one, other, third = book.accounts
    book.post(
        bill(one, "2026-06", 300_00),
        bill(one, "2026-09", 300_00),
        bill(other, "2026-09", 900_00),
        bill(third, "2026-10", 200_00, due="2026-11-16"),
    )
    run()

    def audience(**filters) -> list[int]:
        return [account for _, account in DebtCause().audience(organisation=organisation, filter=filters, day=today)]

    assert audience() == [other, one, third]
    assert audience(least_minor=600_00) == [other, one]
    assert audience(months=2) == [one]
    assert audience(ages=["age_over"]) == [one]
    assert audience(ages=["age_30", "age_over"]) == [one, third]
    assert audience(houses=[book.house.pk]) == [other, one, third]
    assert audience(houses=[book.house.pk + 1]) == []
    assert audience(houses=[]) == []
    assert audience(cases=[case_of(third).pk]) == [third]
    with pytest.raises(UnknownFilter):
        audience(colour="red")
    with pytest.raises(UnknownFilter):
        audience(ages=["old"])
