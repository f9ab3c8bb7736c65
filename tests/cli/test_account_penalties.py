"""`okno ledger penalties` and `okno ledger post-penalties`: an account's penalty explained, a month of them posted."""

import json
from datetime import date

import pytest
from click.testing import CliRunner, Result

from okno.cli import start
from okno.cli.door import okno
from okno.common import clock
from okno.ledger.penalties import pauses
from okno.ledger.penalties.models import PauseCause
from okno.ledger.penalties.pauses import Rest
from tests.ledger.book import Book, bill, number_of, pay
from tests.ledger.penalties.penalty_book import actor, housing, set_terms, three_hundredths

MARCH = three_hundredths(10_000_00, 19)


@pytest.fixture
def book(organisation, monkeypatch) -> Book:
    monkeypatch.setattr(start, "with_database", lambda: None)
    begun = Book.begin(organisation)
    set_terms(begun)
    begun.post(bill(begun.accounts[0], "2026-01", 10_000_00))
    return begun


def run(*words: str) -> Result:
    return CliRunner().invoke(okno, ["ledger", *words])


def test_an_account_is_explained_row_by_row(book):
    done = run("penalties", number_of(book.accounts[0]), "--day", "2026-03-31")
    assert done.exit_code == 0, done.output
    told = done.output.replace("\xa0", " ")
    assert "01.2026" in told
    assert "1/300" in told
    assert "К оплате пени: 60,17 ₽" in told
    assert "ЖК РФ ст. 155" in told


def test_machines_read_the_same_figure(book):
    account = book.accounts[0]
    book.post(pay(account, "2026-03-20", 4_000_00), kind="payments")
    told = json.loads(run("penalties", number_of(account), "--day", "2026-03-31", "--json").output)
    (house, repair) = told["regimes"]
    assert told["due_minor"] == house["total_minor"] == three_hundredths(4_000_00 * 8 + 6_000_00 * 19, 1)
    assert (house["posting"], house["not_posted_minor"], repair["total_minor"]) == ("monthly", told["due_minor"], 0)
    assert [row["days"] for row in house["rows"] if row["share"] == "1/300"] == [8, 19]


def test_a_pause_is_told_with_its_reason(book):
    rest = Rest(account_id=book.accounts[0], since=date(2026, 3, 20), cause=PauseCause.DISPUTE)
    pauses.begin(actor(book.organisation), rest, reason="Спорит о тепле", today=date(2026, 4, 1))
    told = run("penalties", number_of(book.accounts[0]), "--day", "2026-03-31").output
    assert "Приостановлено с 20.03.2026: спор о начислениях. Спорит о тепле" in told


def test_an_unknown_account_is_refused_in_a_sentence(book):
    done = run("penalties", "нет такого")
    assert done.exit_code == 1
    assert "Лицевого счёта нет такого в организации нет" in done.output


def test_a_month_is_posted_and_again_changes_nothing(book):
    for _time in range(2):
        (told,) = json.loads(run("post-penalties", "--month", "2026-03", "--json").output)
        assert (told["month"], told["bills"], told["posted_minor"]) == ("2026-03", 1, MARCH)
    assert housing(book.accounts[0]) == {"2026-03": MARCH}
    assert "на 60.17" in run("post-penalties", "--month", "2026-03").output


def test_a_month_that_cannot_be_posted_says_why(book):
    this_month = f"{clock.today(book.organisation.time_zone):%Y-%m}"
    done = run("post-penalties", "--month", this_month)
    assert done.exit_code == 1
    assert "УК «Наш дом»: Месяц ещё идёт" in done.output
    assert run("post-penalties", "--month", "когда-нибудь").exit_code == 1
