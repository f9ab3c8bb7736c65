"""`okno penalty`: the figure with its rows, other readings beside it, and refusals in one sentence. No database."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from click.testing import CliRunner, Result

from okno.cli.door import okno
from okno.common import clock

PARTS = ("--bill", "10000.00@2025-06-10", "--pay", "4000.00@2025-08-01", "--pay", "6000.00@2025-12-31")


def run(*words: str) -> Result:
    return CliRunner().invoke(okno, ["penalty", "--country", "ru", *words])


def told(*words: str) -> dict[str, Any]:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def test_the_figure_comes_with_its_rows() -> None:
    answer = told("--regime", "housing", *PARTS, "--as-of", "2025-12-31")
    assert (answer["total_minor"], answer["currency"], answer["verified"]) == (64171, "RUB", True)
    assert answer["missing"] == []
    assert answer["lines"] == [{"line": "penalty", "total_minor": 64171, "amount": "641.712820512821"}]
    assert answer["settings"]["rate_of"] == "payment_day"
    counted = [row for row in answer["rows"] if row["share"] != "0"]
    assert [(row["from"], row["to"], row["days"], row["base_minor"], row["rate"], row["share"]) for row in counted] == [
        ("2025-07-11", "2025-08-01", 22, 400000, "9.5", "1/300"),
        ("2025-07-11", "2025-09-08", 60, 600000, "9.5", "1/300"),
        ("2025-09-09", "2025-12-31", 114, 600000, "9.5", "1/130"),
    ]
    assert [row["amount"] for row in counted] == ["27.866666666667", "114", "499.846153846154"]
    assert all("ЖК РФ ст. 155 ч. 14" in row["norm"] and "ПП РФ № 329" in row["norm"] for row in counted)
    assert all(row["why"] and row["verified"] and row["bill"] == "1" for row in answer["rows"])


def test_what_is_not_late_yet_has_no_empty_table() -> None:
    said = run("--bill", "100@2025-06-10", "--as-of", "2025-06-01").stdout
    assert "Просрочки на этот день нет." in said
    assert "ставка" not in said


def test_readings_stand_side_by_side() -> None:
    answer = told(
        *PARTS, "--as-of", "2025-12-31", "--compare", "rounding=rows", "--compare", "debtor=other,rounding=rows"
    )
    first, second = answer["compare"]
    assert (first["set"], first["total_minor"], first["difference_minor"]) == ({"rounding": "rows"}, 64172, 1)
    assert second["set"] == {"debtor": "other", "rounding": "rows"}
    assert second["verified"] is False
    assert second["rows"][0]["share"] == "1/130"


def test_a_setting_holds_for_every_reading() -> None:
    answer = told("--bill", "10000@2026-12-15", "--as-of", "2027-04-01", "--setting", "key_rate=14.00@2027-01-01")
    assert (answer["total_minor"], answer["verified"]) == (46308, False)


def test_a_missing_rate_gives_no_figure_and_says_what_to_enter() -> None:
    words = ("--bill", "10000@2026-12-15", "--as-of", "2027-04-01")
    answer = told(*words, "--compare", "cap_after_2026=prolonged")
    assert answer["total_minor"] is None
    assert answer["verified"] is False
    (gap,) = answer["missing"]
    assert (gap["name"], gap["day"]) == ("ru.key_rate.percent", "2027-04-01")
    assert "Ключевая ставка" in gap["message"]
    assert answer["compare"][0]["total_minor"] == 31423
    assert answer["compare"][0]["difference_minor"] is None
    assert "цифры нет" in run(*words).stdout


def test_the_law_as_it_was_known() -> None:
    words = ("--bill", "30000@2024-12-01", "--as-of", "2025-01-01")
    assert told(*words)["total_minor"] == 950
    assert told(*words, "--known-as-of", "2025-02-01")["total_minor"] == 2100


def test_payments_go_to_the_oldest_bill_and_the_surplus_is_an_advance() -> None:
    answer = told(
        *("--bill", "100@2024-02-01", "--bill", "100@2024-01-01", "--pay", "150@2024-05-01", "--as-of", "2024-05-01")
    )
    assert answer["total_minor"] == 607
    paid = {bill["due_on"]: bill["paid"] for bill in answer["bills"]}
    assert paid["2024-01-01"] == [{"on": "2024-05-01", "amount_minor": 10000}]
    assert paid["2024-02-01"] == [{"on": "2024-05-01", "amount_minor": 5000}]
    words = ("--bill", "100@2024-01-01", "--pay", "130@2024-05-01", "--as-of", "2024-05-01")
    assert told(*words)["advance_minor"] == 3000
    assert "30,00\u00a0₽ остаётся авансом" in run(*words).stdout


def test_a_payment_may_name_its_bill() -> None:
    bills = ("--bill", "100@2024-01-01", "--bill", "100@2024-02-01")
    answer = told(*bills, "--pay", "130@2024-05-01:2", "--as-of", "2024-05-01")
    assert [sum(paid["amount_minor"] for paid in bill["paid"]) for bill in answer["bills"]] == [3000, 10000]


def test_a_payment_that_names_no_bill_goes_last_to_what_is_out_of_time() -> None:
    bills = ("--bill", "100@2020-01-10", "--bill", "100@2025-01-10")
    in_time = told(*bills, "--pay", "150@2023-01-10", "--as-of", "2025-06-01")
    assert [[part["amount_minor"] for part in bill["paid"]] for bill in in_time["bills"]] == [[10000], [5000]]
    late = told(*bills, "--pay", "150@2023-01-11", "--as-of", "2025-06-01")
    assert [[part["amount_minor"] for part in bill["paid"]] for bill in late["bills"]] == [[5000], [10000]]
    named = told(*bills, "--pay", "150@2023-01-11:1", "--as-of", "2025-06-01")
    assert [[part["amount_minor"] for part in bill["paid"]] for bill in named["bills"]] == [[10000], [5000]]


def test_capital_repair_and_names_people_use() -> None:
    words = ("--bill", "10000@2025-06-10", "--as-of", "2025-12-31")
    assert told("--regime", "capital_repair", *words)["total_minor"] == 55100
    assert told("--regime", "utility", *words)["regime"] == "housing"
    assert told(*words)["regime"] == "housing"


def test_without_a_day_it_is_today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(clock.OFFSET_VARIABLE, "0")
    answer = told("--bill", "10000@2025-06-10")
    assert answer["as_of"] == clock.today("Europe/Moscow").isoformat()


def test_people_see_reasons_marks_and_the_total() -> None:
    shown = run("--bill", "4567.89@2026-03-16", "--as-of", "2026-11-21", "--compare", "rounding=rows").stdout
    assert "620,88\u00a0₽ не проверено" in shown
    assert "последняя известная 14 % не ниже предела" in " ".join(shown.split())
    assert "Чтения рядом" in shown
    assert "не проверено" not in run(*PARTS, "--as-of", "2025-12-31").stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--bill", "10.123@2025-06-10"), "тысячи"),
        (("--bill", "10000.123@2025-06-10"), "больше двух знаков"),
        (("--bill", "1e4@2025-06-10"), "не сумма"),
        (("--bill", "-5@2025-06-10"), "больше нуля"),
        (("--bill", "0@2025-06-10"), "больше нуля"),
        (("--bill", "100@31.11.2022"), "Такого дня нет"),
        (("--bill", "100@1925-06-10"), "вне пределов"),
        (("--bill", "100@2225-06-10"), "вне пределов"),
        (("--bill", "100"), "через @"),
        (("--bill", "100@2025-06-10", "--bill", "100@2025-06-10"), "дважды"),
        (("--bill", "100@2025-06-10", "--bill", "100,00@10.06.2025"), "дважды"),
        (("--bill", "100@2025-06-10", "--pay", "5@2025-07-01:3"), "Счёта № 3 нет"),
        (("--bill", "100@2025-06-10", "--pay", "5@2025-07-01", "--pay", "5,00@01.07.2025"), "дважды"),
        (("--bill", "100@2025-06-10", "--pay", "5@2025-07-01:"), "номер счёта"),
        (("--bill", "100@2025-06-10", "--pay", "5@2025-07-01:один"), "номер счёта"),
        (("--bill", "100@2025-06-10", "--as-of", "вчера"), "вчера"),
        (("--bill", "100@2025-06-10", "--as-of", ""), "Дата не указана"),
        (("--bill", "100@2025-06-10", "--known-as-of", ""), "Дата не указана"),
        (("--bill", "100@2025-06-10", "--setting", "color=red"), "Есть: debtor"),
        (("--bill", "100@2025-06-10", "--setting", "debtor=king"), "Есть: resident"),
        (("--bill", "100@2025-06-10", "--setting", "debtor"), "ИМЯ=ЗНАЧЕНИЕ"),
        (("--bill", "100@2025-06-10", "--setting", "key_rate=много"), "14.00@2027-01-01"),
        (("--bill", "100@2025-06-10", "--setting", "key_rate=NaN@2025-01-01"), "14.00@2027-01-01"),
        (("--bill", "100@2025-06-10", "--setting", "debtor=other", "--setting", "debtor=resident"), "дважды"),
        (("--bill", "100@2025-06-10", "--compare", "rounding=up"), "Есть: total, rows"),
        (("--bill", "100@2025-06-10", "--regime", "target"), "нормы о пене нет"),
    ],
)
def test_what_cannot_be_understood_is_told_in_one_sentence(words: tuple[str, ...], sentence: str) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert result.stderr.startswith("okno: ")
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


@pytest.mark.parametrize(
    "setting", ["contract_rate=NaN", "contract_rate=inf", "yearly_percent=nan", "cpi=sNaN@2026-09", "cpi=-inf@2026-09"]
)
def test_a_number_that_is_none_is_refused_in_ukraine_too(setting: str) -> None:
    words = ["penalty", "--country", "ua", "--bill", "100@2025-06-10", "--setting", setting]
    result = CliRunner().invoke(okno, words)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert result.stderr.startswith("okno: Настройка «")


def test_neither_a_database_nor_an_installation_is_needed(tmp_path: Any) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OKNO_", "DJANGO_", "PG"))}
    environment |= {"OKNO_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing", "HOME": str(tmp_path)}
    command = [sys.executable, "-m", "okno", "penalty", "--country", "ru", *PARTS, "--as-of", "2025-12-31", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["total_minor"] == 64171
