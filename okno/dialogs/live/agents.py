"""Who of the staff takes a call over: one call an agent, the one who has been free longest first."""

from datetime import datetime

from django.db import transaction

from okno.common import clock
from okno.dialogs.live import signals
from okno.dialogs.models import Agent, AgentState, Call, CallState


@transaction.atomic
def take_free(
    organisation_id: int, call: Call, *, but: tuple[int, ...] = (), now: datetime | None = None
) -> Agent | None:
    """Take the agent who has been free longest for this call; None when nobody is. `but` are agents not to be asked.

    Two calls at once never get the same agent.
    """
    free = (
        Agent.objects.select_for_update(skip_locked=True)
        .filter(organisation_id=organisation_id, state=AgentState.FREE)
        .exclude(pk__in=but)
        .exclude(address="")
        .order_by("changed_at", "pk")
    )
    agent = free.first()
    if agent is None:
        return None
    _turn(agent, AgentState.BUSY, call, now)
    return agent


@transaction.atomic
def release(agent: Agent, *, to: AgentState = AgentState.AFTER_CALL, now: datetime | None = None) -> None:
    """The agent's call is over (or was never taken: `to` FREE, AWAY); an agent who has left meanwhile stays away."""
    kept = Agent.objects.select_for_update().get(pk=agent.pk)
    if kept.state == AgentState.BUSY:
        _turn(kept, to, None if to != AgentState.AFTER_CALL else kept.call, now)


def _turn(agent: Agent, state: AgentState, call: Call | None, now: datetime | None) -> None:
    agent.state, agent.call, agent.changed_at = state, call, now or clock.now()
    agent.save(update_fields=["state", "call", "changed_at"])
    signals.agents(agent.organisation_id)


@transaction.atomic
def free_left(now: datetime | None = None) -> int:
    """Agents whose call is over though nobody said so: the operator that led it was killed. How many there were."""
    left = Agent.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        state=AgentState.BUSY, call__state__in=(CallState.ENDED, CallState.LOST)
    )
    rows = list(left)
    for agent in rows:
        _turn(agent, AgentState.AFTER_CALL, agent.call, now)
    return len(rows)
