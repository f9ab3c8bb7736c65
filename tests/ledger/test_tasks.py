"""The ledger's jobs: a month of penalties that the desk starts and a worker posts."""

from datetime import date

from okno.access.models import Action
from okno.jobs import queue
from okno.ledger.penalties.models import MonthState, PenaltyMonth
from okno.ledger.tasks import defer_post_penalties
from tests.ledger.book import bill
from tests.ledger.penalties.penalty_book import set_terms


def test_a_worker_posts_the_month_in_the_name_of_who_asked(lasting_book, manager):
    set_terms(lasting_book)
    lasting_book.post(bill(lasting_book.accounts[0], "2026-01", 10_000_00))
    for _time in range(2):
        defer_post_penalties(lasting_book.organisation, date(2026, 3, 1), manager.user)
    queue.run_worker(wait=False)
    run = PenaltyMonth.objects.get()
    assert (run.state, run.bills, run.author) == (MonthState.POSTED, 1, "Мария Управляева")
    assert Action.objects.get(verb="penalties.month_posted").user == manager.user


def test_what_stops_a_month_is_not_an_error_of_the_job(lasting_book, manager):
    set_terms(lasting_book)
    lasting_book.post(bill(lasting_book.accounts[0], "2004-01", 10_000_00, due="2004-02-10"))
    defer_post_penalties(lasting_book.organisation, date(2026, 3, 1), manager.user)
    queue.run_worker(wait=False)
    assert not PenaltyMonth.objects.exists()
