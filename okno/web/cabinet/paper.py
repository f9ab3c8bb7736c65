"""A resident's own bill and statement as PDF: the same pages that come by post."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from okno.common.days import add_months, month_of
from okno.exchange.paper.contents import DoesNotFoot
from okno.exchange.paper.gathering import CannotPrint
from okno.exchange.paper.press import PressFailed
from okno.exchange.paper.single import statement_pdf
from okno.ledger.models import Account
from okno.web.cabinet.own import account
from okno.web.desk.paper.single import USUAL_MONTHS, bill_answer, month_asked, pdf
from okno.web.gatekeeper import Request, page


@page("cabinet.view")
def bill(request: Request, pk: int) -> HttpResponse:
    """The bill of ?month=2026-10, or of the newest month billed."""
    found, mine = account(request, pk)
    try:
        return bill_answer(mine, month_asked(request), found.day)
    except (CannotPrint, PressFailed):
        return _cannot(request, mine)


@page("cabinet.view")
def statement(request: Request, pk: int) -> HttpResponse:
    """The statement of the last twelve months."""
    found, mine = account(request, pk)
    until = month_of(found.day)
    try:
        content = statement_pdf(mine, add_months(until, 1 - USUAL_MONTHS), until)
    except (DoesNotFoot, PressFailed):
        return _cannot(request, mine)
    return pdf(content, _("Выписка %(number)s") % {"number": mine.number})


def _cannot(request: Request, mine: Account) -> HttpResponse:
    """A resident cannot put it right: they are told whom to ask."""
    context = {"account": mine, "organisation": request.organisation}
    return render(request, "cabinet/no_paper.html", context, status=422)
