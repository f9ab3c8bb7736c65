"""Contacts of an account: what was planned, what left, what the gate refused and by which checks."""

from django.http import HttpResponse
from django.shortcuts import render

from okno.outreach.models import Contact
from okno.outreach.words import reason
from okno.web.desk.accounts import card
from okno.web.gatekeeper import Request, page
from okno.web.parts import checks

MOST = 100


@page("outreach.view")
def account_contacts(request: Request, pk: int) -> HttpResponse:
    """The last hundred contacts, the newest first."""
    account = card.found(request.membership, pk)
    rows = (
        Contact.objects.filter(account=account)
        .select_related("person", "campaign", "permit", "message")
        .order_by("-changed_at", "-pk")[:MOST]
    )
    shown = [
        {
            "contact": row,
            "message": getattr(row, "message", None),
            "checks": checks.in_words(row.permit.checks) if row.permit else [],
            "why": _why(row),
        }
        for row in rows
    ]
    return render(
        request,
        "desk/accounts/card_contacts.html",
        {**card.head(request, account, "account_contacts"), "contacts": shown},
    )


def _why(row: Contact) -> str:
    """Why it stands where it does: codes in words, a withdrawal's own sentence as it is."""
    return ", ".join(reason(code.strip()) for code in row.state_why.split(","))
