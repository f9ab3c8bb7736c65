"""An answer that was heard as nothing likely is the likely one it sounds like, or none."""

import pytest

from okno.speech.recogniser.nearest import LOOKED_AT, nearest, plain
from okno.speech.spoken import cardinal

LIKELY = [cardinal(number, "ru") for number in range(475, 506)]
SAID = "четыреста восемьдесят девять"


class Ear:
    """Knows what was said: the more words of it stand in a text, the likelier the text."""

    def __init__(self, said: str, *, written: float = -14.0) -> None:
        self._said, self._written = set(said.split()), written
        self.asked: list[str] = []

    def __call__(self, text: str) -> tuple[float, int]:
        self.asked.append(text)
        words = plain(text).split()
        if not all(word in " ".join(LIKELY) for word in words):
            return self._written, 9
        return -10.0 - 8.0 * len(self._said.symmetric_difference(words)), 8


def test_a_reading_that_was_written_badly_is_the_one_that_sounds_like_it():
    assert nearest(["Чепи сто восемьдесят девять", "Чепис до восемьдесят девять"], LIKELY, Ear(SAID), "ru") == SAID


def test_what_was_heard_as_a_likely_answer_is_asked_about_no_more():
    ear = Ear(SAID)
    assert nearest(["Четыреста восемьдесят восемь."], LIKELY, ear, "ru") == ""
    assert ear.asked == []


@pytest.mark.parametrize(
    ("said", "written", "why"),
    [
        ("тысяча двести", -14.0, "none of them was said"),
        (SAID, -1.0, "what was written is much likelier"),
    ],
)
def test_what_sounds_like_none_of_them_is_none_of_them(said, written, why):
    assert nearest(["Чепи сто восемьдесят девять"], LIKELY, Ear(said, written=written), "ru") == "", why


@pytest.mark.parametrize("written", ["489", "0489.", "489,5"])
def test_a_likely_answer_that_was_written_in_figures_is_asked_about_no_more(written):
    ear = Ear(SAID)
    assert nearest([written], LIKELY, ear, "ru") == ""
    assert ear.asked == []


def test_figures_that_are_none_of_the_likely_answers_are_asked_about():
    assert nearest(["4 89", "489 9"], LIKELY, Ear(SAID), "ru") == SAID


def test_two_that_sound_alike_are_none():
    assert nearest(["Чепи сто"], LIKELY, lambda text: (-8.0, 8), "ru") == ""


def test_nobody_waits_for_more_than_a_few_questions():
    ear = Ear(SAID)
    nearest(["Чепи сто восемьдесят девять"], [cardinal(number, "ru") for number in range(900)], ear, "ru")
    assert len(ear.asked) <= LOOKED_AT + 1


@pytest.mark.parametrize("heard", [[], [""], ["", "четыреста"]])
def test_where_nothing_was_heard_nothing_is_near(heard):
    assert nearest(heard, LIKELY, Ear(SAID), "ru") == ""
    assert nearest(["Чепи сто"], [], Ear(SAID), "ru") == ""
