"""What a scenario knows before the first word is what the ledger and the house know at that moment."""

import io
import json
from datetime import date
from decimal import Decimal

import pytest
from click.testing import CliRunner

from okno.cli import start
from okno.cli.talking import talk
from okno.dialogs import facts
from okno.dialogs import scenario as scenarios
from okno.houses.models import Meter, MeterReading
from okno.ledger.models import Account
from tests.ledger.book import bill


@pytest.fixture
def debt(book, owner):
    book.post(bill(book.accounts[0], "2026-09", 854_010))
    return owner


def test_a_debt_notice_knows_the_sum_the_months_and_whom_it_may_tell(account, debt, today):
    told = facts.of("debt_notice", account, today, "ru")
    assert (told["debt"], told["months"], told["person"]) == (854_010, 1, debt.full_name)
    assert told["flat"] == account.flat.number_order
    assert told["plan_minor"] * told["plan_payments"] >= told["debt"]


def test_nobody_is_called_about_a_debt_of_a_flat_without_known_people(account, book, today):
    book.post(bill(book.accounts[0], "2026-09", 100_000))
    with pytest.raises(facts.NobodyToCall):
        facts.of("debt_notice", account, today, "ru")


def test_nobody_is_called_about_a_debt_that_is_not_there(account, owner, today):
    with pytest.raises(facts.NothingOwed):
        facts.of("debt_notice", account, today, "ru")


def test_a_call_for_readings_knows_the_last_figure_and_what_is_too_much(organisation, account, today):
    meter = Meter.objects.create(organisation=organisation, flat=account.flat, kind="cold_water", number="СГ-0012345")
    Meter.objects.create(organisation=organisation, flat=account.flat, kind="heat", number="2", automatic=True)
    for month, value in ((8, "100"), (9, "130"), (10, "137.5")):
        MeterReading.objects.create(
            meter=meter, taken_on=date(2026, month, 20), tariff=1, value=Decimal(value), source="x"
        )
    (told,) = facts.of("readings", account, today, "ru")["meters"]
    assert (told["kind"], told["number"]) == ("холодная вода", "2345")
    assert told["last"] == "137.5"
    assert Decimal(told["most"]) == Decimal("137.5") + 3 * 30


def test_the_words_of_the_meters_are_in_the_language_of_the_call(organisation, account, today):
    Meter.objects.create(organisation=organisation, flat=account.flat, kind="cold_water", number="1")
    (told,) = facts.of("readings", account, today, "uk")["meters"]
    assert told["kind"] == "холодна вода"


def _talk(monkeypatch, arguments: list[str], answers: list[str]):
    monkeypatch.setattr(start, "with_database", lambda: None)
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(answers) + "\n"))
    return CliRunner().invoke(talk, arguments, input="\n".join(answers) + "\n")


def test_a_request_is_talked_through_in_the_terminal_to_its_end(monkeypatch, account, debt, today):
    told = _talk(
        monkeypatch,
        ["intake", "--account", account.number, "--lang", "ru", "--today", today.isoformat()],
        ["течёт кран", "на кухне", "да", "нет"],
    )
    assert told.exit_code == 0, told.output
    asked = json.loads(told.output.splitlines()[-1])["actions"][0]
    assert (asked["do"], asked["text"], asked["place"]) == ("request", "течёт кран", "на кухне")


def test_a_scenario_is_talked_through_in_the_terminal(monkeypatch, account, debt, today):
    told = _talk(
        monkeypatch,
        ["debt_notice", "--account", account.number, "--lang", "ru", "--today", today.isoformat()],
        ["да", str(account.flat.number_order), "заплачу в пятницу", "да", "нет"],
    )
    assert told.exit_code == 0, told.output
    result = json.loads(told.output.splitlines()[-1])
    assert result["outcome"] == "promised"
    promise = {"on": "2026-11-20", "minor": 854_010, "words": "заплачу в пятницу", "account": account.pk}
    assert {"do": "promise", **promise} in result["actions"]


def test_a_talk_that_breaks_off_tells_what_was_done_until_then(monkeypatch, account, debt, today):
    told = _talk(monkeypatch, ["debt_notice", "--account", account.number, "--today", today.isoformat()], ["да"])
    result = json.loads(told.output.splitlines()[-1])
    assert result["outcome"] in {"hung_up", "silence"}
    assert not any(action["do"] == "promise" for action in result["actions"])


def test_an_account_nobody_has_is_refused_in_words(monkeypatch, db):
    told = _talk(monkeypatch, ["debt_notice", "--account", "404"], [])
    assert told.exit_code == 2
    assert "Такого лицевого счёта нет" in told.output


@pytest.mark.parametrize("language", ["ru", "kk", "uk"])
@pytest.mark.parametrize("scenario", scenarios.names())
def test_every_scenario_can_be_talked_in_every_language(monkeypatch, account, debt, today, scenario, language):
    arguments = [scenario, "--account", account.number, "--lang", language, "--today", today.isoformat()]
    told = _talk(monkeypatch, arguments, ["", "", "", ""])
    assert told.exit_code == 0, told.output
    result = json.loads(told.output.splitlines()[-1])
    assert (result["scenario"], result["account"]) == (scenario, account.number)
    assert result["outcome"]


def test_a_caller_in_the_terminal_is_found_by_the_number_told(monkeypatch, organisation, book, account, debt, today):
    Meter.objects.create(organisation=organisation, flat=account.flat, kind="cold_water", number="1")
    (other,) = book.open(1)
    number = Account.objects.get(pk=other).number
    told = _talk(
        monkeypatch,
        ["readings", "--account", account.number, "--today", today.isoformat()],
        ["да", "у меня другой счёт", number, "да"],
    )
    result = json.loads(told.output.splitlines()[-1])
    assert result["outcome"] == "no_meters"
    assert result["slots"]["account_id"] == other
