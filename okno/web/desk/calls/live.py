"""The live board: who is on the phone now, how far, for how long, and what was said last."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import render

from okno.access.roles import may
from okno.common import clock
from okno.dialogs.models import Agent, AgentState, Call, CallState, CallTurn, Speaker
from okno.web.desk.calls import words
from okno.web.desk.calls.scope import calls_of, sections
from okno.web.gatekeeper import Request, page
from okno.web.parts.cells import Badge

MOST = 60
"""So many calls are shown; the rest are counted."""
GOING_ON = (CallState.DIALLING, CallState.RINGING, CallState.TALKING, CallState.WITH_PERSON)


@dataclass(frozen=True, slots=True)
class Going:
    """A call that goes on, as the board shows it. `since` is when it was answered, else when it began."""

    call: Call
    badge: Badge
    since: datetime
    who: str
    where: str
    scenario: str
    last: str
    last_who: str


@page("calls.view")
def live(request: Request) -> HttpResponse:
    return render(
        request, "desk/calls/live.html", {"sections": sections(request, "desk:calls_live"), **_board(request)}
    )


@page("calls.view")
def board(request: Request) -> HttpResponse:
    """The board alone: what a signal makes the page fetch again."""
    return render(request, "desk/calls/board.html", _board(request))


def _board(request: Request) -> dict[str, object]:
    """Words are shown to those who may open them; a live board is looked at without a reason, so only the last ones."""
    spoken = CallTurn.objects.filter(call=OuterRef("pk"), who__in=[Speaker.ROBOT, Speaker.PERSON]).order_by("-number")
    rows = (
        calls_of(request.membership)
        .filter(state__in=GOING_ON)
        .select_related("account__flat__house", "house", "person", "agent")
        .annotate(
            last_text=Subquery(spoken.values("text")[:1]),
            last_heard=Subquery(spoken.values("heard")[:1]),
            last_who=Subquery(spoken.values("who")[:1]),
        )
        .order_by("started_at", "pk")
    )
    shown = list(rows[: MOST + 1])
    hears = may(request.membership, "calls.listen")
    agents = Agent.objects.filter(organisation=request.organisation).exclude(state=AgentState.AWAY)
    counts = dict.fromkeys(GOING_ON, 0)
    for call in shown:
        counts[CallState(call.state)] += 1
    return {
        "going": [_going(call, hears) for call in shown[:MOST]],
        "more": len(shown) > MOST,
        "counts": [(Badge(text=state.label, tone=words.STATES[state][0]), count) for state, count in counts.items()],
        "agents": agents.select_related("user").order_by("state", "user__name")[:30],
        "now": clock.now(),
        "hears": hears,
    }


def _going(call: Call, hears: bool) -> Going:
    said = getattr(call, "last_heard", None) or getattr(call, "last_text", None) or ""
    speaker = getattr(call, "last_who", None) or ""
    return Going(
        call=call,
        badge=words.state(call),
        since=call.answered_at or call.started_at,
        who=words.who(call),
        where=words.where(call),
        scenario=words.scenario(call),
        last=said if hears else "",
        last_who=str(Speaker(speaker).label) if speaker and hears else "",
    )
