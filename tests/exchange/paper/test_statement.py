"""A statement leads from what was owed before to what is owed after, row by row, and says why there is a penalty."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okno.exchange.paper.contents import PrintedStatement
from okno.exchange.paper.single import statement_of
from okno.exchange.paper.statement_layout import statement_page
from okno.ledger.models import Account
from tests.exchange.paper.rendering import pressed
from tests.ledger.book import Book, bill, pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def told_of(account: int, first: str = "2026-08", last: str = "2026-11") -> PrintedStatement:
    row = Account.objects.select_related("organisation").get(pk=account)
    return statement_of(row, date.fromisoformat(f"{first}-01"), date.fromisoformat(f"{last}-01"))


def test_rows_stand_in_their_days_between_opening_and_closing(book):
    account = book.accounts[0]
    book.post(bill(account, "2026-07", 100_000), bill(account, "2026-08", 200_000), bill(account, "2026-09", 300_000))
    book.post(pay(account, "2026-08-10", 100_000), pay(account, "2026-10-05", 150_000), kind="payments")
    told = told_of(account)
    assert (told.opening_minor, told.closing_minor) == (100_000, 350_000)
    assert [(row.on, row.kind, row.asked_minor, row.paid_minor) for row in told.rows] == [
        (date(2026, 8, 10), "payment", 0, 100_000),
        (date(2026, 8, 31), "bill", 200_000, 0),
        (date(2026, 9, 30), "bill", 300_000, 0),
        (date(2026, 10, 5), "payment", 0, 150_000),
    ]


def test_a_recalculation_downwards_is_taken_off_what_was_asked(book):
    account = book.accounts[0]
    book.post(bill(account, "2026-08", 200_000))
    book.post(
        pay(account, "2026-08-20", 30_000, kind="recalculation"), kind="recalculation", reason="Не было горячей воды"
    )
    told = told_of(account)
    assert [(row.kind, row.asked_minor, row.text) for row in told.rows] == [
        ("recalculation", -30_000, "Не было горячей воды"),
        ("bill", 200_000, "Жильё и коммунальные услуги"),
    ]
    assert (told.asked_minor, told.paid_minor, told.closing_minor) == (170_000, 0, 170_000)


def test_the_statement_ends_today_when_its_last_month_has_not_ended(book):
    assert told_of(book.accounts[0]).until == date(2026, 11, 18)
    assert told_of(book.accounts[0], last="2026-09").until == date(2026, 9, 30)


def test_every_row_of_the_penalty_is_there(book, tmp_path):
    account = book.accounts[0]
    book.post(
        bill(account, "2026-02", 1_000_000, due="2026-03-16"), bill(account, "2026-03", 1_000_000, due="2026-04-15")
    )
    told = told_of(account)
    page = statement_page(told)
    assert len(page["penalty"]["rows"]) == len(told.penalty.steps) >= 4
    text = pressed([page], tmp_path, template="statement.typ").text()
    assert "Пеня за просрочку" in text
    assert "1/300" in text


def test_a_long_statement_goes_over_to_the_next_page_with_its_heads(book, tmp_path):
    account = book.accounts[0]
    book.post(bill(account, "2026-08", 10_000_000))
    book.post(*[pay(account, f"2026-09-{day:02}", 1_000) for day in range(1, 29)] * 1, kind="payments")
    book.post(*[pay(account, f"2026-10-{day:02}", 1_000) for day in range(1, 29)], kind="payments")
    whole = pressed([statement_page(told_of(account))], tmp_path, template="statement.typ")
    assert whole.pages == 2
    assert "Начислено Оплачено Долг" in whole.text(1)
    assert "стр. 2 из 2" in whole.text(1)


EVENTS = st.lists(
    st.tuples(
        st.booleans(),
        st.dates(min_value=date(2026, 3, 1), max_value=date(2026, 11, 18)),
        st.integers(min_value=1, max_value=10**7),
    ),
    max_size=14,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=EVENTS, first=st.integers(4, 9), length=st.integers(0, 3))
def test_any_part_of_any_history_foots(book: Book, events, first, length):
    (account,) = book.open(1)
    for is_bill, day, minor in events:
        when = f"{day:%Y-%m}"
        if is_bill:
            book.post(bill(account, when, minor, kind="recalculation"))
        else:
            book.post(pay(account, day.isoformat(), minor), kind="payments")
    told = told_of(account, f"2026-{first:02}", f"2026-{first + length:02}")
    assert told.opening_minor + told.asked_minor - told.paid_minor == told.closing_minor
    saldo = told.opening_minor
    for row in told.rows:
        saldo += row.asked_minor - row.paid_minor
    assert saldo == told.closing_minor
