"""Values as the operator writes them: one on the command line, many in a file."""

import json
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest

from okno.law.countries import pack
from okno.law.dated import Parameter, Value, parameter
from okno.law.entering import BadValue, Defaults, checked, read_file, read_value
from okno.law.penalty_rates import assumed_rates
from okno.law.unit_words import NEEDED

pack("kz")
RATE = "kz.base_rate.percent"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        (RATE, "14.25", Decimal("14.25")),
        (RATE, "14,25 %", Decimal("14.25")),
        (RATE, "16", 16),
        ("kz.mrp.monthly_index", "4 500", None),
        ("kz.mrp.monthly_index", "4500", 4500),
        (RATE, "шестнадцать", None),
        (RATE, "16.123", None),
        (RATE, "-1", None),
        (RATE, "{", None),
        ("ru.robot_calls.needs_consent", "true", True),
        ("ru.robot_calls.needs_consent", "да", True),
        ("ru.robot_calls.needs_consent", "No", False),
        ("ru.robot_calls.needs_consent", "1", None),
        ("ua.cpi.month_to_month", "100,3", Decimal("100.3")),
        ("ua.cpi.month_to_month", "0,3", None),
        ("ua.cpi.month_to_month", ".nan", None),
        ("ua.court.claim_fee", "[{above: 0, fixed: 1211, percent: 0}]", [{"above": 0, "fixed": 1211, "percent": 0}]),
        ("ua.court.claim_fee", "[{above: 5, fixed: 1211, percent: 0}]", None),
    ],
)
def test_a_value_is_read_by_its_unit_or_refused(name: str, text: str, value: Any) -> None:
    of = parameter(name)
    if value is None:
        with pytest.raises(BadValue, match=name):
            read_value(of, text)
    else:
        assert read_value(of, text) == value


@pytest.mark.parametrize("text", ["сто", "[", "{a: [}", ".inf", "-1", "16.123", "", "null", "1400"])
def test_a_refusal_is_one_russian_sentence_that_says_what_is_needed(text: str) -> None:
    with pytest.raises(BadValue) as refusal:
        read_value(parameter(RATE), text)
    assert str(refusal.value) == f"{RATE}: «{text}» не подходит, {NEEDED['percent a year']}."


def test_every_unit_of_the_sheets_can_be_asked_for_in_words() -> None:
    schema = json.loads(files("okno.law").joinpath("schema.json").read_text(encoding="utf-8"))
    assert set(NEEDED) == set(schema["$defs"]["units"])


def _value(**fields: Any) -> Value:
    return Value(**{"since": date(2026, 9, 7), "value": 16, "source": "Сайт НБ РК", "verified": False, **fields})


def test_an_entered_value_is_marked() -> None:
    assert checked(parameter(RATE), _value()).entered


def test_an_index_holds_for_its_month() -> None:
    index: Parameter = parameter("ua.cpi.month_to_month")
    assert checked(index, _value(since=date(2026, 9, 1))).until == date(2026, 9, 30)
    with pytest.raises(BadValue, match="первого дня"):
        checked(index, _value(since=date(2026, 9, 2)))


@pytest.mark.parametrize("fields", [{"source": " "}, {"until": date(2026, 9, 6)}])
def test_a_value_without_a_source_or_that_ends_before_it_begins_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(BadValue):
        checked(parameter(RATE), _value(**fields))


CSV = """Дата;Ставка;Источник
07.09.2026;16,5;Решение от 04.09.2026
не день;16;Решение
26.10.2026;16%;
07.12.2026;15,5;Решение от 04.12.2026
"""


def test_a_table_is_read_line_by_line() -> None:
    lines = read_file(CSV, Defaults(name=RATE, until=date(2027, 1, 24)))
    assert [(line.number, bool(line.reason)) for line in lines] == [(2, False), (3, True), (4, True), (5, False)]
    assert "источник" in lines[2].reason
    first, last = lines[0].value, lines[3].value
    assert first is not None
    assert last is not None
    assert (first.since, first.until, first.value) == (date(2026, 9, 7), date(2026, 12, 6), Decimal("16.5"))
    assert last.until == date(2027, 1, 24)
    assert not first.verified


def test_a_rate_ends_where_the_next_of_the_file_begins() -> None:
    lines = read_file(CSV, Defaults(name=RATE, source="Сайт НБ РК"))
    assert [line.value.until if line.value else None for line in lines] == [
        date(2026, 10, 25),
        None,
        date(2026, 12, 6),
        None,
    ]


def test_a_day_of_knowledge_before_the_last_value_is_told() -> None:
    (line,) = read_file("since;value;source\n2026-09-07;16;Сайт\n", Defaults(name=RATE, until=date(2026, 9, 6)))
    assert "раньше первого" in line.reason


def test_a_list_of_territories_needs_no_value() -> None:
    text = "код,с,по,название\nUA63120270000028556,30.12.2023,,Харківська\nUA0,2024-02-30,,Нема\n"
    lines = read_file(text, Defaults(name="ua.bans.protected_territory", source="Приказ № 376", verified=True))
    good, bad = lines
    assert good.value is not None
    assert (good.value.key, good.value.value, good.value.until) == ("UA63120270000028556", True, None)
    assert (good.value.verified, good.value.note) == (True, "Харківська")
    assert "Такого дня нет" in bad.reason


def test_a_yaml_list_is_read_with_its_line_numbers() -> None:
    text = f"""
- {{name: {RATE}, since: 2026-09-07, until: 2026-10-25, value: 16.5, source: Сайт НБ РК, verified: yes}}
- name: kz.base_rate.persent
  since: 2026-09-07
  value: 16
  source: Сайт НБ РК
- name: ua.court.claim_fee
  since: 2026-01-01
  value: [{{above: 0, fixed: 1211, percent: 0}}]
  source: Закон про судовий збір
- просто строка
"""
    lines = read_file(text, Defaults())
    assert [line.number for line in lines] == [2, 3, 7, 11]
    assert lines[0].value is not None
    assert lines[0].value.verified
    assert RATE in lines[1].reason
    assert lines[2].value is not None
    assert lines[2].value.value == [{"above": 0, "fixed": 1211, "percent": 0}]
    assert "имени" in lines[3].reason


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "названия столбцов"),
        ("раз;два\n1;2\n", "названия столбцов"),
        ("[", "строка 1, знак 2"),
        ("- a\n b: c: d\n", "строка 2, знак 3"),
        ("since;value\n2026-09-07;" + "9" * 200_000, "Строку 2 не разобрать"),
    ],
)
def test_a_file_of_something_else_is_refused_whole(text: str, told: str) -> None:
    with pytest.raises(BadValue, match=told):
        read_file(text, Defaults(name=RATE))


def test_an_unknown_word_for_yes_is_told() -> None:
    (line,) = read_file("since;value;source;verified\n2026-09-07;16;Сайт;может\n", Defaults(name=RATE))
    assert "да или нет" in line.reason


def test_the_columns_are_called_in_russian_too():
    (line,) = read_file("с;по;значение;источник\n07.09.2026;24.01.2027;16;Сайт НБ РК\n", Defaults(name=RATE))
    assert (line.reason, line.value.since, line.value.source) == ("", date(2026, 9, 7), "Сайт НБ РК")


def test_an_assumed_rate_is_read_as_people_write_it():
    assert assumed_rates("14,25 % с 01.01.2027; 13 с 1 апреля 2027") == assumed_rates("14.25@2027-01-01;13@2027-04-01")


def test_a_code_that_is_none_is_told_and_small_letters_are_not_a_fault() -> None:
    text = "код;с\nUA6312;30.12.2023\nZZZ;30.12.2023\nua63120270000028556 ;30.12.2023\n"
    lines = read_file(text, Defaults(name="ua.bans.protected_territory", source="Приказ № 376"))
    assert ["КАТОТТГ" in line.reason for line in lines] == [True, True, False]
    assert lines[2].value is not None
    assert lines[2].value.key == "UA63120270000028556"
