"""The journal of calls: a list with filters that leaves as a file."""

from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from okno.access import trail
from okno.access.roles import may
from okno.common import phones
from okno.common.folding import fold
from okno.dialogs import scenario as scenarios
from okno.dialogs.listening import LONG_SECONDS, UNSURE
from okno.dialogs.models import Call, CallState, CallTurn, Direction, Speaker
from okno.web.desk.calling import calls as campaign_calls
from okno.web.desk.calling import words as calling
from okno.web.desk.calls import words
from okno.web.desk.calls.scope import calls_of
from okno.web.desk.calls.sections import sections
from okno.web.desk.debts import by_account
from okno.web.gatekeeper import Request, page
from okno.web.parts import files
from okno.web.parts.responses import list_page
from okno.web.parts.tables import Choice, Column, DayRange, Flag, Kind, Table


def badly_heard() -> Q:
    """Calls in which something was heard unsurely."""
    turns = CallTurn.objects.filter(call=OuterRef("pk"), who=Speaker.PERSON, confidence__lt=UNSURE)
    return Q(Exists(turns))


def _titles() -> list[tuple[str, str]]:
    return [(name, calling.scenario_title(name)) for name in scenarios.names()]


def _outcomes() -> list[tuple[str, Any]]:
    return [(code.value, told[0]) for code, told in calling.OUTCOMES.items()]


class Journal(Table[Call]):
    """Calls in sight, the newest first."""

    address = "desk:calls"
    title = _("Журнал звонков")
    columns = (
        Column(key="at", title=_("Когда"), kind=Kind.MOMENT, value="started_at", sort="started_at"),
        Column(key="direction", title=_("Направление"), kind=Kind.BADGE, value=words.direction),
        Column(key="person", title=_("Кто"), value=words.who, clip=True),
        Column(key="where", title=_("Адрес"), value=words.where, width="grow", clip=True),
        Column(key="scenario", title=_("Сценарий"), value=words.scenario, clip=True),
        Column(key="end", title=_("Чем кончилось"), kind=Kind.BADGE, value=words.end),
        Column(key="talk", title=_("Разговор"), value=words.talk, sort="seconds", nullable=True),
        Column(key="state", title=_("Исход"), kind=Kind.BADGE, value=words.state, hidden=True),
        Column(key="result", title=_("Результат"), kind=Kind.BADGE, value=words.result, hidden=True),
        Column(key="phone", title=_("Телефон"), value=lambda call: phones.mask(call.address), hidden=True),
        Column(key="campaign", title=_("Обзвон"), value="campaign.campaign.name", hidden=True, clip=True),
        Column(key="agent", title=_("Сотрудник"), value="agent", hidden=True),
        Column(key="picked", title=_("Кто ответил"), value=words.picked_up, hidden=True),
        Column(key="ended", title=_("Кто закончил"), value=words.ended_by, hidden=True),
        Column(key="arm", title=_("Ветвь"), hidden=True),
    )  # fmt: skip
    filters = (
        Choice(key="direction", title=_("Направление"), options=Direction.choices),
        Choice(key="scenario", title=_("Сценарий"), options=_titles),
        Choice(key="campaign", title=_("Обзвон"), options=campaign_calls.campaigns, field="campaign_id"),
        Choice(key="outcome", title=_("Исход"), options=_outcomes),
        Choice(key="result", title=_("Результат"), options=[(code, told[0]) for code, told in calling.RESULTS.items()]),
        Flag(key="unsure", title=_("Плохо расслышал"), condition=badly_heard),
        Flag(key="long", title=_("Долгие"), condition=Q(seconds__gte=LONG_SECONDS)),
        Flag(key="staff", title=_("Говорил сотрудник"), condition=Q(agent__isnull=False)),
        Flag(key="lost", title=_("Прерваны сбоем"), condition=Q(state=CallState.LOST)),
        DayRange(key="on", title=_("Когда"), field="day"),
    )  # fmt: skip
    sort = "-at"

    def rows(self) -> QuerySet[Call]:
        rows = calls_of(self.membership).select_related(
            "account__flat__house", "house", "person", "agent", "campaign__campaign"
        )
        return rows.annotate(day=TruncDate(F("started_at")))

    def search(self, rows: QuerySet[Call], text: str) -> QuerySet[Call]:
        digits = "".join(sign for sign in text if sign.isdigit())
        found = by_account.named(text) | Q(person__search_text__contains=fold(text))
        # A whole number finds a call; a few figures would tell the numbers that the list hides.
        return rows.filter(found | Q(address__endswith=digits[-10:]) if len(digits) >= 10 else found)

    def row_url(self, row: Call) -> str:
        return reverse("desk:call", args=[row.pk])

    def row_tone(self, row: Call) -> str:
        return "late" if row.state == CallState.LOST else ""


@page("calls.view")
def calls(request: Request) -> HttpResponseBase:
    """The journal; a file of it leaves a line in the trail."""
    table = Journal(membership=request.membership, query=request.GET)
    if request.GET.get("file") in files.KINDS:
        trail.record(request.actor, "calls.exported", gettext("Выгружен журнал звонков"), reason=table.state())
    context: dict[str, Any] = {
        "sections": sections(request, "desk:calls"),
        "may_plan": may(request.membership, "outreach.plan"),
    }
    return list_page(request, table, template="desk/calls/journal.html", context=context)
