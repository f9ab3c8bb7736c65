"""The list of promises: due today, broken, open; and the sums that were promised."""

from datetime import date

from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.access import actor, trail
from okno.access.models import Membership
from okno.access.roles import may
from okno.common import clock
from okno.common.folding import fold
from okno.debts.models import CaseHold, HoldReason, Promise, PromiseState
from okno.houses.visibility import visible_to
from okno.web.desk.accounts import scope
from okno.web.desk.debts import by_account
from okno.web.desk.promises import marks
from okno.web.gatekeeper import Request, page
from okno.web.parts import files
from okno.web.parts.responses import list_page
from okno.web.parts.tables import Choice, Column, DayRange, Kind, MoneyRange, Table


def today() -> date:
    """The day of the acting person's organisation."""
    acting = actor.current()
    assert acting is not None
    assert acting.organisation is not None
    return clock.today(acting.organisation.time_zone)


PILES = {
    "today": gettext_lazy("сегодня"),
    "open": gettext_lazy("ждём"),
    "broken": gettext_lazy("не выполнены"),
    "kept": gettext_lazy("выполнены"),
}


def _pile(told: str) -> Q:
    if told == "today":
        return Q(state=PromiseState.OPEN, on=today())
    return Q(state=told)


def in_sight(membership: Membership) -> QuerySet[Promise]:
    """Promises on the accounts of the houses in sight."""
    return Promise.objects.filter(organisation=membership.organisation, account__flat__house__in=visible_to(membership))


def holds_in_sight(membership: Membership) -> QuerySet[CaseHold]:
    """Holds on the accounts of the houses in sight."""
    return CaseHold.objects.filter(
        organisation=membership.organisation, account__flat__house__in=visible_to(membership)
    )


def made_by(told: str) -> str:
    """«робот» or «сотрудник»: who heard it."""
    return _("робот") if told.startswith("call:") else _("сотрудник")


class Promises(Table[Promise]):
    """Promises, the nearest day first."""

    address = "desk:promises"
    title = gettext_lazy("Обещания")
    columns = (
        by_account.NUMBER,
        by_account.SORTED_ADDRESS,
        Column(key="person", title=gettext_lazy("Кто обещал"), value="person.full_name", clip=True),
        Column(key="minor", title=gettext_lazy("Сумма"), kind=Kind.MONEY, sort="minor", total="minor"),
        Column(key="on", title=gettext_lazy("До"), kind=Kind.DAY, sort="on"),
        Column(key="state", title=gettext_lazy("Состояние"), kind=Kind.BADGE, value=marks.state),
        Column(key="made", title=gettext_lazy("Обещано"), kind=Kind.MOMENT, value="made_at", sort="made_at"),
        Column(key="by", title=gettext_lazy("Кому"), value=lambda row: made_by(row.made_by), hidden=True),
        Column(key="words", title=gettext_lazy("Слова"), clip=True, hidden=True),
    )
    filters = (
        Choice(key="pile", title=gettext_lazy("Какие"), options=tuple(PILES.items()), narrow=_pile),
        by_account.HOUSE,
        DayRange(key="on", title=gettext_lazy("До"), field="on"),
        MoneyRange(key="minor", title=gettext_lazy("Сумма"), field="minor"),
    )
    sort = "-on"
    amount = "minor"

    def rows(self) -> QuerySet[Promise]:
        return in_sight(self.membership).select_related("account__flat__house", "person")

    def search(self, rows: QuerySet[Promise], text: str) -> QuerySet[Promise]:
        return rows.filter(by_account.named(text) | Q(person__search_text__contains=fold(text)))

    def row_url(self, row: Promise) -> str:
        return reverse("desk:account_promises", args=[row.account_id])

    def row_tone(self, row: Promise) -> str:
        return "late" if row.state == PromiseState.BROKEN else ""


@page("promises.view")
def promises(request: Request) -> HttpResponseBase:
    """The list with what is due today, what broke and what is kept."""
    table = Promises(membership=request.membership, query=request.GET)
    if request.GET.get("file") in files.KINDS:
        trail.record(request.actor, "promises.exported", _("Выгружен список обещаний"))
    context = (
        {}
        if request.GET.get("after")
        else {"totals": totals(request.membership), "day": scope.today(request.membership)}
    )
    return list_page(request, table, template="desk/promises/list.html", context=context)


def totals(membership: Membership) -> dict[str, int]:
    """Counts and sums for the tiles."""
    day = scope.today(membership)
    due = Q(state=PromiseState.OPEN, on=day)
    found = in_sight(membership).aggregate(
        today=Count("pk", filter=due),
        today_minor=Sum("minor", filter=due),
        open=Count("pk", filter=Q(state=PromiseState.OPEN)),
        open_minor=Sum("minor", filter=Q(state=PromiseState.OPEN)),
        broken=Count("pk", filter=Q(state=PromiseState.BROKEN, on__gte=day.replace(day=1))),
        kept=Count("pk", filter=Q(state=PromiseState.KEPT, on__gte=day.replace(day=1))),
    )
    return {name: value or 0 for name, value in found.items()}


class Holds(Table[CaseHold]):
    """Holds, those that end first before the others."""

    address = "desk:holds"
    title = gettext_lazy("Паузы")
    columns = (
        by_account.NUMBER,
        by_account.SORTED_ADDRESS,
        Column(key="reason", title=gettext_lazy("Почему"), kind=Kind.BADGE, value=lambda row: marks.hold(row.reason)),
        Column(key="words", title=gettext_lazy("Слова жителя"), clip=True),
        Column(key="since", title=gettext_lazy("С"), kind=Kind.DAY, sort="since"),
        Column(key="until", title=gettext_lazy("По"), kind=Kind.DAY, sort="until"),
        Column(
            key="ended", title=gettext_lazy("Снята"), kind=Kind.DAY, value="ended_on", sort="ended_on", nullable=True
        ),
        Column(key="why", title=gettext_lazy("Чем кончилось"), value="ended_why", clip=True, hidden=True),
    )
    filters = (
        Choice(
            key="pile",
            title=gettext_lazy("Какие"),
            options=(("now", gettext_lazy("действуют")), ("over", gettext_lazy("кончились"))),
            narrow=lambda told: _in_force() if told == "now" else ~_in_force(),
        ),
        Choice(key="reason", title=gettext_lazy("Почему"), options=HoldReason.choices),
        by_account.HOUSE,
    )
    sort = "until"

    def rows(self) -> QuerySet[CaseHold]:
        return holds_in_sight(self.membership).select_related("account__flat__house")

    def search(self, rows: QuerySet[CaseHold], text: str) -> QuerySet[CaseHold]:
        return rows.filter(by_account.named(text) | Q(words__icontains=text))

    def row_url(self, row: CaseHold) -> str:
        return reverse("desk:account_promises", args=[row.account_id])


def _in_force() -> Q:
    return Q(ended_on=None, until__gte=today())


@page("promises.view")
def holds(request: Request) -> HttpResponseBase:
    """Everything that makes reminders wait, with what is still to be looked at."""
    table = Holds(membership=request.membership, query=request.GET)
    context = {"may_record": may(request.membership, "promises.record")}
    return list_page(request, table, template="desk/promises/holds.html", context=context)
