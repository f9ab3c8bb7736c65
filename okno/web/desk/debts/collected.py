"""Money that came: by payment, and by day for a drawing."""

from datetime import date

from django.db.models import Q, QuerySet, Sum
from django.http import HttpResponseBase
from django.utils.translation import gettext_lazy

from okno.houses.models import House
from okno.houses.visibility import visible_to
from okno.ledger.models import Payment, PaymentKind
from okno.web.desk.debts import by_account, links
from okno.web.gatekeeper import Request, page
from okno.web.parts.responses import list_page
from okno.web.parts.tables import Column, DayRange, Kind, MoneyRange, Table


def payments(organisation_id: int, houses: QuerySet[House]) -> QuerySet[Payment]:
    """Payments to the accounts of these houses, without those that were reversed."""
    return Payment.objects.filter(
        organisation_id=organisation_id,
        kind=PaymentKind.PAYMENT,
        reversed_by=None,
        account__flat__house__in=houses.values("pk"),
    )


def daily(organisation_id: int, houses: QuerySet[House], since: date, until: date) -> dict[date, int]:
    """What came from these houses on each of these days (both inclusive), minor units."""
    rows = (
        payments(organisation_id, houses)
        .filter(value_on__gte=since, value_on__lte=until)
        .values_list("value_on")
        .annotate(total=Sum("amount_minor"))
        .order_by()
    )
    return {day: int(total) for day, total in rows}


class Collected(Table[Payment]):
    """Payments from the houses in sight."""

    address = "desk:collected"
    title = gettext_lazy("Поступления")
    columns = (
        by_account.NUMBER,
        by_account.ADDRESS,
        Column(key="on", title=gettext_lazy("Дата"), kind=Kind.DAY, value="value_on", sort="value_on"),
        Column(
            key="amount",
            title=gettext_lazy("Сумма"),
            kind=Kind.MONEY,
            value="amount_minor",
            sort="amount_minor",
            total="amount_minor",
        ),
        Column(key="payer", title=gettext_lazy("Плательщик"), value="payer", clip=True),
        Column(key="purpose", title=gettext_lazy("Назначение"), value="purpose", clip=True),
    )
    filters = (
        by_account.HOUSE,
        DayRange(key="on", title=gettext_lazy("Дата"), field="value_on"),
        MoneyRange(key="amount", title=gettext_lazy("Сумма"), field="amount_minor"),
    )
    sort = "-on"
    amount = "amount_minor"

    def rows(self) -> QuerySet[Payment]:
        came = payments(self.membership.organisation_id, visible_to(self.membership))
        return came.select_related("account__flat__house")

    def search(self, rows: QuerySet[Payment], text: str) -> QuerySet[Payment]:
        return rows.filter(Q(account__number__icontains=text) | Q(payer__icontains=text) | Q(purpose__icontains=text))

    def row_url(self, row: Payment) -> str:
        return links.account(row.account_id)


@page("ledger.view")
def collected(request: Request) -> HttpResponseBase:
    """The list."""
    table = Collected(membership=request.membership, query=request.GET)
    return list_page(request, table, template="desk/debts/collected.html")
