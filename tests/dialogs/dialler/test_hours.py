"""The best hour for one person: everybody's until their own calls say otherwise."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okno.dialogs.dialler.hours import Habits, Slot, Tally, best, likelihood

EVENING, NOON, MORNING = Slot(18), Slot(12), Slot(10)
EVERYBODY = Habits({EVENING: Tally(400, 200), NOON: Tally(400, 80), MORNING: Tally(400, 120)})
NOBODY = Habits()


def habits(**hours: tuple[int, int]) -> Habits:
    return Habits({Slot(int(name[1:])): Tally(*counts) for name, counts in hours.items()})


def moments(*hours: int) -> list[tuple[datetime, Slot]]:
    return [(datetime(2026, 11, 18, hour, tzinfo=UTC), Slot(hour)) for hour in hours]


@pytest.mark.parametrize(
    ("own", "hours", "chosen"),
    [
        pytest.param(NOBODY, (10, 12, 18), 18, id="a person without calls is called when everybody answers"),
        pytest.param(NOBODY, (12, 10, 18), 18, id="whatever comes first"),
        pytest.param(habits(h18=(6, 0), h10=(4, 4)), (10, 12, 18), 10, id="their own mornings against all evenings"),
        pytest.param(habits(h18=(1, 0)), (10, 12, 18), 18, id="one silent evening changes little"),
        pytest.param(habits(h12=(3, 3)), (12, 13), 12, id="an hour nobody was called at is not waited for"),
        pytest.param(habits(h18=(2, 1), h19=(2, 1)), (18, 19), 18, id="no waiting for the same"),
    ],
)
def test_the_hour_is_everybodys_until_the_persons_own_calls_say_otherwise(own, hours, chosen):
    assert best(own, EVERYBODY, moments(*hours)).hour == chosen


def test_with_nothing_known_the_first_moment_is_taken():
    assert best(NOBODY, NOBODY, moments(11, 12, 13)).hour == 11


def test_without_a_moment_there_is_no_hour():
    with pytest.raises(ValueError, match="no hour"):
        best(NOBODY, NOBODY, [])


def test_days_off_are_learnt_apart():
    own = Habits({Slot(10, day_off=True): Tally(10, 10)})
    assert likelihood(own, EVERYBODY, Slot(10, day_off=True)) > likelihood(own, EVERYBODY, Slot(10)) + 0.2


TALLIES = st.integers(0, 500).flatmap(lambda calls: st.builds(Tally, st.just(calls), st.integers(0, calls)))
HABITS = st.dictionaries(st.builds(Slot, st.integers(0, 23), st.booleans()), TALLIES, max_size=10).map(Habits)
SLOTS = st.builds(Slot, st.integers(0, 23), st.booleans())


@given(HABITS, HABITS, SLOTS)
def test_a_likelihood_is_never_certain(own, everybody, slot):
    assert 0 < likelihood(own, everybody, slot) < 1


@given(HABITS, HABITS, SLOTS)
def test_an_answer_at_an_hour_never_makes_it_worse_and_a_silence_never_better(own, everybody, slot):
    before = likelihood(own, everybody, slot)
    mine = own.by_slot.get(slot, Tally())
    answered = Habits({**own.by_slot, slot: Tally(mine.calls + 1, mine.answers + 1)})
    silent = Habits({**own.by_slot, slot: Tally(mine.calls + 1, mine.answers)})
    assert likelihood(silent, everybody, slot) < before < likelihood(answered, everybody, slot)


@given(HABITS, SLOTS, st.integers(1, 40))
def test_the_more_own_calls_the_nearer_to_the_own_rate(everybody, slot, calls):
    """Shrinkage: always between everybody's rate and the own one, and nearer to the own with every call."""
    usual = likelihood(NOBODY, everybody, slot)
    few = likelihood(Habits({slot: Tally(calls, calls)}), everybody, slot)
    many = likelihood(Habits({slot: Tally(calls * 2, calls * 2)}), everybody, slot)
    assert usual < few < many < 1


@given(HABITS, HABITS, st.lists(st.integers(0, 23), min_size=1, max_size=12, unique=True))
def test_the_chosen_hour_is_never_worse_than_the_first(own, everybody, hours):
    found = best(own, everybody, moments(*sorted(hours)))
    scores = {hour: likelihood(own, everybody, Slot(hour)) for hour in hours}
    assert scores[found.hour] >= scores[min(hours)]


def test_answers_are_a_part_of_the_calls():
    with pytest.raises(ValueError, match="part"):
        Tally(1, 2)
