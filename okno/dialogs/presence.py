"""Whether a member of staff may be given a call: they come, they leave, they are done with the card of a call."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from okno.access.actor import Actor
from okno.common.phones import NotAPhone, normalise
from okno.dialogs import by_hand
from okno.dialogs.live import signals
from okno.dialogs.models import Agent, AgentState, CallState

OVER = (CallState.ENDED, CallState.LOST)


class PresenceRefused(Exception):
    """The person cannot be there so; the message says what to do."""


def of(actor: Actor) -> Agent | None:
    """The acting person's place with the call before them; None while they have none."""
    assert actor.user is not None
    rows = Agent.objects.select_related("call__person", "call__campaign__campaign")
    return rows.filter(organisation=actor.organisation, user=actor.user).first()


def sit(actor: Actor, address: str, now: datetime) -> Agent:
    """Keep where this person's calls go: a phone as people write it, or a `sip:` address. Raises `PresenceRefused`."""
    assert actor.organisation is not None
    told = address.strip()
    if not told.lower().startswith(("sip:", "sips:")):
        try:
            told = normalise(told, actor.organisation.country)
        except NotAPhone as error:
            raise PresenceRefused(str(error)) from error
    elif "@" not in told or len(told) > 64 or any(sign.isspace() for sign in told):
        raise PresenceRefused(_("SIP-адрес выглядит так: sip:имя@сервер, не длиннее 64 знаков"))
    with transaction.atomic():
        agent, _made = Agent.objects.update_or_create(
            user=actor.user,
            defaults={"organisation": actor.organisation, "address": told},
            create_defaults={"organisation": actor.organisation, "address": told, "changed_at": now},
        )
        signals.agents(agent.organisation_id)
    return agent


def come(actor: Actor, now: datetime) -> Agent:
    """Free for the next call; whoever talks stays busy until the end.

    Raises `PresenceRefused`: no place, no phone, or the result of the last talk is not written yet.
    """
    with transaction.atomic():
        agent = _locked(actor)
        if not agent.address:
            raise PresenceRefused(_("Укажите телефон, на который приходят звонки"))
        if agent.call is not None and agent.call.state not in OVER:
            _turn(agent, AgentState.BUSY, now)
        elif agent.call is not None and not by_hand.is_written(agent.call):
            raise PresenceRefused(_("Сначала запишите, чем кончился разговор"))
        else:
            agent.call = None
            _turn(agent, AgentState.FREE, now)
    return agent


def leave(actor: Actor, now: datetime) -> Agent:
    """No new calls; the one that goes on, or whose card is not filled in yet, stays before the person."""
    with transaction.atomic():
        agent = _locked(actor)
        _turn(agent, AgentState.AWAY, now)
    return agent


def _locked(actor: Actor) -> Agent:
    agent = (
        Agent.objects.select_for_update(of=("self",))
        .select_related("call")
        .filter(organisation=actor.organisation, user=actor.user)
        .first()
    )
    if agent is None:
        raise PresenceRefused(_("Укажите телефон, на который приходят звонки"))
    return agent


def _turn(agent: Agent, state: AgentState, now: datetime) -> None:
    if agent.state != state:
        agent.state, agent.changed_at = state, now
    agent.save(update_fields=["state", "call", "changed_at"])
    signals.agents(agent.organisation_id)
