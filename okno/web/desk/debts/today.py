"""The director's day: a few figures that each lead to their rows, and what asks for attention."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from okno.access.models import Organisation
from okno.access.roles import may
from okno.common import clock
from okno.debts import queries
from okno.exchange.models import Import, UnmatchedPayment, UnmatchedState
from okno.houses.models import House
from okno.houses.visibility import visible_to
from okno.law import dated
from okno.law.countries import pack
from okno.ledger.ages import AGES
from okno.outreach.models import Campaign, CampaignState, Contact, ContactState, Message, Permit
from okno.web import health
from okno.web.desk.debts import links, results
from okno.web.desk.debts.portfolio import collected, week
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
    context = {
        "day": day,
        "first": first,
        "totals": totals,
        "ages": [totals.sum_by_age[name] for name in AGES],
        "collected_today": collected(request.organisation.pk, houses, day, day),
        "collected_month": collected(request.organisation.pk, houses, first, day),
        "week": week(request, houses, day),
        "imports": Import.objects.filter(organisation=request.organisation, received_at__gte=midnight).count(),
        "imports_url": links.screen("desk:imports"),
        "contacts": _about(houses, Message.objects.filter(permit__decided_at__gte=midnight), "contact__account"),
        "refusals": _about(houses, Permit.objects.filter(allowed=False, decided_at__gte=midnight), "account"),
        "unmatched": UnmatchedPayment.objects.filter(
            organisation=request.organisation, state=UnmatchedState.WAITING
        ).count(),
        "unmatched_url": links.screen("desk:payments"),
        "attention": attention(request.organisation, day)[:MOST],
        "sees_trail": may(request.membership, "access.view_trail"),
    }
    return render(request, "desk/debts/today.html", context)


def _about(houses: QuerySet[House], rows: QuerySet[Message] | QuerySet[Permit], path: str) -> int:
    return rows.filter(**{f"{path}__flat__house__in": houses.values("pk")}).count()


def attention(organisation: Organisation, day: date) -> list[Attention]:
    """What needs a person, the dearest first."""
    found: list[Attention] = []
    now = clock.now()
    for feed in results.stale_feeds(organisation, now):
        text = _("Платежи «%(feed)s» устарели: напоминания стоят, пока не загрузят свежий реестр") % {"feed": feed.name}
        found.append(Attention(text=text, url=links.screen("desk:imports"), tone="late", icon="octagon-alert"))
    paused = Campaign.objects.filter(organisation=organisation, state=CampaignState.PAUSED)
    for campaign in paused.order_by("-pk")[:3]:
        text = _("Рассылка «%(name)s» приостановлена: %(why)s") % {"name": campaign.name, "why": campaign.state_why}
        url = links.screen("desk:campaign", campaign.pk)
        found.append(Attention(text=text, url=url, tone="warn", icon="circle-pause"))
    unknown = Contact.objects.filter(organisation=organisation, state=ContactState.UNKNOWN).count()
    if unknown:
        told = ngettext(
            "Неизвестно, дошло ли %(count)s сообщение: решите, повторять ли",
            "Неизвестно, дошли ли %(count)s сообщений: решите, повторять ли",
            unknown,
        )
        url = links.screen("desk:contacts", query="?state=unknown")
        found.append(Attention(text=told % {"count": unknown}, url=url, tone="warn", icon="circle-help"))
    found += _of_the_installation(organisation)
    found += _running_out(organisation, day)
    return found


def _of_the_installation(organisation: Organisation) -> list[Attention]:
    url = links.screen("desk:health")
    return [
        Attention(text=text, url=url, tone="warn", icon="activity")
        for text in health.issues(organisation, feeds=False, outcomes=False)
    ]


def _running_out(organisation: Organisation, day: date) -> list[Attention]:
    """Norms whose last value ends soon or has ended."""
    pack(organisation.country)
    found = []
    for norm in dated.listed():
        last = dated.last_day_of(norm)
        if norm.name.startswith(f"{organisation.country}.") and last is not None and last <= day + SOON:
            text = _("Норма «%(title)s» введена только по %(day)s: найдите новую редакцию") % {
                "title": norm.title["ru"],
                "day": f"{last:%d.%m.%Y}",
            }
            found.append(Attention(text=text, url=links.screen("desk:law"), tone="warn", icon="landmark"))
    return found
