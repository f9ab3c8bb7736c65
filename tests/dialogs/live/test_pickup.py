"""What an answering machine is told: nothing of a debt, all of an announcement, else who called and where to call."""

import pytest

from okno.dialogs import scenario as scenarios
from okno.dialogs.live.pickup import message
from okno.speech.answering import Who

FACTS = {
    "today": "2026-11-22",
    "currency": "RUB",
    "organisation": "УК «Дом»",
    "phone": "+7 495 000-00-00",
    "person": "Анна",
    "debt": 854_010,
    "text": "Завтра не будет воды.",
}


def left(name: str, who: Who = Who.MACHINE, **more) -> str | None:
    phrase = message(scenarios.shipped(name), "ru", {**FACTS, **more}, who)
    return phrase.text if phrase else None


@pytest.mark.parametrize("name", ["debt_notice", "announcement", "visit"])
def test_a_machine_hears_nothing_unless_it_was_chosen(name):
    assert left(name) is None
    assert left(name, leave_word="nothing") is None


def test_a_neutral_word_names_the_organisation_and_its_telephone_and_nothing_else():
    said = left("debt_notice", leave_word="neutral")
    assert "УК «Дом»" in said
    assert "+7 495 000-00-00" in said
    assert not any(word in said for word in ("Анна", "долг", "854"))


def test_without_a_telephone_no_neutral_word_is_left():
    assert left("visit", leave_word="neutral", phone="") is None


def test_a_machine_hears_an_announcement_whole_and_no_question():
    said = left("announcement", leave_word="all")
    assert "Завтра не будет воды." in said
    assert "Повторить" not in said


def test_a_call_that_knows_private_things_leaves_no_more_than_the_neutral_word():
    assert left("debt_notice", leave_word="all") == left("debt_notice", leave_word="neutral")


def test_a_robot_that_asks_who_calls_is_always_answered():
    assert left("debt_notice", Who.SCREENING) == left("debt_notice", leave_word="neutral")
