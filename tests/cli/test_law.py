"""`okno law`: what is in the sheets, what needs a look, and entering what is missing."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from okno.access import norms
from okno.access.models import EnteredValue
from okno.cli import norms as commands
from okno.cli import start
from okno.cli.penalty import penalty
from okno.law import dated

RATE = "kz.base_rate.percent"


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    yield
    dated.supplement({})
    norms._seen = norms._Seen()


@pytest.fixture
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "without_database", lambda: "базы ещё нет, её создаёт okno init")


@pytest.fixture
def entering(db: None, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any) -> Any:
    """Run a command by the database of the test; what it leaves for after the commit is done at once."""
    monkeypatch.setattr(start, "with_database", lambda: None)
    monkeypatch.setattr(start, "without_database", lambda: None)

    def run(*words: str, fails: bool = False) -> Result:
        with django_capture_on_commit_callbacks(execute=True):
            return _run(*words, fails=fails)

    return run


def _run(*words: str, fails: bool = False) -> Result:
    done = CliRunner().invoke(commands.law, list(words))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert (done.exit_code != 0) == fails, done.output
    return done


def _enter(run: Any, *words: str, fails: bool = False) -> Result:
    known = ("--since", "2026-09-07", "--until", "2026-12-06", "--value", "16,5", "--source", "Сайт НБ РК")
    return run("enter", *(words or (RATE,)), *known, fails=fails)  # type: ignore[no-any-return]


@pytest.mark.usefixtures("no_database")
def test_the_list_needs_no_database_and_says_so():
    done = _run("list", "--country", "ru", "--day", "2026-11-22")
    assert "ru.penalty.rate_cap" in done.output
    assert "кончится 31.12.2026" in done.output
    assert "Без введённых значений: базы ещё нет" in done.stderr
    assert "kz." not in done.stdout


@pytest.mark.usefixtures("no_database")
def test_the_list_for_machines_has_every_value_with_its_source():
    told = json.loads(_run("list", "--json", "--day", "2026-11-22").stdout)
    assert told["entered_values"] is False
    by_name = {norm["name"]: norm for norm in told["norms"]}
    cap = by_name["ru.penalty.rate_cap"]
    assert cap["ends_soon"] == "2026-12-31"
    assert cap["checked_on"] == "2026-11-21"
    (now,) = [value for value in cap["values"] if value["now"]]
    assert (now["since"], now["until"], now["known_since"]) == ("2025-01-01", "2026-12-31", "2025-03-18")
    assert (now["value"], now["verified"], now["entered"]) == (9.5, True, False)
    assert "329" in now["source"]
    assert by_name["kz.penalty.dues"]["kind"] == "rule"
    assert {"ru", "kz", "ua"} == {name[:2] for name in by_name}


@pytest.mark.usefixtures("no_database")
def test_the_list_shows_the_past_when_asked():
    assert "14.75" not in _run("list", "--country", "kz").stdout
    assert "14.75" in _run("list", "--country", "kz", "--history").stdout


@pytest.mark.usefixtures("no_database")
def test_the_check_names_what_is_missing_and_fails():
    done = _run("check", "--country", "kz", "--day", "2026-11-22", fails=True)
    assert RATE in done.stdout
    assert "известно только по 06.09.2026" in done.stdout
    assert "ru." not in done.stdout


@pytest.mark.usefixtures("no_database")
def test_the_check_is_content_while_everything_is_known():
    assert "Нужно ввести" not in _run("check", "--country", "ru", "--day", "2026-09-13").stdout
    told = json.loads(_run("check", "--country", "ru", "--day", "2026-09-14", "--json", fails=True).stdout)
    assert [(one["name"], one["kind"]) for one in told["remarks"] if one["serious"]] == [
        ("ru.key_rate.percent", "ended")
    ]


@pytest.mark.usefixtures("no_database")
def test_a_day_that_is_none_is_refused_in_words():
    assert "Такого дня нет" in _run("check", "--day", "30.02.2026", fails=True).output


def test_an_entered_value_is_listed_and_answers_the_check(entering):
    assert RATE in entering("check", "--country", "kz", "--day", "2026-11-01", fails=True).stdout
    assert "Введено под номером" in _enter(entering).stdout
    done = entering("list", "--country", "kz", "--day", "2026-11-01").stdout
    assert "с 07.09.2026 по 06.12.2026: 16.5; Сайт НБ РК; сейчас; введено оператором; не проверено" in done
    told = json.loads(entering("check", "--country", "kz", "--day", "2026-11-22", "--json").stdout)
    assert {one["name"]: one["kind"] for one in told["remarks"]}[RATE] == "ends soon"


def test_a_value_that_does_not_fit_is_one_sentence(entering):
    assert "Похоже на kz.base_rate.percent" in _enter(entering, "kz.base_rate.persent", fails=True).output
    assert (
        "не подходит"
        in entering(
            *("enter", RATE, "--since", "2026-09-07", "--value", "много", "--source", "Сайт НБ РК"), fails=True
        ).output
    )
    _enter(entering)
    assert "уже введено" in _enter(entering, fails=True).output


def test_a_wrong_value_is_withdrawn_by_its_number(entering):
    _enter(entering)
    number = str(EnteredValue.objects.get().pk)
    assert f"№ {number}  {RATE}" in entering("list", "--entered").stdout
    assert "Отозвано" in entering("withdraw", number, "--reason", "опечатка").stdout
    assert "ничего не вводил" in entering("list", "--entered").stdout
    assert "уже отозвано" in entering("withdraw", number, "--reason", "опечатка", fails=True).output


def test_bad_lines_of_a_file_are_named_and_saved_and_the_rest_goes_in(entering, tmp_path: Path):
    path, bad = tmp_path / "rates.csv", tmp_path / "bad.csv"
    path.write_bytes("Дата;Ставка\n07.09.2026;16,5\n26.10.2026;шестнадцать\n".encode("cp1251"))
    words = ("import", str(path), "--name", RATE, "--source", "Сайт НБ РК", "--until", "2026-12-06")
    done = entering(*words, "--bad", str(bad), fails=True)
    assert "строка 3" in done.stdout
    assert "Введено 1, уже было 0, не принято 1" in done.stdout
    saved = bad.read_text(encoding="utf-8-sig").splitlines()
    assert saved[0] == "name;since;value;причина"
    assert saved[1].startswith(f"{RATE};26.10.2026;шестнадцать;")
    again = json.loads(entering(*words, "--json", fails=True).stdout)
    assert (again["entered"], again["repeated"], [line["line"] for line in again["refused"]]) == (0, 1, [3])


def test_a_table_in_the_letters_of_a_spreadsheet_goes_in(entering, tmp_path: Path):
    path = tmp_path / "rates.csv"
    path.write_text("Дата;Ставка\n07.09.2026;16,5\n", encoding="utf-16")
    words = ("import", str(path), "--name", RATE, "--source", "Сайт НБ РК", "--until", "2026-12-06")
    assert "Введено 1" in entering(*words).stdout


def test_what_is_no_text_is_refused_in_one_sentence(entering, tmp_path: Path):
    path = tmp_path / "rates.csv"
    path.write_bytes(bytes(range(1, 256)))
    assert "это не текст" in entering("import", str(path), fails=True).output


def test_a_file_without_a_header_is_refused_whole(entering, tmp_path: Path):
    path = tmp_path / "rates.csv"
    path.write_text("07.09.2026;16,5\n", encoding="utf-8")
    assert "названия столбцов" in entering("import", str(path), fails=True).output


def test_an_installation_is_checked_for_its_own_countries(entering, other_organisation):
    told = json.loads(entering("check", "--json", "--day", "2026-11-22", fails=True).stdout)
    assert {one["name"][:2] for one in told["remarks"]} == {other_organisation.country}


def test_a_penalty_is_counted_by_what_was_entered_when_that_is_asked_for(entering: Any) -> None:
    asked = ["--country", "kz", "--bill", "10000.00@2026-09-25", "--as-of", "2026-10-25", "--json"]
    assert json.loads(CliRunner().invoke(penalty, asked).stdout)["total_minor"] is None
    _enter(entering)
    dated.supplement({})
    norms._seen = norms._Seen()
    told = json.loads(CliRunner().invoke(penalty, [*asked, "--entered"]).stdout)
    assert told["missing"] == []
    assert told["total_minor"] > 0


@pytest.mark.usefixtures("no_database")
def test_entered_values_without_a_database_are_refused_in_a_sentence() -> None:
    done = CliRunner().invoke(penalty, ["--country", "kz", "--bill", "1.00@2026-09-25", "--entered"])
    assert done.exit_code == 2
    assert "okno init" in done.output
