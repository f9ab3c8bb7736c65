"""The account's penalty for other programs: the same figures and rows as on the card, as JSON."""

from typing import Any

from django.http import HttpResponse, JsonResponse

from okno.common.days import NotADay, parse_day
from okno.law.penalty_figure import figure
from okno.ledger.penalties.accrual import RegimeAccrued, accrued
from okno.web.desk.accounts import scope
from okno.web.desk.penalties.account import found
from okno.web.gatekeeper import Request, page


@page("ledger.view")
def figures(request: Request, pk: int) -> HttpResponse:
    """`?as_of=` is a day (included), by default today of the organisation; a day that is none is answered with 422.

    Sums are minor units of `currency`; null where a value of the law is missing, and `missing` says which.
    """
    account = found(request, pk)
    asked = request.GET.get("as_of", "")
    try:
        day = parse_day(asked) if asked else scope.today(request.membership)
    except NotADay as error:
        return JsonResponse({"error": str(error)}, status=422, json_dumps_params={"ensure_ascii": False})
    told = accrued(account, day)
    return JsonResponse(
        {
            "account": account.number,
            "as_of": day.isoformat(),
            "currency": account.organisation.currency,
            "regimes": [_regime(one) for one in told.regimes],
        },
        json_dumps_params={"ensure_ascii": False},
    )


def _regime(one: RegimeAccrued) -> dict[str, Any]:
    bills = [
        {
            "bill": arrear.ref,
            "due_on": arrear.due_on.isoformat(),
            "amount_minor": arrear.amount_minor,
            "paid": [{"on": paid.on.isoformat(), "amount_minor": paid.amount_minor} for paid in arrear.paid],
        }
        for arrear in one.question.arrears
    ]
    return {
        "regime": one.regime,
        "posted_minor": one.posted_minor,
        "waived_minor": one.waived_minor,
        "not_posted_minor": one.not_posted_minor,
        "bills": bills,
        **figure(one.result),
    }
