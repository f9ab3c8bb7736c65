"""Why a contact was permitted or refused: every check with what it looked at, and the refusals by reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.db.models import Count, F, Func, Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.common import clock
from okno.common.folding import fold
from okno.houses.visibility import visible_to
from okno.outreach import replay as replaying
from okno.outreach import words
from okno.outreach.models import CampaignState, Message, Permit
from okno.web.desk.debts import contacts, links, marks
from okno.web.desk.debts.sections import sections
from okno.web.gatekeeper import Request, page
from okno.web.parts import words as shown
from okno.web.parts.responses import list_page
from okno.web.parts.tables import Choice, Column, DayRange, Kind, Table

QUESTIONS = {
    "campaign": gettext_lazy("Рассылка идёт"),
    "paid": gettext_lazy("Долг ещё есть"),
    "done": gettext_lazy("Ещё нужно"),
    "pause": gettext_lazy("Дело не приостановлено"),
    "serious_request": gettext_lazy("Нет серьёзной заявки"),
    "feed_stale": gettext_lazy("Данные об оплате свежие"),
    "not_entitled": gettext_lazy("Человек вправе знать о долге"),
    "moved_away": gettext_lazy("Человек живёт в этой квартире"),
    "vulnerable": gettext_lazy("Нет особой отметки"),
    "do_not_call": gettext_lazy("Не просил не звонить"),
    "no_address": gettext_lazy("Адрес его"),
    "wrong_address": gettext_lazy("Адрес верный"),
    "no_consent": gettext_lazy("Согласие"),
    "no_template": gettext_lazy("Есть текст на его языке"),
    "hours": gettext_lazy("Разрешённые часы"),
    "own_hours": gettext_lazy("Удобные человеку часы"),
    "campaign_hours": gettext_lazy("Часы самой кампании"),
    "cap_person": gettext_lazy("Не слишком часто человеку"),
    "cap_account": gettext_lazy("Не слишком часто по счёту"),
}
"""What each check asks; a check that passed answers yes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One check in words: the question, the answer, what it looked at and on what ground."""

    code: str
    question: str
    passed: bool
    text: str
    basis: str
    looked_at: list[tuple[str, str]]


def told(permit: Permit) -> list[Told]:
    """The checks of a permit, refusals first as they were made."""
    found = [
        Told(
            code=check["code"],
            question=str(QUESTIONS.get(check["code"], check["code"])),
            passed=check["passed"],
            text=words.explain(check) if not check["passed"] or check["code"] in _TELLING else "",
            basis=words.basis(check),
            looked_at=[] if check["code"] in _TELLING else _looked_at(check["input"]),
        )
        for check in permit.checks
    ]
    return sorted(found, key=lambda one: one.passed)


_TELLING = frozenset({"hours", "cap_person", "cap_account"})
"""Checks whose sentence says all that was looked at, passed or not."""

_NAMES = {
    "debt_minor": gettext_lazy("долг"),
    "least_minor": gettext_lazy("наименьшая сумма долга"),
    "barred_minor": gettext_lazy("за сроком давности"),
    "bills": gettext_lazy("счетов не оплачено"),
    "months_owed": gettext_lazy("месяцев"),
    "overdue_since": gettext_lazy("не платит с"),
    "case_open": gettext_lazy("дело открыто"),
    "definition": gettext_lazy("определение долга №"),
    "state": gettext_lazy("состояние рассылки"),
    "start_after": gettext_lazy("не раньше"),
    "hours": gettext_lazy("не старше, ч"),
    "feeds": gettext_lazy("источников оплаты"),
    "day": gettext_lazy("день"),
    "needed": gettext_lazy("согласие нужно"),
    "given": gettext_lazy("согласие дано"),
    "language": gettext_lazy("язык"),
    "available": gettext_lazy("тексты есть на"),
    "local": gettext_lazy("время дома"),
    "opens": gettext_lazy("можно с"),
    "closes": gettext_lazy("можно до"),
    "working_day": gettext_lazy("рабочий день"),
    "asked": gettext_lazy("просил"),
    "since": gettext_lazy("с"),
    "until": gettext_lazy("до"),
    "flags": gettext_lazy("отметки"),
}


def _looked_at(given: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(str(_NAMES[name]), _value(name, value)) for name, value in given.items() if name in _NAMES and value != []]


def _value(name: str, value: Any) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return _("да") if value else _("нет")
    if name == "state":
        return str(CampaignState(value).label)
    if name.endswith("_minor"):
        return shown.money_text(value)
    if name in {"overdue_since", "day"} and isinstance(value, str):
        return shown.day_text(date.fromisoformat(value))
    if name == "local":
        return f"{datetime.fromisoformat(value):%d.%m.%Y %H:%M}"
    if name == "start_after":
        return shown.moment_text(datetime.fromisoformat(value))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def in_sight(request: Request) -> QuerySet[Permit]:
    """Permits and refusals about the houses this person sees."""
    return Permit.objects.filter(
        organisation=request.organisation, account__flat__house__in=visible_to(request.membership).values("pk")
    )


@page("outreach.view")
def permit(request: Request, pk: int) -> HttpResponse:
    """One decision of the gate, check by check."""
    found = (
        in_sight(request)
        .select_related("contact__person", "contact__campaign", "account__flat__house", "seal")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise Http404
    context = {
        "permit": found,
        "contact": found.contact,
        "checks": told(found),
        "reasons": words.reasons(found.reasons),
        "address": found.account.flat.short_address,
        "account_url": links.account(found.account_id),
        "channel": marks.channel(found.contact.channel),
        "state": marks.state(found.contact.state),
        "message": Message.objects.filter(permit=found).first(),
        "others": Permit.objects.filter(contact=found.contact).exclude(pk=found.pk).order_by("-pk")[:10],
    }
    return render(request, "desk/debts/permit.html", context)


def _codes() -> list[tuple[str, Any]]:
    return [(code, words.REASONS[code]) for code in QUESTIONS]


class Refusals(Table[Permit]):
    """Decisions that did not let a contact go, for good or for now."""

    address = "desk:refusals"
    title = gettext_lazy("Отказы")
    columns = (
        Column(key="at", title=gettext_lazy("Когда"), kind=Kind.MOMENT, value="decided_at", sort="decided_at"),
        Column(key="why", title=gettext_lazy("Почему"), value=lambda row: words.reasons(row.reasons), width="grow"),
        Column(
            key="account",
            title=gettext_lazy("Лицевой счёт"),
            value="account.number",
            link=lambda row: links.account(row.account_id),
        ),
        Column(key="house", title=gettext_lazy("Адрес"), value="account.flat.short_address", clip=True),
        Column(key="person", title=gettext_lazy("Кому"), value="contact.person.full_name", clip=True),
        Column(
            key="channel",
            title=gettext_lazy("Канал"),
            kind=Kind.BADGE,
            value=lambda row: marks.channel(row.contact.channel),
        ),
        Column(key="debt", title=gettext_lazy("Долг"), kind=Kind.MONEY, value="debt_minor", sort="debt_minor"),
        Column(
            key="now", title=gettext_lazy("Сейчас"), kind=Kind.BADGE, value=lambda row: marks.state(row.contact.state)
        ),
        Column(key="campaign", title=gettext_lazy("Рассылка"), value="contact.campaign.name", clip=True, hidden=True),
    )
    filters = (
        Choice(
            key="why",
            title=gettext_lazy("Причина"),
            options=_codes,
            narrow=lambda code: Q(reasons__contains=[code]),
        ),
        Choice(
            key="campaign", title=gettext_lazy("Рассылка"), options=contacts.campaigns, field="contact__campaign_id"
        ),
        DayRange(key="on", title=gettext_lazy("Когда"), field="decided_at__date"),
    )
    sort = "-at"

    def rows(self) -> QuerySet[Permit]:
        return Permit.objects.filter(
            organisation=self.membership.organisation,
            allowed=False,
            account__flat__house__in=visible_to(self.membership).values("pk"),
        ).select_related("contact__person", "contact__campaign", "account__flat__house")

    def search(self, rows: QuerySet[Permit], text: str) -> QuerySet[Permit]:
        return rows.filter(Q(account__number__icontains=text) | Q(contact__person__search_text__contains=fold(text)))

    def row_url(self, row: Permit) -> str:
        return reverse("desk:permit", args=[row.pk])


@page("outreach.view")
def refusals(request: Request) -> HttpResponseBase:
    table = Refusals(membership=request.membership, query=request.GET)
    counted = (
        table.rows()
        .annotate(code=Func(F("reasons"), function="unnest"))
        .values_list("code")
        .annotate(count=Count("pk"))
        .order_by("-count")
    )
    chips = [
        {
            "title": words.reason(code),
            "count": count,
            "url": f"{reverse('desk:refusals')}?why={code}",
            "current": request.GET.get("why") == code,
        }
        for code, count in counted
    ]
    context = {"sections": sections(request, "desk:refusals"), "chips": chips}
    return list_page(request, table, template="desk/debts/refusals.html", context=context)


class DayForm(forms.Form):
    """The day to look at again."""

    day = forms.DateField(label=gettext_lazy("День"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


@page("outreach.view")
def replay(request: Request) -> HttpResponse:
    """Look at a day again: the chain and every permit against the ledger of its moment. It changes nothing."""
    today = clock.today(request.organisation.time_zone)
    asked = "day" in request.GET
    form = DayForm(request.GET if asked else None, initial={"day": today})
    found = None
    if asked and form.is_valid():
        found = replaying.replay(request.organisation, form.cleaned_data["day"])
    context = {"sections": sections(request, "desk:replay"), "form": form, "found": found, "today": today}
    return render(request, "desk/debts/replay.html", context, status=422 if asked and form.errors else 200)
