"""The trial balance of a month: by house, by service, and the accounts of one house; one service of each if asked."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from okno.access.roles import may
from okno.ledger.models import Account
from okno.ledger.months import reading
from okno.ledger.months.reading import MonthState
from okno.ledger.months.turnover import Turnover, by_account_and_line
from okno.ledger.months.words import line_names
from okno.web.desk.months import scope
from okno.web.desk.months.columns import Row, sheet
from okno.web.gatekeeper import Request, page
from okno.web.parts.tabs import Tab


@page("months.view")
def month(request: Request, month: str) -> HttpResponse:
    """By house."""
    state = scope.month_of(request, month)
    names = line_names(request.organisation)
    line = request.GET.get("line", "")
    houses = scope.houses(request.membership)
    found = reading.by_house(request.organisation, state.month, houses=scope.ids(request.membership), line=line)
    query = urlencode({"line": line}) if line else ""
    rows = [
        Row(pk, house.short_address, _house_url(month, pk, query), found[pk])
        for pk, house in houses.items()
        if pk in found and not found[pk].is_empty
    ]
    told = {
        "sheet": sheet(rows, first=_("Дом"), sort=request.GET.get("sort", ""), query=query),
        "line": line,
        "line_name": names.get(line, line),
        "lines": list(names.items()),
    }
    return render(request, "desk/months/houses.html", {**_head(request, state, "month"), **told})


@page("months.view")
def services(request: Request, month: str) -> HttpResponse:
    """By service."""
    state = scope.month_of(request, month)
    names = line_names(request.organisation)
    sums: dict[str, Turnover] = dict.fromkeys(names, Turnover())
    for row in reading.by_line(request.organisation, state.month, houses=scope.ids(request.membership)):
        sums[row.line] = sums.get(row.line, Turnover()) + row.sums
    rows = [
        Row(place, names.get(code, code), f"{_month_url(month)}?{urlencode({'line': code})}", turnover)
        for place, (code, turnover) in enumerate(sums.items(), start=1)
        if not turnover.is_empty
    ]
    told = {"sheet": sheet(rows, first=_("Услуга"), sort=request.GET.get("sort", ""), query="")}
    return render(request, "desk/months/services.html", {**_head(request, state, "month_services"), **told})


@page("months.view")
def house(request: Request, month: str, pk: int) -> HttpResponse:
    """The accounts of a house."""
    state = scope.month_of(request, month)
    found = scope.houses(request.membership).get(pk)
    if found is None:
        raise Http404
    names = line_names(request.organisation)
    line = request.GET.get("line", "")
    sums = _of_accounts(request, state, pk, line)
    accounts = Account.objects.filter(pk__in=[key for key, row in sums.items() if not row.is_empty])
    rows = [
        Row(
            account.pk,
            account.number,
            reverse("desk:account_bills", args=[account.pk]),
            sums[account.pk],
            _("кв. %(number)s") % {"number": account.flat.number},
        )
        for account in accounts.select_related("flat").order_by("flat__number_order", "flat__number", "number")
    ]
    query = urlencode({"line": line}) if line else ""
    told = {
        "house": found,
        "sheet": sheet(rows, first=_("Лицевой счёт"), sort=request.GET.get("sort", ""), query=query),
        "line": line,
        "line_name": names.get(line, line),
        "lines": list(names.items()),
        "back": f"{_month_url(month)}{'?' + query if query else ''}",
    }
    return render(request, "desk/months/house.html", {**_head(request, state, "month"), **told})


def _of_accounts(request: Request, state: MonthState, house_id: int, line: str) -> dict[int, Turnover]:
    if not line:
        rows = reading.by_account(request.organisation, state.month, houses=[house_id])
        return {row.account_id: row.sums for row in rows}
    lines = by_account_and_line(request.organisation.pk, state.month, houses=[house_id])
    return {row.key: row.sums for row in lines if row.line == line}


def _head(request: Request, state: MonthState, current: str) -> dict[str, Any]:
    """What every page of a month shows: its state, tabs, what may be done."""
    membership, address = request.membership, scope.address(state.month)
    told = [("month", _("По домам")), ("month_services", _("По услугам"))]
    whole = scope.sees_all(membership)
    return {
        "state": state,
        "month": state.month,
        "address": address,
        "history": state.history if whole else (),
        "tabs": [
            Tab(title=title, url=reverse(f"desk:{name}", args=[address]), current=name == current)
            for name, title in told
        ],
        "may_close": whole and state.state == "open" and may(membership, "months.close"),
        "may_reopen": whole and state.closed is not None and may(membership, "months.reopen"),
        "may_export": may(membership, "exchange.export"),
        "over_on": scope.over_on(state.month),
        "narrowed": not whole,
    }


def _month_url(month: str) -> str:
    return reverse("desk:month", args=[month])


def _house_url(month: str, pk: int, query: str) -> str:
    return reverse("desk:month_house", args=[month, pk]) + (f"?{query}" if query else "")
