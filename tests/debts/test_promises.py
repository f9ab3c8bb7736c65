"""A promise is kept or void by the posting itself, broken by the night, judged again by what the bank brings late."""

from datetime import date, timedelta

import pytest

from okno.common import journal
from okno.common.journal import Subject
from okno.debts import cycle, promises
from okno.debts.models import Case, Promise
from okno.debts.promises import PromiseRefused, Standing, judged
from okno.ledger.models import Bill, Payment
from tests.ledger.book import bill, pay
from tests.ledger.test_at_once import at_once


@pytest.fixture
def owing(book, organisation, moment, stopped_clock) -> int:
    """An account that owes 300 since September, its case open."""
    account = book.accounts[0]
    book.post(bill(account, "2026-09", 300_00))
    cycle.run(organisation, moment.date(), moment)
    return account


@pytest.fixture
def promised(owing, moment):
    """Promise 300 by the 20th, or whatever is told instead."""

    def act(on: str = "2026-11-20", minor: int = 300_00, made_by: str = "call:1") -> Promise:
        return promises.promise(owing, None, date.fromisoformat(on), minor, made_by, moment, "в пятницу")

    return act


def state(one: Promise) -> str:
    one.refresh_from_db()
    return one.state


@pytest.fixture
def night(organisation, moment, monkeypatch):
    def act(day: str) -> None:
        when = moment + (date.fromisoformat(day) - moment.date())
        monkeypatch.setattr("okno.common.clock.now", lambda: when)
        cycle.run(organisation, when.date(), when)

    return act


def test_a_promise_belongs_to_the_open_case(promised, owing):
    one = promised()
    assert (one.state, one.case, one.words) == ("open", Case.objects.get(account=owing), "в пятницу")


def test_told_twice_by_the_same_call_it_is_one(promised):
    assert promised().pk == promised(minor=100_00).pk


def test_a_newer_promise_replaces_the_open_one(promised):
    first, second = promised(), promised(on="2026-11-25", made_by="call:2")
    assert (state(first), state(second)) == ("replaced", "open")


@pytest.mark.parametrize(("on", "minor"), [("2026-11-17", 300_00), ("2026-11-20", 0), ("2026-11-20", -1)])
def test_a_day_that_has_passed_and_no_money_are_refused(promised, on, minor):
    with pytest.raises(PromiseRefused):
        promised(on=on, minor=minor)


def test_today_can_be_promised(promised):
    assert promised(on="2026-11-18").state == "open"


def test_a_promise_about_nothing_is_void_from_the_start(book, promised, owing):
    book.post(pay(owing, "2026-11-18", 300_00), kind="payments")
    assert promised().state == "void"


def test_the_payment_keeps_it_in_its_own_transaction(book, promised, owing):
    one = promised()
    book.post(pay(owing, "2026-11-19", 300_00), kind="payments")
    one.refresh_from_db()
    assert (one.state, one.ended_on) == ("kept", date(2026, 11, 18))


def test_a_part_of_the_sum_does_not_keep_it(book, promised, owing):
    one = promised()
    book.post(pay(owing, "2026-11-19", 100_00), kind="payments")
    assert state(one) == "open"
    book.post(pay(owing, "2026-11-20", 200_00), kind="payments")
    assert state(one) == "kept"


def test_the_promised_part_keeps_it_although_the_debt_goes_on(book, promised, owing):
    one = promised(minor=100_00)
    book.post(pay(owing, "2026-11-19", 100_00), kind="payments")
    assert (state(one), Case.objects.get(account=owing).state) == ("kept", "open")


def test_money_from_before_the_promise_does_not_keep_a_part(book, promised, owing):
    one = promised(minor=100_00)
    book.post(pay(owing, "2026-11-10", 100_00), kind="payments")
    assert state(one) == "open"


def test_money_from_before_that_ends_the_debt_keeps_it(book, promised, owing):
    one = promised()
    book.post(pay(owing, "2026-11-10", 300_00), kind="payments")
    assert state(one) == "kept"


def test_a_debt_that_goes_without_money_leaves_it_void(book, promised, owing):
    one = promised()
    book.reverse(bills=[Bill.objects.get(account=owing).pk])
    assert state(one) == "void"


def test_on_its_last_day_it_is_still_open_and_the_night_after_it_is_broken(promised, night):
    one = promised()
    night("2026-11-20")
    assert state(one) == "open"
    night("2026-11-21")
    one.refresh_from_db()
    assert (one.state, one.ended_on) == ("broken", date(2026, 11, 21))


def test_what_the_bank_brings_late_keeps_a_broken_one(book, promised, owing, night):
    one = promised()
    night("2026-11-21")
    book.post(pay(owing, "2026-11-20", 300_00), kind="payments")
    assert state(one) == "kept"


def test_money_of_a_later_day_does_not(book, promised, owing, night):
    one = promised()
    night("2026-11-21")
    book.post(pay(owing, "2026-11-21", 300_00), kind="payments")
    assert state(one) == "broken"


def test_a_payment_taken_back_takes_its_promise_back(book, promised, owing, night):
    one = promised()
    book.post(pay(owing, "2026-11-19", 300_00), kind="payments")
    book.reverse(payments=[Payment.objects.get(account=owing).pk])
    assert state(one) == "open"
    night("2026-11-21")
    assert state(one) == "broken"


def test_the_same_night_twice_changes_nothing(promised, night):
    one = promised()
    night("2026-11-21")
    night("2026-11-21")
    assert state(one) == "broken"


def test_the_journal_tells_the_promise_and_its_end(book, promised, owing, organisation):
    promised()
    book.post(pay(owing, "2026-11-19", 300_00), kind="payments")
    told = journal.read(Subject("account", organisation.pk, owing), kinds={"promise.made", "promise.ended"})
    assert [event.kind for event in told] == ["promise.ended", "promise.made"]
    assert "до 20.11.2026" in told[1].title


@pytest.mark.parametrize(
    ("paid", "ended_how", "days", "state_before", "expected"),
    [
        (300, "", 0, "open", "kept"),
        (299, "", 0, "open", "open"),
        (299, "", 1, "open", "broken"),
        (0, "paid", 0, "open", "kept"),
        (0, "recalculated", 0, "open", "void"),
        (0, "below_least", 0, "open", "void"),
        (299, "below_least", 0, "open", "kept"),
        (0, "paid", 1, "broken", "broken"),
        (300, "paid", 1, "broken", "kept"),
        (0, "", 0, "kept", "open"),
    ],
)
def test_what_becomes_of_a_promise(paid, ended_how, days, state_before, expected):
    on = date(2026, 11, 20)
    one = Standing(1, 1, state_before, 300, on, paid, ended_how)
    assert judged(one, on + timedelta(days=days)) == expected


@pytest.mark.django_db(transaction=True)
def test_a_payment_and_a_promise_at_once_leave_no_open_promise_of_a_paid_debt(book, owing, moment):
    def pay_all() -> None:
        book.post(pay(owing, "2026-11-18", 300_00), kind="payments")

    def promise() -> None:
        promises.promise(owing, None, date(2026, 11, 20), 300_00, "call:9", moment)

    assert at_once(pay_all, promise) == [None, None]
    assert not Promise.objects.filter(state="open").exists()
