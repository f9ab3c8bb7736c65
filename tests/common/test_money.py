"""Sums are read without guessing and written so that they can be read again."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okno.common.money import (
    MAX_MINOR,
    Currency,
    NotAnAmount,
    format_minor,
    minor_from_float,
    parse_minor,
    plain_minor,
    side,
)

SUMS = st.integers(min_value=-MAX_MINOR, max_value=MAX_MINOR)


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("1 234,56", 123456),
        ("1\u00a0234,56", 123456),
        ("1\u202f234\u202f567,8", 123456780),
        ("1234.5", 123450),
        ("-12,30", -1230),
        ("−5", -500),
        ("- 5", -500),
        ("1234", 123400),
        ("  0,01 ", 1),
        ("1,234.56", 123456),
        ("1.234,56", 123456),
        ("1,234,567.80", 123456780),
        ("1.234.567", 123456700),
        ("12.5000", 1250),
        ("0,500", 50),
        ("1234,500", 123450),
        ("007,10", 710),
    ],
)
def test_sums_as_people_and_programs_write_them_are_read(text: str, minor: int) -> None:
    assert parse_minor(text) == minor


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "-", ",", ".5", "12,", "12.345", "0,001", "1e5", "1E+2", "nan", "NaN", "inf", "двенадцать",
        "12 руб", "₽12", "12,30-", "(12,30)", "12 34", "1 23,45", "1 2345", "12,34.56", "1.234,56.78", "12,345,67",
        "1 234.567,00", "1234,567.00", "١٢٣", "12\n34", "=1+1", "--5", "0x10", "1_000",
    ],
)  # fmt: skip
def test_what_is_not_plainly_a_sum_is_refused(text: str) -> None:
    with pytest.raises(NotAnAmount):
        parse_minor(text)


@pytest.mark.parametrize("text", ["1,234", "1.234", "12,000", "999.999"])
def test_a_sum_that_can_be_read_in_two_ways_is_refused_and_the_reason_told(text: str) -> None:
    with pytest.raises(NotAnAmount, match="и как тысячи, и как дробь"):
        parse_minor(text)


def test_numbers_of_python_are_read_as_roubles() -> None:
    assert parse_minor(12) == 1200
    assert parse_minor(Decimal("12.34")) == 1234
    assert parse_minor(Decimal("1E+3")) == 100_000


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), Decimal("1.234"), True, 1.5, None])
def test_numbers_that_are_no_sums_are_refused(value: object) -> None:
    with pytest.raises(NotAnAmount):
        parse_minor(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["10000000000001", "-10 000 000 000 000,01", "9" * 5000])
def test_a_sum_no_house_can_owe_is_refused(text: str) -> None:
    with pytest.raises(NotAnAmount, match="велика"):
        parse_minor(text)


def test_huge_decimals_and_integers_do_not_take_the_time_of_their_digits() -> None:
    for value in (Decimal("1E+999999"), 10**30, Decimal("-1E+50")):
        with pytest.raises(NotAnAmount):
            parse_minor(value)


@pytest.mark.parametrize(
    ("value", "minor"), [(100.10000000000001, 10010), (0.1 + 0.2, 30), (-12.3, -1230), (1234.0, 123400)]
)
def test_the_noise_of_a_binary_number_is_forgiven(value: float, minor: int) -> None:
    assert minor_from_float(value) == minor


@pytest.mark.parametrize("value", [12.345, 0.001, float("nan"), float("inf"), 1e300, True])
def test_a_binary_number_that_is_no_sum_is_refused(value: float) -> None:
    with pytest.raises(NotAnAmount):
        minor_from_float(value)


def test_a_sum_is_written_with_the_sign_of_its_currency() -> None:
    assert format_minor(1234560, Currency.RUB, "ru") == "12\u00a0345,60\u00a0₽"
    assert format_minor(1234560, Currency.KZT, "kk") == "12\u00a0345,60\u00a0₸"
    assert format_minor(-1234560, Currency.UAH, "uk") == "-12\u00a0345,60\u00a0₴"
    assert format_minor(1234560, Currency.RUB, "en") == "12,345.60\u00a0₽"


def test_a_balance_stands_on_one_of_three_sides() -> None:
    assert (side(1), side(-1), side(0)) == ("debt", "credit", "even")


@given(SUMS, st.sampled_from(["ru", "kk", "uk", "en"]), st.sampled_from(list(Currency)))
def test_a_written_sum_reads_back(minor: int, language: str, currency: Currency) -> None:
    written = format_minor(minor, currency, language)
    assert parse_minor(written.removesuffix(currency.sign)) == minor


@given(SUMS)
def test_a_plain_sum_reads_back(minor: int) -> None:
    assert parse_minor(plain_minor(minor)) == minor


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_a_spreadsheets_number_reads_as_the_sum_it_shows(minor: int) -> None:
    assert minor_from_float(minor / 100) == minor


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(NotAnAmount):
        assert abs(parse_minor(text)) <= MAX_MINOR
