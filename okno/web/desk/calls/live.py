"""The live board: who is on the phone now, how far, for how long; what was said last, for a reason that is told."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from okno.access.roles import may
from okno.common import clock
from okno.dialogs.models import Agent, AgentState, Call, CallState, CallTurn, Speaker
from okno.web.desk.calls import opening, words
from okno.web.desk.calls.scope import calls_of
from okno.web.desk.calls.sections import sections
from okno.web.gatekeeper import Request, page
from okno.web.parts.cells import Badge

MOST = 60
"""So many calls are shown; the rest are counted."""
GOING_ON = (
    CallState.TO_AGENT,
    CallState.DIALLING,
    CallState.RINGING,
    CallState.TALKING,
    CallState.WITH_PERSON,
)


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
    """GET: the board, with the place for a reason for those who may listen."""
    return _page(request, opening.ReasonForm(), 200)


@require_POST
@page("calls.listen")
def open_words(request: Request) -> HttpResponse:
    """POST reason: the last words are shown for half an hour; 422 with the board where the reason says nothing."""
    form = opening.ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, form, 422)
    opening.allow_live(request, form.cleaned_data["reason"])
    return HttpResponseRedirect(reverse("desk:calls_live"))


@page("calls.view")
def board(request: Request) -> HttpResponse:
    """The board alone: what a signal makes the page fetch again."""
    return render(request, "desk/calls/board.html", _board(request))


def _page(request: Request, form: opening.ReasonForm, status: int) -> HttpResponse:
    context = {"sections": sections(request, "desk:calls_live"), "form": form, **_board(request)}
    return render(request, "desk/calls/live.html", context, status=status)


def _board(request: Request) -> dict[str, object]:
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
    may_hear = may(request.membership, "calls.listen")
    reason = opening.reason_for_live(request) if may_hear else ""
    agents = Agent.objects.filter(organisation=request.organisation).exclude(state=AgentState.AWAY)
    counts = dict.fromkeys(GOING_ON, 0)
    for call in shown:
        counts[CallState(call.state)] += 1
    return {
        "going": [_going(call, bool(reason)) for call in shown[:MOST]],
        "more": len(shown) > MOST,
        "counts": [(Badge(text=state.label, tone=words.STATES[state][0]), count) for state, count in counts.items()],
        "agents": agents.select_related("user").order_by("state", "user__name")[:30],
        "now": clock.now(),
        "may_hear": may_hear,
        "reason": reason,
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
