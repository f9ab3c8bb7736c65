"""`okno ledger close|reopen|balance`: a month proved and closed, opened again by the head, its trial balance."""

import csv
import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result

from okno.cli import start
from okno.cli.door import okno
from okno.common import clock
from okno.ledger.models import PaymentFeed
from okno.ledger.months.models import ClosedMonth
from tests.conftest import _member
from tests.ledger.book import Book, bill, pay


@pytest.fixture
def book(organisation, monkeypatch) -> Book:
    monkeypatch.setattr(start, "with_database", lambda: None)
    clock.shift_to(datetime(2026, 11, 18, 9, tzinfo=UTC))
    begun = Book.begin(organisation)
    begun.post(bill(begun.accounts[0], "2026-09", 1_000_00), bill(begun.accounts[1], "2026-09", 500_00))
    begun.post(bill(begun.accounts[0], "2026-10", 1_000_00))
    begun.post(pay(begun.accounts[0], "2026-10-10", 700_00))
    yield begun
    clock.reset()


def run(*words: str) -> Result:
    return CliRunner().invoke(okno, ["ledger", *words])


def test_a_month_is_closed_once_and_told(book):
    for _time in range(2):
        told = json.loads(run("close", "--month", "2026-10", "--json").output)
        assert (told["month"], told["accounts"], told["closing_minor"]) == ("2026-10", 3, 1_800_00)
    assert ClosedMonth.objects.count() == 1
    assert "Закрывать нечего" in run("close").output


def test_without_a_month_the_one_whose_turn_it_is_is_closed(book):
    assert run("close").exit_code == 0
    assert f"{ClosedMonth.objects.get().month:%Y-%m}" == "2026-10"


def test_something_left_undone_is_told_and_needs_a_yes(book):
    PaymentFeed.objects.create(organisation=book.organisation, name="Тестбанк")
    refused = run("close", "--month", "2026-10")
    assert refused.exit_code == 1
    assert "Источники платежей: нет платежей до конца месяца: Тестбанк" in refused.output
    assert not ClosedMonth.objects.exists()
    assert run("close", "--month", "2026-10", "--yes").exit_code == 0
    assert [left["key"] for left in ClosedMonth.objects.get().left_undone] == ["feeds"]


def test_refusals_are_sentences(book):
    assert "ещё не кончился" in run("close", "--month", "2026-11", "--yes").output
    assert "нужен месяц ГГГГ-ММ" in run("close", "--month", "октябрь").output
    assert "нет сотрудника" in run("reopen", "--month", "2026-10", "--reason", "x", "--by", "nobody@x.ru").output


def test_the_head_opens_the_month_again(book, manager):
    run("close", "--month", "2026-10")
    _member(book.organisation, "accountant", "accountant@example.org", "Борис Бухгалтеров")
    asked = ("reopen", "--month", "2026-10", "--reason", "не тот реестр", "--by")
    assert "только руководитель" in run(*asked, "accountant@example.org").output
    assert run(*asked, "manager@example.org").output == "10.2026: снова открыт\n"
    assert ClosedMonth.objects.get().reopened_by == manager.user


@pytest.mark.parametrize("by", ["house", "service", "account"])
def test_the_trial_balance_adds_up_for_machines_and_in_files(book, tmp_path, by):
    told = json.loads(run("balance", "--month", "2026-10", "--by", by, "--json").output)
    assert told["total"]["closing_minor"] == 1_800_00 == sum(row["closing_minor"] for row in told["rows"])
    path = tmp_path / "october.csv"
    assert run("balance", "--month", "2026-10", "--by", by, "--csv", str(path)).exit_code == 0
    rows = list(csv.reader(path.read_text("utf-8-sig").splitlines(), delimiter=";"))
    assert rows[-1][-1] == "1800,00"
    assert run("balance", "--month", "2026-10", "--by", by, "--xlsx", str(path)).exit_code == 2


def test_the_trial_balance_is_a_table_for_people(book):
    told = run("balance", "--month", "2026-10", "--by", "service").output
    assert "На начало" in told
    assert "Пеня" not in told
    assert "1800,00" in told


def test_a_months_sheet_goes_out_by_the_common_export(book, tmp_path):
    path = tmp_path / "october.xlsx"
    done = CliRunner().invoke(okno, ["export", "turnover", "--month", "2026-10", "--to", str(path)])
    assert done.output == f"{path}: строк 3\n"
    assert CliRunner().invoke(okno, ["export", "turnover", "--to", str(path)]).exit_code == 2
    assert CliRunner().invoke(okno, ["export", "payments", "--month", "2026-10", "--to", str(path)]).exit_code == 0
