"""Phones come in every spelling and leave in one."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okno.common.phones import NotAPhone, is_mobile, mask, normalise, pretty, split_phones


@pytest.mark.parametrize(
    ("raw", "country", "e164"),
    [
        ("8 (912) 123-45-67", "ru", "+79121234567"),
        ("+7 912 123 45 67", "ru", "+79121234567"),
        ("9121234567", "ru", "+79121234567"),
        ("тел. 8-912-123-45-67", "ru", "+79121234567"),
        ("8 (3412) 55-66-77", "ru", "+73412556677"),
        ("8 776 123 45 67", "kz", "+77761234567"),
        ("8 727 250-00-00", "kz", "+77272500000"),
        ("067 123 45 67", "ua", "+380671234567"),
        ("+380671234567", "ru", "+380671234567"),
    ],
)
def test_a_phone_is_read_as_its_country_writes_it(raw: str, country: str, e164: str) -> None:
    assert normalise(raw, country) == e164


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", "не указан"),
        ("нет телефона", "нет цифр"),
        ("55-66-77", "не хватает"),
        ("12345", "не хватает"),
        ("8 912 123 45 67 89", "лишние"),
        ("+7 112 345 67 89", "нет"),
    ],
)
def test_what_cannot_be_dialled_is_refused_with_the_reason(raw: str, reason: str) -> None:
    with pytest.raises(NotAPhone, match=reason):
        normalise(raw, "ru")


def test_only_a_mobile_takes_sms() -> None:
    assert is_mobile("+79121234567")
    assert is_mobile("+77761234567")
    assert is_mobile("+380671234567")
    assert not is_mobile("+73412556677")


def test_a_masked_phone_keeps_its_code_and_last_two_digits() -> None:
    assert mask("+79121234567") == "+7 912 ***-**-67"
    assert mask("+77761234567") == "+7 776 ***-**-67"
    assert mask("+380671234567") == "+380 67 ***-**-67"


def test_a_phone_is_shown_alike_in_all_countries() -> None:
    assert pretty("+79121234567") == "+7 912 123-45-67"
    assert pretty("+77761234567") == "+7 776 123-45-67"
    assert pretty("+380671234567") == "+380 67 123-45-67"


@pytest.mark.parametrize(
    ("cell", "phones"),
    [
        ("89121234567", ["+79121234567"]),
        ("8 912 123-45-67, 8(3412)55-66-77", ["+79121234567", "+73412556677"]),
        ("89121234567; 89121234568", ["+79121234567", "+79121234568"]),
        ("89121234567 89121234568", ["+79121234567", "+79121234568"]),
        ("89121234567 / +79121234568", ["+79121234567", "+79121234568"]),
        ("89121234567 и 89121234568", ["+79121234567", "+79121234568"]),
        ("89121234567\n89121234568", ["+79121234567", "+79121234568"]),
        ("нет", []),
        ("", []),
    ],
)
def test_several_phones_in_a_cell_are_parted(cell: str, phones: list[str]) -> None:
    assert [normalise(piece, "ru") for piece in split_phones(cell, "ru")] == phones


def test_a_piece_that_is_no_phone_stays_to_be_told() -> None:
    assert split_phones("89121234567, 123", "ru") == ["89121234567", "123"]


@given(st.integers(min_value=0, max_value=9_999_999), st.sampled_from(["8", "+7", ""]))
def test_every_spelling_of_one_number_meets(rest: int, prefix: str) -> None:
    digits = f"{rest:07d}"
    spelled = f"{prefix} (912) {digits[:3]}-{digits[3:5]}-{digits[5:]}"
    assert normalise(spelled, "ru") == f"+7912{digits}"
    assert normalise(pretty(f"+7912{digits}"), "kz") == f"+7912{digits}"


@given(st.text(max_size=40))
def test_any_cell_is_read_or_refused(text: str) -> None:
    for piece in split_phones(text, "ru"):
        with suppress(NotAPhone):
            assert normalise(piece, "ru").startswith("+")
