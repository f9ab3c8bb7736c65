"""Where an answer ends and what it is made of."""

from decimal import Decimal

import pytest

from okno.dialogs.live import answers
from okno.dialogs.live.mouth import from_first_sound, pieces
from okno.dialogs.scenario import Ask, shipped
from okno.speech.understanding import asked_language


@pytest.mark.parametrize(
    ("expect", "keys", "whole"),
    [
        ("yesno", "1", True),
        ("intent", "0", True),
        ("words", "5", True),
        ("reading", "0", False),
        ("reading", "0123", False),
        ("reading", "0123#", True),
        ("date", "25", False),
        ("rating", "7", True),
        ("rating", "1", False),
        ("rating", "0", False),
    ],
)
def test_figures_wait_for_their_end_and_choices_do_not(expect: str, keys: str, whole: bool):
    assert answers.keys_complete(keys, Ask(expect=expect)) is whole


@pytest.mark.parametrize(
    ("heard", "plain"),
    [
        ("Двадцать. Восемь.", "Двадцать Восемь"),
        ("Пятнадцать. Пятнадцать.", "Пятнадцать"),
        ("123.5", "123.5"),
        ("12,5.", "12,5"),
    ],
)
def test_figures_said_one_after_another_are_no_sentences(heard: str, plain: str):
    assert answers.plain(heard, Ask(expect="reading")) == plain


def test_a_story_is_kept_as_it_was_recognised():
    assert answers.plain("Мне посчитали. Дважды.", Ask(expect="words")) == "Мне посчитали. Дважды."


def test_the_recogniser_is_told_what_the_question_and_its_byways_expect():
    told = answers.vocabulary(Ask(expect="intent", also={"date": "on"}), "ru")
    assert len(told) == len(set(told))
    assert set(answers.vocabulary(Ask(expect="date"), "ru")) <= set(told)
    assert answers.vocabulary(Ask(expect="words"), "ru") == ()


def test_a_phrase_is_said_in_pieces_that_are_not_too_short():
    assert pieces("Здравствуйте! Это робот организации. Вы дома?") == [
        "Здравствуйте! Это робот организации.",
        "Вы дома?",
    ]
    assert pieces("") == []


def test_the_silence_before_a_phrase_is_not_said():
    silence, word = bytes(3_200), b"\x10\x27" * 800
    assert len(from_first_sound(silence + word)) == len(word) + 320
    assert from_first_sound(silence) == silence


@pytest.mark.parametrize(
    ("scenario", "node", "words"),
    [
        ("intake", "hello", "течёт кран"),
        ("intake", "place_ask", "на кухне"),
        ("incoming", "menu", "передать показания"),
        ("incoming", "menu", "течёт кран"),
    ],
)
def test_a_recogniser_is_told_how_people_begin_what_they_tell_in_their_own_words(scenario: str, node: str, words: str):
    ask = shipped(scenario).nodes[node].ask
    assert words in answers.vocabulary(ask, "ru")
    assert all(answers.vocabulary(ask, language) for language in ("uk", "kk"))


def test_a_recogniser_is_told_how_people_ask_for_another_language_where_they_do():
    told = {language: answers.vocabulary(Ask(expect="yesno"), language) for language in ("ru", "kk", "uk")}
    assert all(asked_language(told[now][-1], now, ("ru", "kk", "uk")) for now in told)
    assert not any(asked_language(one, "ru", ("ru", "kk", "uk")) for one in answers.vocabulary(Ask(expect="sum"), "ru"))


def test_the_numbers_that_a_meter_can_show_now_are_likely():
    told = answers.likely((Decimal("998.4"), Decimal(1002)), "ru")
    assert told[:2] == ("девятьсот девяносто девять", "одна тысяча")
    assert {"одна тысяча два", "тысяча два"} <= set(told)
    assert "девятьсот девяносто восемь" not in told
    assert "бір мың екі" in answers.likely((Decimal(1000), Decimal(1002)), "kk")
    assert "тисяча два" in answers.likely((Decimal(1000), Decimal(1002)), "uk")


@pytest.mark.parametrize("bounds", [None, (Decimal(0), Decimal(5_000)), (Decimal(5), Decimal(4))])
def test_where_anything_may_be_shown_nothing_is_likely(bounds):
    assert answers.likely(bounds, "ru") == ()
