"""The portfolio: who owes what and since when, what changed in a week, and whom to remind."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from okno.access import actor
from okno.common import clock
from okno.common.folding import fold
from okno.debts import ladder, queries
from okno.debts.models import Case, CaseState, Segment
from okno.debts.words import AGE_LABELS
from okno.houses.models import House
from okno.houses.visibility import visible_to
from okno.ledger.ages import AGES
from okno.outreach import drafting
from okno.outreach.models import CampaignState, Contact, ContactState, Template
from okno.people.models import EmailAddress, Occupancy
from okno.web.desk.debts import by_account, links, marks
from okno.web.desk.debts.collected import daily
from okno.web.gatekeeper import Request, page
from okno.web.parts.responses import list_page
from okno.web.parts.tables import (
    Badge,
    BulkAction,
    Choice,
    Column,
    DayRange,
    Flag,
    Kind,
    MoneyRange,
    Table,
)

WEEK = timedelta(days=7)
MONTHS = (("1", 1, 1), ("2", 2, 2), ("3", 3, 3), ("4-6", 4, 6), ("7-12", 7, 12), ("13", 13, 10_000))


def months_title(code: str) -> str:
    """«2 месяца», «4–6 месяцев», «больше года»."""
    if code == "13":
        return _("больше года")
    first, _dash, last = code.partition("-")
    if last:
        return _("%(first)s–%(last)s месяцев") % {"first": first, "last": last}
    return ngettext("%(count)s месяц", "%(count)s месяцев", int(first)) % {"count": first}


def steps_in_force() -> list[tuple[str, str]]:
    """The steps of the acting person's organisation, as options of a filter."""
    acting = actor.current()
    if acting is None or acting.organisation is None:
        return []
    day = clock.today(acting.organisation.time_zone)
    return [(step.code, str(step)) for step in ladder.in_force(acting.organisation, day)]


def _of_months(code: str) -> Q:
    first, last = next((first, last) for name, first, last in MONTHS if name == code)
    return Q(months_owed__gte=first, months_owed__lte=last)


def _last_contact(case: Any) -> Badge | None:
    if case.last_contact_state is None:
        return None
    told = marks.state(case.last_contact_state)
    return Badge(text=told.text, tone=told.tone, icon=marks.CHANNEL_ICONS[case.last_contact_channel])


def _reach(case: Any) -> str:
    """By what the people of the flat can be reached."""
    found = [word for word, has in ((_("телефон"), case.has_phone), (_("почта"), case.has_email)) if has]
    return ", ".join(found) or "—"


class Portfolio(Table[Case]):
    """Open cases of the houses in sight."""

    address = "desk:portfolio"
    title = gettext_lazy("Должники")
    columns = (
        by_account.NUMBER,
        by_account.SORTED_ADDRESS,
        Column(
            key="debt",
            title=gettext_lazy("Просрочено"),
            kind=Kind.MONEY,
            value="debt_minor",
            sort="debt_minor",
            total="debt_minor",
        ),
        Column(key="saldo", title=gettext_lazy("Сальдо"), kind=Kind.BALANCE, value="saldo_minor", hidden=True),
        Column(key="age", title=gettext_lazy("Возраст"), kind=Kind.BADGE, value=marks.oldest_age),
        Column(key="months", title=gettext_lazy("Месяцев"), kind=Kind.NUMBER, value="months_owed", sort="months_owed"),
        Column(
            key="since", title=gettext_lazy("Не платит с"), kind=Kind.DAY, value="overdue_since", sort="overdue_since"
        ),
        Column(key="segment", title=gettext_lazy("Сегмент"), kind=Kind.BADGE, value=marks.segment),
        Column(key="step", title=gettext_lazy("Шаг"), value=marks.step),
        Column(
            key="penalty",
            title=gettext_lazy("Пеня"),
            kind=Kind.MONEY,
            value="penalty_minor",
            sort="penalty_minor",
            total="penalty_minor",
            doubt="penalty_doubted",
            hidden=True,
        ),
        Column(key="paid", title=gettext_lazy("Платил"), kind=Kind.DAY, value="last_payment_on"),
        Column(key="contact", title=gettext_lazy("Контакт"), kind=Kind.MOMENT, value="last_contact_at"),
        Column(key="result", title=gettext_lazy("Итог"), kind=Kind.BADGE, value=_last_contact),
        Column(key="next", title=gettext_lazy("Следующий"), kind=Kind.MOMENT, value="next_contact_at"),
        Column(key="reach", title=gettext_lazy("Связь"), value=_reach),
        Column(
            key="opened",
            title=gettext_lazy("В должниках с"),
            kind=Kind.DAY,
            value="opened_on",
            sort="opened_on",
            hidden=True,
        ),
    )
    filters = (
        Choice(
            key="age",
            title=gettext_lazy("Возраст"),
            options=[(name, AGE_LABELS[name]) for name in AGES],
            narrow=lambda name: Q(**{f"{name}_minor__gt": 0}),
        ),
        Choice(
            key="months",
            title=gettext_lazy("Месяцев"),
            options=lambda: [(code, months_title(code)) for code, _first, _last in MONTHS],
            narrow=_of_months,
        ),
        Choice(key="segment", title=gettext_lazy("Сегмент"), options=Segment.choices, field="segment"),
        Choice(key="step", title=gettext_lazy("Шаг"), options=steps_in_force, field="step"),
        by_account.HOUSE,
        Flag(key="silent", title=gettext_lazy("Без контакта"), condition=Q(last_contact_at=None)),
        Flag(key="waiting", title=gettext_lazy("Ждёт контакта"), condition=Q(next_contact_at__isnull=False)),
        MoneyRange(key="debt", title=gettext_lazy("Просрочено"), field="debt_minor"),
        DayRange(key="opened", title=gettext_lazy("В должниках с"), field="opened_on"),
    )
    bulk = (
        BulkAction(
            key="remind",
            title=gettext_lazy("Напомнить"),
            icon="send",
            hotkey="KeyR",
            permission="outreach.plan",
            variant="primary",
            url=lambda: reverse("desk:remind"),
        ),
        BulkAction(
            key="call",
            title=gettext_lazy("Обзвонить"),
            icon="phone-outgoing",
            hotkey="KeyC",
            permission="outreach.plan",
            url=lambda: reverse("desk:calling_marked"),
        ),
    )
    sort = "-debt"
    amount = "debt_minor"

    def rows(self) -> QuerySet[Case]:
        waiting = Contact.objects.filter(
            account=OuterRef("account"), state__in=[ContactState.WAITING, ContactState.PERMITTED]
        ).exclude(campaign__state=CampaignState.DRAFT)
        emails = EmailAddress.objects.filter(
            is_wrong=False,
            person__in=Occupancy.objects.filter(flat=OuterRef(OuterRef("account__flat")), until=None).values("person"),
        )
        return queries.debtors(self.membership.organisation, visible_to(self.membership)).annotate(
            next_contact_at=Subquery(waiting.order_by("not_before").values("not_before")[:1]),
            has_email=Exists(emails),
        )

    def search(self, rows: QuerySet[Case], text: str) -> QuerySet[Case]:
        return rows.filter(
            by_account.named(text)
            | Q(
                account__flat__in=Occupancy.objects.filter(
                    organisation=self.membership.organisation, person__search_text__contains=fold(text)
                ).values("flat")
            )
        )

    def row_url(self, row: Case) -> str:
        return links.account(row.account_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """A part of the debtors that leads to its rows."""

    title: str
    count: int
    url: str
    amount_minor: int = 0
    current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What changed in the seven days that end today; sums in minor units."""

    new: int
    new_minor: int
    settled: int
    settled_minor: int
    new_url: str
    settled_url: str


@page("debts.view")
def portfolio(request: Request) -> HttpResponseBase:
    table = Portfolio(membership=request.membership, query=request.GET)
    if request.GET.get("file") or request.GET.get("after") or request.headers.get("HX-Request"):
        return list_page(request, table, template="desk/debts/portfolio.html")
    houses = visible_to(request.membership)
    today = clock.today(request.organisation.time_zone)
    totals = queries.totals(request.organisation, houses)
    here = reverse("desk:portfolio")
    context = {
        "totals": totals,
        "ages": [totals.sum_by_age[name] for name in AGES],
        "age_slices": [
            Slice(
                title=str(AGE_LABELS[name]),
                count=totals.count_by_age[name],
                amount_minor=totals.sum_by_age[name],
                url=f"{here}?age={name}",
                current=request.GET.get("age") == name,
            )
            for name in AGES
        ],
        "month_slices": _by_months(request, houses),
        "silent": _silent(request, houses),
        "collected": sum(daily(request.organisation.pk, houses, today.replace(day=1), today).values()),
        "week": week(request, houses, today),
        "today": today,
        "month_first": today.replace(day=1),
    }
    return list_page(request, table, template="desk/debts/portfolio.html", context=context)


def _by_months(request: Request, houses: QuerySet[House]) -> list[Slice]:
    asked = {
        f"m{number}": Count("pk", filter=Q(months_owed__gte=first, months_owed__lte=last))
        for number, (_code, first, last) in enumerate(MONTHS)
    }
    counts = queries.seen(request.organisation, houses).aggregate(**asked)
    here = reverse("desk:portfolio")
    return [
        Slice(
            title=months_title(code),
            count=counts[f"m{number}"],
            url=f"{here}?months={code}",
            current=request.GET.get("months") == code,
        )
        for number, (code, _first, _last) in enumerate(MONTHS)
        if counts[f"m{number}"]
    ]


def _silent(request: Request, houses: QuerySet[House]) -> int:
    told = Contact.objects.filter(account=OuterRef("account"), state__in=queries.LEFT)
    return queries.seen(request.organisation, houses).filter(~Exists(told)).count()


def week(request: Request, houses: QuerySet[House], today: date) -> Week:
    """New debtors and those who ceased to be ones in the last seven days."""
    since = today - WEEK + timedelta(days=1)
    cases = Case.objects.filter(organisation=request.organisation, account__flat__house__in=houses.values("pk"))
    found = cases.filter(Q(opened_on__gte=since) | Q(closed_on__gte=since)).aggregate(
        new=Count("pk", filter=Q(opened_on__gte=since, state=CaseState.OPEN)),
        new_minor=Coalesce(Sum("debt_minor", filter=Q(opened_on__gte=since, state=CaseState.OPEN)), 0),
        settled=Count("pk", filter=Q(closed_on__gte=since)),
        settled_minor=Coalesce(Sum("debt_minor", filter=Q(closed_on__gte=since)), 0),
    )
    return Week(
        **found,
        new_url=f"{reverse('desk:portfolio')}?opened_from={since}",
        settled_url=f"{reverse('desk:settled')}?closed_from={since}",
    )


@require_POST
@page("outreach.plan")
def remind(request: Request) -> HttpResponse:
    """A draft campaign for exactly the marked debtors; sent twice it is one draft."""
    table = Portfolio(membership=request.membership, query=request.GET)
    marked = table.marked(request.POST)
    cases = sorted(marked.values_list("pk", flat=True))
    if not cases:
        return HttpResponseRedirect(reverse("desk:portfolio"))
    templates = Template.objects.filter(
        organisation=request.organisation, archived=False, channel__in=["sms", "email"]
    ).order_by("channel", "pk")
    by_channel = {template.channel: template for template in reversed(templates)}
    now = clock.now().astimezone(ZoneInfo(request.organisation.time_zone))
    campaign = drafting.draft(
        request.actor,
        drafting.Draft(
            name=_name(now, len(cases)),
            cause="debt",
            channels=sorted(by_channel) or ["email"],
            templates=list(by_channel.values()),
            audience={"cases": cases},
        ),
    )
    return HttpResponseRedirect(reverse("desk:campaign", args=[campaign.pk]))


def _name(now: datetime, count: int) -> str:
    told = ngettext("Напоминание %(day)s: %(count)s счёт", "Напоминание %(day)s: %(count)s счетов", count)
    return told % {"day": f"{now:%d.%m.%Y}", "count": count}
