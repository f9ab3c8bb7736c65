"""The scenarios: what is spoken now, what is being prepared, how it does."""

from datetime import timedelta

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render

from okno.access.models import Language
from okno.access.roles import may
from okno.common import clock
from okno.dialogs import expected_turns, results, versions
from okno.web.desk.calls.scope import calls_of
from okno.web.desk.calls.sections import sections
from okno.web.gatekeeper import Request, page
from okno.web.parts import words

BACK = timedelta(days=30)


@page("scenarios.view")
def scenarios(request: Request) -> HttpResponse:
    rows = calls_of(request.membership).filter(started_at__gte=clock.now() - BACK).values_list("scenario")
    counted = {
        name: (calls, good)
        for name, calls, good in rows.annotate(
            calls=Count("pk", filter=Q(answered_at__isnull=False)), good=Count("pk", filter=Q(result__in=results.GOOD))
        ).order_by()
    }
    told = []
    for one in versions.standing(request.organisation, words.language()):
        calls, good = counted.get(one.name, (0, 0))
        told.append(
            {
                "one": one,
                "a": one.live.get("A"),
                "b": one.live.get("B"),
                "languages": [Language(code).label for code in one.languages],
                "calls": calls,
                "share": f"{round(good * 100 / calls)} %" if calls else "—",
                "dialogs": expected_turns.count(one.name),
            }
        )
    context = {
        "sections": sections(request, "desk:scenarios"),
        "rows": told,
        "may_change": may(request.membership, "scenarios.change"),
        "days": BACK.days,
    }
    return render(request, "desk/scenarios/list.html", context)
