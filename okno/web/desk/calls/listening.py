"""Listening: calls drawn to be heard, what was heard, and what the marks say of each scenario."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from okno.common import clock
from okno.dialogs import listening as rules
from okno.dialogs.models import Listening
from okno.web.desk.calling import words as calling
from okno.web.desk.calls import words
from okno.web.desk.calls.scope import calls_of
from okno.web.desk.calls.sections import sections
from okno.web.gatekeeper import Request, page

BACK = timedelta(days=30)
"""Marks and candidates of so many days are looked at."""
COUNTS = (10, 20, 50)
SHOWN = 200


def _listenings(request: Request) -> QuerySet[Listening]:
    calls = calls_of(request.membership).filter(started_at__gte=clock.now() - BACK)
    return Listening.objects.filter(call__in=calls)


@page("calls.listen")
def listening(request: Request) -> HttpResponseBase:
    """What waits to be heard, what was heard, the marks by scenario."""
    heard = request.GET.get("heard") == "1"
    rows = _listenings(request).filter(listened_at__isnull=not heard)
    related = ("call__account__flat__house", "call__house", "call__person", "listener")
    shown = rows.select_related(*related).order_by("-listened_at" if heard else "drawn_at", "pk")[:SHOWN]
    by_scenario = rules.by_scenario(_listenings(request))
    waiting = sum(one.waiting for one in by_scenario)
    listened = sum(one.listened for one in by_scenario)
    here = reverse("desk:listening")
    context: dict[str, Any] = {
        "sections": sections(request, "desk:listening"),
        "rows": [_row(one) for one in shown],
        "heard": heard,
        "chips": ((here, _("Ждут"), waiting, not heard), (f"{here}?heard=1", _("Прослушаны"), listened, heard)),
        "scenarios": [_marked(one) for one in by_scenario if one.listened],
        "counts": COUNTS,
        "days": BACK.days,
    }
    return render(request, "desk/calls/listening.html", context)


def _row(one: Listening) -> dict[str, Any]:
    return {
        "listening": one,
        "call": one.call,
        "why": rules.WHY.get(one.drawn_why, one.drawn_why),
        "scenario": words.scenario(one.call),
        "who": words.who(one.call),
        "result": words.result(one.call),
        "length": words.length(one.call.seconds),
        "score": rules.score_text(one.marks) if one.listened_at else "",
        "share": rules.score(one.marks) if one.listened_at else None,
    }


def _marked(one: rules.Marked) -> dict[str, Any]:
    return {
        "title": calling.scenario_title(one.scenario),
        "listened": one.listened,
        "percent": round(one.share * 100) if one.share is not None else None,
        "share": one.share,
        "tone": _tone(one.share),
        "items": [
            (rules.CHECKLIST[item], good, whole, good / whole, _tone(good / whole))
            for item, (good, whole) in one.items.items()
            if whole
        ],
    }


def _tone(share: float | None) -> str:
    if share is None:
        return "idle"
    return "good" if share >= 0.9 else "warn" if share >= 0.7 else "late"


@require_POST
@page("calls.listen")
def draw(request: Request) -> HttpResponseRedirect:
    """POST count: so many calls of the last days are drawn."""
    told = request.POST.get("count", "")
    count = int(told) if told in {str(one) for one in COUNTS} else COUNTS[0]
    calls = calls_of(request.membership).filter(started_at__gte=clock.now() - BACK)
    drawn = rules.draw(request.actor, calls, count=count, now=clock.now())
    if drawn:
        said = ngettext("Отобран %(count)s звонок", "Отобрано звонков: %(count)s", len(drawn))
        messages.success(request, said % {"count": len(drawn)})
    else:
        messages.info(request, _("Новых разговоров для отбора нет: все за эти дни уже отобраны"))
    return HttpResponseRedirect(reverse("desk:listening"))
