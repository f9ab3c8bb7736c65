"""An hour and a time from now, as people ask to be rung back; days are neither."""

import pytest

from okno.speech.understanding.hours import hour, minutes_ahead

HOURS = [
    ("ru", "перезвоните вечером", "18:00"),
    ("ru", "после шести", "18:00"),
    ("ru", "после шести вечера", "18:00"),
    ("ru", "в 18:30", "18:30"),
    ("ru", "завтра в десять утра", "10:00"),
    ("ru", "часов в семь", "19:00"),
    ("ru", "к 8 утра", "8:00"),
    ("ru", "после обеда", "14:00"),
    ("uk", "після шостої", "18:00"),
    ("uk", "ввечері", "18:00"),
    ("kk", "кешке", "18:00"),
]

AHEAD = [
    ("ru", "через час", 60),
    ("ru", "перезвоните через два часа", 120),
    ("ru", "через 15 минут", 15),
    ("ru", "через полчаса", 30),
    ("ru", "через двенадцать минут", 15),
    ("uk", "за годину", 60),
    ("uk", "через дві години", 120),
    ("kk", "бір сағаттан кейін", 60),
    ("kk", "екі сағаттан кейін", 120),
    ("kk", "отыз минуттан кейін", 30),
]

NEITHER = [
    ("ru", "завтра"),
    ("ru", "двадцать пятого"),
    ("ru", "25 ноября"),
    ("ru", "пятого декабря"),
    ("ru", "через два дня"),
    ("ru", "через пять лет"),
    ("ru", "до пятницы"),
    ("uk", "у п'ятницю"),
    ("kk", "ертең"),
]


@pytest.mark.parametrize(("language", "text", "told"), HOURS)
def test_an_hour_of_the_day_is_heard(language, text, told):
    assert hour(text, language) == told
    assert minutes_ahead(text, language) is None


@pytest.mark.parametrize(("language", "text", "told"), AHEAD)
def test_a_time_from_now_is_heard_in_minutes_to_the_next_five(language, text, told):
    assert minutes_ahead(text, language) == told
    assert hour(text, language) is None


@pytest.mark.parametrize(("language", "text"), NEITHER)
def test_a_day_is_no_hour(language, text):
    assert hour(text, language) is None
    assert minutes_ahead(text, language) is None
