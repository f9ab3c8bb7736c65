"""The list of accounts: who, where, what they owe and for how long, when they paid last."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Concat, JSONObject, LPad
from django.http import HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.access.models import Membership
from okno.access.roles import may
from okno.common import days
from okno.houses.visibility import visible_to
from okno.ledger.models import Account, Bill, BillKind, Payment
from okno.people.models import Occupancy, OccupancyRole, Phone
from okno.web.desk.accounts import finding, scope
from okno.web.gatekeeper import Request, page
from okno.web.parts import words
from okno.web.parts.cells import Badge, Column, Kind, badge
from okno.web.parts.filters import Choice, DayRange, Flag, MoneyRange
from okno.web.parts.responses import list_page
from okno.web.parts.tables import Table

_DEBTS = frozenset({"overdue", "age_30", "age_60", "age_90", "age_over", "since", "months"})
"""Columns of those who may see debts; a dispatcher is told the balance alone."""

_RANK = {OccupancyRole.PAYER: 0, OccupancyRole.OWNER: 1}


def _owner(row: Any) -> str:
    """The payer, else the first owner."""
    people = sorted(row.people, key=lambda one: _RANK.get(one["role"], 2))
    return people[0]["name"] if people else ""


def _marks(row: Any) -> SafeString:
    """What must be known before anybody is rung: closed, do not call, a stranger's number, vulnerable, a company."""
    told = []
    if row.closed_on:
        told.append(Badge(text=_("закрыт"), tone="idle", icon="lock"))
    if any(one["no_calls"] for one in row.people):
        told.append(Badge(text=_("не звонить"), tone="warn", icon="phone-off"))
    if any(one["wrong"] for one in row.people):
        told.append(Badge(text=_("чужой номер"), tone="warn", icon="user-x"))
    if any(one["vulnerable"] for one in row.people):
        told.append(Badge(text=_("бережно"), tone="plan", icon="heart-handshake"))
    if any(one["company"] for one in row.people):
        told.append(Badge(text=_("организация"), tone="idle", icon="building"))
    return format_html('<span class="tag-list">{}</span>', format_html_join("", "{}", ((badge(one),) for one in told)))


def _house_options(membership: Membership) -> list[tuple[str, str]]:
    rows = visible_to(membership).order_by("sort_key").values_list("pk", "short_address")
    return [(str(pk), name) for pk, name in rows[:500]]


class Accounts(Table[Account]):
    """Every account of the houses in sight."""

    address = "desk:accounts"
    title = gettext_lazy("Лицевые счета")
    sort = "number"
    amount = "saldo_minor"
    columns: Sequence[Column] = (
        Column(key="number", title=gettext_lazy("Лицевой счёт"), sort="number"),
        Column(
            key="place",
            title=gettext_lazy("Адрес"),
            value="flat.short_address",
            sort="place",
            clip=True,
            width="lg",
        ),
        Column(key="owner", title=gettext_lazy("Плательщик"), value=_owner, clip=True, width="md"),
        Column(
            key="saldo",
            title=gettext_lazy("Долг"),
            kind=Kind.BALANCE,
            value="saldo_minor",
            sort="saldo_minor",
            total="saldo_minor",
        ),
        Column(
            key="overdue",
            title=gettext_lazy("Просрочено"),
            kind=Kind.MONEY,
            value="late",
            sort="late",
            nullable=True,
            total="late",
        ),
        Column(
            key="since",
            title=gettext_lazy("Срок оплаты был"),
            kind=Kind.DAY,
            value="late_since",
            sort="late_since",
            nullable=True,
            hidden=True,
        ),
        Column(
            key="months",
            title=gettext_lazy("Месяцев"),
            kind=Kind.NUMBER,
            value="late_months",
            sort="late_months",
            nullable=True,
            hidden=True,
        ),
        Column(
            key="age_30",
            title=gettext_lazy("до 30 дней"),
            kind=Kind.MONEY,
            value="late_30",
            sort="late_30",
            nullable=True,
            hidden=True,
            total="late_30",
        ),
        Column(
            key="age_60",
            title=gettext_lazy("31–60"),
            kind=Kind.MONEY,
            value="late_60",
            sort="late_60",
            nullable=True,
            hidden=True,
            total="late_60",
        ),
        Column(
            key="age_90",
            title=gettext_lazy("61–90"),
            kind=Kind.MONEY,
            value="late_90",
            sort="late_90",
            nullable=True,
            hidden=True,
            total="late_90",
        ),
        Column(
            key="age_over",
            title=gettext_lazy("больше 90"),
            kind=Kind.MONEY,
            value="late_over",
            sort="late_over",
            nullable=True,
            hidden=True,
            total="late_over",
        ),
        Column(key="paid_on", title=gettext_lazy("Последняя оплата"), kind=Kind.DAY, value="paid_on"),
        Column(key="marks", title=gettext_lazy("Отметки"), kind=Kind.HTML, value=_marks),
        Column(key="area", title=gettext_lazy("Площадь, м²"), kind=Kind.TEXT, value="flat.area", hidden=True),
    )

    def __init__(self, *, membership: Membership, query: QueryDict) -> None:
        super().__init__(membership=membership, query=query)
        self.day = scope.today(membership)
        sees_debts = may(membership, "debts.view")
        if not sees_debts:
            self.columns = tuple(column for column in self.columns if column.key not in _DEBTS)
        posted = self._filter_of_penalties(query.get("penalty_month", ""))
        self.filters = (*self._filters_of_all(), *(self._filters_of_debts() if sees_debts else ()), *posted)

    def _filter_of_penalties(self, told: str) -> tuple[Any, ...]:
        """Accounts that got a penalty bill for a month: asked for by a link of the monthly posting only."""
        try:
            month = days.parse_month(told) if told else None
        except days.NotADay:
            month = None
        if month is None:
            return ()
        bills = Bill.objects.filter(account=OuterRef("pk"), month=month, kind=BillKind.PENALTY, reversed_by=None)
        return (
            Choice(
                key="penalty_month",
                title=_("Пеня проведена"),
                options=((told, words.month_text(month)),),
                narrow=lambda _value: Q(Exists(bills)),
            ),
        )

    def _filters_of_all(self) -> tuple[Any, ...]:
        return (
            Choice(
                key="house",
                title=_("Дом"),
                options=_house_options(self.membership),
                field="flat__house_id",
            ),
            Choice(
                key="state",
                title=_("Баланс"),
                options=(("owes", _("есть долг")), ("credit", _("переплата")), ("even", _("ноль"))),
                narrow=lambda value: {
                    "owes": Q(saldo_minor__gt=0),
                    "credit": Q(saldo_minor__lt=0),
                    "even": Q(saldo_minor=0),
                }[value],
            ),
            Flag(key="closed", title=_("Закрытые"), condition=Q(closed_on__isnull=False)),
            Flag(
                key="quiet",
                title=_("Не звонить"),
                condition=lambda: Q(
                    flat__in=Occupancy.objects.filter(scope.current(self.day))
                    .filter(Q(person__do_not_call=True) | Q(person__phones__do_not_call=True))
                    .values("flat_id")
                ),
            ),
            Flag(
                key="unreachable",
                title=_("Нет контакта"),
                condition=lambda: ~Q(flat__in=reachable_flats(self.day)),
            ),
            MoneyRange(key="saldo", title=_("Долг"), field="saldo_minor"),
        )

    def _filters_of_debts(self) -> tuple[Any, ...]:
        return (
            Choice(
                key="age",
                title=_("Просрочка"),
                options=(
                    ("any", _("есть")),
                    ("60", _("больше 30 дней")),
                    ("90", _("больше 60 дней")),
                    ("over", _("больше 90 дней")),
                ),
                narrow=lambda value: {
                    "any": Q(late__gt=0),
                    "60": Q(late_since__lt=self.day - timedelta(days=30)),
                    "90": Q(late_since__lt=self.day - timedelta(days=60)),
                    "over": Q(late_since__lt=self.day - timedelta(days=90)),
                }[value],
            ),
            DayRange(key="late_since", title=_("Срок оплаты был"), field="late_since"),
        )

    def rows(self) -> QuerySet[Account]:
        order = LPad(Cast("flat__number_order", TextField()), 9, Value("0"))
        paid = Payment.objects.filter(account=OuterRef("pk"), kind="payment", reversed_by=None)
        return (
            scope.accounts(self.membership)
            .alias(open_case=FilteredRelation("cases", condition=Q(cases__state="open")))
            .annotate(
                saldo_minor=F("balance__open_minor") - F("balance__advance_minor"),
                place=Concat("flat__house__sort_key", Value(" "), order, Value(" "), "flat__number"),
                late=F("open_case__debt_minor"),
                late_since=F("open_case__overdue_since"),
                late_months=F("open_case__months_owed"),
                late_30=F("open_case__age_30_minor"),
                late_60=F("open_case__age_60_minor"),
                late_90=F("open_case__age_90_minor"),
                late_over=F("open_case__age_over_minor"),
                paid_on=Subquery(paid.order_by("-value_on", "-pk").values("value_on")[:1]),
                people=ArraySubquery(_people(self.day)),
            )
        )

    def search(self, rows: QuerySet[Account], text: str) -> QuerySet[Account]:
        return finding.narrowed(rows, self.membership, text)

    def row_url(self, row: Account) -> str:
        return reverse("desk:account", args=[row.pk])


def _people(day: Any) -> QuerySet[Any]:
    wrong = Phone.objects.filter(person=OuterRef("person"), is_wrong=True)
    quiet = Phone.objects.filter(person=OuterRef("person"), do_not_call=True)
    return (
        Occupancy.objects.filter(scope.current(day), flat=OuterRef("flat_id"))
        .order_by("pk")
        .annotate(wrong=Exists(wrong), quiet=Exists(quiet))
        .values(
            told=JSONObject(
                name="person__full_name",
                role="role",
                company="person__is_company",
                no_calls=Q(person__do_not_call=True) | Q(quiet=True),
                vulnerable=~Q(person__vulnerabilities=[]),
                wrong="wrong",
            )
        )
    )


def reachable_flats(day: Any) -> QuerySet[Any]:
    """Flats with somebody who can be written to or rung: a phone that is theirs, or a mailbox that takes letters."""
    return (
        Occupancy.objects.filter(scope.current(day))
        .filter(Q(person__phones__is_wrong=False) | Q(person__emails__is_wrong=False))
        .values("flat_id")
    )


@page("ledger.view")
def accounts(request: Request) -> HttpResponseBase:
    """The list."""
    table = Accounts(membership=request.membership, query=request.GET)
    return list_page(request, table, template="desk/accounts/list.html")
