"""Dated values and wordings keep their promises on made-up law."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from okno.law import dated
from okno.law.dated import NotInForce, Overlap, Parameter, Rule, Value, last_day_of
from okno.law.sheets import BadSheet, load

TITLE = {"ru": "Предел ставки", "kk": "Шек", "uk": "Межа", "en": "Cap"}


@pytest.fixture(autouse=True)
def _own_register(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made-up norms must not join the real ones."""
    monkeypatch.setattr(dated, "_registered", {})


def _value(since: str, value: int, **days: str) -> Value:
    dates = {name: date.fromisoformat(day) for name, day in days.items()}
    return Value(since=date.fromisoformat(since), value=value, source="Пример № 1", verified=True, **dates)  # type: ignore[arg-type]


def _parameter(*values: Value) -> Parameter:
    return Parameter(name="ru.penalty.cap", title=TITLE, unit="years", checked_on=date(2026, 11, 21), written=values)


def test_a_value_ends_where_the_next_begins() -> None:
    cap = _parameter(_value("2020-01-01", 1), _value("2021-01-01", 2))
    assert cap.at(date(2020, 12, 31)).value == 1
    assert cap.at(date(2021, 1, 1)).value == 2


def test_a_value_with_an_end_leaves_a_gap_after_it() -> None:
    cap = _parameter(_value("2020-01-01", 1, until="2020-06-30"), _value("2021-01-01", 2))
    with pytest.raises(NotInForce, match="Предел ставки"):
        cap.at(date(2020, 7, 1))
    assert last_day_of(cap) is None
    assert last_day_of(_parameter_again(cap)) == date(2026, 12, 31)


def _parameter_again(cap: Parameter) -> Parameter:
    ended = _value("2022-01-01", 3, until="2026-12-31")
    return Parameter(name="ru.penalty.other", title=TITLE, unit="years", checked_on=cap.checked_on, written=(ended,))


def test_a_law_that_reaches_back_is_used_only_by_those_who_knew_it() -> None:
    cap = _parameter(
        _value("2024-01-01", 1, until="2024-12-31"),
        _value("2025-01-01", 2, known_since="2025-03-18"),
    )
    assert cap.at(date(2025, 1, 15)).value == 2
    assert cap.at(date(2025, 1, 15), known_as_of=date(2025, 3, 18)).value == 2
    with pytest.raises(NotInForce):
        cap.at(date(2025, 1, 15), known_as_of=date(2025, 3, 17))


def test_a_correction_learnt_later_replaces_the_value_of_the_same_days() -> None:
    cap = _parameter(_value("2024-01-01", 1), _value("2024-01-01", 5, known_since="2024-06-01"))
    assert cap.at(date(2024, 2, 1)).value == 5
    assert cap.at(date(2024, 2, 1), known_as_of=date(2024, 5, 31)).value == 1


@pytest.mark.parametrize(
    "values",
    [
        (_value("2020-01-01", 1), _value("2020-01-01", 2)),
        (_value("2020-01-01", 1, until="2020-12-31"), _value("2020-12-31", 2)),
    ],
)
def test_values_that_claim_the_same_day_are_refused(values: tuple[Value, ...]) -> None:
    with pytest.raises(Overlap):
        _parameter(*values)


def test_a_norm_is_described_once() -> None:
    _parameter(_value("2020-01-01", 1))
    with pytest.raises(Overlap, match="дважды"):
        _parameter(_value("2020-01-01", 1))


def _rule() -> Rule[[int], int]:
    share: Rule[[int], int] = Rule("ru.penalty.share", title="Доля ставки", checked_on="2026-11-21")

    @share.in_force(since="2011-01-01", until="2015-12-31", source="Пример № 1", verified=True)
    def flat(days_late: int) -> int:
        """One for every day."""
        return days_late

    @share.in_force(since="2016-01-01", source="Пример № 2", verified=False)
    def stepped(days_late: int) -> int:
        """Nothing for thirty days."""
        return max(0, days_late - 30)

    return share


def test_a_wording_is_applied_on_its_days() -> None:
    share = _rule()
    assert share.at(date(2015, 12, 31))(31) == 31
    assert share.at(date(2016, 1, 1))(31) == 1
    assert not share.at(date(2016, 1, 1)).verified
    with pytest.raises(NotInForce, match="Доля ставки"):
        share.at(date(2010, 12, 31))


@pytest.mark.parametrize("since", ["2011-01-01", "2015-12-31", "2016-01-01", "2020-01-01", "2010-01-01"])
def test_wordings_that_overlap_are_refused_at_import(since: str) -> None:
    share = _rule()
    with pytest.raises(Overlap):

        @share.in_force(since=since, source="Пример № 3", verified=True)
        def third(days_late: int) -> int:
            return days_late


def test_an_unconfirmed_reading_is_never_called_verified() -> None:
    value = _value("2020-01-01", 1)
    day = date(2020, 1, 1)
    assert value.reading("Так.", since=day, until=day).verified
    assert not value.reading("Так.", since=day, until=day, verified=False).verified
    row = value.reading("До %(day)s-го.", since=day, until=day, params={"day": 15})
    assert (row.text, row.norm, row.edition) == ("До 15-го.", "Пример № 1", day)


GOOD_SHEET = """
cap:
  title: {ru: Предел, kk: Шектеу, uk: Межа, en: Cap}
  unit: years
  checked_on: 2026-11-21
  values:
    - {since: 2020-01-01, value: 3, source: Пример № 1, verified: true}
"""


def _written(folder: Path, text: str) -> Path:
    path = folder / "ru" / "penalty.yaml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return path


def test_a_sheet_becomes_parameters_named_by_country_and_topic(tmp_path: Path) -> None:
    cap = load(_written(tmp_path, GOOD_SHEET))["cap"]
    assert cap.name == "ru.penalty.cap"
    assert cap.at(date(2020, 1, 1)).value == 3


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("source: Пример № 1, ", ""),
        (", verified: true", ""),
        ("since: 2020-01-01", "since: 01.01.2020"),
        ("since: 2020-01-01", "since: 2020"),
        ("value: 3", "value: три"),
        ("value: 3", "value: 0"),
        ("unit: years", "unit: parrots"),
        (", uk: Межа", ""),
        ("value: 3", "value: 3, surprise: 1"),
        ("  unit: years", "  unit: years\n  unit: years"),
        ("cap:", "cap: ["),
        ("  values:", "  value:"),
    ],
)
def test_a_sheet_that_breaks_the_schema_is_refused(tmp_path: Path, was: str, now: str) -> None:
    assert was in GOOD_SHEET
    with pytest.raises(BadSheet, match=r"penalty\.yaml"):
        load(_written(tmp_path, GOOD_SHEET.replace(was, now)))


def test_a_day_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSheet, match="2020-02-30"):
        load(_written(tmp_path, GOOD_SHEET.replace("2020-01-01", "2020-02-30")))


def test_a_fraction_is_read_as_it_is_written(tmp_path: Path) -> None:
    text = GOOD_SHEET.replace("unit: years", "unit: percent a year").replace("value: 3", "value: 14.35")
    assert load(_written(tmp_path, text))["cap"].at(date(2020, 1, 1)).value == Decimal("14.35")


@pytest.mark.parametrize("number", [".nan", ".inf", "-.inf"])
def test_what_is_no_number_is_refused(tmp_path: Path, number: str) -> None:
    text = GOOD_SHEET.replace("unit: years", "unit: percent a year").replace("value: 3", f"value: {number}")
    with pytest.raises(BadSheet):
        load(_written(tmp_path, text))


def test_a_parameter_nobody_knows_refuses_every_day(tmp_path: Path) -> None:
    unknown = load(_written(tmp_path, GOOD_SHEET.partition("  values:")[0] + "  values: []\n"))["cap"]
    with pytest.raises(NotInForce, match="okno law enter"):
        unknown.at(date(2026, 11, 21))
    assert last_day_of(unknown) is None
    assert not unknown.runs_out


def test_every_unit_checks_its_values(tmp_path: Path) -> None:
    wrong: dict[str, Any] = {
        "day of month": "32",
        "yes or no": "1",
        "hours of the day": "{opens: 8, closes: 22}",
        "contacts": "{day: 1}",
        "steps": "[oldest, oldest]",
        "periods": "[{since: 2020-01-01}]",
        "reading": "october",
        "months": "-1",
        "days": "0.5",
        "percent": "-0.1",
        "percent a year": "14.255",
        "percent a day": "101",
        "percent of the month before": "0",
        "multiplier": "0",
        "times the rate": "1.505",
        "money": "0.001",
        "steps of a fee": "[{above: 1, fixed: 400, percent: 0}]",
    }
    for number, (unit, value) in enumerate(wrong.items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        text = GOOD_SHEET.replace("unit: years", f"unit: {unit}").replace("value: 3", f"value: {value}")
        with pytest.raises(BadSheet):
            load(_written(folder, text))


def test_a_rule_is_not_to_be_entered_and_says_where_it_is_written() -> None:
    Rule("ru.penalty.start", title="С какого дня идёт пеня", checked_on="2026-11-21")
    with pytest.raises(dated.UnknownNorm, match=r"правило, а не значение.*okno/law/ru/penalty\.py"):
        dated.parameter("ru.penalty.start")
