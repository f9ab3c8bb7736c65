"""Campaigns: the list, a draft with its preview, the start, and the page that shows what becomes of it."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, F, Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from okno.access.models import Language, Membership
from okno.access.roles import may
from okno.common import clock
from okno.ledger.models import Account
from okno.outreach import drafting, planning, previews, steering, words
from okno.outreach.models import Campaign, CampaignState, Contact, ContactState, Template
from okno.people.models import Channel
from okno.web.desk.debts import audience, results
from okno.web.desk.debts.sections import sections
from okno.web.gatekeeper import Request, page
from okno.web.parts.responses import list_page
from okno.web.parts.tables import Badge, Choice, Column, Kind, Table

CHANNELS = (Channel.EMAIL, Channel.SMS)
"""What leaves by itself today; calls and letters come with their own screens."""

STATE_TONES = {
    CampaignState.DRAFT: "idle",
    CampaignState.RUNNING: "good",
    CampaignState.PAUSED: "warn",
    CampaignState.STOPPED: "idle",
    CampaignState.FINISHED: "idle",
}


def in_sight(membership: Membership) -> QuerySet[Campaign]:
    """Campaigns of the organisation; a narrowed person sees their own and those with a contact in their houses."""
    campaigns = Campaign.objects.filter(organisation=membership.organisation)
    if membership.all_houses:
        return campaigns
    houses = membership.houses.values("house")
    return campaigns.filter(
        Q(created_by=membership.user)
        | Q(pk__in=Contact.objects.filter(account__flat__house__in=houses).values("campaign"))
    )


def find(request: Request, pk: int) -> Any:
    """The campaign with `calls_pk`, its calling side if it has one; or 404 for one that is out of sight."""
    found = (
        in_sight(request.membership)
        .select_related("organisation", "created_by")
        .annotate(calls_pk=F("calling__pk"))
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise Http404
    return found


def may_command(request: Request, campaign: Campaign) -> bool:
    """Whoever sees all houses commands every campaign, a narrowed person only their own."""
    if not may(request.membership, "outreach.plan"):
        return False
    return request.membership.all_houses or campaign.created_by_id == request.user.pk


class Campaigns(Table[Campaign]):
    """Campaigns with their counts."""

    address = "desk:sending"
    title = gettext_lazy("Рассылки")
    columns = (
        Column(key="name", title=gettext_lazy("Название"), sort="name", width="grow"),
        Column(key="state", title=gettext_lazy("Состояние"), kind=Kind.BADGE, value=lambda row: badge(row)),
        Column(
            key="channels",
            title=gettext_lazy("Каналы"),
            value=lambda row: ", ".join(str(Channel(code).label) for code in row.channels),
        ),
        Column(key="planned", title=gettext_lazy("Всего"), kind=Kind.NUMBER),
        Column(key="left", title=gettext_lazy("Ушло"), kind=Kind.NUMBER),
        Column(key="delivered", title=gettext_lazy("Доставлено"), kind=Kind.NUMBER),
        Column(key="refused", title=gettext_lazy("Не разрешено"), kind=Kind.NUMBER),
        Column(key="withdrawn", title=gettext_lazy("Отозвано"), kind=Kind.NUMBER),
        Column(key="who", title=gettext_lazy("Подготовил"), value="created_by", hidden=True),
        Column(key="made", title=gettext_lazy("Создана"), kind=Kind.MOMENT, value="created_at", sort="created_at"),
    )
    filters = (Choice(key="state", title=gettext_lazy("Состояние"), options=CampaignState.choices),)
    sort = "-made"

    def rows(self) -> QuerySet[Campaign]:
        left = ["sending", "sent", "delivered", "failed", "unknown"]
        return (
            in_sight(self.membership)
            .filter(calling=None)
            .select_related("created_by")
            .annotate(
                planned=Count("contacts"),
                left=Count("contacts", filter=Q(contacts__state__in=left)),
                delivered=Count("contacts", filter=Q(contacts__state=ContactState.DELIVERED)),
                refused=Count("contacts", filter=Q(contacts__state=ContactState.REFUSED)),
                withdrawn=Count("contacts", filter=Q(contacts__state=ContactState.WITHDRAWN)),
            )
        )

    def search(self, rows: QuerySet[Campaign], text: str) -> QuerySet[Campaign]:
        return rows.filter(name__icontains=text)

    def row_url(self, row: Campaign) -> str:
        return reverse("desk:campaign", args=[row.pk])


def badge(campaign: Campaign) -> Badge:
    return Badge(text=campaign.get_state_display(), tone=STATE_TONES[CampaignState(campaign.state)])


@page("outreach.view")
def sending(request: Request) -> HttpResponseBase:
    table = Campaigns(membership=request.membership, query=request.GET)
    context = {"sections": sections(request, "desk:sending"), "may_plan": may(request.membership, "outreach.plan")}
    return list_page(request, table, template="desk/debts/sending.html", context=context)


class CampaignForm(forms.Form):
    """Name, channels in order and the words for each."""

    name = forms.CharField(
        label=gettext_lazy("Название"), max_length=200, help_text=gettext_lazy("Видно только вам и коллегам")
    )
    first = forms.ChoiceField(label=gettext_lazy("Сначала"), choices=[(one.value, one.label) for one in CHANNELS])
    second = forms.ChoiceField(
        label=gettext_lazy("Если так не достать"),
        required=False,
        choices=[("", gettext_lazy("больше никак")), *((one.value, one.label) for one in CHANNELS)],
    )
    template_email = forms.ModelChoiceField(
        label=gettext_lazy("Текст письма"), queryset=Template.objects.none(), required=False, empty_label="—"
    )
    template_sms = forms.ModelChoiceField(
        label=gettext_lazy("Текст СМС"), queryset=Template.objects.none(), required=False, empty_label="—"
    )

    def __init__(self, *arguments: Any, membership: Membership, **options: Any) -> None:
        super().__init__(*arguments, **options)
        kept = Template.objects.filter(organisation=membership.organisation, archived=False).order_by("name")
        for channel in CHANNELS:
            field: forms.ModelChoiceField = self.fields[f"template_{channel.value}"]  # type: ignore[assignment,type-arg]
            field.queryset = kept.filter(channel=channel)

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        for channel in self.channels():
            if channel and not told.get(f"template_{channel}"):
                self.add_error(f"template_{channel}", _("Выберите текст: без него этим каналом ничего не уйдёт"))
        return told

    def channels(self) -> list[str]:
        """The channels in order, each once."""
        told = [self.cleaned_data.get("first", ""), self.cleaned_data.get("second", "")]
        return list(dict.fromkeys(code for code in told if code))

    def templates(self) -> list[Template]:
        return [self.cleaned_data[f"template_{channel}"] for channel in self.channels()]


@page("outreach.plan")
def new(request: Request) -> HttpResponse:
    """A new campaign; the filter may come from the address, as a saved segment does."""
    return _edit(request, None)


@page("outreach.plan")
def edit(request: Request, pk: int) -> HttpResponse:
    """Change a draft."""
    campaign = find(request, pk)
    if campaign.state != CampaignState.DRAFT or not may_command(request, campaign):
        messages.error(request, _("Запущенную кампанию не изменить: её можно приостановить или остановить"))
        return HttpResponseRedirect(reverse("desk:campaign", args=[pk]))
    return _edit(request, campaign)


def _edit(request: Request, campaign: Campaign | None) -> HttpResponse:
    exactly = campaign.audience if campaign is not None and "cases" in campaign.audience else None
    posted = request.POST if request.method == "POST" else None
    form = CampaignForm(posted, membership=request.membership, initial=_initial(request, campaign))
    who = audience.AudienceForm(
        posted, membership=request.membership, initial=audience.initial(campaign.audience if campaign else {})
    )
    if posted is not None and form.is_valid() and (exactly is not None or who.is_valid()):
        told = drafting.Draft(
            name=form.cleaned_data["name"],
            cause="debt",
            channels=form.channels(),
            templates=form.templates(),
            audience=audience.within_sight(exactly, request.membership) if exactly is not None else who.filter(),
        )
        try:
            kept = drafting.rewrite(campaign, request.actor, told) if campaign else drafting.draft(request.actor, told)
        except steering.CampaignRefused as refused:
            form.add_error(None, str(refused))
        else:
            return HttpResponseRedirect(reverse("desk:campaign", args=[kept.pk]))
    who.is_bound = who.is_bound and exactly is None
    conditions = exactly if exactly is not None else _conditions(who, campaign)
    context = {
        "form": form,
        "who": who,
        "campaign": campaign,
        "exactly": exactly is not None,
        "extent": audience.extent(request.membership, conditions),
        "steps": [_("Кому и что"), _("Проверка"), _("Запуск")],
    }
    return render(request, "desk/debts/campaign_form.html", context, status=422 if form.errors or who.errors else 200)


def _conditions(who: audience.AudienceForm, campaign: Campaign | None) -> dict[str, Any]:
    if who.is_bound:
        return who.filter() if who.is_valid() else audience.within_sight({}, who.membership)
    return audience.within_sight(campaign.audience if campaign else {}, who.membership)


def _initial(request: Request, campaign: Campaign | None) -> dict[str, Any]:
    if campaign is None:
        today = clock.today(request.organisation.time_zone)
        kept = Template.objects.filter(organisation=request.organisation, archived=False)
        return {
            "name": _("Напоминание %(day)s") % {"day": f"{today:%d.%m.%Y}"},
            "first": Channel.EMAIL,
            "second": Channel.SMS,
            **{f"template_{one.channel}": one.pk for one in kept.order_by("-pk")},
        }
    chosen = {f"template_{one.channel}": one.pk for one in campaign.templates.all()}
    first, second = [*campaign.channels, "", ""][:2]
    return {"name": campaign.name, "first": first, "second": second, **chosen}


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Why some of the audience cannot be told, with the first of them."""

    reason: str
    count: int
    examples: list[Account]


@page("outreach.view")
def campaign(request: Request, pk: int) -> HttpResponse:
    """A draft with its check list and preview; a started one with its live result."""
    found = find(request, pk)
    if found.calls_pk is not None:
        return HttpResponseRedirect(reverse("desk:call_campaign", args=[found.calls_pk]))
    if found.state == CampaignState.DRAFT:
        return _draft(request, found)
    context = {
        "campaign": found,
        "badge": badge(found),
        "sentence": audience.sentence(found.audience),
        "result": results.of(found, request.membership),
        "may_command": may_command(request, found),
        "may_withdraw": may(request.membership, "outreach.withdraw"),
        "may_print": may(request.membership, "bills.print") and request.membership.all_houses,
        "templates": found.templates.all(),
    }
    return render(request, "desk/debts/campaign.html", context)


@page("outreach.view")
def result(request: Request, pk: int) -> HttpResponse:
    """The live fragment of a started campaign."""
    found = find(request, pk)
    context = {
        "campaign": found,
        "badge": badge(found),
        "result": results.of(found, request.membership),
        "may_command": may_command(request, found),
        "may_withdraw": may(request.membership, "outreach.withdraw"),
    }
    return render(request, "desk/debts/campaign_result.html", context)


def _draft(request: Request, found: Campaign) -> HttpResponse:
    today, now = clock.today(request.organisation.time_zone), clock.now()
    surveyed = planning.survey(found, today, now)
    language = request.GET.get("language", "")
    language = language if language in request.organisation.languages else ""
    reached = sum(surveyed.by_channel.values())
    context = {
        "campaign": found,
        "badge": badge(found),
        "extent": audience.extent(request.membership, found.audience),
        "reached": reached,
        "by_channel": [(Channel(code).label, surveyed.by_channel[code]) for code in found.channels],
        "missed": _missed(surveyed),
        "missed_total": sum(surveyed.unreachable.values()),
        "shown": previews.show(found, previews.three(found, day=today), day=today, language=language),
        "languages": [("", _("язык адресата"))]
        + [(code, Language(code).label) for code in request.organisation.languages],
        "language": language,
        "templates": found.templates.all(),
        "stale": results.stale_feeds(request.organisation, now),
        "may_command": may_command(request, found),
        "delay": int(steering.OUTWARD_DELAY.total_seconds()),
        "steps": [_("Кому и что"), _("Проверка"), _("Запуск")],
    }
    return render(request, "desk/debts/campaign_draft.html", context)


def _missed(surveyed: planning.Planned) -> list[Missed]:
    ids = [pk for examples in surveyed.examples.values() for pk in examples[:3]]
    accounts = Account.objects.select_related("flat__house").in_bulk(ids)
    return [
        Missed(reason=words.reason(code), count=count, examples=[accounts[pk] for pk in surveyed.examples[code][:3]])
        for code, count in surveyed.unreachable.most_common()
    ]


@require_POST
@page("outreach.plan")
def start(request: Request, pk: int) -> HttpResponse:
    """Plan and start; nothing leaves for thirty seconds. Pressed twice it starts once."""
    found = find(request, pk)
    _refuse_foreign(request, found)
    if found.state == CampaignState.DRAFT:
        try:
            planned = drafting.launch(found, request.actor, _("запуск с экрана"), now=clock.now())
        except steering.CampaignRefused as refused:
            messages.error(request, str(refused))
        else:
            told = ngettext("Запущено: %(count)s обращение", "Запущено: %(count)s обращений", planned.created)
            messages.success(request, told % {"count": planned.created})
    return HttpResponseRedirect(reverse("desk:campaign", args=[pk]))


COMMANDS = {"pause": steering.pause, "resume": steering.resume, "stop": steering.stop}


@require_POST
@page("outreach.plan")
def command(request: Request, pk: int) -> HttpResponse:
    """POST do=pause|resume|stop|withdraw and why: commanded twice, done once."""
    found = find(request, pk)
    _refuse_foreign(request, found)
    why = request.POST.get("why", "").strip()
    if not why:
        messages.error(request, _("Напишите причину: она останется в журнале"))
        return HttpResponseRedirect(reverse("desk:campaign", args=[pk]))
    try:
        if request.POST.get("do") == "withdraw":
            count = steering.withdraw_all(found, request.actor, why)
            messages.success(
                request,
                ngettext("Отозвано %(count)s обращение", "Отозвано %(count)s обращений", count) % {"count": count},
            )
        elif request.POST.get("do") in COMMANDS:
            COMMANDS[request.POST["do"]](found, request.actor, why)
    except steering.CampaignRefused as refused:
        messages.warning(request, str(refused))
    return HttpResponseRedirect(reverse("desk:campaign", args=[pk]))


def _refuse_foreign(request: Request, campaign: Campaign) -> None:
    if not may_command(request, campaign):
        raise Http404
