"""The papers of an account: a bill for every month billed, a statement for any months."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from okno.common.days import add_months, month_of
from okno.ledger.models import Bill, BillKind
from okno.web.desk.accounts import card, scope
from okno.web.desk.paper.single import USUAL_MONTHS
from okno.web.gatekeeper import Request, page

#: So many months back a bill is offered; the statement reaches any.
MOST_MONTHS = 36


@page("ledger.view")
def account_documents(request: Request, pk: int) -> HttpResponse:
    """Months with their bills, the form of a statement."""
    told = card.found(request.membership, pk)
    this = month_of(scope.today(request.membership))
    billed = Bill.objects.filter(account=told.pk, kind=BillKind.MONTH, reversed_by=None)
    context: dict[str, Any] = {
        "billed": billed.order_by("-month").values_list("month", flat=True).distinct()[:MOST_MONTHS],
        "since": f"{add_months(this, 1 - USUAL_MONTHS):%Y-%m}",
        "until": f"{this:%Y-%m}",
    }
    return render(
        request, "desk/accounts/card_documents.html", {**card.head(request, told, "account_documents"), **context}
    )
