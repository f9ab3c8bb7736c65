"""Debts that are over: paid, recalculated, no longer a debt."""

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.utils.translation import gettext_lazy

from okno.debts.models import Case, CaseState
from okno.debts.words import closed_in_words
from okno.houses.visibility import visible_to
from okno.web.desk.debts import by_account, links
from okno.web.gatekeeper import Request, page
from okno.web.parts.responses import list_page
from okno.web.parts.tables import Column, DayRange, Kind, Table


class Settled(Table[Case]):
    """Closed cases of the houses in sight."""

    address = "desk:settled"
    title = gettext_lazy("Закрытые долги")
    columns = (
        by_account.NUMBER,
        by_account.ADDRESS,
        Column(
            key="debt",
            title=gettext_lazy("Был долг"),
            kind=Kind.MONEY,
            value="debt_minor",
            sort="debt_minor",
            total="debt_minor",
        ),
        Column(key="opened", title=gettext_lazy("Возник"), kind=Kind.DAY, value="opened_on", sort="opened_on"),
        Column(key="closed", title=gettext_lazy("Закрыт"), kind=Kind.MOMENT, value="closed_at", sort="closed_at"),
        Column(key="why", title=gettext_lazy("Почему"), value=lambda case: closed_in_words(case.closed_why)),
    )
    filters = (by_account.HOUSE, DayRange(key="closed", title=gettext_lazy("Закрыт"), field="closed_on"))
    sort = "-closed"
    amount = "debt_minor"

    def rows(self) -> QuerySet[Case]:
        return Case.objects.filter(
            organisation=self.membership.organisation,
            state=CaseState.CLOSED,
            account__flat__house__in=visible_to(self.membership).values("pk"),
        ).select_related("account__flat__house")

    def row_url(self, row: Case) -> str:
        return links.account(row.account_id)


@page("debts.view")
def settled(request: Request) -> HttpResponseBase:
    """The list."""
    table = Settled(membership=request.membership, query=request.GET)
    return list_page(request, table, template="desk/debts/settled.html")
