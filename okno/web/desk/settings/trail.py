"""The trail: who did what, when and why."""

from django.db.models import Q, QuerySet
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy

from okno.access import actor
from okno.access.models import Action, Membership
from okno.web.desk.settings.sections import sections
from okno.web.gatekeeper import Request, page
from okno.web.parts.responses import list_page
from okno.web.parts.tables import Choice, Column, DayRange, Kind, Table

SUBJECTS = {
    "account": (gettext_lazy("лицевой счёт"), "desk:account"),
    "house": (gettext_lazy("дом"), "desk:house"),
    "person": (gettext_lazy("человек"), "desk:person"),
    "import": (gettext_lazy("загрузка"), "desk:import"),
    "print_run": (gettext_lazy("квитанции"), "desk:print"),
    "campaign": (gettext_lazy("рассылка"), "desk:campaign"),
    "template": (gettext_lazy("шаблон"), "desk:template"),
    "settings": (gettext_lazy("настройки"), ""),
    "user": (gettext_lazy("сотрудник"), ""),
    "month": (gettext_lazy("месяц"), ""),
    "call": (gettext_lazy("звонок"), "desk:call"),
    "request": (gettext_lazy("заявка"), "desk:request"),
    "outage": (gettext_lazy("отключение"), "desk:incident"),
    "scenario": (gettext_lazy("сценарий"), ""),
}

NUMBERED = frozenset({"import"})
"""What people know by the number it has in the database; an account's own number is another one."""


def _people() -> list[tuple[str, str]]:
    acting = actor.current()
    if acting is None or acting.organisation is None:
        return []
    rows = Membership.objects.filter(organisation=acting.organisation).select_related("user").order_by("user__name")
    return [(str(row.user_id), str(row.user)) for row in rows]


def _where(row: Action) -> str:
    told = SUBJECTS.get(row.subject_kind)
    if told is None or not row.subject_id:
        return ""
    return f"{told[0]} № {row.subject_id}" if row.subject_kind in NUMBERED else str(told[0])


class Trail(Table[Action]):
    """Every action of the organisation, the newest first."""

    address = "desk:trail"
    title = gettext_lazy("Журнал действий")
    columns = (
        Column(key="at", title=gettext_lazy("Когда"), kind=Kind.MOMENT, sort="at"),
        Column(key="who", title=gettext_lazy("Кто"), value="user_name", sort="user_name", clip=True),
        Column(key="what", title=gettext_lazy("Что сделано"), value="sentence", width="grow"),
        Column(key="why", title=gettext_lazy("Почему"), value="reason", clip=True),
        Column(key="where", title=gettext_lazy("О чём"), value=_where),
        Column(key="verb", title=gettext_lazy("Код"), hidden=True),
    )
    filters = (
        Choice(key="who", title=gettext_lazy("Кто"), options=_people, field="user_id"),
        Choice(
            key="about",
            title=gettext_lazy("О чём"),
            options=[(code, told) for code, (told, _page) in SUBJECTS.items()],
            field="subject_kind",
        ),
        DayRange(key="on", title=gettext_lazy("Когда"), field="at__date"),
    )
    sort = "-at"

    def rows(self) -> QuerySet[Action]:
        return Action.objects.filter(organisation=self.membership.organisation)

    def search(self, rows: QuerySet[Action], text: str) -> QuerySet[Action]:
        return rows.filter(Q(sentence__icontains=text) | Q(reason__icontains=text) | Q(verb__startswith=text))

    def row_url(self, row: Action) -> str:
        page_name = SUBJECTS.get(row.subject_kind, ("", ""))[1]
        return reverse(page_name, args=[row.subject_id]) if page_name and row.subject_id else ""


@page("access.view_trail")
def trail(request: Request) -> HttpResponseBase:
    table = Trail(membership=request.membership, query=request.GET)
    return list_page(
        request, table, template="desk/settings/trail.html", context={"sections": sections(request, "desk:trail")}
    )
