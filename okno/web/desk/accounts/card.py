"""The account card: what is owed and why, who lives there, how it was paid, and everything that happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, FilteredRelation, OuterRef, Q
from django.db.models.functions import JSONObject
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from okno.access import trail
from okno.access.models import Membership
from okno.access.roles import may
from okno.access.working_days import calendar_of
from okno.common.days import add_months
from okno.common.journal import Subject
from okno.debts.models import CaseState
from okno.exchange import misplaced
from okno.houses.models import House, Meter, MeterKind
from okno.law.dated import NotInForce
from okno.law.explained import Explained
from okno.ledger import billing, habits, statement
from okno.ledger.models import Account, BillKind, Regime
from okno.ledger.statement import BillMark, BillRow, PaymentMark
from okno.outreach.models import Contact
from okno.people.models import EmailAddress, Occupancy, OccupancyRole, Person, Phone, Vulnerability
from okno.web.desk.accounts import agreed, journal, scope
from okno.web.desk.accounts.case import ANNOTATIONS, case_part
from okno.web.gatekeeper import Request, page
from okno.web.parts.cells import Badge
from okno.web.parts.charts import MonthPaid, Outcome
from okno.web.parts.standing import standing
from okno.web.parts.tabs import Tab

STRIP_MONTHS = 36
VERIFY_SOON = timedelta(days=60)
"""A meter due for verification so soon is told on the card: a resident needs time to call a fitter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A person of the flat with what they are to it; `roles` in words."""

    person: Person
    roles: str
    badges: list[Badge]
    phones: list[dict[str, Any]]
    emails: list[dict[str, Any]]


def found(membership: Membership, pk: int) -> Any:
    """An account in sight with what the card shows of other tables, read in the same query; 404 for any other."""
    day = scope.today(membership)
    waiting = Contact.objects.filter(account=OuterRef("pk"), state__in=["waiting", "permitted"])
    meters = Meter.objects.filter(
        flat=OuterRef("flat_id"), removed_on=None, next_verification_on__lte=day + VERIFY_SOON
    ).order_by("next_verification_on")
    rows = (
        scope.accounts(membership)
        .select_related("flat__house", "flat__entrance", "organisation")
        .alias(open_case=FilteredRelation("cases", condition=Q(cases__state=CaseState.OPEN)))
        .annotate(
            waiting=ArraySubquery(waiting.values("pk")),
            **ANNOTATIONS,
            **agreed.annotations(day),
            penalty_minor=F("open_case__penalty_minor"),
            penalty_on=F("open_case__penalty_on"),
            penalty_doubted=F("open_case__penalty_doubted"),
            meters_due=ArraySubquery(
                meters.values(told=JSONObject(kind="kind", number="number", on="next_verification_on"))
            ),
        )
    )
    return get_object_or_404(rows, pk=pk)


def head(request: Request, account: Any, tab: str) -> dict[str, Any]:
    """What stands on every tab of the card; `account` is as `found` gives it."""
    day = scope.today(request.membership)
    told = standing(account.pk, day)
    people = neighbours(account, day)
    sees_case = may(request.membership, "debts.view")
    return {
        "account": account,
        "flat": account.flat,
        "house": account.flat.house,
        "standing": told,
        "people": people,
        "badges": _badges(account, people),
        "months": strip(account, day),
        "case": case_part(account) if sees_case else None,
        "agreed": agreed.of(account) if may(request.membership, "promises.view") else None,
        "off": agreed.off(account),
        "may_ask": may(request.membership, "requests.write"),
        # That of the last night: the tile asks for today's after the page, so that no tab waits for the history.
        "penalty_minor": account.penalty_minor,
        "penalty_on": account.penalty_on,
        "penalty_doubted": account.penalty_doubted,
        "waiting": len(account.waiting) if may(request.membership, "outreach.view") else None,
        "meters_due": [_due_meter(row, day) for row in account.meters_due],
        "tabs": tabs(request, account, tab, people=len(people)),
        "may_change": may(request.membership, "people.change"),
        "may_post": may(request.membership, "ledger.post"),
        "today": day,
    }


def _due_meter(row: dict[str, str], day: date) -> dict[str, Any]:
    on = date.fromisoformat(row["on"])
    return {"kind": MeterKind(row["kind"]).label, "number": row["number"], "on": on, "late": on < day}


def tabs(request: Request, account: Account, current: str, *, people: int | None = None) -> list[Tab]:
    """The sections of the card that the person may open; `people` is how many live there, when that is known."""
    told = (
        ("account", _("Журнал"), None, "ledger.view"),
        ("account_bills", _("Начисления"), None, "ledger.view"),
        ("account_payments", _("Платежи"), None, "ledger.view"),
        ("account_penalties", _("Пени"), None, "ledger.view"),
        ("account_promises", _("Обещания"), None, "promises.view"),
        ("account_people", _("Люди"), people, "people.view"),
        ("account_contacts", _("Контакты"), None, "outreach.view"),
        ("account_meters", _("Счётчики"), None, "ledger.view"),
        ("account_documents", _("Документы"), None, "ledger.view"),
    )
    return [
        Tab(title=title, url=reverse(f"desk:{name}", args=[account.pk]), current=name == current, count=count)
        for name, title, count, permission in told
        if may(request.membership, permission)
    ]


def neighbours(account: Account, day: date, *, former: bool = False) -> list[Neighbour]:
    """People of the account's flat on `day`: payers and owners first. `former` — those who no longer are."""
    rows = Occupancy.objects.filter(flat=account.flat_id, organisation_id=account.organisation_id)
    rows = rows.exclude(scope.current(day)) if former else rows.filter(scope.current(day))
    phones = Phone.objects.filter(person=OuterRef("person_id")).order_by("-is_preferred", "pk")
    emails = EmailAddress.objects.filter(person=OuterRef("person_id")).order_by("-is_preferred", "pk")
    rows = (
        rows.select_related("person")
        .annotate(
            phones=ArraySubquery(
                phones.values(told=JSONObject(number="number", is_wrong="is_wrong", do_not_call="do_not_call"))
            ),
            emails=ArraySubquery(emails.values(told=JSONObject(address="address", is_wrong="is_wrong"))),
        )
        .order_by("pk")
    )
    rank = {OccupancyRole.PAYER: 0, OccupancyRole.OWNER: 1, OccupancyRole.TENANT: 2}
    by_person: dict[int, list[Any]] = {}
    for row in sorted(rows, key=lambda row: rank.get(OccupancyRole(row.role), 3)):
        by_person.setdefault(row.person_id, []).append(row)
    return [
        Neighbour(
            person=told[0].person,
            roles=", ".join(_role(row) for row in told),
            badges=person_badges(told[0].person),
            phones=told[0].phones,
            emails=told[0].emails,
        )
        for told in by_person.values()
    ]


def _role(row: Occupancy) -> str:
    label = str(OccupancyRole(row.role).label)
    return f"{label} {row.share}" if row.share and row.share != "1" else label


def person_badges(person: Person) -> list[Badge]:
    """What must be known before speaking to the person."""
    told = []
    if person.is_company:
        told.append(Badge(text=_("организация"), icon="building"))
    if person.do_not_call:
        told.append(Badge(text=_("не звонить"), tone="warn", icon="phone-off"))
    for flag in person.vulnerabilities:
        told.append(Badge(text=Vulnerability(flag).label, tone="plan", icon="heart-handshake"))
    return told


def _badges(account: Account, people: Sequence[Neighbour]) -> list[Badge]:
    told = []
    if account.closed_on:
        told.append(Badge(text=_("счёт закрыт %(day)s") % {"day": f"{account.closed_on:%d.%m.%Y}"}, icon="lock"))
    if not people:
        told.append(Badge(text=_("жильцы неизвестны"), tone="warn", icon="user-x"))
    seen: set[str] = set()
    for one in people:
        for badge in one.badges:
            if str(badge.text) not in seen:
                seen.add(str(badge.text))
                told.append(badge)
        if any(phone["is_wrong"] for phone in one.phones) and "wrong" not in seen:
            seen.add("wrong")
            told.append(Badge(text=_("есть чужой номер"), tone="warn", icon="user-x"))
    return told


def strip(account: Account, day: date) -> list[MonthPaid]:
    """36 months, oldest first: paid in time, late, not at all; a month still in time is not judged."""
    first = add_months(day.replace(day=1), -STRIP_MONTHS)
    told = {row.month: row for row in habits.months_paid(account.pk, since=first)}
    months = []
    for step in range(STRIP_MONTHS):
        month = add_months(first, step)
        row = told.get(month)
        if row is not None and row.open_minor and row.due_on >= day:
            continue
        months.append(MonthPaid(month, _outcome(row)))
    return months


def _outcome(row: habits.MonthHabit | None) -> Outcome:
    if row is None:
        return "empty"
    if row.open_minor:
        return "none"
    return "paid" if row.in_time_minor >= row.amount_minor else "late"


# The tabs.


@page("ledger.view")
def account(request: Request, pk: int) -> HttpResponse:
    """The card; its journal comes by itself as a fragment, so that the answer about the debt never waits for it."""
    told = found(request.membership, pk)
    query = journal.Asked.read(request.GET).query()
    return render(request, "desk/accounts/card_journal.html", {**head(request, told, "account"), "asked": query})


@page("ledger.view")
def account_journal(request: Request, pk: int) -> HttpResponse:
    """The journal: the fragment of the card, its continuation, or a page of its own where scripts are off."""
    told = scope.account(request.membership, pk)
    context = {"journal": _journal(request, told), "account": told, "file": account_file(told)}
    if request.GET.get("before"):
        return render(request, "desk/accounts/journal_lines.html", context)
    fragment = bool(request.headers.get("HX-Request"))
    return render(request, f"desk/accounts/journal{'' if fragment else '_page'}.html", context)


def account_file(account: Account) -> str:
    """Where the journal's file is."""
    return reverse("desk:account_journal_file", args=[account.pk])


def _journal(request: Request, account: Account) -> journal.JournalPage:
    return journal.page(
        request.membership,
        subject(account),
        journal.Asked.read(request.GET),
        url=reverse("desk:account", args=[account.pk]),
        more_url=reverse("desk:account_journal", args=[account.pk]),
    )


def subject(account: Account) -> Subject:
    """The account as the journal knows it."""
    return Subject(kind="account", organisation_id=account.organisation_id, id=account.pk)


@page("people.change")
def account_note(request: Request, pk: int) -> HttpResponse:
    """POST a note: a line of the trail that the journal shows."""
    told = scope.account(request.membership, pk)
    text = request.POST.get("text", "").strip()[:4000]
    if request.method == "POST" and text:
        trail.record(request.actor, "account.note", text, subject=("account", told.pk))
    return redirect("desk:account", pk=told.pk)


@dataclass(frozen=True, slots=True, kw_only=True)
class BillShown:
    """A bill with the words of its due day; `explained` is None when the day came from the file."""

    row: BillRow
    title: str
    regime: str
    late: bool
    explained: Explained[date] | None


@page("ledger.view")
def account_bills(request: Request, pk: int) -> HttpResponse:
    """Bills month by month, with lines, what paid them, and why their due day is what it is."""
    told = found(request.membership, pk)
    before = _bill_mark(request.GET.get("before", ""))
    rows = statement.bills(told.pk, before=before, limit=24)
    day = scope.today(request.membership)
    context = {
        "bills": explain_bills(told, rows, day),
        "more": f"?before={rows[-1].mark.month:%Y-%m-%d},{rows[-1].mark.id}" if len(rows) == 24 else "",
    }
    if request.headers.get("HX-Request") and before:
        return render(request, "desk/accounts/bill_rows.html", {**context, "account": told})
    return render(request, "desk/accounts/card_bills.html", {**head(request, told, "account_bills"), **context})


def explain_bills(account: Account, rows: Sequence[BillRow], day: date) -> list[BillShown]:
    """The bills with their due days explained by the law of the month."""
    calendar = calendar_of(account.organisation)
    return [
        BillShown(
            row=row,
            title=str(BillKind(row.kind).label),
            regime=str(Regime(row.regime).label),
            late=row.open_minor > 0 and row.due_on < day,
            explained=_due_day(account, account.flat.house, row, calendar),
        )
        for row in rows
    ]


def _due_day(account: Account, house: House, row: BillRow, calendar: Any) -> Explained[date] | None:
    if row.kind != BillKind.MONTH:
        return None
    try:
        told = billing.due_on(account.organisation, house, row.month, row.regime, calendar=calendar)
    except NotInForce:
        return None
    return told if told.value == row.due_on else None


def _bill_mark(text: str) -> BillMark | None:
    month, _comma, pk = text.partition(",")
    try:
        return BillMark(date.fromisoformat(month), int(pk)) if text else None
    except ValueError:
        return None


@page("ledger.view")
def account_payments(request: Request, pk: int) -> HttpResponse:
    """Payments with where each went and the payer's own words."""
    told = found(request.membership, pk)
    before = _payment_mark(request.GET.get("before", ""))
    rows = statement.payments(told.pk, before=before, limit=40)
    context = {
        "payments": rows,
        "more": f"?before={rows[-1].mark.value_on:%Y-%m-%d},{rows[-1].mark.id}" if len(rows) == 40 else "",
        "may_reverse": may(request.membership, "ledger.reverse"),
        "restorable": misplaced.returnable([row.id for row in rows if row.reversed_at]),
    }
    if request.headers.get("HX-Request") and before:
        return render(request, "desk/accounts/payment_rows.html", {**context, "account": told})
    return render(request, "desk/accounts/card_payments.html", {**head(request, told, "account_payments"), **context})


def _payment_mark(text: str) -> PaymentMark | None:
    on, _comma, pk = text.partition(",")
    try:
        return PaymentMark(date.fromisoformat(on), int(pk)) if text else None
    except ValueError:
        return None


@page("ledger.view")
def account_meters(request: Request, pk: int) -> HttpResponse:
    """Meters of the flat with their last readings."""
    told = found(request.membership, pk)
    rows = Meter.objects.filter(flat=told.flat_id).prefetch_related("readings").order_by("removed_on", "kind", "number")
    meters = [
        {"meter": meter, "readings": sorted(meter.readings.all(), key=lambda one: one.taken_on, reverse=True)[:6]}
        for meter in rows
    ]
    return render(
        request, "desk/accounts/card_meters.html", {**head(request, told, "account_meters"), "meters": meters}
    )
