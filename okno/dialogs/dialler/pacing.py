"""How many calls to make for a team of people who talk: no more are answered than somebody is there for. Pure.

A call made ahead of a free agent may be answered when nobody is there. Two bounds hold at once. The hard one: however
the calls turn out, those abandoned stay within `LIMIT` of those answered, because never more calls ring ahead than
the abandonments still allowed. The soft one: the abandonments to be expected stay within the limit too, by the
measured rate of answers with its uncertainty. So a day begins with one call an agent and quickens as it is answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, floor, sqrt

LIMIT = 0.03
"""The greatest share of answered calls that find nobody: the yardstick of Cisco's and Google's dialers."""
AIM = 0.025
"""What the pacing aims at, below the limit: an hour that ends soon has fewer answers than the hour it was paced by."""
PRIOR_CALLS, PRIOR_ANSWERS = 20.0, 10.0
"""Until enough is measured half of the calls are taken to be answered: rather too many than too few."""
SURE = 1.64
"""Standard deviations above the measured rate of answers: it is higher only once in twenty."""
ALL = 0.98
"""A rate above this one counts as every call being answered."""
MOST_AHEAD = 3.0
"""Never more calls ring than so many an agent."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Team:
    """The team and the lines as they are this second; counts of calls are of the campaign.

    `ringing` calls are dialled and not answered yet. `calls` and `answers` are the latest finished ones, for the rate
    of answers. `answered` and `abandoned` are counted since the campaign's day began, `answered_hour` and
    `abandoned_hour` in the last 60 minutes; answered by a person, not by a machine.
    """

    free: int
    busy: int
    ringing: int
    calls: int = 0
    answers: int = 0
    answered: int = 0
    abandoned: int = 0
    answered_hour: int = 0
    abandoned_hour: int = 0
    talk_seconds: float = 90.0
    """How long an agent is busy with one person, the card after the call included."""
    ring_seconds: float = 12.0
    """How long it takes until a call is answered."""


def progressive(team: Team) -> int:
    """One call for each free agent and none ahead: nobody who answers ever waits."""
    return max(team.free - team.ringing, 0)


def predictive(team: Team) -> int:
    """How many calls to make now. Once the measured share is above the limit: `progressive` until it is below again."""
    sure = progressive(team)
    most = floor(MOST_AHEAD * (team.free + team.busy)) - team.ringing
    allowed = team.free - team.ringing + _allowance(team)
    within = min(most, allowed)
    released = 1 - exp(-team.ring_seconds / 2 / team.talk_seconds)
    rate, losses = _rate(team), _losses(team.free + team.busy, team.busy, released)
    chosen = sure
    while chosen < within and _expected_share(team.ringing + chosen + 1, rate, team.free, losses) <= AIM:
        chosen += 1
    return chosen


def _allowance(team: Team) -> int:
    """How many more answers without a person the day and the hour still bear."""
    return max(
        min(
            floor(AIM * team.answered) - team.abandoned,
            floor(AIM * team.answered_hour) - team.abandoned_hour,
        ),
        0,
    )


def share(abandoned: int, answered: int) -> float:
    """The measured share, 0 to 1."""
    return abandoned / answered if answered else 0.0


@lru_cache(maxsize=256)
def _losses(agents: int, busy: int, released: float) -> Sequence[float]:
    """How many of 0, 1, 2, … answers beyond the free agents find nobody, on the average: of the `busy` agents some get
    free until then, each with the chance `released`."""
    releases = _binomial(busy, released)
    return [
        sum(chance * (beyond - back) for back, chance in enumerate(releases[:beyond]))
        for beyond in range(floor(MOST_AHEAD * agents) + 2)
    ]


def _expected_share(ringing: int, rate: float, free: int, losses: Sequence[float]) -> float:
    """Of the answers to be expected of `ringing` calls, the share that finds nobody."""
    answers = _binomial(ringing, rate)
    lost = sum(chance * losses[count - free] for count, chance in enumerate(answers) if count > free)
    return lost / (ringing * rate)


def _rate(team: Team) -> float:
    """The rate of answers, taken high: the mean of the posterior and `SURE` deviations more."""
    calls, answers = team.calls + PRIOR_CALLS, team.answers + PRIOR_ANSWERS
    mean = answers / calls
    rate = mean + SURE * sqrt(mean * (1 - mean) / (calls + 1))
    return rate if rate < ALL else 1.0


def _binomial(count: int, rate: float) -> Sequence[float]:
    """The chances of 0, 1, … `count` successes."""
    if rate >= 1:
        return [0.0] * count + [1.0]
    chances = [(1 - rate) ** count]
    for successes in range(count):
        chances.append(chances[-1] * (count - successes) / (successes + 1) * rate / (1 - rate))
    return chances
