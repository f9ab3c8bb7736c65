"""A field worker's first page: the houses in sight with how to get in. Nothing of money or people stands here."""

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render

from okno.houses.visibility import visible_to
from okno.web.desk.accounts.finding import houses_named
from okno.web.gatekeeper import Request, page

MOST = 200


@page("field.view")
def works(request: Request) -> HttpResponse:
    """Houses with their address, entrances and memo; `?q=` picks them by shorthand."""
    text = request.GET.get("q", "").strip()[:100]
    houses = visible_to(request.membership)
    if text:
        houses = houses.filter(pk__in=[house.pk for house in houses_named(request.membership, text)])
    rows = houses.annotate(entrance_count=Count("entrances")).order_by("sort_key")[:MOST]
    return render(request, "field/works.html", {"houses": rows, "text": text})
