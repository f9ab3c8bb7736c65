"""A month of penalties of a whole organisation: what is posted, what is sealed, what refuses to be posted."""

from datetime import date

import pytest

from okno.ledger.billing import reverse_bill
from okno.ledger.models import Bill, LateShare, OpenBill
from okno.ledger.penalties.models import MonthState, PenaltyMonth, PenaltyStanding, Posting
from okno.ledger.penalties.posting import MonthRefused
from okno.ledger.posting import PostingRefused
from okno.ledger.verify import verify
from tests.ledger.book import bill, pay
from tests.ledger.penalties.penalty_book import (
    actor,
    figure,
    housing,
    penalties,
    post_month,
    set_terms,
    three_hundredths,
)


def test_a_month_is_posted_for_those_who_owe_and_nobody_else(book):
    late, punctual, _empty = book.accounts
    set_terms(book)
    book.post(bill(late, "2026-01", 10_000_00), bill(punctual, "2026-01", 10_000_00))
    book.post(pay(punctual, "2026-02-05", 10_000_00))
    # Due on 10 February: the 31st day of the delay is 13 March.
    done = post_month(book, "2026-03")
    assert (done.state, done.bills, done.posted_minor) == (MonthState.POSTED, 1, three_hundredths(10_000_00, 19))
    assert housing(late) == {"2026-03": three_hundredths(10_000_00, 19)}
    assert housing(punctual) == {}
    posted = Bill.objects.get(kind="penalty")
    assert (posted.month, posted.due_on) == (date(2026, 3, 1), date(2026, 4, 15))
    assert posted.entry.reason == "Пени за март 2026"
    assert verify(book.organisation).is_true


def test_months_sum_up_to_the_figure_of_the_single_path(book):
    account = book.accounts[0]
    set_terms(book)
    book.post(bill(account, "2026-01", 4_321_07), bill(account, "2026-02", 7_777_77))
    book.post(pay(account, "2026-04-17", 1_234_56), pay(account, "2026-05-02", 3_000_00))
    for name in ("2026-03", "2026-04", "2026-05", "2026-06", "2026-07"):
        post_month(book, name)
        told = figure(account, PenaltyMonth.objects.latest("month").month.replace(day=28))
        assert told.posted_minor <= sum(housing(account).values())
    told = figure(account, date(2026, 7, 31))
    assert sum(housing(account).values()) == told.rounded_minor == told.posted_minor
    assert told.not_posted_minor == 0
    assert len(housing(account)) == 5


def test_each_regime_has_its_own_bill(book):
    account = book.accounts[0]
    set_terms(book)
    book.post(bill(account, "2026-01", 1_000_00), bill(account, "2026-01", 1_000_00, regime="capital_repair"))
    post_month(book, "2026-06")
    assert set(penalties(account)) == {"housing:2026-06", "capital_repair:2026-06"}
    assert penalties(account)["housing:2026-06"] > penalties(account)["capital_repair:2026-06"]


def test_late_payments_are_folded_into_the_standing_and_counted_no_less(book):
    account = book.accounts[0]
    set_terms(book)
    book.post(bill(account, "2026-01", 5_000_00))
    book.post(pay(account, "2026-03-20", 5_000_00))
    assert LateShare.objects.count() == 1
    post_month(book, "2026-03")
    standing = PenaltyStanding.objects.get()
    assert LateShare.objects.count() == 0
    assert standing.posted_minor == housing(account)["2026-03"] == three_hundredths(5_000_00, 8)
    assert standing.settled_whole == 12_66
    assert (standing.sealed_on, standing.posted_through) == (date(2026, 3, 31), date(2026, 3, 31))
    post_month(book, "2026-04")
    assert list(housing(account)) == ["2026-03"]


def test_what_was_paid_after_the_month_was_open_in_it(book):
    account = book.accounts[0]
    set_terms(book)
    book.post(bill(account, "2026-01", 5_000_00))
    book.post(pay(account, "2026-04-03", 5_000_00))
    post_month(book, "2026-03")
    assert housing(account) == {"2026-03": three_hundredths(5_000_00, 19)}
    assert LateShare.objects.count() == 1
    post_month(book, "2026-04")
    assert sum(housing(account).values()) == three_hundredths(5_000_00, 22)


def test_a_month_is_posted_once(book):
    account = book.accounts[0]
    set_terms(book)
    book.post(bill(account, "2026-01", 5_000_00))
    post_month(book, "2026-03")
    again = post_month(book, "2026-03")
    assert (again.attempt, again.bills) == (1, 1)
    assert Bill.objects.filter(kind="penalty").count() == 1


def test_a_month_that_goes_on_is_not_posted(book):
    with pytest.raises(MonthRefused, match=r"после 30\.11\.2026"):
        post_month(book, "2026-11")


def test_a_month_before_one_that_is_posted_is_not_posted(book):
    set_terms(book)
    post_month(book, "2026-04")
    with pytest.raises(MonthRefused, match="апрель 2026"):
        post_month(book, "2026-03")


def test_terms_that_only_count_post_nothing_but_seal(book):
    account = book.accounts[0]
    set_terms(book, Posting.FIGURES)
    book.post(bill(account, "2026-01", 5_000_00))
    book.post(pay(account, "2026-03-20", 2_000_00))
    done = post_month(book, "2026-03")
    assert (done.bills, penalties(account)) == (0, {})
    assert LateShare.objects.count() == 0
    assert figure(account, date(2026, 3, 31)).not_posted_minor == figure(account, date(2026, 3, 31)).rounded_minor


def test_nothing_is_posted_where_nobody_has_set_terms(book):
    book.post(bill(book.accounts[0], "2026-01", 5_000_00))
    assert post_month(book, "2026-06").bills == 0


def test_what_was_only_counted_is_posted_when_terms_begin_to_post(book):
    account = book.accounts[0]
    book.post(bill(account, "2026-01", 5_000_00))
    book.post(pay(account, "2026-04-20", 5_000_00))
    post_month(book, "2026-04")
    set_terms(book, since=date(2026, 5, 1))
    post_month(book, "2026-05")
    assert housing(account) == {"2026-05": three_hundredths(5_000_00, 39)}


def test_new_readings_count_the_late_payments_anew(book):
    account = book.accounts[0]
    set_terms(book)
    book.post(bill(account, "2022-01", 5_000_00, due="2022-02-10"))
    book.post(pay(account, "2022-11-20", 5_000_00, stated="2022-01"))
    book.post(bill(account, "2022-02", 5_000_00, due="2022-03-10"))
    post_month(book, "2022-11")
    before = sum(housing(account).values())
    set_terms(book, since=date(2022, 12, 1), moratorium_2022="until_2022_10_01")
    post_month(book, "2022-12")
    told = figure(account, date(2022, 12, 31))
    assert told.rounded_minor < before
    assert sum(housing(account).values()) == before
    post_month(book, "2024-06")
    assert sum(housing(account).values()) == figure(account, date(2024, 6, 30)).rounded_minor > before


def test_rounding_row_by_row_is_counted_singly_and_as_it_says(book):
    account = book.accounts[0]
    set_terms(book, rounding="rows")
    book.post(bill(account, "2026-01", 1_234_57), bill(account, "2026-02", 987_65))
    book.post(pay(account, "2026-04-17", 100_01), pay(account, "2026-05-02", 333_33))
    for name in ("2026-04", "2026-05", "2026-06"):
        post_month(book, name)
    assert sum(housing(account).values()) == figure(account, date(2026, 6, 30)).rounded_minor


def test_a_missing_value_refuses_the_month_and_says_what_to_enter(book):
    account = book.accounts[0]
    set_terms(book)
    book.post(bill(account, "2026-08", 5_000_00), bill(account, "2004-01", 5_000_00, due="2004-02-10"))
    with pytest.raises(MonthRefused, match="не введено"):
        post_month(book, "2026-10")
    assert not PenaltyMonth.objects.exists()
    assert penalties(account) == {}
    assert figure(account, date(2026, 10, 31)).rounded_minor is None


def test_progress_tells_how_many_accounts_are_done(book, monkeypatch):
    monkeypatch.setattr("okno.ledger.penalties.posting.AT_ONCE", 2)
    set_terms(book)
    book.post(*(bill(account, "2026-01", 5_000_00) for account in book.accounts))
    told: list[tuple[int, int]] = []
    done = post_month(book, "2026-03", progress=lambda at, total: told.append((at, total)))
    assert told == [(2, 3), (3, 3)]
    assert (done.progress_done, done.progress_total, done.bills) == (3, 3, 3)
    assert OpenBill.objects.filter(kind="penalty").count() == 3


def test_another_organisation_is_left_alone(book, neighbours_book):
    set_terms(book)
    book.post(bill(book.accounts[0], "2026-01", 5_000_00))
    neighbours_book.post(bill(neighbours_book.accounts[0], "2026-01", 5_000_00))
    post_month(book, "2026-06")
    assert penalties(neighbours_book.accounts[0]) == {}


def test_a_penalty_is_not_reversed_by_hand(book):
    account = book.accounts[0]
    set_terms(book)
    book.post(bill(account, "2026-01", 5_000_00))
    post_month(book, "2026-03")
    with pytest.raises(PostingRefused, match="простите"):
        reverse_bill(actor(book.organisation), Bill.objects.get(kind="penalty").pk, "Ошиблись")
    assert len(housing(account)) == 1
