"""A command line that cannot be understood is told in one Russian sentence, with a code, whatever is wrong with it."""

import re

import pytest

from okno.cli import main


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("нет", "Такой команды нет. Подсказка: okno --help"),
        ("law нет", "Такой команды нет. Подсказка: okno law --help"),
        ("penalty", "Не указано: --country. Подсказка: okno penalty --help"),
        ("penalty --country by", "--country: такого нет, есть ru, kz, ua."),
        ("penalty --country", "После --country нужно значение."),
        ("penalty --json=1", "После --json значения не бывает."),
        ("penalty --contry ru", "Ключа --contry нет. Похоже на --country. Подсказка: okno penalty --help"),
        ("penalty --country ru --bill 100@вчера", "Не похоже на дату: «вчера». Нужно так: 05.03.2026."),
        ("law list --day 2026-13-01", "--day: Такого дня нет: «2026-13-01»."),
        ("law withdraw первое --reason так", "NUMBER: нужно целое число."),
        ("law withdraw", "Не указано: NUMBER. Подсказка: okno law withdraw --help"),
        ("ledger penalties 1 2", "Лишние слова: 2. Подсказка: okno ledger penalties --help"),
        ("ledger penalties \udcff", "«\ufffd»: это не UTF-8. Наберите слово заново или назовите файл иначе."),
        ("demo --houses 5000", "--houses: нужно число от 1 до 2000."),
        ("import /нет", "PATHS...: /нет: такого файла нет."),
        ("import /", "PATHS...: /: это папка, а нужен файл."),
        ("import --kind кот pyproject.toml", "--kind: такого нет, есть houses, accounts, people"),
    ],
)
def test_what_cannot_be_understood_is_one_russian_sentence(line, sentence, capsys):
    with pytest.raises(SystemExit) as left:
        main(line.split())
    told = capsys.readouterr()
    assert left.value.code == 2
    assert told.out == ""
    assert told.err.startswith(f"okno: {sentence}")
    assert told.err.count("\n") == 1


def test_a_group_called_alone_tells_its_commands(capsys):
    with pytest.raises(SystemExit) as left:
        main(["law"])
    assert left.value.code == 2
    assert re.search(r"^ +withdraw ", capsys.readouterr().err, re.MULTILINE)


@pytest.mark.parametrize("line", ["--version", "law list --help"])
def test_what_was_asked_for_is_no_refusal(line, capsys):
    with pytest.raises(SystemExit) as left:
        main(line.split())
    assert left.value.code == 0
    assert capsys.readouterr().err == ""
