"""One norm: its picture through time, every value with its source, and the forms by which people enter another."""

from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from okno.common import clock
from okno.law import dated
from okno.law.countries import pack
from okno.law.dated import Parameter, Rule
from okno.web.desk.settings.law import told
from okno.web.gatekeeper import Request, page
from okno.web.parts import norms, values
from okno.web.parts.values import Step

LATEST = 10
"""Editions shown at once; the rest stand behind a press."""


@page("settings.view")
def norm(request: Request, name: str) -> HttpResponse:
    """The norm by its full name; one of another country is not there."""
    one = find(request, name)
    today = clock.today(request.organisation.time_zone)
    shown = told(one, today)
    context: dict[str, Any] = {
        "norm": shown,
        "latest": shown.editions[:LATEST],
        "older": shown.editions[LATEST:],
        "picture": picture(one, today),
        "today": today,
    }
    return render(request, "desk/settings/norm.html", context)


def find(request: Request, name: str) -> Parameter | Rule[..., Any]:
    """A norm of the organisation's own country; 404 for any other."""
    country = request.organisation.country
    pack(country)
    found = {one.name: one for one in dated.listed() if one.name.startswith(f"{country}.")}.get(name)
    if found is None:
        raise Http404
    return found


def picture(one: Parameter | Rule[..., Any], today: date) -> SafeString:
    """The values as steps; nothing for a norm that is no number or that never changed."""
    if not isinstance(one, Parameter) or one.unit not in norms.DRAWN:
        return SafeString("")
    entries = [
        Step(
            since=value.since,
            until=value.until,
            number=float(value.value),
            text=norms.value_text(value.value, one.unit),
        )
        for value in sorted(_latest_known(one), key=lambda value: value.since)
    ]
    title = one.title.get("ru", one.name)
    return values.steps(entries, title=_("Как менялось: %(title)s") % {"title": title}, today=today)


def _latest_known(one: Parameter) -> list[dated.Value]:
    """Of values with the same first day, the one known last."""
    kept: dict[date, dated.Value] = {}
    for value in sorted(one.values, key=lambda value: (value.since, value.known_since or value.since)):
        if not value.key:
            kept[value.since] = value
    return list(kept.values())
