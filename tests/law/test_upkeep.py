"""What in the sheets needs somebody's eyes on a day."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from okno.law import dated
from okno.law.countries import pack
from okno.law.dated import Value
from okno.law.upkeep import Remark, ends_soon, remarks


@pytest.fixture(autouse=True)
def _nothing_entered() -> Iterator[None]:
    pack("ru")
    yield
    dated.supplement({})


def _about(name: str, day: date) -> list[Remark]:
    return [remark for remark in remarks(day, (name[:2],)) if remark.name == name]


def test_the_russian_cap_is_told_of_sixty_days_before_its_end_and_missed_after_it() -> None:
    cap = "ru.penalty.rate_cap"
    assert _about(cap, date(2026, 10, 31)) == []
    (soon,) = _about(cap, date(2026, 11, 1))
    assert (soon.kind, soon.serious) == ("ends soon", False)
    assert "31.12.2026" in soon.text
    assert [remark.kind for remark in _about(cap, date(2026, 12, 31))] == ["ends soon"]
    (ended,) = _about(cap, date(2027, 1, 1))
    assert (ended.kind, ended.serious) == ("ended", True)
    assert "okno law enter ru.penalty.rate_cap" in ended.text


def test_an_entered_value_answers_the_remark() -> None:
    rate = "kz.base_rate.percent"
    day = date(2026, 11, 22)
    assert [remark.kind for remark in _about(rate, day)] == ["ended"]
    entered = Value(
        since=date(2026, 9, 7),
        until=date(2026, 12, 6),
        value=Decimal("16.5"),
        source="Сайт НБ РК",
        verified=True,
        entered=True,
    )
    dated.supplement({rate: [entered]})
    assert [remark.kind for remark in _about(rate, day)] == ["ends soon"]
    assert ends_soon(dated.parameter(rate), day) == date(2026, 12, 6)


def test_what_ended_on_purpose_is_passed_over() -> None:
    assert _about("ru.penalty.moratorium_2020", date(2026, 11, 22)) == []
    assert _about("ua.bans.ordinance_206", date(2023, 12, 1)) == []


def test_what_nobody_ever_knew_is_told_and_waits_until_somebody_asks() -> None:
    (remark,) = _about("ua.court.claim_fee", date(2026, 11, 22))
    assert (remark.kind, remark.serious) == ("unknown", False)


def test_a_list_that_was_not_entered_is_missing() -> None:
    (listed,) = _about("ua.bans.protected_territory", date(2026, 11, 22))
    assert (listed.kind, listed.serious) == ("missing", True)


def test_an_index_is_missed_when_it_has_been_published() -> None:
    index = "ua.cpi.month_to_month"
    assert _about(index, date(2026, 10, 10)) == []
    assert [remark.kind for remark in _about(index, date(2026, 10, 11))] == ["ended"]


def test_a_year_without_a_look_at_the_source_is_told() -> None:
    years = "ru.limitation.years"
    assert _about(years, date(2027, 11, 21)) == []
    (remark,) = _about(years, date(2027, 11, 22))
    assert (remark.kind, remark.serious) == ("not looked at", True)
    assert "21.11.2026" in remark.text


def test_only_the_countries_asked_for_are_looked_at() -> None:
    assert {remark.name[:2] for remark in remarks(date(2026, 11, 22), ("kz",))} == {"kz"}
