"""A payment on a wrong account goes to the right one, and a reversal made by mistake is undone, to the kopeck."""

from datetime import date

import pytest

from okno.exchange import misplaced
from okno.exchange.matching import match, suggest
from okno.exchange.models import UnmatchedPayment
from okno.exchange.rollback import roll_back
from okno.ledger import billing
from okno.ledger.models import Account, Payment
from okno.ledger.penalties.accrual import accrued
from okno.ledger.posting import PostingRefused
from okno.ledger.verify import verify
from tests.exchange.conftest import balances, register, turnover

SHEET = [("100001", 1, 0, 100_000, 0, 0, 0), ("100002", 2, 0, 100_000, 0, 0, 0)]
PAID = [("1", "100001", 100_000, "Иванов И. И.", "Лесная 5, кв. 1")]
DAY = date(2026, 12, 31)


@pytest.fixture
def wrong(load, accounts) -> Payment:
    load(turnover(SHEET))
    load(register(PAID))
    return Payment.objects.get(account=accounts["100001"])


def penalty(accounts, number: str) -> int | None:
    return accrued(Account.objects.get(pk=accounts[number]), DAY).due_minor


def test_money_of_another_account_waits_and_is_given_to_the_right_one(wrong, actor, accounts, organisation) -> None:
    misplaced.set_waiting(actor, wrong.pk, reason="Ошибся плательщик")
    assert balances(organisation) == {"100001": (100_000, 0), "100002": (100_000, 0), "100003": (0, 0)}
    waiting = UnmatchedPayment.objects.get()
    assert (waiting.amount_minor, waiting.payer, waiting.purpose) == (100_000, wrong.payer, wrong.purpose)
    assert "100001" not in {one.number for one in suggest(waiting)}
    match(actor, waiting.pk, accounts["100002"])
    assert balances(organisation) == {"100001": (100_000, 0), "100002": (0, 0), "100003": (0, 0)}
    assert verify(organisation).differences == []


def test_the_file_that_comes_again_does_not_bring_the_money_a_second_time(wrong, actor, load, organisation) -> None:
    misplaced.set_waiting(actor, wrong.pk, reason="Ошибся плательщик")
    again = load(register([*PAID, ("2", "100003", 5_000, "Б", "В")]))
    assert (again.counts["same"], again.counts["new"]) == (1, 1)
    assert balances(organisation)["100001"] == (100_000, 0)


def test_an_import_taken_back_takes_the_waiting_money_with_it(wrong, actor, organisation) -> None:
    source = misplaced.set_waiting(actor, wrong.pk, reason="Ошибся плательщик").source
    roll_back(actor, source.pk, reason="Не тот файл")
    assert not UnmatchedPayment.objects.exists()
    assert verify(organisation).differences == []


def test_a_reversal_undone_leaves_everything_as_if_it_had_never_been(wrong, actor, accounts, organisation) -> None:
    before = (balances(organisation), penalty(accounts, "100001"))
    billing.reverse_payment(actor, wrong.pk, "Думали, что дважды")
    assert (balances(organisation), penalty(accounts, "100001")) != before
    misplaced.give_back(actor, wrong.pk, reason="Не дважды")
    assert (balances(organisation), penalty(accounts, "100001")) == before
    returned = Payment.objects.get(account=wrong.account_id, reversed_by=None)
    assert (returned.value_on, returned.source_key, returned.purpose) == (
        wrong.value_on,
        wrong.source_key,
        wrong.purpose,
    )
    assert verify(organisation).differences == []
    source = misplaced._source(wrong)
    roll_back(actor, source.pk, reason="Не тот файл")
    assert balances(organisation)["100001"] == (100_000, 0)


def test_money_that_stands_or_waits_elsewhere_is_not_given_back(wrong, actor) -> None:
    with pytest.raises(PostingRefused):
        misplaced.give_back(actor, wrong.pk, reason="Не сторнирован")
    misplaced.set_waiting(actor, wrong.pk, reason="Ошибся плательщик")
    with pytest.raises(PostingRefused):
        misplaced.give_back(actor, wrong.pk, reason="Ждёт разнесения")
    with pytest.raises(PostingRefused):
        misplaced.set_waiting(actor, wrong.pk, reason="Второй раз")
    assert Payment.objects.filter(reversed_by=None).count() == 0


def test_what_was_given_by_hand_is_taken_back_where_it_was_given(load, actor, accounts) -> None:
    load(register([("1", "999999", 100_000, "Иванов И. И.", "Лесная 5, кв. 1")]))
    match(actor, UnmatchedPayment.objects.get().pk, accounts["100001"])
    assert not misplaced.may_wait(Payment.objects.select_related("entry").get())
