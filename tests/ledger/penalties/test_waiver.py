"""Giving up a penalty: whole, in part, on a condition; and taking that back. Nothing that was posted is edited."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from okno.access.models import Action
from okno.common import journal
from okno.common.journal import Subject
from okno.ledger.models import Bill, Payment
from okno.ledger.penalties import waiver
from okno.ledger.penalties.models import PenaltyWaiver, Posting, WaiverState
from okno.ledger.penalties.waiver import Grant, WaiverRefused
from okno.ledger.verify import verify
from tests.ledger.book import advance, bill, pay, sums_hold
from tests.ledger.penalties.penalty_book import (
    actor,
    figure,
    housing,
    open_penalty,
    post_month,
    set_terms,
    three_hundredths,
    waived,
)

MARCH = three_hundredths(10_000_00, 19)
"""What January, due on 10 February, costs through 31 March."""


@pytest.fixture
def owing(book) -> int:
    account = book.accounts[0]
    set_terms(book)
    book.post(bill(account, "2026-01", 10_000_00))
    post_month(book, "2026-03")
    assert housing(account) == {"2026-03": MARCH}
    return account


def give(book, account: int, today: str, **more) -> PenaltyWaiver:
    day = date.fromisoformat(today)
    more.setdefault("until", day)
    grant = Grant(account_id=account, regime="housing", **more)
    return waiver.give(actor(book.organisation), grant, reason="Лежал в больнице", today=day)


def test_a_full_waiver_takes_off_what_is_posted_by_a_payment_of_its_own(book, owing):
    given = give(book, owing, "2026-04-10")
    assert waived(owing) == {"2026-03": MARCH}
    assert (open_penalty(owing), housing(owing)) == (0, {"2026-03": MARCH})
    row = Payment.objects.get(source_key=f"waiver:{given.pk}:housing:2026-03")
    assert (row.kind, row.value_on, row.regime) == ("recalculation", date(2026, 4, 10), "housing")
    assert not Bill.objects.filter(kind="penalty", reversed_by__isnull=False).exists()
    assert Bill.objects.get(kind="month").still_open.open_minor == 10_000_00
    assert sums_hold(owing)
    assert verify(book.organisation).is_true


def test_what_is_not_posted_yet_is_posted_smaller(book, owing):
    give(book, owing, "2026-04-10")
    told = figure(owing, date(2026, 4, 10))
    assert told.waived_minor == told.rounded_minor == three_hundredths(10_000_00, 29)
    assert (told.not_posted_minor, told.due_minor) == (0, 0)
    post_month(book, "2026-04")
    assert housing(owing)["2026-04"] == three_hundredths(10_000_00, 49) - three_hundredths(10_000_00, 29)


def test_a_part_is_taken_off_and_no_more(book, owing):
    give(book, owing, "2026-04-10", sum_minor=20_00)
    assert waived(owing) == {"2026-03": 20_00}
    assert open_penalty(owing) == MARCH - 20_00


def test_a_waiver_up_to_a_day_leaves_what_accrued_after_it(book, owing):
    give(book, owing, "2026-04-10", until=date(2026, 3, 20))
    assert waived(owing) == {"2026-03": three_hundredths(10_000_00, 8)}


def test_what_was_paid_stays_paid(book, owing):
    book.post(pay(owing, "2026-04-05", 10_030_00), kind="payments")
    give(book, owing, "2026-04-10")
    assert waived(owing) == {"2026-03": MARCH - 30_00}
    assert (open_penalty(owing), advance(owing)) == (0, 0)


def test_figures_that_are_never_posted_may_be_waived_too(book):
    account = book.accounts[0]
    set_terms(book, Posting.FIGURES)
    book.post(bill(account, "2026-01", 10_000_00))
    give(book, account, "2026-03-31")
    told = figure(account, date(2026, 4, 10))
    assert waived(account) == {}
    assert (told.waived_minor, told.not_posted_minor) == (MARCH, three_hundredths(10_000_00, 29) - MARCH)


def test_a_kept_condition_takes_the_penalty_off_in_the_posting_of_the_payment(book, owing):
    given = give(book, owing, "2026-04-01", pay_by=date(2026, 4, 15))
    assert (given.state, waived(owing)) == (WaiverState.GIVEN, {})
    book.post(pay(owing, "2026-04-10", 6_000_00), kind="payments")
    assert waived(owing) == {}
    book.post(pay(owing, "2026-04-15", 4_000_00), kind="payments")
    given.refresh_from_db()
    assert (given.state, given.kept_on) == (WaiverState.KEPT, date(2026, 4, 15))
    assert waived(owing) == {"2026-03": MARCH}
    assert (open_penalty(owing), advance(owing)) == (0, 0)


def test_a_condition_that_is_not_met_leaves_the_penalty(book, owing):
    given = give(book, owing, "2026-04-01", pay_by=date(2026, 4, 15))
    assert waiver.judge_due(book.organisation, date(2026, 4, 15)) == 0
    assert waiver.judge_due(book.organisation, date(2026, 4, 16)) == 1
    given.refresh_from_db()
    assert (given.state, waived(owing)) == (WaiverState.BROKEN, {})
    assert Action.objects.get(verb="penalties.waiver_broken").sentence == "До 15.04.2026 долг не оплачен: пеня остаётся"
    assert waiver.judge_due(book.organisation, date(2026, 4, 17)) == 0


def test_money_of_the_day_in_time_that_comes_later_keeps_the_condition_after_all(book, owing):
    given = give(book, owing, "2026-04-01", pay_by=date(2026, 4, 15))
    waiver.judge_due(book.organisation, date(2026, 4, 16))
    book.post(pay(owing, "2026-04-15", 10_000_00), kind="payments")
    given.refresh_from_db()
    assert (given.state, given.kept_on) == (WaiverState.KEPT, date(2026, 4, 15))
    assert waived(owing) == {"2026-03": MARCH}


def test_a_reversed_payment_breaks_a_kept_condition(book, owing):
    given = give(book, owing, "2026-04-01", pay_by=date(2026, 4, 15))
    paid = book.post(pay(owing, "2026-04-14", 10_000_00, key="bounced"), kind="payments").payment_ids["bounced"]
    assert waived(owing) == {"2026-03": MARCH}
    book.reverse(payments=[paid])
    given.refresh_from_db()
    assert given.state == WaiverState.BROKEN
    assert (waived(owing), open_penalty(owing)) == ({}, MARCH)
    assert verify(book.organisation).is_true


def test_a_backdated_payment_makes_the_waiver_as_small_as_the_penalty(book, owing):
    give(book, owing, "2026-04-10")
    book.post(pay(owing, "2026-03-20", 10_000_00), kind="payments")
    smaller = three_hundredths(10_000_00, 8)
    assert (housing(owing), waived(owing)) == ({"2026-03": smaller}, {"2026-03": smaller})
    assert (open_penalty(owing), advance(owing)) == (0, 0)
    assert verify(book.organisation).is_true


def test_a_waiver_taken_back_asks_again(book, owing):
    given = give(book, owing, "2026-04-10")
    post_month(book, "2026-04")
    waiver.take_back(actor(book.organisation), given.pk, reason="Справка оказалась поддельной", today=date(2026, 5, 3))
    assert (waived(owing), open_penalty(owing)) == ({}, sum(housing(owing).values()))
    assert sum(housing(owing).values()) == figure(owing, date(2026, 4, 30)).rounded_minor
    with pytest.raises(WaiverRefused, match="уже отменено"):
        waiver.take_back(actor(book.organisation), given.pk, reason="Ещё раз", today=date(2026, 5, 3))


def test_money_that_came_after_the_waiver_does_not_pay_what_was_given_up(book, owing):
    book.post(pay(owing, "2026-04-12", 10_050_00), kind="payments")
    assert open_penalty(owing) == MARCH - 50_00
    give(book, owing, "2026-04-12", until=date(2026, 4, 11))
    assert waived(owing) == {"2026-03": MARCH - 50_00}


def test_everything_is_said_in_the_trail_and_in_the_journal(book, owing):
    give(book, owing, "2026-04-10", sum_minor=20_00)
    line = Action.objects.get(verb="penalties.waived")
    assert line.sentence.replace("\xa0", " ") == ("Прощается 20,00 ₽ пени по 10.04.2026 (жильё и коммунальные услуги)")
    assert (line.reason, line.subject_kind, line.subject_id) == ("Лежал в больнице", "account", owing)
    told = journal.read(Subject("account", book.organisation.pk, owing))
    titles = [event.title for event in told]
    assert "Прощена пеня 10.04.2026 за март 2026" in titles
    assert "Пеня за март 2026: жильё и коммунальные услуги" in titles
    kinds = {event.title: event.kind for event in told}
    assert kinds["Прощена пеня 10.04.2026 за март 2026"] == "penalty.waived"


REFUSED = [
    ({"reason": " "}, "причину"),
    ({"until": date(2026, 4, 11)}, "уже начислено"),
    ({"sum_minor": 0}, "больше нуля"),
    ({"pay_by": date(2026, 4, 9)}, "уже прошёл"),
    ({"until": date(2026, 3, 12)}, "Прощать нечего"),
]


@pytest.mark.parametrize(("more", "words"), REFUSED)
def test_what_makes_no_sense_is_refused_in_words(book, owing, more, words):
    reason = more.pop("reason", "Лежал в больнице") if "reason" in more else "Лежал в больнице"
    grant = Grant(account_id=owing, regime="housing", **{"until": date(2026, 4, 10), **more})
    with pytest.raises(WaiverRefused, match=words):
        waiver.give(actor(book.organisation), grant, reason=reason, today=date(2026, 4, 10))
    assert not PenaltyWaiver.objects.exists()


def test_a_neighbours_account_is_not_there(book, owing, neighbours_book):
    with pytest.raises(WaiverRefused, match="в организации нет"):
        give(neighbours_book, owing, "2026-04-10")


def test_the_database_refuses_a_waiver_without_a_reason(book, owing):
    given = give(book, owing, "2026-04-10")
    with pytest.raises(IntegrityError, match="waiver_has_a_reason"), transaction.atomic():
        PenaltyWaiver.objects.filter(pk=given.pk).update(reason="")
    with pytest.raises(IntegrityError, match="taken_back_waiver_has_a_reason"), transaction.atomic():
        PenaltyWaiver.objects.filter(pk=given.pk).update(state="taken_back")


def test_a_penalty_that_was_paid_cannot_be_given_up(book, owing):
    book.post(pay(owing, "2026-04-02", 10_000_00 + MARCH + 6_33), kind="payments")
    assert open_penalty(owing) == 0
    with pytest.raises(WaiverRefused, match="Прощать нечего"):
        give(book, owing, "2026-04-10", until=date(2026, 3, 31))
    assert not PenaltyWaiver.objects.exists()
