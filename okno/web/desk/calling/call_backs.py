"""Call-backs that are owed: who, about what and until when; done with one press."""

from django.contrib import messages
from django.db.models import Case, DateTimeField, Q, QuerySet, When
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from okno.access.models import Membership
from okno.access.roles import may
from okno.common import clock
from okno.common.folding import fold
from okno.dialogs.live import call_backs
from okno.dialogs.models import CallBack
from okno.houses.visibility import visible_to
from okno.web.gatekeeper import Request, page
from okno.web.parts import menu, words
from okno.web.parts.responses import list_page
from okno.web.parts.tables import Choice, Clock, Column, Kind, Table


def in_sight(membership: Membership) -> QuerySet[CallBack]:
    """Call-backs of the houses in sight; those of nobody we know are for everybody who talks."""
    rows = CallBack.objects.filter(organisation=membership.organisation)
    if membership.all_houses:
        return rows
    return rows.filter(Q(account=None) | Q(account__flat__house__in=visible_to(membership)))


def owed(membership: Membership) -> QuerySet[CallBack]:
    """Those not done yet, the most urgent first."""
    return in_sight(membership).filter(done_at=None).order_by("due_at", "pk")


def short(membership: Membership) -> list[CallBack]:
    """The first few that are owed."""
    return list(owed(membership).select_related("person", "account__flat__house")[:5])


def _clock(row: CallBack) -> Clock:
    done = words.moment_text(row.done_at) if row.done_at else ""
    return Clock(due=row.due_at, start=row.created_at, met=done)


class CallBacks(Table[CallBack]):
    """Call-backs, the most urgent first."""

    address = "desk:missed"
    title = gettext_lazy("Перезвоны")
    columns = (
        Column(
            key="due",
            title=gettext_lazy("Перезвонить до"),
            kind=Kind.CLOCK,
            value=_clock,
            sort="waits_until",
            nullable=True,
        ),
        Column(key="phone", title=gettext_lazy("Телефон"), kind=Kind.PHONE),
        Column(
            key="person",
            title=gettext_lazy("Кто"),
            value=lambda row: row.person.full_name if row.person else _("номер не узнан"),
            clip=True,
        ),
        Column(key="address", title=gettext_lazy("Адрес"), value="account.flat.short_address", clip=True),
        Column(key="words", title=gettext_lazy("О чём"), width="grow", clip=True),
        Column(key="asked", title=gettext_lazy("Просил"), kind=Kind.MOMENT, value="created_at", sort="created_at"),
        Column(key="by", title=gettext_lazy("Перезвонил"), value="done_by", hidden=True),
        Column(key="result", title=gettext_lazy("Чем кончилось"), clip=True, hidden=True),
    )
    filters = (
        Choice(
            key="pile",
            title=gettext_lazy("Какие"),
            options=(("owed", gettext_lazy("надо перезвонить")), ("done", gettext_lazy("перезвонили"))),
            narrow=lambda told: Q(done_at__isnull=told == "owed"),
        ),
    )
    sort = "due"

    def rows(self) -> QuerySet[CallBack]:
        waits = Case(When(done_at=None, then="due_at"), output_field=DateTimeField())
        rows = in_sight(self.membership).select_related("person", "account__flat__house", "done_by")
        return rows.annotate(waits_until=waits)

    def search(self, rows: QuerySet[CallBack], text: str) -> QuerySet[CallBack]:
        digits = "".join(sign for sign in text if sign.isdecimal())
        found = Q(words__icontains=text) | Q(person__search_text__contains=fold(text))
        return rows.filter(found | Q(phone__contains=digits) if digits else found)

    def row_url(self, row: CallBack) -> str:
        return reverse("desk:call_back", args=[row.pk])

    def row_tone(self, row: CallBack) -> str:
        return "late" if row.done_at is None and row.due_at < clock.now() else ""


@page("calls.take")
def missed(request: Request) -> HttpResponseBase:
    """The list."""
    table = CallBacks(membership=request.membership, query=request.GET)
    return list_page(request, table, template="desk/calling/call_backs.html")


@page("calls.take")
def call_back(request: Request, pk: int) -> HttpResponse:
    """One call-back with its account beside."""
    found = (
        in_sight(request.membership).select_related("person", "account__flat__house", "done_by").filter(pk=pk).first()
    )
    if found is None:
        raise Http404
    context = {
        "owed": found,
        "call_url": reverse("desk:call", args=[found.call_id]) if found.call_id else "",
        "late": found.done_at is None and found.due_at < clock.now(),
    }
    return render(request, "desk/calling/call_back.html", context)


@require_POST
@page("calls.take")
def done(request: Request, pk: int) -> HttpResponse:
    """POST result: called back; done twice, done once."""
    if not in_sight(request.membership).filter(pk=pk).exists():
        raise Http404
    if call_backs.done(request.actor, pk, request.POST.get("result", ""), clock.now()):
        messages.success(request, _("Отмечено: перезвонили"))
    else:
        messages.info(request, _("Об этом уже перезвонили"))
    back = request.POST.get("back", "")
    if back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return HttpResponseRedirect(back)
    return HttpResponseRedirect(reverse("desk:missed"))


def owed_count(membership: Membership) -> menu.Count | None:
    """How many are owed, for the menu."""
    if not may(membership, "calls.take"):
        return None
    due = list(owed(membership).values_list("due_at", flat=True)[:500])
    if not due:
        return None
    return menu.Count(value=len(due), tone="late" if due[0] < clock.now() else "warn")
