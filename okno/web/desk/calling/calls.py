"""The calls of campaigns as a list that leaves as a file."""

from django.db.models import Q, QuerySet
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from okno.access import actor, trail
from okno.common import phones
from okno.common.folding import fold
from okno.dialogs.models import Call, CallCampaign, CallState
from okno.houses.visibility import visible_to
from okno.web.desk.calling import words
from okno.web.desk.debts import by_account
from okno.web.desk.debts import campaigns as sent
from okno.web.desk.debts.sections import sections
from okno.web.gatekeeper import Request, page
from okno.web.parts import files
from okno.web.parts.responses import list_page
from okno.web.parts.tables import Badge, Choice, Column, Kind, Table

STATE_TONES = {
    CallState.TO_AGENT: "note",
    CallState.DIALLING: "note",
    CallState.RINGING: "note",
    CallState.TALKING: "good",
    CallState.WITH_PERSON: "plan",
    CallState.ENDED: "idle",
    CallState.LOST: "late",
}


def state(call: Call) -> Badge:
    """Where the call is; an ended one shows what became of the attempt."""
    if call.state in (CallState.ENDED, CallState.LOST):
        return words.outcome(call.outcome) or Badge(
            text=call.get_state_display(), tone=STATE_TONES[CallState(call.state)]
        )
    return Badge(text=call.get_state_display(), tone=STATE_TONES[CallState(call.state)])


def seconds(call: Call) -> str:
    """«2:05» of talk."""
    return f"{call.seconds // 60}:{call.seconds % 60:02}" if call.seconds else ""


def where(call: Call) -> str:
    """The flat that was called."""
    return call.account.flat.short_address if call.account else ""


def campaigns() -> list[tuple[str, str]]:
    """Campaigns of calls in the acting person's sight, the newest first, as options of a filter."""
    acting = actor.current()
    if acting is None or acting.membership is None:
        return []
    rows = CallCampaign.objects.filter(campaign__in=sent.in_sight(acting.membership)).order_by("-pk")[:200]
    return [(str(pk), name) for pk, name in rows.values_list("pk", "campaign__name")]


class CampaignCalls(Table[Call]):
    """Calls made by campaigns to the houses in sight, the newest first."""

    address = "desk:campaign_calls"
    title = _("Звонки обзвона")
    columns = (
        Column(key="at", title=_("Когда"), kind=Kind.MOMENT, value="started_at", sort="started_at"),
        Column(key="address", title=_("Адрес"), value="account.flat.short_address", clip=True),
        Column(key="person", title=_("Кому"), value="person.full_name", width="grow", clip=True),
        Column(key="phone", title=_("Телефон"), value=lambda call: phones.mask(call.address), clip=True),
        Column(key="state", title=_("Исход"), kind=Kind.BADGE, value=state),
        Column(key="result", title=_("Результат"), kind=Kind.BADGE, value=lambda call: words.result(call.result)),
        Column(key="talk", title=_("Разговор"), value=seconds),
        Column(key="campaign", title=_("Обзвон"), value="campaign.campaign.name", hidden=True),
        Column(key="agent", title=_("Сотрудник"), value="agent", hidden=True),
        Column(key="arm", title=_("Ветвь"), hidden=True),
        Column(key="words", title=_("Слова линии"), hidden=True),
    )
    filters = (
        Choice(key="campaign", title=_("Обзвон"), options=campaigns, field="campaign_id"),
        Choice(
            key="outcome", title=_("Исход"), options=[(str(code), told[0]) for code, told in words.OUTCOMES.items()]
        ),
        Choice(key="result", title=_("Результат"), options=[(code, told[0]) for code, told in words.RESULTS.items()]),
    )
    sort = "-at"

    def rows(self) -> QuerySet[Call]:
        return Call.objects.filter(
            organisation=self.membership.organisation,
            campaign__isnull=False,
            account__flat__house__in=visible_to(self.membership),
        ).select_related("account__flat__house", "person", "agent", "campaign__campaign")

    def search(self, rows: QuerySet[Call], text: str) -> QuerySet[Call]:
        return rows.filter(
            by_account.named(text) | Q(address__contains=text) | Q(person__search_text__contains=fold(text))
        )

    def row_url(self, row: Call) -> str:
        return reverse("desk:call", args=[row.pk])


@page("outreach.view")
def calls(request: Request) -> HttpResponseBase:
    """The calls of campaigns; a file of them leaves a line in the trail."""
    table = CampaignCalls(membership=request.membership, query=request.GET)
    if request.GET.get("file") in files.KINDS:
        trail.record(request.actor, "calls.exported", gettext("Выгружен список звонков обзвона"))
    context = {"sections": sections(request, "desk:calling")}
    return list_page(request, table, template="desk/calling/calls.html", context=context)
