"""Who tells several readings in one breath is heard for the meter that is asked for, whichever way they name it."""

import pytest

from okno.dialogs.resources import piece, resource


@pytest.mark.parametrize(
    ("text", "language", "asked", "told"),
    [
        ("холодная 122, горячая 81", "ru", "hot_water", "горячая 81"),
        ("холодная 122, горячая 81", "ru", "cold_water", "холодная 122, "),
        ("холодная 122, горячая 81", "ru", None, "холодная 122, "),
        ("сто двадцать два холодная и 81 горячая", "ru", "hot_water", " и 81 горячая"),
        ("суық су 122, ыстық су 81, жарық 10600", "kk", "electricity", "жарық 10600"),
        ("Холодна 122, гаряча 81", "uk", "hot_water", "гаряча 81"),
    ],
)
def test_the_figures_beside_the_resource_are_its_own(text, language, asked, told):
    assert piece(text, language, asked) == told


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("горячая 81", "cold_water"),
        ("это не холодная, а горячая 81", "hot_water"),
        ("холодная 122, горячая 81", "gas"),
        ("сто двадцать два", "cold_water"),
    ],
)
def test_words_that_are_not_plainly_several_readings_stay_whole(text, asked):
    assert piece(text, "ru", asked) == text


def test_of_several_resources_none_is_the_one():
    assert resource("холодная 122, горячая 81", "ru") is None
