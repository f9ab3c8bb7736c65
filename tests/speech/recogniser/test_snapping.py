"""Misheard words are set right by what is expected, and good words are left alone."""

import pytest

from okno.speech.recogniser import expected
from okno.speech.recogniser.snapping import ranked, snapped
from okno.speech.understanding import Expect


@pytest.mark.parametrize(
    ("expect", "heard", "right"),
    [
        (Expect.INTENT, "Я уже облатил.", "Я уже оплатил."),
        (Expect.INTENT, "После зарплата заплачу.", "После зарплаты заплачу."),
        (Expect.DATE, "В понидельник", "В понедельник"),
        (Expect.READING, "Восемдесят девять", "восемьдесят девять"),
        (Expect.SUM, "Шесть сот пятьдесят рублей.", "Шестьсот пятьдесят рублей."),
        (Expect.READING, "Три сто двенадцать", "триста двенадцать"),
        (Expect.ACCOUNT, "Один. Два. Три.", "Один два три."),
        # By the consonants of a long number, which a telephone leaves.
        (Expect.READING, "Девинации", "двенадцать"),
        (Expect.READING, "Тринацыть", "тринадцать"),
    ],
)
def test_misheard_words_are_set_right(expect, heard, right):
    assert snapped(heard, expected(expect, "ru"), "ru").lower() == right.lower()


@pytest.mark.parametrize(
    ("expect", "heard"),
    [
        # Another good word is another meaning.
        (Expect.INTENT, "Оплачу."),
        (Expect.INTENT, "Заплатила вчера."),
        (Expect.DATE, "Во вторник."),
        # Numbers are like each other.
        (Expect.READING, "Детсот сорок"),
        (Expect.READING, "Пятцот"),
        (Expect.READING, "Деветнацать"),
        # No number, however long.
        (Expect.READING, "Передать показания"),
        (Expect.READING, "Отключение"),
        # Far longer than the number whose consonants it has.
        (Expect.SUM, "Подавайте в суд."),
        (Expect.SUM, "Отвстаните."),
        (Expect.SUM, "25000 рублей"),
        # Short words are like everything.
        (Expect.YESNO, "Бег!"),
        (Expect.YESNO, ""),
    ],
)
def test_what_may_be_right_is_left_alone(expect, heard):
    assert snapped(heard, expected(expect, "ru"), "ru") == heard


def test_nothing_is_set_right_when_nothing_is_expected():
    assert snapped("Я уже облатил. Да.", (), "ru") == "Я уже облатил. Да."


@pytest.mark.parametrize("language", ["ru", "uk", "kk"])
@pytest.mark.parametrize("expect", list(Expect))
def test_every_question_expects_something_in_every_language(expect, language):
    told = expected(expect, language)
    assert len(told) == len(set(told)) >= 10


def test_of_several_ways_to_hear_an_answer_the_one_with_known_words_is_taken():
    ways = [("Десять тысяч часто рублей.", -0.54), ("Десять тысяч сто рублей.", -0.69), ("Ясно.", -1.5)]
    assert ranked(ways, expected(Expect.SUM, "ru"), "ru")[0] == "Десять тысяч сто рублей."
    assert ranked(ways, (), "ru")[0] == ways[0][0]


def test_the_other_ways_are_told_once_each_and_only_when_they_are_nearly_as_likely():
    ways = [("Почерял работу.", -0.45), ("Почерял, работу!", -0.5), ("Потерял работу.", -0.77), ("Почта.", -1.1)]
    assert ranked(ways, (), "ru") == ["Почерял работу.", "Потерял работу."]
