"""The bill and the statement of one account as PDF, in the browser's own viewer."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from okno.access.roles import may
from okno.common.days import NotADay, add_months, month_of, parse_month
from okno.exchange.paper.contents import DoesNotFoot
from okno.exchange.paper.gathering import CannotPrint
from okno.exchange.paper.press import PressFailed
from okno.exchange.paper.single import bill_pdf, newest_month, statement_pdf
from okno.ledger.models import Account
from okno.web.desk.accounts import scope
from okno.web.gatekeeper import Request, page

#: A statement nobody asked dates for covers so many months.
USUAL_MONTHS = 12


@page("ledger.view")
def account_bill(request: Request, pk: int) -> HttpResponse:
    """The bill of ?month=2026-10, or of the newest month billed."""
    account = scope.account(request.membership, pk)
    day = scope.today(request.membership)
    try:
        return bill_answer(account, month_asked(request), day)
    except (CannotPrint, PressFailed) as refusal:
        return cannot(request, account, str(refusal))


@page("ledger.view")
def account_statement(request: Request, pk: int) -> HttpResponse:
    """The statement of ?since=2026-01&until=2026-10 (months, inclusive), or of the last twelve months."""
    account = scope.account(request.membership, pk)
    this = month_of(scope.today(request.membership))
    until = month_asked(request, "until") or this
    since = month_asked(request, "since") or add_months(until, 1 - USUAL_MONTHS)
    if since > until:
        return cannot(request, account, _("Месяц начала позже месяца конца: поменяйте их местами."))
    try:
        content = statement_pdf(account, since, min(until, this))
    except (DoesNotFoot, PressFailed) as refusal:
        return cannot(request, account, str(refusal))
    return pdf(content, _("Выписка %(number)s") % {"number": account.number})


def bill_answer(account: Account, month: date | None, day: date) -> HttpResponse:
    """The bill as an answer. Raises CannotPrint and PressFailed."""
    month = month or newest_month(account)
    if month is None:
        raise CannotPrint(_("По счёту ещё ничего не начислено: квитанция появится после первых начислений."))
    content = bill_pdf(account, month, day)
    return pdf(content, _("Квитанция %(number)s %(month)s") % {"number": account.number, "month": f"{month:%Y-%m}"})


def month_asked(request: HttpRequest, name: str = "month") -> date | None:
    """The month of the address; None where there is none that can be read."""
    try:
        return parse_month(request.GET[name])
    except (KeyError, NotADay):
        return None


def pdf(content: bytes, name: str) -> HttpResponse:
    """A file the browser shows itself and keeps no copy of: it holds a name and a debt."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(False, f"{name}.pdf") or "inline"
    response["Cache-Control"] = "no-store"
    return response


def cannot(request: Request, account: Account, why: str) -> HttpResponse:
    """Why there is no page, and where to put it right."""
    context = {"account": account, "why": why, "may_set": may(request.membership, "settings.payment")}
    return render(request, "desk/paper/cannot.html", context, status=422)
