"""Days and months are counted and read without guessing."""

from contextlib import suppress
from datetime import date, datetime
from typing import Literal

import pytest
from babel.dates import get_month_names
from hypothesis import given
from hypothesis import strategies as st

from okno.common.days import (
    NotADay,
    add_months,
    add_years,
    day_in_month,
    last_day,
    month_of,
    month_range,
    months_between,
    parse_day,
    parse_month,
)

DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 12, 31))


@pytest.mark.parametrize(
    "text",
    [
        "05.03.2026", "5.3.2026", "05/03/2026", "05-03-2026", "2026-03-05", "2026-03-05T23:59:59+03:00",
        "2026-03-05 10:00", "05.03.2026 10:00:00", "05.03.2026 г.", "5 марта 2026", "5 марта 2026 года",
        "5 МАРТА 2026 г.", "05 мар. 2026", "5 березня 2026 р.", "5 наурыз 2026 ж.", "5 March 2026", "46086",
        "46086.75", "  05.03.2026\u00a0",
    ],
)  # fmt: skip
def test_a_day_is_read_as_people_and_programs_write_it(text: str) -> None:
    assert parse_day(text) == date(2026, 3, 5)


def test_days_of_spreadsheets_are_read() -> None:
    assert parse_day(46086) == date(2026, 3, 5)
    assert parse_day(46086.99) == date(2026, 3, 5)
    assert parse_day(datetime(2026, 3, 5, 23, 59)) == date(2026, 3, 5)  # noqa: DTZ001
    assert parse_day(date(2026, 3, 5)) == date(2026, 3, 5)


@pytest.mark.parametrize(
    "text",
    ["", "вчера", "31.02.2026", "00.01.2026", "32.01.2026", "2026-13-01", "5 мартобря 2026", "20260305",
     "05.03/2026", "١٢.03.2026x", "0", "999999"],
)  # fmt: skip
def test_what_is_not_a_day_is_refused(text: str) -> None:
    with pytest.raises(NotADay):
        parse_day(text)


@pytest.mark.parametrize("value", [True, float("nan"), float("inf"), -1, 0, 10**9])
def test_a_number_that_is_no_day_is_refused(value: float) -> None:
    with pytest.raises(NotADay):
        parse_day(value)


@pytest.mark.parametrize("text", ["05.03.1926", "05.03.2226", "1989-12-31", "2101-01-01"])
def test_a_day_of_another_century_is_refused(text: str) -> None:
    with pytest.raises(NotADay, match="вне пределов"):
        parse_day(text)


def test_a_window_includes_both_its_ends() -> None:
    window = {"since": date(2026, 3, 1), "until": date(2026, 3, 31)}
    assert parse_day("01.03.2026", **window) == date(2026, 3, 1)
    assert parse_day("31.03.2026", **window) == date(2026, 3, 31)
    with pytest.raises(NotADay, match=r"28\.02\.2026"):
        parse_day("28.02.2026", **window)
    with pytest.raises(NotADay):
        parse_day("01.04.2026", **window)


def test_a_year_of_two_digits_is_refused_with_advice() -> None:
    with pytest.raises(NotADay, match="четыре"):
        parse_day("05.03.26")


def test_a_month_is_no_day() -> None:
    with pytest.raises(NotADay, match="нужен день"):
        parse_day("март 2026")


@pytest.mark.parametrize(
    "text",
    ["март 2026", "Март 2026 г.", "марта 2026", "03.2026", "3/2026", "2026-03", "березень 2026", "наурыз 2026",
     "2026 ж. наурыз", "2026 жылғы наурыз", "March 2026", "17.03.2026", "2026-03-31", "46086"],
)  # fmt: skip
def test_a_month_is_read_in_our_languages(text: str) -> None:
    assert parse_month(text) == date(2026, 3, 1)


@pytest.mark.parametrize("text", ["13.2026", "март", "2026", "мартобрь 2026", "март 1926"])
def test_what_is_not_a_month_is_refused(text: str) -> None:
    with pytest.raises(NotADay):
        parse_month(text)


@pytest.mark.parametrize("language", ["ru", "uk", "kk", "en"])
@pytest.mark.parametrize("width", ["wide", "abbreviated"])
def test_every_name_of_a_month_means_one_month(language: str, width: Literal["wide", "abbreviated"]) -> None:
    for context in ("format", "stand-alone"):
        for number, name in get_month_names(width, context, language).items():
            assert parse_month(f"{name} 2026") == date(2026, number, 1)


def test_months_shorter_than_the_day_end_earlier() -> None:
    assert day_in_month(date(2026, 2, 1), 31) == date(2026, 2, 28)
    assert day_in_month(date(2024, 2, 1), 30) == date(2024, 2, 29)
    assert add_years(date(2024, 2, 29), 1) == date(2025, 2, 28)


def test_a_range_of_months_includes_both_ends() -> None:
    assert list(month_range(date(2025, 11, 1), date(2026, 2, 1))) == [
        date(2025, 11, 1),
        date(2025, 12, 1),
        date(2026, 1, 1),
        date(2026, 2, 1),
    ]
    assert list(month_range(date(2026, 2, 1), date(2026, 1, 1))) == []


@given(DAYS, st.integers(min_value=-600, max_value=600))
def test_months_added_are_months_between(day: date, count: int) -> None:
    month = month_of(day)
    assert months_between(month, add_months(month, count)) == count
    assert add_months(add_months(month, count), -count) == month


@given(DAYS)
def test_a_day_lies_in_its_month(day: date) -> None:
    assert month_of(day) <= day <= last_day(month_of(day))
    assert day_in_month(month_of(day), day.day) == day


@given(DAYS)
def test_a_written_day_reads_back(day: date) -> None:
    assert parse_day(f"{day:%d.%m.%Y}") == parse_day(day.isoformat()) == day


@given(st.text(max_size=25))
def test_any_text_is_a_day_or_refused(text: str) -> None:
    for read in (parse_day, parse_month):
        with suppress(NotADay):
            assert date(1990, 1, 1) <= read(text) <= date(2100, 12, 31)
