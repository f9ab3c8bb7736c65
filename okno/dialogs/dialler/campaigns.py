"""Call campaigns as screens lead them: drafted, looked at, launched, paused, resumed, stopped, and told in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from okno.access.actor import Actor
from okno.dialogs.models import CallCampaign, Mode
from okno.outreach.planning import Planned


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignPlan:
    """What a person says of a call campaign; see `CallCampaign` for the meaning of each figure.

    `cause` is one of `outreach.causes` (debt, readings, rating, visit, announcement), `audience` a filter of it. With
    `cause` left empty the scenario's own is taken.
    """

    name: str
    scenario: str
    audience: Mapping[str, Any] = field(default_factory=dict)
    cause: str = ""
    mode: str = Mode.ROBOT.value
    lines: int = 2
    calls_a_second: Decimal = Decimal(1)
    tries: int = 3
    pauses: Mapping[str, int] = field(default_factory=dict)
    ring_seconds: int = 30
    since: time | None = None
    until: time | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    record: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """A campaign in numbers. `contacts` by `ContactState`, `outcomes` by `leg.Kind` and `results` by the scenario's
    ends are counts; `abandoned` is the share of people who answered a predictive call and found nobody, 0 to 1."""

    state: str
    why: str
    contacts: Mapping[str, int]
    total: int
    going_on: int
    lines: int
    calls: int
    talks: int
    outcomes: Mapping[str, int]
    results: Mapping[str, int]
    reasons: Mapping[str, int]
    """Why contacts were refused or wait, by the gate's codes."""
    abandoned: float
    next_due: datetime | None
    preparing: tuple[int, int] | None
    """(done, all) while a big audience is still being planned."""


def draft(actor: Actor, plan: CampaignPlan) -> CallCampaign:
    """Keep a new draft; sent twice in a row it is one. Raises `CampaignRefused` in words, `UnknownCause`."""
    raise NotImplementedError


def rewrite(campaign: CallCampaign, actor: Actor, plan: CampaignPlan) -> CallCampaign:
    """Change a draft. Raises `CampaignRefused` once it was launched."""
    raise NotImplementedError


def preview(campaign: CallCampaign, day: date, now: datetime) -> Planned:
    """What launching on `day` would do, nothing written: how many would be called, who cannot be reached and why."""
    raise NotImplementedError


def launch(campaign: CallCampaign, actor: Actor, why: str, now: datetime) -> Planned | None:
    """Plan the audience and let the campaign run; None when the audience is big and is planned by a job.

    Launched again after a crash it plans the rest and doubles nothing. Raises `CampaignRefused`.
    """
    raise NotImplementedError


def pause(campaign: CallCampaign, actor: Actor, why: str) -> None:
    """No new call; those going on are finished. Raises `CampaignRefused` unless it runs."""
    raise NotImplementedError


def resume(campaign: CallCampaign, actor: Actor, why: str) -> None:
    """Go on after a pause. Raises `CampaignRefused` unless it is paused."""
    raise NotImplementedError


def stop(campaign: CallCampaign, actor: Actor, why: str) -> None:
    """End it for good and withdraw whoever was not called yet. Raises `CampaignRefused` when it has ended."""
    raise NotImplementedError


def state(campaign: CallCampaign, now: datetime) -> State:
    """The campaign in numbers as of `now`."""
    raise NotImplementedError
