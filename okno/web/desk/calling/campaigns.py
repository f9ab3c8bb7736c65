"""Campaigns of calls: the list, and the page of one with its commands."""

from django.contrib import messages
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from okno.access.roles import may
from okno.common import clock
from okno.dialogs import dialler
from okno.dialogs.models import Call, CallCampaign, Mode
from okno.dialogs.results import GOOD
from okno.outreach.models import CampaignState, Contact
from okno.outreach.steering import OUTWARD_DELAY, CampaignRefused
from okno.web.desk.calling import checking, numbers, words
from okno.web.desk.debts import campaigns as sent
from okno.web.desk.debts.sections import sections
from okno.web.gatekeeper import Request, page
from okno.web.parts import charts
from okno.web.parts import words as shown
from okno.web.parts.responses import list_page
from okno.web.parts.tables import Badge, Choice, Column, Kind, Table

WAYS = ("waiting", "permitted", "sending")
"""Contacts that are still to be called."""


def find(request: Request, pk: int) -> CallCampaign:
    """The campaign of calls, or 404 for one that is out of sight."""
    found = (
        CallCampaign.objects.select_related("campaign__organisation", "campaign__created_by")
        .filter(pk=pk, campaign__in=sent.in_sight(request.membership))
        .first()
    )
    if found is None:
        raise Http404
    return found


def badge(calling: CallCampaign) -> Badge:
    """How the campaign stands."""
    return sent.badge(calling.campaign)


def may_command(request: Request, calling: CallCampaign) -> bool:
    """Whether the person may change, start and stop it."""
    return sent.may_command(request, calling.campaign)


def _progress(row: CallCampaign) -> SafeString:
    """«120 из 300» with a bar."""
    done, planned = row.people - row.people_left, row.people  # type: ignore[attr-defined]
    if not planned:
        return SafeString("—")
    told = _("%(done)s из %(all)s") % {"done": shown.number_text(done), "all": shown.number_text(planned)}
    return format_html('<span class="nowrap">{}</span>{}', told, charts.share_bar(done / planned, told, "good", 64))


def _counted(rows: QuerySet[Contact] | QuerySet[Call], by: str) -> Coalesce:
    counted = rows.values(by).annotate(count=Count("pk")).order_by().values("count")
    return Coalesce(Subquery(counted), 0)


class CallCampaigns(Table[CallCampaign]):
    """Campaigns of calls with what came of them."""

    address = "desk:calling"
    title = gettext_lazy("Обзвон")
    columns = (
        Column(
            key="name",
            title=gettext_lazy("Название"),
            value="campaign.name",
            sort="campaign__name",
            width="grow",
            clip=True,
        ),
        Column(key="state", title=gettext_lazy("Состояние"), kind=Kind.BADGE, value=badge),
        Column(key="why", title=gettext_lazy("Почему"), value="campaign.state_why", clip=True),
        Column(key="progress", title=gettext_lazy("Пройдено"), kind=Kind.HTML, value=_progress),
        Column(key="calls_made", title=gettext_lazy("Звонков"), kind=Kind.NUMBER),
        Column(key="talks", title=gettext_lazy("Разговоров"), kind=Kind.NUMBER),
        Column(key="good", title=gettext_lazy("С результатом"), kind=Kind.NUMBER),
        Column(
            key="scenario",
            title=gettext_lazy("Сценарий"),
            value=lambda row: words.scenario_title(row.scenario),
            clip=True,
            hidden=True,
        ),
        Column(key="mode", title=gettext_lazy("Кто говорит"), value=lambda row: row.get_mode_display()),
        Column(key="who", title=gettext_lazy("Подготовил"), value="campaign.created_by", hidden=True),
        Column(
            key="made",
            title=gettext_lazy("Создан"),
            kind=Kind.DAY,
            value="campaign.created_at",
            sort="campaign__created_at",
        ),
    )
    filters = (
        Choice(key="state", title=gettext_lazy("Состояние"), options=CampaignState.choices, field="campaign__state"),
        Choice(key="mode", title=gettext_lazy("Кто говорит"), options=Mode.choices),
    )
    sort = "-made"

    def rows(self) -> QuerySet[CallCampaign]:
        contacts = Contact.objects.filter(campaign=OuterRef("campaign"))
        calls = Call.objects.filter(campaign=OuterRef("pk"))
        return (
            CallCampaign.objects.filter(campaign__in=sent.in_sight(self.membership))
            .select_related("campaign__created_by")
            .annotate(
                people=_counted(contacts, "campaign"),
                people_left=_counted(contacts.filter(state__in=WAYS), "campaign"),
                calls_made=_counted(calls, "campaign"),
                talks=_counted(dialler.talks(calls), "campaign"),
                good=_counted(calls.filter(result__in=GOOD), "campaign"),
            )
        )

    def search(self, rows: QuerySet[CallCampaign], text: str) -> QuerySet[CallCampaign]:
        return rows.filter(Q(campaign__name__icontains=text))

    def row_url(self, row: CallCampaign) -> str:
        return reverse("desk:call_campaign", args=[row.pk])

    def row_tone(self, row: CallCampaign) -> str:
        return "warn" if row.campaign.state == CampaignState.PAUSED else ""


@page("outreach.view")
def calling(request: Request) -> HttpResponseBase:
    """The list of campaigns of calls."""
    table = CallCampaigns(membership=request.membership, query=request.GET)
    context = {"sections": sections(request, "desk:calling"), "may_plan": may(request.membership, "outreach.plan")}
    return list_page(request, table, template="desk/calling/list.html", context=context)


@page("outreach.view")
def campaign(request: Request, pk: int) -> HttpResponse:
    """A draft with its check; a launched one with its live numbers."""
    found = find(request, pk)
    if found.campaign.state == CampaignState.DRAFT:
        return render(request, "desk/calling/draft.html", _draft_context(request, found))
    context = {**_live_context(request, found), "terms": checking.terms(found), "sentence": checking.sentence(found)}
    return render(request, "desk/calling/campaign.html", context)


@page("outreach.view")
def live(request: Request, pk: int) -> HttpResponse:
    """The live fragment of a launched campaign."""
    return render(request, "desk/calling/numbers.html", _live_context(request, find(request, pk)))


def _draft_context(request: Request, found: CallCampaign) -> dict[str, object]:
    return {
        "calling": found,
        "badge": badge(found),
        "check": checking.check(request, found),
        "terms": checking.terms(found),
        "sentence": checking.sentence(found),
        "steps": words.steps(),
        "may_command": may_command(request, found),
        "may_try": may(request.membership, "scenarios.view"),
        "delay": int(OUTWARD_DELAY.total_seconds()),
    }


def _live_context(request: Request, found: CallCampaign) -> dict[str, object]:
    return {
        "calling": found,
        "badge": badge(found),
        "told": numbers.of(found),
        "may_command": may_command(request, found),
        "may_talk": may(request.membership, "calls.take"),
        "may_watch": may(request.membership, "calls.view"),
    }


@require_POST
@page("outreach.plan")
def start(request: Request, pk: int) -> HttpResponse:
    """Launch a draft; pressed twice it starts once."""
    found = find(request, pk)
    if not may_command(request, found):
        raise Http404
    if found.campaign.state == CampaignState.DRAFT:
        try:
            planned = dialler.launch(found, request.actor, _("запуск с экрана"), clock.now())
        except CampaignRefused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _launched(planned.created if planned else None))
    return HttpResponseRedirect(reverse("desk:call_campaign", args=[pk]))


def _launched(created: int | None) -> str:
    if created is None:
        return _("Запущено. Список большой и готовится в фоне: первые звонки пойдут, не дожидаясь конца.")
    told = ngettext("Запущено: %(count)s человек в очереди", "Запущено: %(count)s человек в очереди", created)
    return told % {"count": shown.number_text(created)}


COMMANDS = {"pause": dialler.pause, "resume": dialler.resume, "stop": dialler.stop}


@require_POST
@page("outreach.plan")
def command(request: Request, pk: int) -> HttpResponse:
    """POST do=pause|resume|stop and why: commanded twice, done once."""
    found = find(request, pk)
    if not may_command(request, found):
        raise Http404
    why, do = request.POST.get("why", "").strip()[:200], request.POST.get("do", "")
    if not why:
        messages.error(request, _("Напишите причину: она останется в журнале"))
    elif do in COMMANDS:
        try:
            COMMANDS[do](found, request.actor, why)
        except CampaignRefused as refused:
            messages.warning(request, str(refused))
    return HttpResponseRedirect(reverse("desk:call_campaign", args=[pk]))
