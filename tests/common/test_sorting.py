"""Words order as in the alphabet, even where a database compares code points."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okno.common.sorting import sort_key

ALPHABETS = {
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "kk": "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
}


def _sorted(words: list[str], language: str) -> list[str]:
    """Sorted as a database with the C collation does it: by the bytes of the key."""
    return sorted(words, key=lambda word: sort_key(word, language).encode())


@pytest.mark.parametrize("language", ["ru", "kk", "uk"])
def test_every_letter_stands_in_its_place(language: str) -> None:
    letters = list(ALPHABETS[language])
    shuffled = random.Random(7).sample(letters, len(letters))
    assert _sorted(shuffled, language) == letters


def test_names_with_yo_stand_after_ye() -> None:
    assert _sorted(["Жуков", "Ёлкин", "Елкина", "Егоров"], "ru") == ["Егоров", "Елкина", "Ёлкин", "Жуков"]


def test_letters_of_another_language_stand_by_their_like() -> None:
    assert _sorted(["Яна", "Әсел", "Анна", "Борис"], "ru") == ["Анна", "Әсел", "Борис", "Яна"]


def test_numbers_order_by_size() -> None:
    assert _sorted(["д. 10", "д. 2", "д. 2А", "д. 1"], "ru") == ["д. 1", "д. 2", "д. 2А", "д. 10"]


def test_case_and_punctuation_do_not_matter() -> None:
    assert sort_key("ИВАНОВ-Петров", "ru") == sort_key("иванов петров", "ru")


@given(st.text(max_size=40), st.sampled_from(["ru", "kk", "uk", "en"]))
def test_a_key_can_be_stored_in_a_database(text: str, language: str) -> None:
    assert "\x00" not in sort_key(text, language)
