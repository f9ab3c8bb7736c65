"""What arrives late: the months posted become what they would have been, and nothing is edited."""

from datetime import date

from okno.ledger.models import Bill, Entry
from okno.ledger.penalties.models import PenaltyStanding, Posting
from okno.ledger.verify import verify
from tests.ledger.book import advance, bill, pay, sums_hold
from tests.ledger.penalties.penalty_book import (
    figure,
    housing,
    open_penalty,
    penalties,
    post_month,
    set_terms,
    three_hundredths,
)


def owing(book, minor: int = 10_000_00) -> int:
    """An account that owes for January, due on 10 February; the 31st day of the delay is 13 March."""
    account = book.accounts[0]
    set_terms(book)
    book.post(bill(account, "2026-01", minor))
    return account


def test_a_payment_of_a_day_already_counted_makes_the_month_smaller(book):
    account = owing(book)
    post_month(book, "2026-03")
    posted = Bill.objects.get(kind="penalty")
    book.post(pay(account, "2026-03-20", 10_000_00), kind="payments")
    assert housing(account) == {"2026-03": three_hundredths(10_000_00, 8)}
    posted.refresh_from_db()
    assert posted.reversed_by is not None
    assert posted.reversed_by.reason == "Пеня пересчитана: деньги пришли позже дня, которым они засчитаны"
    assert PenaltyStanding.objects.get().posted_minor == three_hundredths(10_000_00, 8)
    assert sums_hold(account)
    assert verify(book.organisation).is_true


def test_months_that_do_not_differ_are_left_as_they_are(book):
    account = owing(book)
    for name in ("2026-03", "2026-04", "2026-05"):
        post_month(book, name)
    book.post(pay(account, "2026-05-11", 4_000_00), kind="payments")
    gone = Bill.objects.filter(kind="penalty", reversed_by__isnull=False)
    assert [f"{row.month:%Y-%m}" for row in gone] == ["2026-05"]
    assert sum(housing(account).values()) == figure(account, date(2026, 5, 31)).rounded_minor


def test_a_payment_of_a_day_after_the_last_month_moves_nothing(book):
    account = owing(book)
    post_month(book, "2026-03")
    book.post(pay(account, "2026-04-01", 10_000_00), kind="payments")
    assert not Bill.objects.filter(kind="penalty", reversed_by__isnull=False).exists()
    assert not Entry.objects.filter(key__startswith="penalties:after").exists()


def test_money_that_had_paid_the_penalty_goes_on(book):
    account = owing(book)
    post_month(book, "2026-03")
    book.post(pay(account, "2026-04-05", 10_000_00 + 100_00), kind="payments")
    asked = three_hundredths(10_000_00, 19)
    assert (open_penalty(account), advance(account)) == (0, 100_00 - asked)
    book.post(pay(account, "2026-02-05", 10_000_00), kind="payments")
    assert housing(account) == {}
    assert advance(account) == 10_000_00 + 100_00


def test_a_payment_that_is_reversed_never_was(book):
    account = owing(book)
    paid = book.post(pay(account, "2026-02-09", 10_000_00, key="bounced"), kind="payments").payment_ids["bounced"]
    for name in ("2026-03", "2026-04"):
        post_month(book, name)
    assert housing(account) == {}
    book.reverse(payments=[paid])
    assert housing(account) == {
        "2026-03": three_hundredths(10_000_00, 19),
        "2026-04": three_hundredths(10_000_00, 49) - three_hundredths(10_000_00, 19),
    }
    reasons = {row.entry.reason for row in Bill.objects.filter(kind="penalty")}
    assert reasons == {"Пеня пересчитана после сторно"}


def test_a_charge_taken_off_from_an_earlier_day_takes_its_penalty_along(book):
    account = owing(book)
    post_month(book, "2026-03")
    taken_off = pay(account, "2026-02-10", 4_000_00, stated="2026-01", regime="housing", kind="recalculation")
    book.post(taken_off, kind="recalculation")
    assert housing(account) == {"2026-03": three_hundredths(6_000_00, 19)}


def test_a_charge_taken_off_counts_as_paid_on_its_value_day(book):
    account = owing(book)
    taken_off = pay(account, "2026-03-20", 10_000_00, stated="2026-01", regime="housing", kind="recalculation")
    book.post(taken_off, kind="recalculation")
    assert figure(account, date(2026, 6, 30)).rounded_minor == three_hundredths(10_000_00, 8)


def test_a_bill_that_is_reversed_takes_its_penalty_along(book):
    account = owing(book)
    post_month(book, "2026-03")
    book.reverse(bills=[Bill.objects.get(account=account, kind="month").pk])
    assert housing(account) == {}
    assert verify(book.organisation).is_true


def test_a_corrected_bill_is_as_late_as_the_one_it_replaces(book):
    account = owing(book)
    post_month(book, "2026-03")
    wrong = Bill.objects.get(account=account, kind="month").pk
    book.post(bill(account, "2026-01", 6_000_00), reverse_bills=[wrong])
    assert housing(account) == {"2026-03": three_hundredths(6_000_00, 19)}


def test_at_payment_the_penalty_is_posted_with_the_payment(book):
    account = book.accounts[0]
    set_terms(book, Posting.AT_PAYMENT)
    book.post(bill(account, "2026-01", 10_000_00))
    book.post(pay(account, "2026-03-20", 4_000_00), kind="payments")
    assert housing(account) == {"2026-03-20": three_hundredths(4_000_00, 8)}
    book.post(pay(account, "2026-03-25", 7_000_00), kind="payments")
    assert sum(housing(account).values()) == three_hundredths(4_000_00 * 8 + 6_000_00 * 13, 1)
    assert open_penalty(account) == 0
    assert Bill.objects.filter(kind="penalty").first().entry.reason == "Пеня за просрочку оплаченного"


def test_at_payment_a_payment_in_time_posts_nothing(book):
    account = book.accounts[0]
    set_terms(book, Posting.AT_PAYMENT)
    book.post(bill(account, "2026-01", 10_000_00))
    book.post(pay(account, "2026-02-10", 10_000_00), kind="payments")
    assert housing(account) == {}


def test_at_payment_an_earlier_day_that_comes_later_puts_both_right(book):
    account = book.accounts[0]
    set_terms(book, Posting.AT_PAYMENT)
    book.post(bill(account, "2026-01", 10_000_00))
    book.post(pay(account, "2026-03-25", 10_000_00), kind="payments")
    book.post(pay(account, "2026-03-20", 4_000_00), kind="payments")
    day_8, both = three_hundredths(4_000_00, 8), three_hundredths(4_000_00 * 8 + 6_000_00 * 13, 1)
    assert housing(account) == {"2026-03-20": day_8, "2026-03-25": both - day_8}
    assert verify(book.organisation).is_true


def test_at_payment_a_reversed_payment_takes_its_penalty_along(book):
    account = book.accounts[0]
    set_terms(book, Posting.AT_PAYMENT)
    book.post(bill(account, "2026-01", 10_000_00))
    paid = book.post(pay(account, "2026-03-25", 10_000_00, key="bounced"), kind="payments").payment_ids["bounced"]
    book.reverse(payments=[paid])
    assert housing(account) == {}
    assert sums_hold(account)


def test_accounts_without_a_standing_are_not_looked_at(book):
    """One question more a posting, whatever has been posted of others."""
    account, other = book.accounts[:2]
    set_terms(book)
    book.post(bill(account, "2026-01", 10_000_00), bill(other, "2026-01", 10_000_00))
    post_month(book, "2026-03")
    standing = PenaltyStanding.objects.all()
    standing.filter(account=other).delete()
    book.post(pay(other, "2026-03-20", 10_000_00), kind="payments")
    assert not standing.filter(account=other).exists()
    assert not Entry.objects.filter(key__startswith="penalties:after").exists()


def test_what_is_posted_at_payment_hides_no_month_of_another_regime(book):
    account = book.accounts[0]
    set_terms(book, Posting.AT_PAYMENT, regimes=("housing",))
    set_terms(book, Posting.MONTHLY, regimes=("capital_repair",))
    book.post(bill(account, "2026-01", 10_000_00), bill(account, "2026-01", 1_000_00, regime="capital_repair"))
    book.post(pay(account, "2026-03-31", 4_000_00, regime="housing"), kind="payments")
    post_month(book, "2026-03")
    assert set(penalties(account)) == {"housing:2026-03-31", "capital_repair:2026-03"}


def test_each_month_is_put_right_by_an_entry_of_its_own(book):
    account = owing(book)
    for name in ("2026-03", "2026-04"):
        post_month(book, name)
    book.post(pay(account, "2026-03-20", 10_000_00), kind="payments")
    entries = Entry.objects.filter(key__startswith="penalties:after")
    assert [sorted({row.month for row in entry.bills.all()}) for entry in entries.order_by("id")] == [
        [date(2026, 3, 1)],
        [],
    ]
    assert housing(account) == {"2026-03": three_hundredths(10_000_00, 8)}
