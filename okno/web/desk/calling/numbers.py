"""A launched campaign of calls in numbers: how far it is, what became of the attempts, how the talks ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from okno.common import clock
from okno.dialogs import dialler
from okno.dialogs.models import CallCampaign, Mode
from okno.dialogs.results import GOOD
from okno.outreach import words as outreach
from okno.outreach.models import CampaignState, ContactState
from okno.web.desk.calling import words
from okno.web.parts.cells import Badge

MOST_ABANDONED = 0.03
"""The most people who may pick up and find nobody, in the predictive way."""

ON_THE_WAY = (ContactState.WAITING, ContactState.PERMITTED, ContactState.SENDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One line of a picture: what, how many, its share of the whole, and where the rows are."""

    badge: Badge
    count: int
    share: float
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The campaign now; shares are of 0 to 1."""

    total: int
    done: int
    waiting: int
    going_on: int
    lines: int
    calls: int
    talks: int
    good: int
    answer_rate: float
    good_rate: float
    outcomes: list[Bar]
    results: list[Bar]
    reasons: list[Bar]
    again: list[Bar]
    unknown: int
    abandoned: float | None
    too_many_abandoned: bool
    next_due: datetime | None
    preparing: tuple[int, int] | None
    over: bool
    calls_url: str


def of(calling: CallCampaign) -> Told:
    """Ask the dialler for the numbers and lay them out."""
    state = dialler.state(calling, clock.now())
    waiting = sum(state.contacts.get(code, 0) for code in ON_THE_WAY)
    good = sum(state.results.get(code, 0) for code in GOOD)
    here = f"{reverse('desk:campaign_calls')}?campaign={calling.pk}"
    contacts = f"{reverse('desk:contacts')}?campaign={calling.campaign_id}"
    return Told(
        total=state.total,
        done=state.total - waiting,
        waiting=waiting,
        going_on=state.going_on,
        lines=state.lines,
        calls=state.calls,
        talks=state.talks,
        good=good,
        answer_rate=state.talks / state.calls if state.calls else 0.0,
        good_rate=good / state.talks if state.talks else 0.0,
        outcomes=_bars(state.outcomes, words.outcome, f"{here}&outcome="),
        results=_bars(state.results, words.result, f"{here}&result="),
        reasons=_bars(state.reasons, _reason, f"{contacts}&why="),
        again=_bars(state.again, _reason, f"{contacts}&state=waiting&why="),
        unknown=state.contacts.get(ContactState.UNKNOWN, 0),
        abandoned=state.abandoned if calling.mode == Mode.PREDICTIVE and state.talks else None,
        too_many_abandoned=state.abandoned > MOST_ABANDONED,
        next_due=state.next_due if calling.campaign.state == CampaignState.RUNNING else None,
        preparing=state.preparing,
        over=bool(state.total) and not waiting and not state.preparing,
        calls_url=here,
    )


def _reason(code: str) -> Badge:
    return Badge(text=outreach.reason(code), tone="warn")


def _bars(counts: Mapping[str, int], badge: object, url: str) -> list[Bar]:
    """The counts as lines, the largest first; the share is of the largest, as the eye compares them."""
    assert callable(badge)
    whole = max(counts.values(), default=0)
    found = sorted(((count, code) for code, count in counts.items() if count and code), reverse=True)
    return [
        Bar(badge=badge(code), count=count, share=count / whole if whole else 0.0, url=f"{url}{code}")
        for count, code in found
    ]
