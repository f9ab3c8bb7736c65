"""Search forgives letters that look alike and the wrong keyboard layout."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okno.common.folding import fold, swap_layout

RUSSIAN = st.text(alphabet="абвгдеёжзийклмнопрстуфхцчшщъыьэюя 0123456789", max_size=30)
UKRAINIAN = st.text(alphabet="абвгдеєжзиіїйклмнопрстуфхцчшщьюя 0123456789", max_size=30)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Ёлкин", "елкин"),
        ("Қарағанды", "караганды"),
        ("Әл-Фараби", "ал фараби"),
        ("Өскемен Үй Ұлы Һәм Ңқ", "оскемен уй улы хам нк"),
        ("Київ, Ґалаґан, Єва", "киив галаган ева"),
        ("П'ятихатки", "пятихатки"),
        ("П’ятихатки", "пятихатки"),
        ("  ул.  Ленина,  5/2 ", "ул ленина 5 2"),
        ("и\u0306", "й"),
    ],
)
def test_letters_that_look_alike_are_one(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("ktybyf", "ленина"), ("ktybyf 5 12", "ленина 5 12"), ("Bdfyjd", "Иванов"), ("фзк", "apr"), ("[htyjd", "хренов")],
)
def test_the_wrong_layout_is_understood(typed: str, meant: str) -> None:
    assert swap_layout(typed) == meant


def test_the_ukrainian_layout_has_its_own_letters() -> None:
    assert swap_layout("sdfyjd", "uk") == "іванов"


@given(st.text(max_size=50))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(RUSSIAN)
def test_swapping_russian_twice_gives_it_back(text: str) -> None:
    assert swap_layout(swap_layout(text)) == text


@given(UKRAINIAN)
def test_swapping_ukrainian_twice_gives_it_back(text: str) -> None:
    assert swap_layout(swap_layout(text, "uk"), "uk") == text
