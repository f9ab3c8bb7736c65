"""Whoever edits a scenario is told the line and what to do; what may be spoken is told nothing."""

import pytest

from okno.dialogs import scenario as scenarios
from okno.dialogs.checking import MOST, blocking, check
from okno.dialogs.versions import shipped_source

NAME = "debt_notice"


def changed(one: str, other: str) -> str:
    source = shipped_source(NAME)
    assert one in source
    return source.replace(one, other, 1)


def line_of(source: str, words: str) -> int:
    return next(number for number, line in enumerate(source.splitlines(), start=1) if words in line)


@pytest.mark.parametrize("name", scenarios.names())
def test_a_shipped_scenario_has_no_faults(name):
    assert check(shipped_source(name), name) == ()


@pytest.mark.parametrize(
    ("one", "other", "at", "what"),
    [
        ("go: verify_check", "go: verify_chek", "  verify:", "ведёт в никуда: verify_chek"),
        ("misses: 2", "misses: two", "misses: two", "Здесь стоит не то: two"),
        ("misses: 2", "mises: 2", "mises: 2", "Лишнее: mises"),
        ("expect: yesno", "expect: yesnoo", "expect: yesnoo", "«yesnoo» здесь не бывает"),
        ("say: [hello]", "say: [helo]", "  hello:", "нет фразы helo"),
        ('ru: "До свидания."', 'ru: "До свидания', 'kk: "Сау болыңыз."', "текст перестаёт читаться"),
        ('ru: "До свидания."', 'ru: "До свидания, {debt}."', "  refused:", "говорит личное («goodbye»)"),
        ('ru: "До свидания."', 'ru: "До свидания, {name}."', "{name}", "стоит {name}, а такого сведения нет"),
        ('ru: "До свидания."', 'ru: "Пожалеете."', "Пожалеете", "Так говорить нельзя: «пожалеете»"),
        ("do: [{do: not_verified}]", "do: [{do: fly}]", "do: [{do: fly}]", "Действия «fly» программа не знает"),
        ("  person: transfer\n", "", "anywhere:", "В anywhere нет «person»"),
        ("start: hello", "include: [../../x]\nstart: hello", "include: [../../x]", "не имя"),
        ("start: hello", "include: [other]\nstart: hello", "include: [other]", "части other нет"),
        ("hears:\n", "hears:\n  x: {ru: [(\\w+)+]}\n", "(\\w+)+", "Образец слишком сложный"),
        ("name: debt_notice", "name: other", "name: other", "Имя сценария изменено"),
        ("languages: [ru, kk, uk]", "languages: [ru, uk]", "languages: [ru, uk]", "Пропал язык kk"),
        ("start: hello", "start: helo", "start: helo", "начала helo нет"),
        ("start: hello", "start: hello\nstart: who", "start: who", "«start» здесь второй раз"),
    ],
)
def test_a_fault_is_told_with_its_line(one, other, at, what):
    source = changed(one, other)
    found = check(source, NAME)
    assert any(what in fault.what for fault in found), [str(fault) for fault in found]
    first = next(fault for fault in found if what in fault.what)
    assert first.remedy
    assert first.blocks
    if at in source and what not in {"текст перестаёт читаться", "ведёт в никуда", "говорит личное («goodbye»)"}:
        assert first.line in {number for number, line in enumerate(source.splitlines(), start=1) if at in line}


def test_a_circle_without_a_question_is_found():
    source = changed("  wait:\n    say: [wait]\n    go: hello\n", "  wait:\n    say: [wait]\n    go: wait\n")
    assert any("ходит по кругу" in fault.what for fault in check(source, NAME))


def test_a_corner_that_nobody_enters_is_told_and_does_not_stop_the_scenario():
    source = changed("nodes:\n", "nodes:\n  lonely:\n    say: [goodbye]\n    end: promised\n")
    found = check(source, NAME)
    assert [fault.what for fault in found] == ["В узел lonely разговор никогда не попадёт."]
    assert blocking(found) == ()


@pytest.mark.parametrize(
    "source",
    ["", "[" * 100_000, "a: &x [1]\nb: [*x, *x]", "- 1", "a: b: c", "\t", "name: 1", "nodes: []", "include: 5", "\x00"],
)
def test_nonsense_is_refused_in_words(source):
    found = check(source, NAME)
    assert found
    assert len(found) <= MOST
    assert all(fault.what and fault.remedy for fault in found)
