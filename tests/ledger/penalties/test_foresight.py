"""What a month of penalties would come to is told before it is posted, and is what is then posted."""

from datetime import date

import pytest

from okno.ledger.models import Bill
from okno.ledger.penalties import pauses
from okno.ledger.penalties.foresight import Foresight, foresee
from okno.ledger.penalties.models import PauseCause, PenaltyMonth, Posting
from okno.ledger.penalties.pauses import Rest
from tests.ledger.book import Book, bill, month, pay
from tests.ledger.penalties.penalty_book import TODAY, actor, post_month, set_terms

pytestmark = pytest.mark.django_db


@pytest.fixture
def owing(book: Book) -> Book:
    """One pays late, one never, one has a dispute, one pays in time."""
    book.open(1)
    late, never, disputed, punctual = book.accounts
    for account in book.accounts:
        book.post(*(bill(account, name, 1_000_00) for name in ("2026-03", "2026-04", "2026-05")))
    book.post(bill(never, "2026-03", 200_00, regime="capital_repair"))
    book.post(pay(late, "2026-08-20", 3_000_00), pay(punctual, "2026-04-10", 3_000_00), kind="payments")
    rest = Rest(account_id=disputed, since=date(2026, 7, 1), cause=PauseCause.DISPUTE)
    pauses.begin(actor(book.organisation), rest, reason="спор", today=TODAY)
    return book


@pytest.mark.parametrize("names", [["2026-10"], ["2026-08", "2026-10"]])
def test_what_is_foreseen_is_what_is_posted(owing: Book, names: list[str]) -> None:
    set_terms(owing)
    for name in names:
        told = foresee(owing.organisation, month(name))
        run = post_month(owing, name)
        assert (told.bills, told.minor, told.unknown) == (run.bills, run.posted_minor, 0)
        assert told.accounts <= told.bills
    assert foresee(owing.organisation, month(names[-1])).bills == 0


def test_small_sums_wait_and_are_told_apart(owing: Book) -> None:
    set_terms(owing, least=50_00)
    told = foresee(owing.organisation, month("2026-10"))
    run = post_month(owing, "2026-10")
    assert (told.bills, told.minor) == (run.bills, run.posted_minor)
    assert told.waiting > 0


def test_without_terms_nothing_would_be_posted(owing: Book) -> None:
    nothing = Foresight(month=month("2026-10"), accounts=0, bills=0, minor=0, unknown=0, waiting=0)
    assert foresee(owing.organisation, month("2026-10")) == nothing
    set_terms(owing, Posting.AT_PAYMENT)
    assert foresee(owing.organisation, month("2026-10")) == nothing


def test_looking_ahead_changes_nothing(owing: Book) -> None:
    set_terms(owing)
    before = list(Bill.objects.order_by("pk").values_list("pk", "reversed_by"))
    foresee(owing.organisation, month("2026-10"))
    assert list(Bill.objects.order_by("pk").values_list("pk", "reversed_by")) == before
    assert not PenaltyMonth.objects.exists()
