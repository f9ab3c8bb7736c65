"""The resident's pages: what to pay and until when, bills, payments, and everything done about the debt."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from okno.debts import definition
from okno.ledger import statement
from okno.ledger.models import Account
from okno.ledger.statement import BillMark, PaymentMark
from okno.web.cabinet import chronology
from okno.web.cabinet.own import Own, account, own, since
from okno.web.desk.accounts.card import explain_bills
from okno.web.gatekeeper import Request, page
from okno.web.parts.standing import standing

LATEST = 3
PAGE = 24


@page("cabinet.view")
def home(request: Request) -> HttpResponse:
    """One sentence for each flat: what to pay, a debt, or an overpayment."""
    found = own(request)
    if found is None or not (found.accounts or found.guests):
        return render(request, "cabinet/unknown.html", {"organisation": request.organisation})
    flats = [
        {
            "account": row,
            "standing": standing(row.pk, found.day),
            "bills": explain_bills(row, statement.bills(row.pk, limit=LATEST), found.day),
            "payments": statement.payments(row.pk, limit=LATEST),
        }
        for row in found.accounts
    ]
    return render(request, "cabinet/home.html", {**frame(request, found), "flats": flats})


def frame(request: Request, found: Own, mine: Account | None = None) -> dict[str, Any]:
    """What stands on every page of the cabinet."""
    return {"own": found, "account": mine, "organisation": request.organisation}


@page("cabinet.view")
def bills(request: Request, pk: int) -> HttpResponse:
    """Bills with their lines, due days and why."""
    found, mine = account(request, pk)
    rows = statement.bills(mine.pk, before=_bill_mark(request.GET.get("before", "")), limit=PAGE)
    more = f"?before={rows[-1].mark.month:%Y-%m-%d},{rows[-1].mark.id}" if len(rows) == PAGE else ""
    context = {"bills": explain_bills(mine, rows, found.day), "more": more, "standing": standing(mine.pk, found.day)}
    return render(request, "cabinet/bills.html", {**frame(request, found, mine), **context})


@page("cabinet.view")
def payments(request: Request, pk: int) -> HttpResponse:
    """Payments with where each went."""
    found, mine = account(request, pk)
    rows = statement.payments(mine.pk, before=_payment_mark(request.GET.get("before", "")), limit=PAGE)
    more = f"?before={rows[-1].mark.value_on:%Y-%m-%d},{rows[-1].mark.id}" if len(rows) == PAGE else ""
    return render(request, "cabinet/payments.html", {**frame(request, found, mine), "payments": rows, "more": more})


@page("cabinet.view")
def debt(request: Request, pk: int) -> HttpResponse:
    """How the debt arose, everything that was done about it, how to stop it, how to disagree."""
    found, mine = account(request, pk)
    told = definition.terms_of(definition.in_force(request.organisation, found.day))
    late = [bill for bill in explain_bills(mine, statement.bills(mine.pk, limit=60), found.day) if bill.late]
    steps = chronology.steps(mine, found.person, since=since(found.person, mine))
    return render(
        request,
        "cabinet/debt.html",
        {
            **frame(request, found, mine),
            "standing": standing(mine.pk, found.day),
            "late": sorted(late, key=lambda bill: bill.row.month),
            "months": chronology.by_month(steps),
            "definition": definition.sentence(told, currency=request.organisation.currency),
            "title": _("Всё по моему долгу"),
        },
    )


def _bill_mark(text: str) -> BillMark | None:
    found = _mark(text)
    return BillMark(*found) if found else None


def _payment_mark(text: str) -> PaymentMark | None:
    found = _mark(text)
    return PaymentMark(*found) if found else None


def _mark(text: str) -> tuple[date, int] | None:
    day, _comma, pk = text.partition(",")
    try:
        return (date.fromisoformat(day), int(pk)) if text else None
    except ValueError:
        return None
