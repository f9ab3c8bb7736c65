"""Working days by the country's calendar and by what a person has entered over it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okno.law.calendar import BadOverrides, Override, WorkingCalendar, parse_overrides

DAYS = st.dates(min_value=date(2024, 1, 1), max_value=date(2026, 12, 31))
RU = WorkingCalendar("ru")


@pytest.mark.parametrize(("year", "norm"), [(2024, 248), (2025, 247), (2026, 247), (2027, 247)])
def test_russian_years_have_the_official_number_of_working_days(year: int, norm: int) -> None:
    days = (date(year, 1, 1) + timedelta(days=offset) for offset in range(366))
    assert sum(RU.is_working(day) for day in days if day.year == year) == norm


def test_a_transferred_saturday_is_worked_and_its_monday_is_not() -> None:
    assert RU.is_working(date(2025, 11, 1))
    assert RU.day_off(date(2025, 11, 3)) == "holiday"
    assert RU.day_off(date(2026, 3, 14)) == RU.day_off(date(2026, 3, 15)) == "weekend"
    assert RU.day_off(date(2026, 3, 16)) is None


def test_kazakhstan_keeps_its_own_holidays() -> None:
    kz = WorkingCalendar("kz")
    assert not kz.is_working(date(2026, 12, 16))
    assert kz.is_working(date(2025, 1, 5))


def test_under_martial_law_ukrainian_holidays_are_working_days() -> None:
    ua = WorkingCalendar("ua")
    assert ua.is_working(date(2026, 8, 24))
    assert ua.is_working(date(2026, 1, 1))
    assert not ua.is_working(date(2026, 8, 23))
    assert not ua.is_working(date(2021, 8, 24))


def test_what_a_person_entered_stands_above_the_library() -> None:
    table = "день;вид;источник\n20.11.2026;Выходной;Указ\n21.11.2026;рабочий;Указ\n\n30.12.2026;Короткий;ТК РФ ст. 95\n"
    calendar = WorkingCalendar("ru", parse_overrides(table))
    assert calendar.day_off(date(2026, 11, 20)) == "override"
    assert calendar.is_working(date(2026, 11, 21))
    assert calendar.is_short(date(2026, 12, 30))
    assert calendar.is_working(date(2026, 12, 30))
    assert not calendar.is_short(date(2026, 12, 29))
    assert calendar.overrides[date(2026, 11, 20)].source == "Указ"


def test_a_table_by_commas_with_a_byte_mark_is_read() -> None:
    assert parse_overrides('\ufeff2026-11-20,holiday,"Указ, п. 1"') == [
        Override(date(2026, 11, 20), "holiday", "Указ, п. 1")
    ]


def test_every_bad_line_of_a_table_is_told() -> None:
    lines = ("20.11.2026;выходной;Указ", "вчера;выходной;Указ", "21.11.2026;полдня;Указ", "22.11.2026;рабочий")
    table = "\n".join((*lines, "20.11.2026;рабочий;Указ"))
    with pytest.raises(BadOverrides) as refusal:
        parse_overrides(table)
    assert [line for line, _ in refusal.value.complaints] == [2, 3, 4, 5]
    assert "полдня" in str(refusal.value)


def test_an_empty_table_holds_nothing() -> None:
    assert parse_overrides("") == []
    assert parse_overrides("день;вид;источник\n") == []


def test_the_next_working_day_may_be_the_day_itself() -> None:
    assert RU.next_working_day(date(2026, 3, 16)) == date(2026, 3, 16)
    assert RU.next_working_day(date(2026, 1, 1)) == date(2026, 1, 12)


def test_working_days_are_counted_from_the_next_day() -> None:
    assert RU.add_working_days(date(2026, 11, 20), 0) == date(2026, 11, 20)
    assert RU.add_working_days(date(2026, 11, 20), 1) == date(2026, 11, 23)
    assert RU.add_working_days(date(2026, 11, 21), 1) == date(2026, 11, 23)
    with pytest.raises(ValueError, match="отрицательным"):
        RU.add_working_days(date(2026, 11, 20), -1)


@given(DAYS, st.integers(min_value=1, max_value=30))
def test_between_lie_exactly_as_many_working_days(day: date, count: int) -> None:
    reached = RU.add_working_days(day, count)
    between = (day + timedelta(days=offset) for offset in range(1, (reached - day).days + 1))
    assert sum(RU.is_working(passed) for passed in between) == count
    assert RU.is_working(reached)
