"""What a bill says is what the ledger holds."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okno.exchange.paper.contents import PrintedBill
from okno.exchange.paper.gathering import Gatherer, Refused
from okno.ledger.models import Account, Balance, Bill
from okno.people.models import Occupancy, Person
from tests.exchange.paper import samples
from tests.exchange.paper.conftest import ISSUED, OCTOBER
from tests.ledger.book import Book, bill, pay

pytestmark = pytest.mark.django_db


def printed(book: Book, account: int, *, month: date = OCTOBER, day: date = ISSUED) -> PrintedBill:
    (found,) = Gatherer(book.organisation, month, day).bills([account])
    assert isinstance(found, PrintedBill), found
    return found


def refused(book: Book, account: int, *, month: date = OCTOBER) -> str:
    (found,) = Gatherer(book.organisation, month, ISSUED).bills([account])
    assert isinstance(found, Refused)
    return found.why


def saldo(account: int) -> int:
    balance = Balance.objects.get(account=account)
    return balance.open_minor - balance.advance_minor


def test_the_sum_is_the_balance_and_foots_from_the_debt_before_the_month(book, details):
    account = book.accounts[0]
    book.post(bill(account, "2026-09", 300_000), bill(account, "2026-10", 345_678))
    book.post(pay(account, "2026-10-12", 250_000), kind="payments")
    told = printed(book, account)
    assert told.opening_minor == 300_000
    assert told.charged_minor == 345_678
    assert [(row.on, row.minor) for row in told.received] == [(date(2026, 10, 12), 250_000)]
    assert told.closing_minor == saldo(account) == 395_678
    assert [part.minor for part in told.parts] == [395_678]


def test_a_recalculation_of_an_earlier_month_stands_on_this_bill_with_its_reason(book, details, manager):
    account = book.accounts[0]
    book.post(bill(account, "2026-09", 300_000), bill(account, "2026-10", 345_678))
    why = "Не было горячей воды, акт № 118"
    book.post(
        pay(account, "2026-10-20", 20_000, stated="2026-09", kind="recalculation"), kind="recalculation", reason=why
    )
    book.post(bill(account, "2026-08", 7_000, kind="recalculation", due="2026-11-16"), kind="recalculation", reason=why)
    told = printed(book, account)
    assert {(row.month, row.minor, row.why) for row in told.recalculations} == {
        (date(2026, 9, 1), -20_000, why),
        (date(2026, 8, 1), 7_000, why),
    }
    assert told.opening_minor == 300_000
    assert told.closing_minor == saldo(account)


def test_a_recalculation_out_of_a_file_does_not_say_which_file(book, details):
    account = book.accounts[0]
    book.post(
        bill(account, "2026-10", 100_000),
        bill(account, "2026-10", 5_000, kind="recalculation"),
        reason="Файл ОСВ за октябрь",
    )
    (row,) = printed(book, account).recalculations
    assert (row.minor, row.why) == (5_000, "")


def test_what_comes_after_the_day_of_the_bill_is_not_counted(book, details):
    account = book.accounts[0]
    book.post(bill(account, "2026-10", 100_000), bill(account, "2026-11", 200_000))
    book.post(pay(account, "2026-11-04", 30_000), pay(account, "2026-11-06", 50_000), kind="payments")
    told = printed(book, account)
    assert [row.minor for row in told.received] == [30_000]
    assert told.to_pay_minor == 70_000


def test_an_advance_is_an_opening_below_zero_and_nothing_to_pay(book, details):
    account = book.accounts[0]
    book.post(pay(account, "2026-09-05", 500_000), kind="payments")
    book.post(bill(account, "2026-10", 100_000))
    told = printed(book, account)
    assert (told.opening_minor, told.closing_minor, told.parts) == (-500_000, -400_000, ())


def test_lines_of_both_regimes_stand_in_the_order_of_the_services(book, details):
    account = book.accounts[0]
    book.post(bill(account, "2026-10", 100_000, regime="capital_repair"), bill(account, "2026-10", 200_000))
    told = printed(book, account)
    assert [(line.name, line.minor) for line in told.lines] == [
        ("Содержание жилья", 200_000),
        ("Капитальный ремонт", 100_000),
    ]
    assert [part.minor for part in told.parts] == [300_000]


def test_each_payee_is_paid_what_is_open_for_its_regime(book, details, organisation):
    fund = samples.russian_details(organisation, regime="capital_repair", payee="Фонд капремонта")
    account = book.accounts[0]
    book.post(
        bill(account, "2026-09", 50_000, regime="capital_repair"),
        bill(account, "2026-10", 60_000, regime="capital_repair"),
        bill(account, "2026-10", 200_000),
    )
    told = printed(book, account)
    assert {part.payee: part.minor for part in told.parts} == {details.payee: 200_000, fund.payee: 110_000}
    assert {part.covers for part in told.parts} == {("Жильё и коммунальные услуги",), ("Капитальный ремонт",)}


def test_the_code_carries_the_account_the_month_and_the_sum_in_kopecks(book, details):
    account = book.accounts[0]
    book.post(bill(account, "2026-10", 123_456))
    told = printed(book, account)
    payload = told.parts[0].code.payload().decode("cp1251")
    assert {"Sum=123456", f"PersAcc={told.flat.account}", "PaymPeriod=102026", "TechCode=02"} <= set(payload.split("|"))
    assert "AddAmount" not in payload


def test_a_bank_that_takes_the_penalty_apart_gets_it_apart(book, details):
    details.penalty_apart, details.period = True, "MM.YYYY"
    details.save()
    account = book.accounts[0]
    book.post(bill(account, "2026-10", 100_000), bill(account, "2026-10", 4_500, kind="penalty"))
    told = printed(book, account)
    fields = told.parts[0].code.payload().decode("cp1251").split("|")
    assert {"Sum=100000", "AddAmount=4500", "PaymPeriod=10.2026"} <= set(fields)
    assert told.penalty.billed_minor == 4_500
    assert told.to_pay_minor == 104_500


def test_the_newest_details_by_the_day_count_and_the_narrowest_first(book, details, organisation):
    samples.russian_details(organisation, since=date(2026, 12, 1), payee="Ещё не действует")
    samples.russian_details(organisation, since=date(2026, 11, 1), payee="Новый")
    account = book.accounts[0]
    book.post(bill(account, "2026-10", 100_000))
    assert printed(book, account).parts[0].payee == "Новый"
    samples.russian_details(organisation, house=book.house, payee="Свой у дома")
    assert printed(book, account).parts[0].payee == "Свой у дома"


def test_the_due_day_comes_with_its_norm_and_the_day_of_delivery(book, details):
    account = book.accounts[0]
    book.post(bill(account, "2026-10", 100_000, due="2026-11-16"))
    told = printed(book, account)
    assert told.due_on == date(2026, 11, 16)
    assert "177-ФЗ" in told.due_norm.norm[0]
    assert told.due_norm.delivery_day == 5


def test_a_due_day_that_the_law_did_not_name_cites_no_norm(book, details):
    account = book.accounts[0]
    book.post(bill(account, "2026-10", 100_000, due="2026-11-25"))
    assert printed(book, account).due_norm is None


def test_a_penalty_that_is_only_figured_is_told_with_its_rows_and_not_asked_for(book, details):
    account = book.accounts[0]
    book.post(bill(account, "2026-05", 1_000_000, due="2026-06-15"), bill(account, "2026-10", 100_000))
    told = printed(book, account)
    assert told.penalty.billed_minor == 0
    assert told.penalty.accrued_minor > 0
    assert round(sum(step.exact for step in told.penalty.steps)) == told.penalty.accrued_minor
    assert {step.month for step in told.penalty.steps} == {date(2026, 5, 1)}
    assert told.to_pay_minor == saldo(account) == 1_100_000


def test_nothing_is_asked_about_a_penalty_where_nothing_is_late(book, details):
    account = book.accounts[0]
    book.post(bill(account, "2026-10", 100_000, due="2026-11-16"))
    assert not printed(book, account).penalty.says_something


def test_an_account_without_a_bill_of_the_month_is_refused(book, details):
    assert refused(book, book.accounts[0]) == "За этот месяц ничего не начислено"


def test_an_address_nobody_has_written_is_asked_for(book, details):
    book.house.address = ""
    book.house.save()
    book.post(bill(book.accounts[0], "2026-10", 100_000))
    assert "заполните его в карточке дома" in refused(book, book.accounts[0])


def test_a_reversed_bill_is_on_no_page(book, details):
    account = book.accounts[0]
    posted = book.post(bill(account, "2026-10", 100_000))
    book.reverse(bills=[one.pk for one in Bill.objects.filter(entry=posted.entry_id)])
    assert refused(book, account) == "За этот месяц ничего не начислено"


def test_people_of_the_page_are_those_entitled_to_hear_of_the_debt(book, details, organisation):
    account = Account.objects.select_related("flat").get(pk=book.accounts[0])
    for name, role, until in (
        ("Прежний Собственник", "owner", date(2026, 1, 31)),
        ("Нынешняя Собственница", "owner", None),
        ("Жилец Посторонний", "resident", None),
    ):
        person = Person.objects.create(organisation=organisation, full_name=name, search_text=name.lower())
        Occupancy.objects.create(organisation=organisation, person=person, flat=account.flat, role=role, until=until)
    book.post(bill(account.pk, "2026-10", 100_000))
    assert printed(book, account.pk).flat.people == ("Нынешняя Собственница",)


def test_many_accounts_are_read_in_as_many_queries_as_one(book, details, django_assert_max_num_queries):
    book.open(20)
    book.post(*[bill(account, "2026-10", 100_000) for account in book.accounts])
    gatherer = Gatherer(book.organisation, OCTOBER, ISSUED)
    with django_assert_max_num_queries(20):
        found = gatherer.bills(book.accounts)
    assert len(found) == len(book.accounts)


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["bill", "recalculated up", "recalculated down", "penalty", "paid"]),
        st.dates(min_value=date(2026, 7, 1), max_value=date(2026, 11, 5)),
        st.integers(min_value=1, max_value=10**6),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=EVENTS)
def test_any_history_foots_and_asks_for_what_the_balance_says(book, details, events):
    (account,) = book.open(1)
    book.post(bill(account, "2026-10", 100_000))
    billed = {date(2026, 10, 1)}
    for kind, day, minor in events:
        when = f"{day:%Y-%m}"
        if kind == "bill" and day.replace(day=1) not in billed and day.month < 11:
            billed.add(day.replace(day=1))
            book.post(bill(account, when, minor))
        elif kind == "recalculated up" and day.month < 11:
            book.post(bill(account, when, minor, kind="recalculation"), kind="recalculation")
        elif kind == "penalty" and day.month < 11:
            book.post(bill(account, when, minor, kind="penalty"))
        elif kind in ("recalculated down", "paid"):
            book.post(pay(account, day.isoformat(), minor, kind="recalculation" if kind != "paid" else "payment"))
    told = printed(book, account)
    assert told.closing_minor == saldo(account)
    assert sum(part.minor for part in told.parts) == max(0, saldo(account))
