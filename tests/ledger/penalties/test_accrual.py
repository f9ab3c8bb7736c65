"""What an account's penalty is on a day: the law's answer to a question made of its history."""

from datetime import date

from okno.law.penalty import PenaltyQuestion
from okno.ledger.models import Account
from okno.ledger.penalties.accrual import accrued
from tests.ledger.book import bill, pay
from tests.ledger.penalties.penalty_book import figure, post_month, set_terms, three_hundredths


def test_an_account_that_owes_nothing_costs_nothing(book):
    told = accrued(Account.objects.get(pk=book.accounts[0]), date(2026, 6, 30))
    assert (told.rounded_minor, told.due_minor, told.missing, told.verified) == (0, 0, (), True)
    assert [regime.regime for regime in told.regimes] == ["housing", "capital_repair"]


def test_the_figure_is_the_sum_of_the_rows_that_explain_it(book):
    account = book.accounts[0]
    book.post(bill(account, "2026-01", 4_567_89), bill(account, "2026-02", 1_111_11))
    book.post(pay(account, "2026-04-20", 2_000_00))
    told = figure(account, date(2026, 6, 30))
    assert told.exact == sum(row.exact for row in told.result.rows)
    assert isinstance(told.question, PenaltyQuestion)
    assert {arrear.due_on for arrear in told.question.arrears} == {date(2026, 2, 10), date(2026, 3, 10)}


def test_money_of_later_days_is_not_known_on_a_day_before(book):
    account = book.accounts[0]
    book.post(bill(account, "2026-01", 10_000_00))
    book.post(pay(account, "2026-04-20", 10_000_00))
    assert figure(account, date(2026, 3, 31)).rounded_minor == three_hundredths(10_000_00, 19)
    assert figure(account, date(2026, 6, 30)).rounded_minor == three_hundredths(10_000_00, 39)


def test_what_is_posted_and_open_stands_beside_what_is_not_posted(book):
    account = book.accounts[0]
    set_terms(book)
    book.post(bill(account, "2026-01", 10_000_00))
    post_month(book, "2026-03")
    told = figure(account, date(2026, 4, 10))
    march, april = three_hundredths(10_000_00, 19), three_hundredths(10_000_00, 29)
    assert (told.posted_minor, told.open_minor, told.not_posted_minor) == (march, march, april - march)
    assert told.due_minor == april
    book.post(pay(account, "2026-04-11", 10_000_00 + 20_00))
    assert figure(account, date(2026, 4, 11)).open_minor == march - 20_00


def test_a_day_before_a_posted_month_knows_nothing_of_its_bill(book):
    account = book.accounts[0]
    set_terms(book)
    book.post(bill(account, "2026-01", 10_000_00))
    post_month(book, "2026-03")
    told = figure(account, date(2026, 3, 20))
    assert (told.posted_minor, told.not_posted_minor) == (0, three_hundredths(10_000_00, 8))


def test_a_missing_value_gives_no_figure_and_says_which_to_enter(book):
    account = book.accounts[0]
    book.post(bill(account, "2004-01", 10_000_00, due="2004-02-10"))
    told = accrued(Account.objects.get(pk=account), date(2004, 6, 30))
    assert (told.rounded_minor, told.due_minor, told.verified) == (None, None, False)
    assert "не введено" in told.missing[0].message


def test_penalties_bear_no_penalty(book):
    account = book.accounts[0]
    book.post(bill(account, "2026-01", 10_000_00, kind="penalty", source_key="old", due="2026-02-10"))
    assert figure(account, date(2026, 10, 31)).rounded_minor == 0
