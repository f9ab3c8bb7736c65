"""Check digits catch a mistyped number, and the refusal says what is wrong."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okno.common.identity import Kind, NotAnIdentityNumber, check, check_bank_account


@pytest.mark.parametrize(
    ("kind", "value", "stored"),
    [
        ("inn", "7707083893", "7707083893"),
        ("inn", "5001 0073 2259", "500100732259"),
        ("ogrn", "1027700132195", "1027700132195"),
        ("snils", "112-233-445 95", "11223344595"),
        ("snils", "001-001-998 00", "00100199800"),
        ("bic", "044525225", "044525225"),
        ("bin", "061240003113", "061240003113"),
        ("bin", "160440007161", "160440007161"),
        ("bin", "960440000151", "960440000151"),
        ("rnokpp", "1759013776", "1759013776"),
        ("edrpou", "32855961", "32855961"),
        ("iban", "KZ92 009M EDS3 6860 9103", "KZ92009MEDS368609103"),
        ("iban", "ua213223130000026007233566001", "UA213223130000026007233566001"),
    ],
)
def test_a_right_number_is_stored_without_its_dress(kind: str, value: str, stored: str) -> None:
    assert check(kind, value) == stored


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("inn", "7707083894", "контрольная"),
        ("inn", "770708389", "9 вместо 10 или 12"),
        ("inn", "77070838х3", "лишние знаки"),
        ("inn", "", "лишние знаки"),
        ("snils", "112-233-445 96", "контрольная"),
        ("bic", "144525225", "начинается с 04"),
        ("bin", "900000000001", "контрольная"),
        ("bin", "012345678901", "контрольная"),
        ("rnokpp", "1759013770", "контрольная"),
        ("edrpou", "32855968", "контрольная"),
        ("iban", "KZ93009MEDS368609103", "контрольная"),
        ("iban", "KZ92009MEDS36860910", "19 вместо 20"),
        ("iban", "12345", "две буквы"),
        ("iin", "٩٩٠١٠١٣٠٠٠٠٠", "лишние знаки"),
    ],
)
def test_a_wrong_number_is_refused_with_the_reason(kind: str, value: str, reason: str) -> None:
    with pytest.raises(NotAnIdentityNumber, match=reason) as refusal:
        check(kind, value)
    assert Kind(kind).label in str(refusal.value)


def _iin(first_eleven: str) -> str | None:
    """The ИИН of these digits; None when no check digit exists for them."""
    for weights in ((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)):
        key = sum(int(digit) * weight for digit, weight in zip(first_eleven, weights, strict=True)) % 11
        if key < 10:
            return f"{first_eleven}{key}"
    return None


@given(
    st.dates(min_value=date(1900, 1, 1), max_value=date(2025, 12, 31)),
    st.booleans(),
    st.integers(min_value=0, max_value=9999),
)
def test_an_iin_of_any_birthday_and_century_is_good(born: date, woman: bool, number: int) -> None:
    century = (3 if born.year < 2000 else 5) + woman
    iin = _iin(f"{born:%y%m%d}{century}{number:04d}")
    if iin is not None:
        assert check("iin", iin) == iin


@given(st.integers(min_value=0, max_value=9999), st.integers(min_value=1, max_value=9))
def test_a_wrong_check_digit_of_an_iin_is_always_caught(number: int, shift: int) -> None:
    iin = _iin(f"8503154{number:04d}")
    if iin is not None:
        with pytest.raises(NotAnIdentityNumber, match="контрольная"):
            check("iin", f"{iin[:11]}{(int(iin[11]) + shift) % 10}")


def test_a_foreigners_iin_needs_no_century() -> None:
    iin = _iin("85031500012")
    assert iin is not None
    assert check("iin", iin) == iin


@pytest.mark.parametrize("first_eleven", ["85133130012", "85023030012", "85031570012"])
def test_an_iin_of_an_impossible_day_or_century_is_refused(first_eleven: str) -> None:
    iin = _iin(first_eleven)
    assert iin is not None
    with pytest.raises(NotAnIdentityNumber):
        check("iin", iin)


def test_the_key_of_an_account_agrees_with_the_bank() -> None:
    assert check_bank_account("40702810138250123017", "044525225") == "40702810138250123017"
    assert check_bank_account("30101810400000000225", "044525225") == "30101810400000000225"
    assert check_bank_account("4070 2810 1382 5012 3017", "044525225") == "40702810138250123017"


@pytest.mark.parametrize("account", ["40702810138250123018", "30101810965770000413", "123", "", "4070281013825012301Х"])
def test_an_account_of_another_bank_is_refused(account: str) -> None:
    with pytest.raises(NotAnIdentityNumber):
        check_bank_account(account, "044525225")


@given(st.sampled_from(list(Kind)), st.text(max_size=30))
def test_any_text_is_a_number_or_refused(kind: Kind, text: str) -> None:
    with suppress(NotAnIdentityNumber):
        assert check(kind, text).isascii()
