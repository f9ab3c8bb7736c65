"""A town's files are what they say they are: the same for the same seed, and read back to the kopeck."""

import filecmp
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path

import pytest

from okno.common.days import last_day
from okno.demo.town import Expected, FileExpected, Town, stream_bills, stream_payments, write_files
from okno.demo.town.place import Country
from okno.exchange.formats.fields import converter
from okno.exchange.formats.headers import recognise
from okno.exchange.formats.records import (
    AccountRecord,
    ConsentRecord,
    PaymentRecord,
    PersonRecord,
    Problem,
    Remark,
    TurnoverRecord,
    TurnoverTotals,
)
from okno.exchange.formats.register import RegisterRow, read_register
from okno.exchange.formats.sniff import sniff
from okno.exchange.formats.statement_1c import read_statement
from okno.exchange.formats.tables import read_table
from okno.exchange.formats.turnover import TurnoverSums

TODAY = date(2026, 11, 20)
COUNTRIES: tuple[Country, ...] = ("ru", "kz", "ua")


def small(country: Country = "ru", **changed: object) -> Town:
    return Town(**{"country": country, "houses": 6, "months": 5, "today": TODAY, **changed})  # type: ignore[arg-type]


class Read:
    """One file as the importer's readers see it."""

    def __init__(self, folder: Path, name: str, kind: str, country: str) -> None:
        self.good: list[object] = []
        self.bad: list[list[Problem]] = []
        self.remarks: list[Remark] = []
        self.month: date | None = None
        path = folder / name
        sniffed = sniff(path)
        if sniffed.kind == "register":
            self._register(path)
        elif sniffed.kind == "statement_1c":
            statement = read_statement(path, sniffed=sniffed)
            for _, found in statement.payments(today=TODAY):
                self._take(found)
            self.remarks = statement.remarks
        else:
            self._table(path, kind, country)

    def _register(self, path: Path) -> None:
        register = read_register(path, sniffed=sniff(path), today=TODAY)
        for line in register:
            self._take(line.payment if isinstance(line, RegisterRow) else line.problems)
        self.remarks = register.remarks

    def _table(self, path: Path, kind: str, country: str) -> None:
        rows = list(read_table(path, sniffed=sniff(path)))
        layout = recognise(rows, country=country)
        assert layout is not None
        assert layout.certain
        assert layout.profile.kind == kind
        self.month = layout.month
        convert = converter(layout.columns, country=country, today=TODAY)
        sums, totals = TurnoverSums(), None
        for row in rows:
            if row.number > layout.header_row:
                found = convert(row)
                if isinstance(found, TurnoverTotals):
                    totals = found
                else:
                    self._take(found)
                if isinstance(found, TurnoverRecord):
                    sums.add(found)
        if kind == "turnover":
            self.remarks = sums.compare(totals, set_aside=len(self.bad))

    def _take(self, found: object) -> None:
        if isinstance(found, list):
            self.bad.append(found)
        else:
            assert found is not None
            self.good.append(found)

    def payments(self) -> list[PaymentRecord]:
        return [found for found in self.good if isinstance(found, PaymentRecord)]

    def bills(self) -> list[TurnoverRecord]:
        return [found for found in self.good if isinstance(found, TurnoverRecord)]


class Written:
    """A written town with every file read back."""

    def __init__(self, town: Town, folder: Path) -> None:
        self.town, self.folder = town, folder
        self.expected = write_files(town, folder)
        self.read = {file.name: Read(folder, file.name, file.kind, town.country) for file in self.expected.files}

    def of_kind(self, kind: str) -> Iterator[tuple[FileExpected, Read]]:
        return ((file, self.read[file.name]) for file in self.expected.files if file.kind == kind)

    def roster(self, kind: str) -> list[object]:
        [(_, read)] = self.of_kind(kind)
        return read.good


@pytest.fixture(scope="module", params=COUNTRIES)
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Written:
    return Written(small(request.param), tmp_path_factory.mktemp("town"))


def test_every_file_holds_the_good_and_the_bad_rows_it_says(written: Written) -> None:
    for file in written.expected.files:
        read = written.read[file.name]
        assert (file.name, len(read.good), len(read.bad)) == (file.name, file.good, file.bad)
        assert file.rows == file.good + file.bad
        assert [remark for remark in read.remarks if remark.needs_person] == []


def test_sums_are_those_in_town_json(written: Written) -> None:
    for file, read in written.of_kind("turnover"):
        assert sum(bill.billed_minor for bill in read.bills()) == file.sum_minor
        assert sum(bill.recalculated_minor for bill in read.bills()) == file.recalculated_minor
    for kind in ("register", "statement", "register_today"):
        for file, read in written.of_kind(kind):
            assert sum(payment.amount_minor for payment in read.payments()) == file.sum_minor
    assert json.loads((written.folder / "town.json").read_text("utf-8")) == asdict(written.expected)


def test_payments_meet_accounts_except_the_strangers_told_of(written: Written) -> None:
    numbers = {account.number for account in written.roster("accounts") if isinstance(account, AccountRecord)}
    assert len(numbers) == written.expected.accounts
    for kind in ("register", "statement", "register_today"):
        for file, read in written.of_kind(kind):
            strangers = [payment for payment in read.payments() if payment.account_number not in numbers]
            assert len(strangers) == file.unmatched
            assert sum(payment.amount_minor for payment in strangers) == file.unmatched_minor


def test_what_is_owed_follows_from_opening_bills_and_payments(written: Written) -> None:
    balance: Counter[str] = Counter()
    first = True
    for _, read in written.of_kind("turnover"):
        for bill in read.bills():
            balance[bill.number] += bill.billed_minor + bill.recalculated_minor + (bill.opening_minor if first else 0)
        first = False
    for kind in ("register", "statement"):
        for _, read in written.of_kind(kind):
            for payment in read.payments():
                if payment.account_number in balance:
                    balance[payment.account_number] -= payment.amount_minor
    assert sum(balance.values()) == written.expected.closing_minor
    told = written.expected.register_today
    assert told is not None
    [(_, today)] = written.of_kind("register_today")
    paid = {payment.account_number: payment.amount_minor for payment in today.payments()}
    assert told.in_full
    assert all(paid[number] == balance[number] > 0 for number in told.in_full)
    assert all(0 < paid[number] < balance[number] for number in told.in_part)
    assert all(payment.paid_on == TODAY for payment in today.payments())


def test_each_month_has_its_turnover_and_its_payments_in_order(written: Written) -> None:
    months = [read.month for _, read in written.of_kind("turnover")]
    assert months == written.town.bill_months
    for file, read in written.of_kind("register"):
        times = [(payment.paid_on, payment.time) for payment in read.payments()]
        true_ones = times[:1] + times[1 + file.unmatched :]
        assert true_ones == sorted(true_ones, key=lambda moment: (moment[0], str(moment[1])))
        assert all(day < TODAY for day, _ in times)
        assert len({payment.key for payment in read.payments()}) == len(times)


def test_closing_balances_open_the_next_month(written: Written) -> None:
    closing: dict[str, int] = {}
    for _, read in written.of_kind("turnover"):
        now = {bill.number: bill for bill in read.bills()}
        for number, before in closing.items():
            if number in now:
                assert now[number].opening_minor == before
        closing = {number: bill.closing_minor for number, bill in now.items()}


def test_there_is_something_for_every_screen(written: Written) -> None:
    people = [person for person in written.roster("people") if isinstance(person, PersonRecord)]
    assert {person.role for person in people} >= {"owner", "resident", "tenant", "payer"}
    assert {mark for person in people for mark in person.marks} >= {"elderly", "minor", "disabled"}
    assert {"kz": "kk", "ua": "uk", "ru": "ru"}[written.town.country] in {person.language for person in people}
    assert any(not person.phones for person in people)
    consents = [consent for consent in written.roster("consents") if isinstance(consent, ConsentRecord)]
    assert {consent.channel for consent in consents} == {"sms", "email", "call", "robot_call"}
    assert {consent.given for consent in consents} == {True, False}
    reasons = {problem.code for read in written.read.values() for problems in read.bad for problem in problems}
    assert reasons >= {
        "bad_amount", "bad_date", "bad_email", "bad_phone", "balance_differs", "precision", "repeat", "unknown_word",
        "missing", "not_a_number", "bad_contact",
    }  # fmt: skip


def test_nobody_can_be_reached_by_accident(written: Written) -> None:
    people = [person for person in written.roster("people") if isinstance(person, PersonRecord)]
    operators = {"ru": "+7944", "kz": "+7764", "ua": "+38094"}
    numbers = {phone for person in people for phone in person.phones}
    assert {number[: len(operators[written.town.country])] for number in numbers} == {operators[written.town.country]}
    assert {person.email.split("@")[1] for person in people if person.email} <= {
        "example.org",
        "example.com",
        "example.net",
    }


def test_the_same_seed_gives_the_same_town_and_another_seed_another(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("first", "again", "other")]
    towns = [write_files(small(houses=2, seed=seed), folder) for seed, folder in zip((1, 1, 2), folders, strict=True)]
    assert towns[0] == towns[1] != towns[2]
    # Workbooks carry the moment they were made.
    names = [file.name for file in towns[0].files if not file.name.endswith(".xlsx")]
    assert filecmp.cmpfiles(folders[0], folders[1], names, shallow=False)[0] == names
    assert "turnover/turnover-2026-10.csv" in filecmp.cmpfiles(folders[0], folders[2], names, shallow=False)[1]


def test_streams_give_the_records_of_the_files(tmp_path: Path) -> None:
    town = small(houses=2)
    written = Written(town, tmp_path)
    bills: dict[date, dict[str, TurnoverRecord]] = defaultdict(dict)
    for month, bill in stream_bills(town):
        bills[month][bill.number] = bill
    for _, read in written.of_kind("turnover"):
        assert read.month is not None
        streamed = bills[read.month]
        assert all(streamed[bill.number] == bill for bill in read.bills())
        assert len(streamed) == len(read.bills()) + len(read.bad)
    payments = list(stream_payments(town))
    assert len({payment.key for payment in payments}) == len(payments)
    assert sum(payment.amount_minor for payment in payments) == written.expected.paid_minor
    assert [payment.paid_on for payment in payments] == sorted(payment.paid_on for payment in payments)


def test_a_size_in_accounts_is_kept_to_the_account() -> None:
    bills = list(stream_bills(small(accounts=333, months=1)))
    assert len({bill.number for _, bill in bills}) == 333


@pytest.mark.parametrize("today", [date(2026, 11, 1), date(2026, 11, 2), date(2024, 2, 29), date(2026, 12, 31)])
def test_any_day_of_a_month_may_be_today(tmp_path: Path, today: date) -> None:
    expected = write_files(small(houses=1, months=3, today=today), tmp_path)
    latest = max(file.name for file in expected.files if file.kind == "turnover")
    assert latest == f"turnover/turnover-{last_day(small(today=today).bill_months[-1]):%Y-%m}.csv"
    assert expected.register_today is not None
    assert expected.register_today.name == f"today/register-{today.isoformat()}.txt"


def test_progress_is_told_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    expected: Expected = write_files(
        small(houses=1, months=2), tmp_path, lambda done, total, _: told.append((done, total))
    )
    assert expected.houses == 1
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == told[-1][1]
