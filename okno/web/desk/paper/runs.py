"""Bills by the house, by the campaign or for everybody: who was asked for, how far it is, and the finished files."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from okno.access import trail
from okno.access.models import Membership
from okno.common.days import NotADay, add_months, month_of, parse_month
from okno.exchange.paper import runs
from okno.exchange.paper.details import InForce
from okno.exchange.paper.models import PrintRun, RunState
from okno.exchange.tasks import defer_print
from okno.houses.models import House
from okno.houses.visibility import visible_to
from okno.outreach.models import Contact
from okno.web.desk.accounts import scope
from okno.web.desk.debts.campaigns import in_sight
from okno.web.gatekeeper import Request, page
from okno.web.parts import words
from okno.web.parts.cells import Badge, Column, Kind
from okno.web.parts.filters import Choice
from okno.web.parts.responses import list_page
from okno.web.parts.tables import Table

#: So many accounts without a page are named on the run's page.
MOST_NAMED = 200

TONES = {
    RunState.WAITING: ("note", "hourglass"),
    RunState.WORKING: ("note", "printer"),
    RunState.DONE: ("good", "check"),
    RunState.FAILED: ("late", "octagon-alert"),
    RunState.CANCELLED: ("idle", "ban"),
}


def seen(membership: Membership) -> QuerySet[PrintRun]:
    """Runs a person may see: all of them, or with a narrowed sight those of a house in it."""
    found = PrintRun.objects.filter(organisation_id=membership.organisation_id).select_related("user", "house")
    return found if membership.all_houses else found.filter(house__in=visible_to(membership))


def one(membership: Membership, pk: int) -> PrintRun:
    """One of them; 404 for any other."""
    run = seen(membership).select_related("organisation").defer("accounts").filter(pk=pk).first()
    if run is None:
        raise Http404
    return run


def total(run: PrintRun) -> int:
    """How many accounts the run is for, without reading them."""
    return int(PrintRun.objects.values_list("accounts__len", flat=True).get(pk=run.pk))


def badge(run: PrintRun) -> Badge:
    tone, icon = TONES[RunState(run.state)]
    return Badge(text=run.get_state_display(), tone=tone, icon=icon)


class Runs(Table[PrintRun]):
    """What was printed, the newest first."""

    address = "desk:prints"
    title = gettext_lazy("Квитанции")
    sort = "-made"
    columns = (
        Column(key="title", title=gettext_lazy("Для кого"), value="title", clip=True, width="lg"),
        Column(key="state", title=gettext_lazy("Состояние"), kind=Kind.BADGE, value=badge, sort="state"),
        Column(key="month", title=gettext_lazy("Месяц"), kind=Kind.MONTH, value="month", sort="month"),
        Column(key="printed", title=gettext_lazy("Квитанций"), kind=Kind.NUMBER, value="printed"),
        Column(key="made", title=gettext_lazy("Начата"), kind=Kind.MOMENT, value="created_at", sort="created_at"),
        Column(key="user", title=gettext_lazy("Кто"), value=lambda row: row.user.name if row.user else "", clip=True),
    )
    filters = (Choice(key="state", title=gettext_lazy("Состояние"), options=tuple(RunState.choices)),)

    def rows(self) -> QuerySet[PrintRun]:
        return seen(self.membership).defer("accounts")

    def search(self, rows: QuerySet[PrintRun], text: str) -> QuerySet[PrintRun]:
        return rows.filter(title__icontains=text)

    def row_url(self, row: PrintRun) -> str:
        return reverse("desk:print", args=[row.pk])


class BeginForm(forms.Form):
    """Which month, and whose bills."""

    month = forms.CharField(label=gettext_lazy("За какой месяц"), help_text=gettext_lazy("Например, 10.2026"))
    house = forms.ModelChoiceField(
        label=gettext_lazy("Дом"),
        queryset=House.objects.none(),
        required=False,
        empty_label=gettext_lazy("все дома"),
    )

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["house"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = visible_to(membership).order_by("sort_key")
        if not membership.all_houses:
            field.required, field.empty_label = True, _("выберите дом")

    def clean_month(self) -> date:
        try:
            return parse_month(self.cleaned_data["month"])
        except NotADay:
            raise forms.ValidationError(_("Напишите месяц и год: 10.2026 или октябрь 2026")) from None


@page("bills.print")
def prints(request: Request) -> HttpResponseBase:
    """The list of runs and the form of a new one."""
    if request.method == "POST":
        return _begin(request)
    day = scope.today(request.membership)
    initial = {"month": f"{add_months(month_of(day), -1):%m.%Y}", "house": request.GET.get("house", "")}
    return _list(request, BeginForm(membership=request.membership, initial=initial))


def _list(request: Request, form: BeginForm, *, status: int = 200) -> HttpResponseBase:
    table = Runs(membership=request.membership, query=request.GET)
    day = scope.today(request.membership)
    context = {"form": form, "no_details": not InForce(request.organisation.pk, day).any}
    response = list_page(request, table, template="desk/paper/prints.html", context=context)
    response.status_code = status
    return response


def _begin(request: Request) -> HttpResponseBase:
    form = BeginForm(request.POST, membership=request.membership)
    if not form.is_valid():
        return _list(request, form, status=422)
    month, house = form.cleaned_data["month"], form.cleaned_data["house"]
    title = house.short_address if house else _("вся организация")
    try:
        with transaction.atomic():
            run = runs.begin(request.actor, month, title=title, house=house)
            defer_print(run)
    except runs.NothingToPrint as refusal:
        form.add_error(None, str(refusal))
        return _list(request, form, status=422)
    return redirect("desk:print", pk=run.pk)


@require_POST
@page("bills.print")
def campaign_bills(request: Request, pk: int) -> HttpResponse:
    """Bills of the newest finished month for everybody a campaign speaks to, in houses in sight."""
    campaign = in_sight(request.membership).filter(pk=pk).first()
    if campaign is None or not request.membership.all_houses:
        raise Http404
    accounts = Contact.objects.filter(campaign=campaign).values_list("account_id", flat=True).distinct()
    month = add_months(month_of(scope.today(request.membership)), -1)
    title = _("рассылка «%(name)s»") % {"name": campaign.name}
    try:
        with transaction.atomic():
            run = runs.begin(request.actor, month, title=title[:200], accounts=list(accounts))
            defer_print(run)
    except runs.NothingToPrint as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:campaign", pk=pk)
    return redirect("desk:print", pk=run.pk)


@page("bills.print")
def show(request: Request, pk: int) -> HttpResponse:
    """A run: its bar while it is printed, its files and who got no page when it is done."""
    run = one(request.membership, pk)
    unprinted = run.unprinted.select_related("account__flat__house").order_by("why", "account__number")
    files = [] if run.removed_at else list(enumerate(run.files, start=1))
    context = {
        "run": run,
        "badge": badge(run),
        "working": run.state in runs.LIVE,
        "total": total(run),
        "files": [{"number": number, **told, "megabytes": told["bytes"] / 2**20} for number, told in files],
        "kept_until": runs.kept_until(run),
        "unprinted": unprinted[:MOST_NAMED],
        "unprinted_count": unprinted.count(),
    }
    return render(request, "desk/paper/print.html", context)


@page("bills.print")
def progress(request: Request, pk: int) -> HttpResponse:
    """How far the run has come, for the bar."""
    run = one(request.membership, pk)
    all_of_them = total(run)
    finished = run.state not in runs.LIVE
    told: dict[str, Any] = {
        "done": run.progress_done,
        "total": all_of_them,
        "label": run.progress_text or _("Ждём свободного работника"),
        "text": _("%(done)s из %(total)s")
        % {"done": words.number_text(run.progress_done), "total": words.number_text(all_of_them)},
        "finished": finished,
    }
    if finished:
        told["location"] = reverse("desk:print", args=[run.pk])
    return JsonResponse(told)


@require_POST
@page("bills.print")
def cancel(request: Request, pk: int) -> HttpResponse:
    """Stop a run; one that has ended meanwhile stays as it is."""
    run = one(request.membership, pk)
    if runs.cancel(request.actor, run):
        messages.success(request, _("Печать остановлена, недоделанные файлы убраны."))
    return redirect("desk:print", pk=pk)


@require_POST
@page("bills.print")
def again(request: Request, pk: int) -> HttpResponse:
    """Go on with a run that failed, from where it stood; what was stopped or is kept no more begins as another run."""
    run = one(request.membership, pk)
    if run.state == RunState.CANCELLED or run.removed_at is not None:
        return _anew(request, run)
    with transaction.atomic():
        moved = PrintRun.objects.filter(pk=run.pk, state=RunState.FAILED, removed_at=None).update(
            state=RunState.WAITING, failure="", finished_at=None
        )
        if moved:
            defer_print(run)
    return redirect("desk:print", pk=pk)


def _anew(request: Request, run: PrintRun) -> HttpResponse:
    try:
        with transaction.atomic():
            accounts = PrintRun.objects.values_list("accounts", flat=True).get(pk=run.pk)
            begun = runs.begin(request.actor, run.month, title=run.title, house=run.house, accounts=accounts)
            defer_print(begun)
    except runs.NothingToPrint as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:print", pk=run.pk)
    return redirect("desk:print", pk=begun.pk)


@page("bills.print")
def file(request: Request, pk: int, number: int) -> HttpResponseBase:
    """A finished file; who took it and when stays in the trail."""
    run = one(request.membership, pk)
    path = runs.file_of(run, number)
    if run.state != RunState.DONE or not path.is_file():
        raise Http404
    sentence = _("Скачаны квитанции: %(title)s, %(month)s") % {"title": run.title, "month": words.month_text(run.month)}
    trail.record(request.actor, "bills.file_taken", sentence, subject=("print_run", run.pk))
    part = f" {number}" if len(run.files) > 1 else ""
    name = _("Квитанции %(title)s %(month)s") % {"title": run.title, "month": f"{run.month:%Y-%m}"}
    response = FileResponse(path.open("rb"), content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(True, f"{name}{part}.pdf") or "attachment"
    response["Cache-Control"] = "no-store"
    return response
