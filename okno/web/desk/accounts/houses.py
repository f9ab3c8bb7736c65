"""Houses: the list, and one house with its passport, totals and the grid of flats."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy

from okno.access.models import Membership
from okno.access.roles import may
from okno.common import clock
from okno.debts.models import Case
from okno.houses.models import Flat, House
from okno.houses.visibility import visible_to
from okno.ledger.models import Balance
from okno.requests import outages
from okno.web.desk.accounts import finding, grid, scope
from okno.web.gatekeeper import Request, page
from okno.web.parts import words
from okno.web.parts.cells import Column, Kind
from okno.web.parts.filters import MoneyRange
from okno.web.parts.responses import list_page
from okno.web.parts.tables import Table


class Houses(Table[House]):
    """The houses in sight with what their people owe."""

    address = "desk:houses"
    title = gettext_lazy("Дома")
    sort = "place"
    columns: Sequence[Column] = (
        Column(key="place", title=gettext_lazy("Дом"), value="short_address", sort="sort_key"),
        Column(key="whole", title=gettext_lazy("Полный адрес"), value="address", clip=True, width="lg"),
        Column(key="flats", title=gettext_lazy("Помещений"), kind=Kind.NUMBER, value="flats_known", sort="flats_known"),
        Column(key="floors", title=gettext_lazy("Этажей"), kind=Kind.NUMBER, sort="floors", nullable=True),
        Column(
            key="owed",
            title=gettext_lazy("Долг"),
            kind=Kind.MONEY,
            value="owed_minor",
            sort="owed_minor",
            total="owed_minor",
        ),
        Column(
            key="late",
            title=gettext_lazy("Просрочено"),
            kind=Kind.MONEY,
            value="late_minor",
            sort="late_minor",
            total="late_minor",
        ),
        Column(key="debtors", title=gettext_lazy("Должников"), kind=Kind.NUMBER, value="debtors", sort="debtors"),
    )

    def __init__(self, *, membership: Membership, query: QueryDict) -> None:
        super().__init__(membership=membership, query=query)
        self.sees_ledger = may(membership, "ledger.view")
        self.sees_debts = may(membership, "debts.view")
        hidden = set() if self.sees_ledger else {"owed"}
        hidden |= set() if self.sees_debts else {"late", "debtors"}
        self.columns = tuple(column for column in self.columns if column.key not in hidden)
        if self.sees_ledger:
            self.filters = (MoneyRange(key="owed", title=gettext_lazy("Долг"), field="owed_minor"),)

    def rows(self) -> QuerySet[House]:
        rows = visible_to(self.membership).annotate(
            flats_known=_each(Flat.objects.filter(house=OuterRef("pk")), Count("pk"))
        )
        if self.sees_ledger:
            balances = Balance.objects.filter(account__flat__house=OuterRef("pk"))
            rows = rows.annotate(owed_minor=_each(balances, Sum("open_minor")))
        if self.sees_debts:
            cases = Case.objects.filter(account__flat__house=OuterRef("pk"), state="open")
            rows = rows.annotate(late_minor=_each(cases, Sum("debt_minor")), debtors=_each(cases, Count("pk")))
        return rows

    def search(self, rows: QuerySet[House], text: str) -> QuerySet[House]:
        return rows.filter(pk__in=[house.pk for house in finding.houses_named(self.membership, text)])

    def row_url(self, row: House) -> str:
        return reverse("desk:house", args=[row.pk])


def _each(rows: QuerySet[Any], aggregate: Any) -> Any:
    """An aggregate over the rows of each house, nothing being zero."""
    found = rows.order_by().annotate(one=F("organisation_id") - F("organisation_id")).values("one")
    told = found.annotate(found=aggregate).values("found")
    return Coalesce(Subquery(told, output_field=IntegerField()), 0)


@page("houses.view")
def houses(request: Request) -> HttpResponseBase:
    """The list."""
    table = Houses(membership=request.membership, query=request.GET)
    return list_page(request, table, template="desk/accounts/houses.html")


@page("houses.view")
def house(request: Request, pk: int) -> HttpResponse:
    """The house: passport, memo, totals, the grid of flats tinted by a layer."""
    found = scope.house(request.membership, pk)
    drawn = grid.draw(found, request.membership, layer=request.GET.get("layer", ""))
    return render(
        request,
        "desk/accounts/house.html",
        {
            "house": found,
            "grid": drawn,
            "entrances": found.entrances.count(),
            "sees_ledger": may(request.membership, "ledger.view"),
            "sees_debts": may(request.membership, "debts.view"),
            "may_print": may(request.membership, "bills.print"),
            "off": outages.known(found.pk, clock.now(), words.language()),
            "sees_requests": may(request.membership, "requests.view"),
            "may_ask": may(request.membership, "requests.write"),
        },
    )
