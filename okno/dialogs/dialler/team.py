"""The people behind a campaign's calls: how many calls they can take now, and how many people found nobody."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Avg, Count, Q, QuerySet

from okno.access.models import Organisation
from okno.dialogs.dialler import pacing, retry
from okno.dialogs.live import agents
from okno.dialogs.models import Agent, AgentState, Call, CallCampaign, CallState, Direction, Mode
from okno.telephony.leg import Kind

UNBOUND = 10_000
"""As many calls as lines and pace allow: a robot never keeps anybody waiting."""

LATEST = 300
"""Calls the rate of answers is measured on."""

HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """Answered by a person, and of them those who found nobody."""

    answered: int
    abandoned: int

    @property
    def share(self) -> float:
        return pacing.share(self.abandoned, self.answered)


def day_of(organisation: Organisation, now: datetime) -> date:
    """The organisation's calendar day at `now`."""
    return now.astimezone(ZoneInfo(organisation.time_zone)).date()


def room(campaign: CallCampaign, now: datetime) -> int:
    """How many calls the people behind the campaign can take, beside those that ring already."""
    if campaign.mode == Mode.ROBOT:
        return UNBOUND
    if campaign.mode == Mode.PROGRESSIVE:
        # The agent of a call that rings is busy with it.
        return pacing.progressive(pacing.Team(free=_agents(campaign, AgentState.FREE), busy=0, ringing=0))
    return pacing.predictive(measured(campaign, now)) if campaign.mode == Mode.PREDICTIVE else 0


def measured(campaign: CallCampaign, now: datetime) -> pacing.Team:
    """The team and the calls of a campaign as they are now."""
    organisation = campaign.campaign.organisation
    midnight = datetime.combine(day_of(organisation, now), time(), ZoneInfo(organisation.time_zone))
    today, hour = found(campaign, midnight), found(campaign, now - HOUR)
    latest = campaign.calls.filter(state=CallState.ENDED).exclude(outcome=Kind.CANCELLED).order_by("-started_at")
    rows = list(latest.values_list("outcome", "picked_up")[:LATEST])
    talk = campaign.calls.filter(agent__isnull=False, seconds__isnull=False, started_at__gte=now - 8 * HOUR)
    seconds = talk.aggregate(mean=Avg("seconds"))["mean"]
    return pacing.Team(
        free=_agents(campaign, AgentState.FREE),
        busy=_agents(campaign, AgentState.BUSY, AgentState.AFTER_CALL),
        ringing=_without_agent(campaign).count(),
        calls=len(rows),
        answers=sum(outcome == Kind.ANSWERED and who != "machine" for outcome, who in rows),
        answered=today.answered,
        abandoned=today.abandoned,
        answered_hour=hour.answered,
        abandoned_hour=hour.abandoned,
        **({"talk_seconds": float(seconds)} if seconds else {}),
    )


def _agents(campaign: CallCampaign, *states: AgentState) -> int:
    mine = Agent.objects.filter(organisation=campaign.campaign.organisation_id, state__in=states)
    return mine.exclude(address="").count()


def _without_agent(campaign: CallCampaign) -> QuerySet[Call]:
    """Predictive calls of the organisation that may yet ask for an agent: they draw on the same people."""
    return Call.objects.filter(
        organisation=campaign.campaign.organisation_id,
        mode=Mode.PREDICTIVE,
        direction=Direction.OUT,
        state__in=[CallState.DIALLING, CallState.RINGING, CallState.TALKING],
        agent=None,
    )


def found(campaign: CallCampaign, since: datetime | None = None) -> Found:
    """Those of the campaign's predictive calls that a person answered since `since`, and how many found nobody."""
    calls = campaign.calls.filter(mode=Mode.PREDICTIVE, outcome=Kind.ANSWERED).exclude(
        picked_up__in=["machine", "screening"]
    )
    if since is not None:
        calls = calls.filter(answered_at__gte=since, started_at__gte=since - HOUR)
    told = calls.aggregate(answered=Count("pk"), abandoned=Count("pk", filter=Q(agent=None)))
    return Found(answered=told["answered"], abandoned=told["abandoned"])


def let_go(call: Call, now: datetime) -> None:
    """Free the agent who was kept for a call that nobody answered, or send them to its card after a talk.

    Whoever did not answer their own phone is not there.
    """
    kept = Agent.objects.filter(call=call, state=AgentState.BUSY).first()
    if kept is None:
        return
    if call.outcome == Kind.ANSWERED:
        agents.release(kept, now=now)
    else:
        away = call.outcome == Kind.CANCELLED and call.words == retry.NO_AGENT
        agents.release(kept, to=AgentState.AWAY if away else AgentState.FREE, now=now)
