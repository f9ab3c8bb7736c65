"""The list of months: which are closed and by whom, and whose turn it is."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from okno.access.roles import may
from okno.ledger.months import checklist, reading
from okno.web.desk.months import checks, scope
from okno.web.desk.months.columns import COLUMNS, sums_of
from okno.web.gatekeeper import Request, page

SHOWN = 36
"""Months on the page; older ones are told by number and shown when asked."""


@page("months.view")
def months(request: Request) -> HttpResponse:
    """Every month, the newest first, with what is left to do in the one whose turn it is."""
    states = reading.course(request.organisation, scope.today(request.membership))
    waiting = reading.turn(states)
    whole = scope.sees_all(request.membership)
    items = checklist.made(request.organisation, waiting.month) if waiting is not None and whole else []
    shown = states if "all" in request.GET else states[:SHOWN]
    closed = {state.month: sums_of(state.closed) for state in shown if state.closed}
    columns = [one for one in COLUMNS if not one.is_rare or any(one.of(sums) for sums in closed.values())]
    context: dict[str, Any] = {
        "states": [
            (state, [(one, one.of(closed[state.month]) if state.closed else None) for one in columns])
            for state in shown
        ],
        "columns": columns,
        "older": len(states) - len(shown),
        "waiting": waiting,
        "items": checks.linked(request.membership, items),
        "left": sum(not item.is_clean for item in items),
        "may_close": whole and may(request.membership, "months.close"),
        "behind": sum(state.state == "open" for state in states) - 1,
        "any_closed": any(state.closed for state in states),
        "narrowed": not whole,
    }
    return render(request, "desk/months/course.html", context)
