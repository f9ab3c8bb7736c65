"""The month's penalties become bills: what it would come to, the button, how far it has come, what was done."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from okno.access.roles import may
from okno.common import clock, days
from okno.law.countries import pack
from okno.ledger.models import Regime
from okno.ledger.penalties.foresight import Foresight, foresee
from okno.ledger.penalties.keys import last_day
from okno.ledger.penalties.models import MonthState, PenaltyMonth, Posting
from okno.ledger.penalties.posting import MonthRefused, post_month
from okno.ledger.penalties.terms import OrganisationTerms
from okno.ledger.tasks import defer_post_penalties
from okno.web.gatekeeper import Request, page
from okno.web.parts import words

AT_ONCE = 1_000
"""Accounts whose penalties are posted while the person waits; more of them a worker takes."""


@page("penalties.post")
def posting(request: Request) -> HttpResponse:
    """GET shows what a month would come to; POST posts it, at once or by a worker."""
    today = clock.today(request.organisation.time_zone)
    month = _month(request, today)
    run = PenaltyMonth.objects.filter(organisation=request.organisation, month=month).first()
    told = None if run is not None and run.state == MonthState.POSTED else foresee(request.organisation, month)
    refusal = _refusal(request, month, told, today)
    if request.method == "POST":
        if told is not None and not refusal:
            refusal = _post(request, month, told, today)
        if not refusal:
            return HttpResponseRedirect(f"{request.path}?month={month:%Y-%m}&begun=1")
    begun = told is not None and "begun" in request.GET and not (run and run.failure)
    context: dict[str, Any] = {
        "month": month,
        "months": _months(request, today),
        "run": run,
        "told": told,
        "until": last_day(month),
        "refusal": refusal,
        "going": begun or (run is not None and run.state == MonthState.POSTING and not run.failure),
        "terms": _terms(request, month),
        "history": PenaltyMonth.objects.filter(organisation=request.organisation).order_by("-month")[:24],
        "may_set": may(request.membership, "settings.penalties"),
        "progress": f"{reverse('desk:penalty_posting_progress')}?month={month:%Y-%m}",
    }
    return render(request, "desk/penalties/posting.html", context, status=422 if request.method == "POST" else 200)


def _month(request: Request, today: date) -> date:
    """The month that was asked for, else the last one that has ended."""
    last = days.month_of(days.month_of(today) - timedelta(days=1))
    asked = request.POST.get("month") or request.GET.get("month") or ""
    try:
        return days.parse_month(asked) if asked else last
    except days.NotADay:
        return last


def _months(request: Request, today: date) -> list[date]:
    """The last months that have ended, the newest first."""
    last = days.month_of(today)
    return [days.add_months(last, -back) for back in range(1, 7)]


def _refusal(request: Request, month: date, told: Foresight | None, today: date) -> str:
    """Why the month cannot be posted now; "" when it can."""
    if told is None:
        return ""
    if last_day(month) >= today:
        return _("Месяц ещё идёт: провести пени можно после %(day)s") % {"day": words.day_text(last_day(month))}
    later = PenaltyMonth.objects.filter(organisation=request.organisation, month__gt=month).order_by("month").first()
    if later is not None:
        return _("Пени за %(later)s уже проведены: в них вошло и начисленное за этот месяц") % {
            "later": words.month_text(later.month)
        }
    return ""


def _post(request: Request, month: date, told: Foresight, today: date) -> str:
    """Post now or defer; why it was refused, or ""."""
    if told.accounts + told.waiting > AT_ONCE:
        with transaction.atomic():
            defer_post_penalties(request.organisation, month, request.actor.user)
        return ""
    try:
        run = post_month(request.actor, month, today=today)
    except MonthRefused as refusal:
        return str(refusal)
    messages.success(request, done_in_words(run))
    return ""


def done_in_words(run: PenaltyMonth) -> str:
    """«Проведено начислений: 12, на 3 456,70 ₽»."""
    return _("Проведено начислений пени: %(count)s, на %(sum)s") % {
        "count": words.number_text(run.bills),
        "sum": words.money_text(run.posted_minor),
    }


def _terms(request: Request, month: date) -> list[dict[str, Any]]:
    """How each regime is posted by the terms of the month's last day."""
    terms = OrganisationTerms(request.organisation)
    end = last_day(month)
    return [
        {
            "title": str(Regime(regime).label).capitalize(),
            "posting": Posting(terms.posting(regime, end)).label,
            "monthly": terms.posting(regime, end) == Posting.MONTHLY,
            "least_minor": terms.least_minor(regime, end),
        }
        for regime in pack(request.organisation.country).penalty.regimes
    ]


@page("penalties.post")
def posting_progress(request: Request) -> HttpResponse:
    """How far the posting of a month has come, for the bar of the page."""
    month = _month(request, clock.today(request.organisation.time_zone))
    run = PenaltyMonth.objects.filter(organisation=request.organisation, month=month).first()
    if run is None:
        return JsonResponse({"done": 0, "total": 0, "text": _("ждёт очереди"), "finished": False})
    finished = run.state == MonthState.POSTED or bool(run.failure)
    told: dict[str, Any] = {
        "done": run.progress_done,
        "total": run.progress_total,
        "text": _("%(done)s из %(total)s лицевых счетов")
        % {"done": words.number_text(run.progress_done), "total": words.number_text(run.progress_total)},
        "finished": finished,
    }
    if finished:
        told["location"] = f"{reverse('desk:penalty_posting')}?month={month:%Y-%m}"
    return JsonResponse(told)
