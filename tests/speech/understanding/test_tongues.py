"""A language is asked for in plain words, in whatever language; a street, a story or a complaint asks for none."""

import pytest

from okno.speech.understanding import asked_language

BOTH = ("ru", "kk")
ALL = ("ru", "kk", "uk")


@pytest.mark.parametrize(
    ("now", "text", "language"),
    [
        ("ru", "по-казахски можно?", "kk"),
        ("ru", "Говорите на казахском языке", "kk"),
        ("ru", "қазақша сөйлеңізші", "kk"),
        ("ru", "казакша", "kk"),
        ("ru", "казахша сойлениз", "kk"),
        ("ru", "қазақ тілінде айтыңызшы", "kk"),
        ("ru", "мемлекеттік тілде сөйлеңіз", "kk"),
        ("ru", "не понимаю, давайте по-казахски", "kk"),
        ("ru", "я по-русски не понимаю, говорите по-казахски", "kk"),
        ("ru", "можно казахский", "kk"),
        ("kk", "орысша айтыңызшы", "ru"),
        ("kk", "по-русски, пожалуйста", "ru"),
        ("kk", "русский, пожалуйста", "ru"),
        ("kk", "я не понимаю, говорите по русски", "ru"),
        ("ru", "українською, будь ласка", "uk"),
        ("ru", "украинською можна", "uk"),
        ("ru", "розмовляйте державною мовою", "uk"),
        ("uk", "можна російською?", "ru"),
        ("uk", "говорите на русском языке", "ru"),
    ],
)
def test_the_language_that_is_asked_for(now, text, language):
    assert asked_language(text, now, ALL) == language


@pytest.mark.parametrize(
    ("now", "text"),
    [
        ("ru", "плохо понимаю по-русски"),
        ("kk", "қазақша түсінбеймін"),
        ("kk", "не понимаю по-казахски"),
        ("kk", "казакша билмеймин"),
    ],
)
def test_who_does_not_understand_the_language_gets_the_only_other_one(now, text):
    other = "kk" if now == "ru" else "ru"
    assert asked_language(text, now, BOTH) == other
    assert asked_language(text, now, ALL) == ""


@pytest.mark.parametrize(
    ("now", "text"),
    [
        ("ru", ""),
        ("ru", "да"),
        ("ru", "по-русски же сказано"),
        ("kk", "қазақша"),
        ("ru", "улица Украинская, дом пять"),
        ("ru", "живу на Украинской"),
        ("ru", "я не понимаю по-казахски"),
        ("ru", "квитанция пришла только на казахском языке, пришлите мне её, пожалуйста, ещё раз, я так не могу"),
        ("ru", "мастер русский, зовут Иван"),
        ("ru", "по-казахски или по-украински"),
    ],
)
def test_other_words_ask_for_no_language(now, text):
    assert asked_language(text, now, ALL) == ""


def test_a_language_that_is_not_spoken_here_is_not_asked_for():
    assert asked_language("українською, будь ласка", "ru", BOTH) == ""
