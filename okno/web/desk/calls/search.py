"""What was said, looked for over all calls: for a reason, and every search stands in the trail."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from okno.access import trail
from okno.common import clock
from okno.dialogs.models import Call, CallTurn, Correction, Speaker
from okno.web.desk.calls import opening, words
from okno.web.desk.calls.scope import calls_of
from okno.web.desk.calls.sections import sections
from okno.web.gatekeeper import Request, page

SHORTEST = 3
MOST = 100
AROUND = 60
"""So many letters are shown before and after what was found."""
BACK = {"30": timedelta(days=30), "90": timedelta(days=90), "365": timedelta(days=365)}


@dataclass(frozen=True, slots=True)
class Found:
    """A turn in which the words stand."""

    call: Call
    who: str
    at: str
    where: str
    person: str
    words: SafeString


@page("calls.listen")
def search(request: Request) -> HttpResponse:
    """GET q: turns with these words; POST reason: the search opens for half an hour."""
    form = opening.ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        opening.allow_search(request, form.cleaned_data["reason"])
        return HttpResponseRedirect(reverse("desk:calls_words"))
    reason = opening.reason_for_search(request)
    text = " ".join(request.GET.get("q", "").split())
    back = request.GET.get("back", "90") if request.GET.get("back") in BACK else "90"
    context: dict[str, Any] = {
        "sections": sections(request, "desk:calls_words"),
        "form": form,
        "reason": reason,
        "text": text,
        "back": back,
        "periods": (("30", _("за 30 дней")), ("90", _("за 90 дней")), ("365", _("за год"))),
        "short": bool(text) and len(text) < SHORTEST,
        "asked": bool(reason) and len(text) >= SHORTEST,
    }
    if context["asked"]:
        rows = _turns(request, text, back)
        context |= {"found": [_found(turn, text) for turn in rows[:MOST]], "more": len(rows) > MOST}
        trail.record(
            request.actor, "calls.searched", _("Поиск по словам разговоров: «%(text)s»") % {"text": text}, reason=reason
        )
    return render(request, "desk/calls/words.html", context, status=422 if form.is_bound else 200)


def _turns(request: Request, text: str, back: str) -> list[CallTurn]:
    """The latest turns with these words, one more than are shown.

    The words as recognised and as put right are looked for apart, each by its own index: together no index serves.
    """
    calls = calls_of(request.membership).filter(started_at__gte=clock.now() - BACK[back])
    rows = (
        CallTurn.objects.filter(call__in=calls)
        .exclude(who=Speaker.LINE)
        .select_related("call__person", "call__account__flat__house", "call__house")
        .order_by("-call__started_at", "number")
    )
    mended = Correction.objects.filter(text__icontains=text).values("turn")
    found = {
        turn.pk: turn
        for ways in (Q(heard__icontains=text) | Q(text__icontains=text), Q(pk__in=mended))
        for turn in rows.filter(ways)[: MOST + 1]
    }
    latest = sorted(found.values(), key=lambda turn: (-turn.call.started_at.timestamp(), turn.number))
    return latest[: MOST + 1]


def _found(turn: CallTurn, text: str) -> Found:
    said = next((one for one in (turn.heard, turn.text) if text.casefold() in one.casefold()), turn.heard or turn.text)
    return Found(
        call=turn.call,
        who=turn.get_who_display(),
        at=words.length(turn.at_ms / 1000),
        where=words.where(turn.call),
        person=words.who(turn.call),
        words=marked(said, text),
    )


def marked(said: str, text: str) -> SafeString:
    """The words with what was looked for marked in them, cut to its neighbourhood."""
    place = said.casefold().find(text.casefold())
    if place < 0:
        return format_html("{}", said[: 2 * AROUND])
    first, last = max(0, place - AROUND), place + len(text) + AROUND
    return format_html(
        "{}{}<mark>{}</mark>{}{}",
        "…" if first else "",
        said[first:place],
        said[place : place + len(text)],
        said[place + len(text) : last],
        "…" if last < len(said) else "",
    )
