"""Calls ahead of free agents: quicker than one by one, and never more than three of a hundred who find nobody."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okno.dialogs.dialler.pacing import AIM, LIMIT, MOST_AHEAD, Team, predictive, progressive
from tests.dialogs.dialler.floor import Floor

WARM = Team(
    free=2, busy=8, ringing=0, calls=300, answers=90, answered=1000, abandoned=5, answered_hour=200, abandoned_hour=1
)


@pytest.mark.parametrize(("free", "ringing", "calls"), [(3, 0, 3), (3, 2, 1), (3, 3, 0), (0, 0, 0), (1, 4, 0)])
def test_progressive_is_one_call_for_each_free_agent(free, ringing, calls):
    assert progressive(Team(free=free, busy=5, ringing=ringing)) == calls


def test_a_day_begins_with_one_call_an_agent():
    assert predictive(Team(free=10, busy=0, ringing=0)) == 10


def test_a_measured_day_calls_ahead():
    assert predictive(WARM) > progressive(WARM)


@pytest.mark.parametrize(
    "measured",
    [
        {"abandoned": 30},
        {"abandoned": 26},
        {"abandoned_hour": 6},
        {"answered_hour": 0, "abandoned_hour": 0},
    ],
)
def test_a_share_over_the_limit_of_day_or_hour_forbids_calling_ahead(measured):
    team = replace(WARM, **measured)
    assert predictive(team) == progressive(team)


def test_the_more_people_answer_the_fewer_calls_ring():
    many = replace(WARM, answers=240)
    assert predictive(many) < predictive(WARM)


TEAMS = st.builds(
    Team,
    free=st.integers(0, 20),
    busy=st.integers(0, 20),
    ringing=st.integers(0, 60),
    calls=st.just(300),
    answers=st.integers(0, 300),
    answered=st.integers(0, 3000),
    abandoned=st.integers(0, 100),
    answered_hour=st.integers(0, 400),
    abandoned_hour=st.integers(0, 30),
    talk_seconds=st.floats(20, 600),
)


@given(TEAMS)
@settings(max_examples=150, deadline=None)
def test_even_if_everybody_answers_at_once_the_day_stays_within_the_limit(team):
    """The hard bound: whoever rings ahead of the free agents is still allowed to be abandoned."""
    team = replace(team, ringing=min(team.ringing, team.free))
    calls = predictive(team)
    assert progressive(team) <= calls
    ahead = max(team.ringing + calls - team.free, 0)
    assert ahead == 0 or team.abandoned + ahead <= LIMIT * team.answered
    assert ahead == 0 or team.abandoned_hour + ahead <= LIMIT * team.answered_hour
    assert calls == progressive(team) or team.ringing + calls <= MOST_AHEAD * (team.free + team.busy)
    assert AIM < LIMIT


def changing(second: float) -> float:
    """Few answer in the morning, many in the evening: the rate that was measured is always an old one."""
    return 0.15 if second < 3600 else 0.7


FLOORS = [
    pytest.param(2, lambda _second: 0.15, 60, id="two agents, few answer"),
    pytest.param(5, lambda _second: 0.3, 90, id="five agents"),
    pytest.param(10, lambda _second: 0.5, 120, id="ten agents, half answer"),
    pytest.param(12, changing, 90, id="twelve agents, the rate jumps"),
    pytest.param(25, lambda _second: 0.3, 90, id="twenty-five agents"),
    pytest.param(50, lambda _second: 0.6, 150, id="fifty agents, long talks"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("agents", "answer", "talk"), FLOORS)
@pytest.mark.parametrize("seed", range(2))
def test_in_every_simulated_hour_at_most_three_of_a_hundred_find_nobody(agents, answer, talk, seed):
    floor = Floor(agents=agents, answer=answer, talk=talk, pace=predictive, seed=seed).run(3)
    assert floor.answered > 0
    assert floor.worst <= LIMIT
    assert max(hour.abandoned / hour.answered for hour in floor.hours.values()) <= LIMIT


@pytest.mark.slow
def test_calling_ahead_keeps_agents_busier_than_one_by_one():
    def occupancy(pace) -> float:
        return Floor(agents=10, answer=lambda _second: 0.3, talk=90, pace=pace, seed=7).run(4).occupancy(4)

    assert occupancy(predictive) > occupancy(progressive) + 0.05
