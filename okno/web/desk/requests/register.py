"""The register: what is dangerous first, then what is urgent, then in the order it came."""

from typing import Any

from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Value, When
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.access import trail
from okno.access.models import Membership
from okno.access.roles import may
from okno.common.folding import fold
from okno.houses.visibility import visible_to
from okno.requests.models import Request as Asked
from okno.requests.models import RequestSource, RequestState, Urgency
from okno.requests.register import OPEN
from okno.web.desk.debts.by_account import houses_in_sight
from okno.web.desk.requests import marks, outages
from okno.web.gatekeeper import Request, page
from okno.web.parts import files, menu
from okno.web.parts.responses import list_page
from okno.web.parts.tables import Choice, Column, DayRange, Flag, Kind, Table

_PILE = 10**12
"""More requests than an organisation will ever have: a pile's number stands above the row's."""

PILES = (
    (Q(state__in=OPEN, urgency=Urgency.DANGER), gettext_lazy("Опасно для людей")),
    (Q(state__in=OPEN, urgency=Urgency.URGENT), gettext_lazy("Срочные")),
    (Q(state__in=OPEN), gettext_lazy("Открытые")),
    (Q(state=RequestState.DONE), gettext_lazy("Выполненные")),
    (Q(state=RequestState.CLOSED), gettext_lazy("Закрытые")),
)
"""The piles of the list in their order, each with what falls into it and not into the ones before."""


def in_sight(membership: Membership) -> QuerySet[Asked]:
    """Requests of the houses this person sees."""
    return Asked.objects.filter(organisation=membership.organisation, house__in=visible_to(membership))


def place(request: Asked) -> str:
    """«ул. Ленина, 5, кв. 12»."""
    return request.flat.short_address if request.flat else request.house.short_address


def _place_in_order() -> Case:
    """Open ones: the oldest first; finished ones: the newest first."""
    whens = [
        When(where, then=Value(rank * _PILE) + (F("pk") if rank < 3 else Value(_PILE - 1) - F("pk")))
        for rank, (where, _title) in enumerate(PILES)
    ]
    return Case(*whens, output_field=BigIntegerField())


class Register(Table[Asked]):
    """Requests of the houses in sight."""

    address = "desk:requests"
    title = gettext_lazy("Заявки")
    columns = (
        Column(key="number", title=gettext_lazy("№"), kind=Kind.NUMBER, sort="number"),
        Column(
            key="urgency",
            title=gettext_lazy("Срочность"),
            kind=Kind.BADGE,
            value=lambda row: marks.urgency(row.urgency, over=row.state not in OPEN),
            sort="place_in_order",
        ),
        Column(key="category", title=gettext_lazy("Вид"), value=lambda row: marks.category_name(row.category)),
        Column(key="text", title=gettext_lazy("Что случилось"), width="grow", clip=True),
        Column(key="house", title=gettext_lazy("Адрес"), value=place, sort="house__sort_key", clip=True),
        Column(key="state", title=gettext_lazy("Состояние"), kind=Kind.BADGE, value=lambda row: marks.state(row.state)),
        Column(key="phone", title=gettext_lazy("Телефон"), kind=Kind.PHONE, hidden=True),
        Column(key="source", title=gettext_lazy("Откуда"), value=lambda row: row.get_source_display(), hidden=True),
        Column(key="created", title=gettext_lazy("Пришла"), kind=Kind.MOMENT, value="created_at", sort="created_at"),
        Column(
            key="done",
            title=gettext_lazy("Сделана"),
            kind=Kind.MOMENT,
            value="done_at",
            sort="done_at",
            nullable=True,
            hidden=True,
        ),
        Column(key="score", title=gettext_lazy("Оценка"), kind=Kind.NUMBER, value="rating.score", hidden=True),
    )
    filters = (
        Choice(key="state", title=gettext_lazy("Состояние"), options=RequestState.choices),
        Choice(key="urgency", title=gettext_lazy("Срочность"), options=Urgency.choices),
        Choice(key="category", title=gettext_lazy("Вид"), options=marks.category_options),
        Choice(key="house", title=gettext_lazy("Дом"), options=houses_in_sight, field="house_id"),
        Choice(key="source", title=gettext_lazy("Откуда"), options=RequestSource.choices),
        Flag(key="open", title=gettext_lazy("Только открытые"), condition=Q(state__in=OPEN)),
        Flag(key="poor", title=gettext_lazy("Оценка ниже 7"), condition=Q(rating__score__lt=7)),
        DayRange(key="created", title=gettext_lazy("Пришла"), field="created_at__date"),
    )
    sort = "urgency"

    def rows(self) -> QuerySet[Asked]:
        rows = in_sight(self.membership).select_related("house", "flat__house", "rating")
        return rows.annotate(place_in_order=_place_in_order())

    def search(self, rows: QuerySet[Asked], text: str) -> QuerySet[Asked]:
        found = (
            Q(text__icontains=text)
            | Q(place__icontains=text)
            | Q(house__search_text__contains=fold(text))
            | Q(account__number__icontains=text)
            | Q(person__search_text__contains=fold(text))
        )
        digits = "".join(sign for sign in text if sign.isdecimal())
        if digits:
            found |= Q(phone__contains=digits)
        if digits and len(digits) <= 9:
            found |= Q(number=int(digits))
        return rows.filter(found)

    def row_url(self, row: Asked) -> str:
        return reverse("desk:request", args=[row.pk])

    def row_tone(self, row: Asked) -> str:
        danger = row.urgency == Urgency.DANGER and row.state in OPEN
        return "late" if danger else "warn" if row.state == RequestState.REOPENED else ""

    def group(self, row: Any) -> str:
        if self.query.get("sort", self.sort) not in ("", self.sort):
            return ""
        return str(PILES[row.place_in_order // _PILE][1])


@page("requests.view")
def requests(request: Request) -> HttpResponseBase:
    """The register, with what is off now above it."""
    table = Register(membership=request.membership, query=request.GET)
    if request.GET.get("file") in files.KINDS:
        trail.record(request.actor, "requests.exported", _("Выгружен список заявок"))
    context = {
        "may_write": may(request.membership, "requests.write"),
        "off": outages.short(request.membership) if not request.GET.get("after") else [],
    }
    return list_page(request, table, template="desk/requests/list.html", context=context)


def waiting_count(membership: Membership) -> menu.Count | None:
    """How many requests nobody has taken, for the menu."""
    if not may(membership, "requests.view"):
        return None
    waiting = in_sight(membership).filter(state__in=[RequestState.NEW, RequestState.REOPENED])
    codes = list(waiting.values_list("urgency", flat=True)[:1000])
    if not codes:
        return None
    return menu.Count(value=len(codes), tone="late" if Urgency.DANGER in codes else "warn")
