"""What the account card reads."""

from datetime import date, timedelta

import pytest
from django.db import connection

from okno.common import clock
from okno.common.journal import Subject
from okno.ledger import events, statement
from okno.ledger.history import open_bills_at
from okno.ledger.models import Balance, Bill, OpenBill
from okno.ledger.services import install_defaults
from okno.ledger.words import bill_title, month_in_words, payment_title
from tests.ledger.book import bill, month, pay

DAY = date(2026, 11, 18)


@pytest.fixture
def account(book) -> int:
    install_defaults(book.organisation)
    account = book.accounts[0]
    book.post(
        bill(account, "2026-06", 100_00),
        bill(account, "2026-08", 50_00),
        bill(account, "2026-10", 20_00, due="2026-11-18"),
        bill(account, "2026-10", 7_00, due="2026-11-17", regime="capital_repair"),
    )
    book.post(pay(account, "2026-09-05", 30_00, key="bank:1"))
    return account


def test_the_sums_of_today(account):
    found = statement.summary(account, DAY)
    assert (found.saldo_minor, found.open_minor, found.advance_minor) == (147_00, 147_00, 0)
    assert found.open_by_regime == {"capital_repair": 7_00, "housing": 140_00}
    assert found.overdue_by_age == {"age_30": 7_00, "age_60": 0, "age_90": 50_00, "age_over": 70_00}
    assert (found.overdue_minor, found.not_yet_due_minor) == (127_00, 20_00)
    assert (found.overdue_since, found.months_owed) == (date(2026, 7, 10), 3)
    assert (found.last_payment_on, found.last_payment_minor) == (date(2026, 9, 5), 30_00)


def test_an_account_without_anything_has_even_sums(book):
    found = statement.summary(book.accounts[1], DAY)
    assert (found.saldo_minor, found.overdue_minor, found.last_payment_on) == (0, 0, None)


def test_an_unknown_account_is_told_so(db):
    with pytest.raises(LookupError):
        statement.summary(-1, DAY)


def test_a_bill_shows_its_lines_and_what_paid_it(account):
    *_, oldest = statement.bills(account)
    assert oldest.lines == [("Содержание жилья", 100_00)]
    assert [(share.value_on, share.amount_minor) for share in oldest.paid_by] == [(date(2026, 9, 5), 30_00)]
    assert oldest.open_minor == 70_00


def test_bills_come_in_pages_by_key(account):
    whole = [row.id for row in statement.bills(account)]
    first = statement.bills(account, limit=2)
    second = statement.bills(account, limit=2, before=first[-1].mark)
    assert [row.id for row in [*first, *second]] == whole
    assert statement.bills(account, before=second[-1].mark) == []


def test_the_moment_of_posting_is_told_by_the_clock_the_organisation_lives_by(account):
    """The database stamps by the real clock; the demo lives on another day."""
    posted_at = statement.bills(account)[0].posted_at
    clock.shift_to(clock.now() - timedelta(days=5))
    try:
        told = statement.bills(account)[0].posted_at, statement.payments(account)[0].posted_at
    finally:
        clock.reset()
    assert all(timedelta(days=4) < posted_at - moment < timedelta(days=6) for moment in told)


def test_a_payment_shows_where_it_went(book, account):
    (row,) = statement.payments(account)
    assert [(share.month, share.amount_minor) for share in row.went_to] == [(month("2026-06"), 30_00)]
    assert (row.payer, row.purpose) == ("Иванов И. И.", "ЖКУ")
    book.reverse(payments=[row.id], reason="чужой платёж")
    (row,) = statement.payments(account)
    assert (row.went_to, row.reversed_why) == ([], "чужой платёж")
    assert row.reversed_at is not None


def test_payments_come_in_pages_by_key(book, account):
    for day in (1, 2, 3):
        book.post(pay(account, f"2026-10-0{day}", 1_00))
    whole = [row.id for row in statement.payments(account)]
    first = statement.payments(account, limit=3)
    assert whole == [row.id for row in [*first, *statement.payments(account, before=first[-1].mark)]]


def test_a_month_begins_with_what_the_one_before_left(book, account):
    book.post(pay(account, "2026-08-20", 5_00, stated="2026-06", regime="housing", kind="recalculation"))
    rows = {f"{row.month:%m}": row for row in statement.months(account)}
    assert (rows["06"].before_minor, rows["06"].after_minor) == (0, 100_00)
    assert (rows["08"].billed_minor, rows["08"].recalculated_minor, rows["08"].after_minor) == (50_00, -5_00, 145_00)
    assert (rows["09"].paid_minor, rows["09"].after_minor) == (30_00, 115_00)
    assert rows["10"].after_minor == statement.summary(account, DAY).saldo_minor
    assert [row.month for row in statement.months(account, before=month("2026-09"), limit=1)] == [month("2026-08")]


def test_the_card_takes_few_queries(account, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        statement.summary(account, DAY)
        statement.bills(account)
        statement.payments(account)
        statement.months(account)


def test_every_version_is_as_it_was_seen_then(book, account):
    seen = {}

    def look() -> None:
        balance = Balance.objects.get(account=account)
        rows = OpenBill.objects.filter(account=account).values_list("bill", "open_minor")
        seen[balance.version] = dict(rows)

    look()
    paid = book.post(pay(account, "2026-10-05", 500_00, key="bank:2")).payment_ids["bank:2"]
    look()
    book.reverse(bills=[Bill.objects.get(account=account, month=month("2026-08")).pk])
    look()
    book.reverse(payments=[paid])
    look()
    book.reverse(bills=[Bill.objects.get(account=account, month=month("2026-06")).pk])
    look()
    assert len(seen) == 5
    with connection.cursor() as cursor:
        for version, bills in seen.items():
            found = open_bills_at(cursor.cursor, {account: version})[account]
            assert {row.id: row.open_minor for row in found} == bills


def test_before_the_first_posting_there_is_nothing(account):
    with connection.cursor() as cursor:
        assert open_bills_at(cursor.cursor, {account: 0}) == {account: []}


# The journal


def told(book, account, **more):
    subject = Subject("account", book.organisation.pk, account)
    asked = {"before": None, "limit": 50, "kinds": None} | more
    return list(events.tell(subject, **asked))


def test_the_journal_tells_bills_payments_and_reversals(book, account):
    (payment,) = statement.payments(account)
    book.reverse(payments=[payment.id], reason="чужой платёж")
    told_now = told(book, account)
    assert told_now[0].title == "Сторно: Оплата от 05.09.2026"
    assert told_now[0].detail["reason"] == "чужой платёж"
    assert {event.kind for event in told_now} == {"bill.posted", "payment.posted", "payment.reversed"}
    assert [event.at for event in told_now] == sorted((event.at for event in told_now), reverse=True)


def test_the_journal_is_narrowed_and_paged(book, account):
    whole = told(book, account)
    assert {event.kind for event in told(book, account, kinds=frozenset({"payment.posted"}))} == {"payment.posted"}
    assert told(book, account, kinds=frozenset({"permit.refused"})) == []
    assert told(book, account, limit=2) == whole[:2]
    assert told(book, account, before=whole[1].at) == [event for event in whole if event.at < whole[1].at]


def test_the_journal_of_another_organisation_stays_closed(book, account, other_organisation):
    assert list(events.tell(Subject("account", other_organisation.pk, account), before=None, limit=9, kinds=None)) == []


def test_a_house_has_no_events_of_the_ledger(book):
    subject = Subject("house", book.organisation.pk, book.house.pk)
    assert list(events.tell(subject, before=None, limit=9, kinds=None)) == []


def test_rows_are_called_by_their_names():
    assert month_in_words(month("2026-03")) == "март 2026"
    assert bill_title("month", "housing", month("2026-03")) == "Начислено за март 2026: жильё и коммунальные услуги"
    assert payment_title("payment", date(2026, 3, 5), month("2026-02")) == "Оплата от 05.03.2026 за февраль 2026"
