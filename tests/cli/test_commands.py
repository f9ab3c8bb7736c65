"""The command `okno`: a new installation, its refusals in words, files in, a copy and its proof."""

import json
from pathlib import Path

import pytest

FILES = Path(__file__).resolve().parent.parent / "exchange" / "files"
pytestmark = pytest.mark.slow


def test_a_second_init_is_refused_in_words(installation):
    told = installation.run(
        *("init", "--country", "ru", "--name", "Ещё", "--url", "http://127.0.0.1:8000"),
        *("--admin-email", "x@example.org", "--file", str(installation.folder / "okno.toml")),
        fails=True,
    )
    assert "уже есть" in told


def test_the_doctor_says_what_to_do_when_a_line_is_set_up_and_nobody_calls(installation, monkeypatch):
    monkeypatch.setitem(installation.environment, "OKNO_TRUNK_URL", "sip://okno@127.0.0.1:5060")
    told = json.loads(installation.run("doctor", "--json", fails=True))
    assert "запустите okno run operator" in told["issues"][0]
    assert told["operators"] == []


def test_the_installation_is_ready_and_healthy(installation):
    assert "Всё готово" in installation.run("check")
    assert json.loads(installation.run("doctor", "--json")) == {"healthy": True, "issues": []}


def test_settings_are_told_with_their_origin_and_without_secrets(installation):
    rows = {row["name"]: row for row in json.loads(installation.run("config", "show", "--json"))}
    assert rows["OKNO_URL"]["origin"] == "okno.toml"
    assert rows["OKNO_DATA_DIR"]["origin"] == "OKNO_DATA_DIR"


def test_an_unknown_role_names_the_known_ones(installation):
    assert "accountant" in installation.run("admin", "create", "b@example.org", "--role", "king", fails=True)


def test_a_file_goes_in_once_and_the_copy_proves_itself(installation):
    first = json.loads(installation.run("import", str(FILES / "property.xlsx"), "--json"))
    assert [(row["state"], row["repeated"]) for row in first] == [("posted", False)]
    again = json.loads(installation.run("import", str(FILES / "property.xlsx"), "--json"))
    assert [(row["state"], row["repeated"]) for row in again] == [("posted", True)]
    copy = installation.folder / "copy.okno"
    assert json.loads(installation.run("backup", "--to", str(copy), "--json"))["rows"] > 0
    assert "восстанавливается" in installation.run("verify-backup", str(copy))


def test_the_proofs_answer_for_machines(installation):
    assert json.loads(installation.run("ledger", "verify", "--json")) == {"accounts": 0, "differences": []}
    (day,) = json.loads(installation.run("outreach", "replay", "today", "--json"))
    assert day["violations"] == []
    assert "нужен день" in installation.run("outreach", "replay", "вчера", fails=True)


def test_a_bad_setting_is_one_sentence(installation):
    installation.environment["OKNO_DEBUG"] = "maybe"
    try:
        assert "допустимы только 0 и 1" in installation.run("check", fails=True)
    finally:
        del installation.environment["OKNO_DEBUG"]
