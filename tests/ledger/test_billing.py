"""Due days, recalculations and taking a mistake back."""

from datetime import date

import pytest

from okno.access.actor import Actor, process
from okno.access.models import Action
from okno.ledger import billing
from okno.ledger.billing import Correction, recalculate, reverse_bill, reverse_payment
from okno.ledger.models import Bill, Entry
from okno.ledger.posting import PostingRefused
from tests.ledger.book import advance, bill, month, opens, pay, shares, sums_hold


@pytest.fixture
def actor(organisation, manager) -> Actor:
    return Actor(organisation=organisation, user=manager.user, membership=manager, name="Мария Управляева")


def correction(account: int, delta: int, *, when: str = "2026-02", key: str = "r:1") -> Correction:
    return Correction(
        account_id=account,
        regime="housing",
        month=month(when),
        delta_minor=delta,
        service="heating",
        due_on=date(2026, 5, 15),
        value_on=date(2026, 4, 20),
        source_key=key,
    )


@pytest.mark.parametrize(
    ("when", "due"),
    [
        ("2025-11", date(2025, 12, 10)),
        ("2025-12", date(2026, 1, 12)),  # the 10th of January 2026 is a Saturday
        ("2026-03", date(2026, 4, 15)),
        ("2026-10", date(2026, 11, 16)),  # the 15th of November 2026 is a Sunday
    ],
)
def test_the_due_day_is_the_countrys(organisation, book, when, due):
    found = billing.due_on(organisation, book.house, month(when), "housing")
    assert found.value == due
    assert found.rows


def test_the_contract_of_the_house_is_heard_where_the_law_allows(organisation, book):
    book.house.contract_due_day = 20
    assert billing.due_on(organisation, book.house, month("2025-10"), "housing").value == date(2025, 11, 20)
    assert billing.due_on(organisation, book.house, month("2025-10"), "capital_repair").value == date(2025, 11, 10)
    assert billing.due_on(organisation, book.house, month("2026-03"), "housing").value == date(2026, 4, 15)


def test_a_recalculation_upwards_is_a_bill_of_its_own(actor, book):
    account = book.accounts[0]
    book.post(bill(account, "2026-02", 100_00))
    recalculate(actor, correction(account, 30_00), reason="перерасчёт отопления")
    added = Bill.objects.get(account=account, kind="recalculation")
    assert (added.month, added.still_open.open_minor, added.lines) == (month("2026-02"), 30_00, {"heating": 30_00})
    assert sums_hold(account)


def test_a_recalculation_downwards_goes_to_its_month(actor, book):
    account = book.accounts[0]
    book.post(bill(account, "2026-01", 100_00), bill(account, "2026-02", 100_00))
    recalculate(actor, correction(account, -30_00), reason="перерасчёт отопления")
    assert shares(account) == [("2026-02", 30_00)]
    assert sums_hold(account)


def test_a_recalculation_is_posted_once_and_told_once(actor, book):
    account = book.accounts[0]
    first = recalculate(actor, correction(account, 30_00), reason="перерасчёт отопления")
    again = recalculate(actor, correction(account, 30_00), reason="перерасчёт отопления")
    assert (first.repeated, again.repeated) == (False, True)
    assert Action.objects.filter(verb="ledger.recalculated").count() == 1


def test_a_recalculation_by_nothing_is_refused(actor, book):
    with pytest.raises(PostingRefused, match="на ноль"):
        recalculate(actor, correction(book.accounts[0], 0), reason="перерасчёт")


def test_a_payment_is_taken_back_with_its_reason(actor, book):
    account = book.accounts[0]
    book.post(bill(account, "2026-01", 100_00))
    payment = book.post(pay(account, "2026-02-01", 100_00, key="bank:1")).payment_ids["bank:1"]
    posted = reverse_payment(actor, payment, "чужой платёж")
    assert opens(account) == {"2026-01": 100_00}
    assert Entry.objects.get(pk=posted.entry_id).reason == "чужой платёж"
    assert Action.objects.get(verb="ledger.payment_reversed").reason == "чужой платёж"
    assert reverse_payment(actor, payment, "чужой платёж").repeated


def test_a_bill_is_taken_back_with_its_reason(actor, book):
    account = book.accounts[0]
    book.post(pay(account, "2026-01-01", 100_00), bill(account, "2026-01", 100_00))
    reverse_bill(actor, Bill.objects.get(account=account).pk, "дом расселён")
    assert advance(account) == 100_00


@pytest.mark.parametrize("reason", ["", "  "])
def test_without_a_reason_nothing_is_taken_back(actor, book, reason):
    payment = book.post(pay(book.accounts[0], "2026-02-01", 1_00, key="bank:1")).payment_ids["bank:1"]
    with pytest.raises(PostingRefused, match="причину"):
        reverse_payment(actor, payment, reason)


def test_what_neighbours_posted_is_not_found(actor, neighbours_book):
    account = neighbours_book.accounts[0]
    payment = neighbours_book.post(pay(account, "2026-02-01", 1_00, key="bank:1")).payment_ids["bank:1"]
    with pytest.raises(PostingRefused, match="нет"):
        reverse_payment(actor, payment, "ошибка")
    with pytest.raises(PostingRefused, match="нет"):
        reverse_bill(actor, 0, "ошибка")


def test_money_belongs_to_an_organisation(book):
    payment = book.post(pay(book.accounts[0], "2026-03-01", 1_00, key="bank:1")).payment_ids["bank:1"]
    with pytest.raises(PostingRefused):
        reverse_payment(process(None, "проверка"), payment, "файл не тот")
