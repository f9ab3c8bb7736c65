"""Days that are not counted while a dispute is looked into."""

from datetime import date

import pytest

from okno.access.models import Action
from okno.ledger.models import Bill
from okno.ledger.penalties import pauses
from okno.ledger.penalties.models import PauseCause, PenaltyPause
from okno.ledger.penalties.pauses import PauseRefused, Rest
from tests.ledger.book import bill, pay
from tests.ledger.penalties.penalty_book import actor, figure, housing, post_month, set_terms, three_hundredths

TODAY = date(2026, 4, 10)


@pytest.fixture
def owing(book) -> int:
    account = book.accounts[0]
    set_terms(book)
    book.post(bill(account, "2026-01", 10_000_00), bill(account, "2026-02", 2_000_00))
    return account


def begin(book, account: int, since: str, until: str | None = None, **more) -> PenaltyPause:
    rest = Rest(
        account_id=account,
        since=date.fromisoformat(since),
        until=date.fromisoformat(until) if until else None,
        cause=PauseCause.DISPUTE,
        **more,
    )
    return pauses.begin(actor(book.organisation), rest, reason="Не согласен с показаниями", today=TODAY)


def test_paused_days_are_not_counted(book, owing):
    begin(book, owing, "2026-03-20", "2026-03-25")
    assert figure(owing, date(2026, 3, 31)).rounded_minor == three_hundredths(10_000_00, 19 - 6)
    post_month(book, "2026-03")
    assert housing(owing) == {"2026-03": three_hundredths(10_000_00, 13)}


def test_the_explanation_says_why_the_days_rest(book, owing):
    begin(book, owing, "2026-03-20", "2026-03-25")
    rows = figure(owing, date(2026, 3, 31)).result.rows
    rest = [row for row in rows if row.since == date(2026, 3, 20)]
    assert [(row.days, row.share) for row in rest] == [(6, 0)] * 2
    assert all("по решению организации" in row.readings[0].text for row in rest)
    assert pauses.told_of(owing, date(2026, 3, 31)) == [
        "Приостановлено с 20.03.2026 по 25.03.2026: спор о начислениях. Не согласен с показаниями"
    ]


def test_a_pause_of_one_bill_leaves_the_others(book, owing):
    first = Bill.objects.get(account=owing, month="2026-01-01")
    begin(book, owing, "2026-03-01", bill_id=first.pk)
    told = figure(owing, date(2026, 4, 30))
    assert {row.bill for row in told.result.rows if row.share} == {
        str(Bill.objects.get(account=owing, month="2026-02-01").pk)
    }


def test_a_pause_that_reaches_back_puts_the_posted_months_right(book, owing):
    post_month(book, "2026-03")
    begin(book, owing, "2026-03-20")
    assert housing(owing) == {"2026-03": three_hundredths(10_000_00, 7)}
    post_month(book, "2026-04")
    assert housing(owing) == {"2026-03": three_hundredths(10_000_00, 7)}


def test_days_after_the_end_of_a_pause_count_again(book, owing):
    given = begin(book, owing, "2026-03-20")
    post_month(book, "2026-03")
    pauses.end(actor(book.organisation), given.pk, until=date(2026, 3, 29), reason="Показания сверены", today=TODAY)
    assert housing(owing) == {"2026-03": three_hundredths(10_000_00, 9)}
    given.refresh_from_db()
    assert (given.until, given.ended_reason) == (date(2026, 3, 29), "Показания сверены")
    with pytest.raises(PauseRefused, match=r"и так кончилась 29\.03\.2026"):
        pauses.end(actor(book.organisation), given.pk, until=date(2026, 3, 30), reason="Ещё раз", today=TODAY)


def test_a_paid_bill_of_a_paused_account_is_counted_singly_too(book, owing):
    begin(book, owing, "2026-03-20", "2026-03-25")
    book.post(pay(owing, "2026-03-27", 10_000_00), kind="payments")
    post_month(book, "2026-03")
    assert housing(owing) == {"2026-03": three_hundredths(10_000_00, 15 - 6)}


def test_the_trail_names_the_reason(book, owing):
    begin(book, owing, "2026-03-20")
    line = Action.objects.get(verb="penalties.paused")
    assert line.sentence == "Пеня приостановлена с 20.03.2026: спор о начислениях"
    assert (line.reason, line.subject_id) == ("Не согласен с показаниями", owing)


def test_what_makes_no_sense_is_refused(book, owing):
    with pytest.raises(PauseRefused, match="раньше, чем начинается"):
        begin(book, owing, "2026-03-20", "2026-03-19")
    rest = Rest(account_id=owing, since=TODAY, cause=PauseCause.DISPUTE)
    with pytest.raises(PauseRefused, match="причину"):
        pauses.begin(actor(book.organisation), rest, reason="", today=TODAY)
    with pytest.raises(PauseRefused, match="начисления на этом лицевом счёте нет"):
        begin(book, owing, "2026-03-20", bill_id=0)
