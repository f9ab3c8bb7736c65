"""What a member of staff writes down of a talk: the same decisions a dialog makes, kept once a call."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from okno.access import trail
from okno.access.actor import Actor
from okno.dialogs import dialler, performing
from okno.dialogs.live import signals
from okno.dialogs.models import Agent, AgentState, Call, CallAction, CallState

WRITTEN = "by_hand"
"""The action that says a person has written the result; it is done from the start."""

FIRST = 1000
"""The dialog's own actions are numbered below."""

ACTIONS: Mapping[str, Mapping[str, str] | None] = {
    "promised": {"do": "promise"},
    "already_paid": {"do": "already_paid"},
    "dispute": {"do": "dispute"},
    "hardship": {"do": "hardship"},
    "call_later": {"do": "call_later"},
    "refused": {"do": "refuse"},
    "not_home": {"do": "not_home"},
    "third_party": {"do": "third_party"},
    "wrong_number": {"do": "wrong_number"},
    "sold": {"do": "owner_changed", "how": "sold"},
    "owner_changed": {"do": "owner_changed", "how": "changed"},
    "died": {"do": "died"},
    "do_not_call": {"do": "do_not_call"},
    "complaint": {"do": "complaint"},
    "talked": None,
}
"""Every result a person may write, with the action that follows from it, as scenarios name it."""


class ResultRefused(Exception):
    """The result cannot be kept so; the message says what is missing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """How a talk ended. A promise needs its last day and sum (minor units); `on` is also when to call again."""

    code: str
    on: date | None = None
    minor: int | None = None
    words: str = ""


def is_written(call: Call) -> bool:
    """Whether a person has written the result of this call."""
    return CallAction.objects.filter(call=call, kind=WRITTEN).exists()


def write(actor: Actor, call_id: int, result: Result, now: datetime) -> bool:
    """Keep the result and do what follows from it; False when it was written before, then nothing changes.

    The call must be before this person (their own, or led by them). When it is over they are free for the next one.
    Raises `ResultRefused`.
    """
    _check(result)
    with transaction.atomic():
        call = Call.objects.select_for_update(of=("self",)).filter(organisation=actor.organisation, pk=call_id).first()
        agent = Agent.objects.select_for_update().filter(organisation=actor.organisation, user=actor.user).first()
        if call is None or (
            call.agent_id != getattr(actor.user, "pk", 0) and (agent is None or agent.call_id != call_id)
        ):
            raise ResultRefused(_("Этот разговор не ваш"))
        if is_written(call):
            _free(agent, call, now)
            return False
        _keep(actor, call, result, now)
        _free(agent, call, now)
        signals.changed(call)
    performing.perform(call.pk)
    dialler.written(call.pk, result.on if result.code == "call_later" else None, now)
    return True


def _check(result: Result) -> None:
    if result.code not in ACTIONS:
        raise ResultRefused(_("Выберите, чем кончился разговор"))
    if result.code == "promised" and (result.on is None or not result.minor):
        raise ResultRefused(_("У обещания есть день и сумма"))
    if result.code == "call_later" and result.on is None:
        raise ResultRefused(_("Выберите день, когда перезвонить"))


def _keep(actor: Actor, call: Call, result: Result, now: datetime) -> None:
    action = ACTIONS[result.code]
    by = {"result": result.code, "by": actor.name, "words": result.words}
    CallAction.objects.create(call=call, number=FIRST, kind=WRITTEN, data=by, created_at=now, done_at=now)
    if action is not None:
        CallAction.objects.create(
            call=call, number=FIRST + 1, kind=action["do"], data=_data(action, result), created_at=now
        )
    call.result = result.code
    call.agent_id = call.agent_id or (actor.user.pk if actor.user else None)
    call.save(update_fields=["result", "agent"])
    trail.record(
        actor,
        "call.result",
        _("Записан результат разговора"),
        subject=("account", call.account_id) if call.account_id else None,
        reason=result.words[:200],
        detail={"call": call.pk, "result": result.code},
    )


def _data(action: Mapping[str, str], result: Result) -> dict[str, Any]:
    told: dict[str, Any] = {name: value for name, value in action.items() if name != "do"}
    if result.on is not None:
        told["on"] = result.on.isoformat()
    if result.minor is not None and result.code == "promised":
        told["minor"] = result.minor
    return {**told, "words": result.words}


def _free(agent: Agent | None, call: Call, now: datetime) -> None:
    """The card is filled in: free for the next call, unless the talk goes on or the person has left."""
    if agent is None or agent.call_id != call.pk or call.state not in (CallState.ENDED, CallState.LOST):
        return
    agent.call = None
    if agent.state != AgentState.AWAY:
        agent.state, agent.changed_at = AgentState.FREE, now
    agent.save(update_fields=["state", "call", "changed_at"])
    signals.agents(agent.organisation_id)
