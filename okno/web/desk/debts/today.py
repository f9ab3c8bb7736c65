"""The director's day: a few figures that each lead to their rows, and what asks for attention."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from okno.access.models import Organisation
from okno.common import clock
from okno.debts import queries
from okno.dialogs.models import CallBack
from okno.exchange.models import Import, UnmatchedPayment, UnmatchedState
from okno.houses.visibility import visible_to
from okno.law import dated
from okno.law.countries import pack
from okno.ledger.ages import AGES
from okno.outreach.models import Campaign, CampaignState, Permit
from okno.requests.models import Request as Asked
from okno.requests.models import Urgency
from okno.requests.register import OPEN
from okno.web import health
from okno.web.desk.debts.collected import daily
from okno.web.desk.debts.portfolio import week
from okno.web.gatekeeper import Request, page

MOST = 7
SOON = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """One thing that needs a person: a sentence, where to go, how bad."""

    text: str
    url: str
    tone: str
    icon: str


@page("debts.view")
def today(request: Request) -> HttpResponse:
    houses = visible_to(request.membership)
    day = clock.today(request.organisation.time_zone)
    midnight = datetime.combine(day, time.min, tzinfo=ZoneInfo(request.organisation.time_zone))
    totals = queries.totals(request.organisation, houses)
    first = day.replace(day=1)
    by_day = daily(request.organisation.pk, houses, first, day)
    permits = Permit.objects.filter(
        organisation=request.organisation, decided_at__gte=midnight, account__flat__house__in=houses.values("pk")
    ).aggregate(left=Count("message"), refused=Count("pk", filter=Q(allowed=False)))
    waiting = _counts(request.organisation, midnight)
    context = {
        "day": day,
        "first": first,
        "totals": totals,
        "ages": [totals.sum_by_age[name] for name in AGES],
        "collected_today": by_day.get(day, 0),
        "collected_month": sum(by_day.values()),
        "trend": [by_day.get(first + timedelta(days=offset), 0) / 100 for offset in range(day.day)],
        "week": week(request, houses, day),
        "imports": waiting.imports,
        "imports_url": reverse("desk:imports"),
        "contacts": permits["left"],
        "refusals": permits["refused"],
        "unmatched": waiting.unmatched,
        "unmatched_url": reverse("desk:payments"),
        "attention": attention(request.organisation, day, waiting)[:MOST],
    }
    return render(request, "desk/debts/today.html", context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How many rows of each kind: files of the day, payments without an account, open dangerous requests, people whom
    we owe a call and whose term is over."""

    imports: int
    unmatched: int
    danger: int
    late: int


def _counts(organisation: Organisation, midnight: datetime) -> Waiting:
    """All of them asked at once."""
    rows: dict[str, QuerySet[Any]] = {
        "imports": Import.objects.filter(received_at__gte=midnight),
        "unmatched": UnmatchedPayment.objects.filter(state=UnmatchedState.WAITING),
        "danger": Asked.objects.filter(state__in=OPEN, urgency=Urgency.DANGER),
        "late": CallBack.objects.filter(done_at=None, due_at__lt=clock.now()),
    }
    counted = {
        name: Coalesce(
            Subquery(
                found.filter(organisation=OuterRef("pk"))
                .order_by()
                .values("organisation")
                .annotate(count=Count("pk"))
                .values("count")
            ),
            0,
        )
        for name, found in rows.items()
    }
    return Waiting(**Organisation.objects.annotate(**counted).values(*counted).get(pk=organisation.pk))


def attention(organisation: Organisation, day: date, waiting: Waiting) -> list[Attention]:
    """What needs a person, the dearest first."""
    issues = health.found(organisation)
    told = [_of_issue(issue) for issue in issues if issue.code == "feed"]
    paused = Campaign.objects.filter(organisation=organisation, state=CampaignState.PAUSED)
    for campaign in paused.order_by("-pk")[:3]:
        text = _("Кампания «%(name)s» приостановлена: %(why)s") % {"name": campaign.name, "why": campaign.state_why}
        url = reverse("desk:campaign", args=[campaign.pk])
        told.append(Attention(text=text, url=url, tone="warn", icon="circle-pause"))
    told += [*_danger(waiting.danger), *_called_back_late(waiting.late)]
    told += [_of_issue(issue) for issue in issues if issue.code != "feed"]
    return told + _running_out(organisation, day)


def _danger(count: int) -> list[Attention]:
    """Open requests that are dangerous for people."""
    if not count:
        return []
    told = ngettext("Опасная заявка не выполнена: %(count)s", "Опасных заявок не выполнено: %(count)s", count)
    url = reverse("desk:requests") + "?urgency=danger&open=1"
    return [Attention(text=told % {"count": count}, url=url, tone="late", icon="siren")]


def _called_back_late(late: int) -> list[Attention]:
    """People whom we owe a call and whose term is over."""
    if not late:
        return []
    told = ngettext("Не перезвонили вовремя: %(count)s человеку", "Не перезвонили вовремя: %(count)s людям", late)
    url = reverse("desk:missed") + "?pile=owed"
    return [Attention(text=told % {"count": late}, url=url, tone="late", icon="phone-missed")]


def _of_issue(issue: health.Issue) -> Attention:
    where = {
        "feed": ("desk:imports", "", "late", "octagon-alert"),
        "waiting": ("desk:contacts", "?state=waiting", "warn", "clock-alert"),
        "unknown": ("desk:contacts", "?state=unknown", "warn", "circle-help"),
        "imports": ("desk:imports", "", "warn", "folder-input"),
        "telephony": ("desk:seat", "", "late", "phone-off"),
    }
    screen, query, tone, icon = where[issue.code]
    return Attention(text=issue.text, url=reverse(screen) + query, tone=tone, icon=icon)


def _running_out(organisation: Organisation, day: date) -> list[Attention]:
    """Norms whose last value ends soon."""
    pack(organisation.country)
    found = []
    for norm in dated.listed():
        last = dated.last_day_of(norm)
        if norm.name.startswith(f"{organisation.country}.") and last is not None and day <= last <= day + SOON:
            text = _("Норма «%(title)s» введена только по %(day)s: найдите новую редакцию") % {
                "title": norm.title["ru"],
                "day": f"{last:%d.%m.%Y}",
            }
            found.append(Attention(text=text, url=reverse("desk:law"), tone="warn", icon="landmark"))
    return found
