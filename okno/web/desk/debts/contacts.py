"""Every contact, whatever became of it: found by campaign, state and reason, withdrawn or repeated by a person."""

from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from okno.access import actor
from okno.access.roles import may
from okno.common.folding import fold
from okno.houses.visibility import visible_to
from okno.outreach import steering, words
from okno.outreach.models import Campaign, CampaignState, Contact, ContactState
from okno.people.models import Channel
from okno.web.desk.debts import by_account, links, marks
from okno.web.desk.debts.sections import sections
from okno.web.gatekeeper import Request, page
from okno.web.parts.responses import list_page
from okno.web.parts.tables import BulkAction, Choice, Column, Kind, Table

MOST = 2_000
"""Contacts withdrawn or repeated by one press; more is done by the campaign's own buttons."""


def campaigns() -> list[tuple[str, str]]:
    """Campaigns of the acting person's organisation, newest first, as options of a filter."""
    acting = actor.current()
    if acting is None or acting.organisation is None:
        return []
    rows = Campaign.objects.filter(organisation=acting.organisation).order_by("-pk")[:200]
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]


class Contacts(Table[Contact]):
    """Contacts of the houses in sight; those of drafts are not made yet."""

    address = "desk:contacts"
    title = gettext_lazy("Обращения")
    columns = (
        by_account.NUMBER,
        by_account.ADDRESS,
        Column(key="person", title=gettext_lazy("Кому"), value="person.full_name", clip=True),
        Column(
            key="channel", title=gettext_lazy("Канал"), kind=Kind.BADGE, value=lambda row: marks.channel(row.channel)
        ),
        Column(key="state", title=gettext_lazy("Состояние"), kind=Kind.BADGE, value=lambda row: marks.state(row.state)),
        Column(
            key="why",
            title=gettext_lazy("Почему"),
            value=lambda row: words.reason(row.state_why),
            clip=True,
            link=lambda row: reverse("desk:permit", args=[row.permit_id]) if row.permit_id else "",
        ),
        Column(key="not_before", title=gettext_lazy("Не раньше"), kind=Kind.MOMENT, sort="not_before", hidden=True),
        Column(key="attempts", title=gettext_lazy("Попыток"), kind=Kind.NUMBER, hidden=True),
        Column(key="campaign", title=gettext_lazy("Рассылка"), value="campaign.name", clip=True, hidden=True),
        Column(
            key="changed", title=gettext_lazy("Изменилось"), kind=Kind.MOMENT, value="changed_at", sort="changed_at"
        ),
    )
    filters = (
        Choice(key="state", title=gettext_lazy("Состояние"), options=ContactState.choices),
        Choice(
            key="why",
            title=gettext_lazy("Причина"),
            options=[(code, told) for code, told in words.REASONS.items()],
            field="state_why",
        ),
        Choice(key="campaign", title=gettext_lazy("Рассылка"), options=campaigns, field="campaign_id"),
        Choice(key="channel", title=gettext_lazy("Канал"), options=Channel.choices),
    )
    bulk = (
        BulkAction(
            key="withdraw",
            title=gettext_lazy("Отозвать"),
            icon="undo-2",
            permission="outreach.withdraw",
            url=lambda: reverse("desk:withdraw"),
        ),
        BulkAction(
            key="repeat",
            title=gettext_lazy("Повторить"),
            icon="redo-2",
            permission="outreach.plan",
            url=lambda: reverse("desk:repeat"),
        ),
    )
    sort = "-changed"

    def rows(self) -> QuerySet[Contact]:
        return (
            Contact.objects.filter(
                organisation=self.membership.organisation,
                account__flat__house__in=visible_to(self.membership).values("pk"),
            )
            .exclude(campaign__state=CampaignState.DRAFT)
            .select_related("account__flat__house", "person", "campaign")
        )

    def search(self, rows: QuerySet[Contact], text: str) -> QuerySet[Contact]:
        return rows.filter(by_account.named(text) | Q(person__search_text__contains=fold(text)))

    def row_url(self, row: Contact) -> str:
        return links.account(row.account_id)


@page("outreach.view")
def contacts(request: Request) -> HttpResponseBase:
    table = Contacts(membership=request.membership, query=request.GET)
    context = {"sections": sections(request, "desk:contacts")}
    return list_page(request, table, template="desk/debts/contacts.html", context=context)


@require_POST
@page("outreach.withdraw")
def withdraw(request: Request) -> HttpResponse:
    """Withdraw marked contacts that have not left: first the effect and the reason, then the deed."""
    return _deed(
        request,
        states=(ContactState.WAITING, ContactState.PERMITTED),
        title=_("Отозвать обращения"),
        warning=_("Отозванное не уйдёт. Что уже отправлено, вернуть нельзя."),
        button=_("Отозвать"),
        do=steering.withdraw_one,
        done=lambda count: ngettext("Отозвано %(count)s обращение", "Отозвано %(count)s обращений", count),
        address=reverse("desk:withdraw"),
    )


@require_POST
@page("outreach.plan")
def repeat(request: Request) -> HttpResponse:
    """Repeat contacts whose outcome nobody knows or that failed; the gate decides about each anew."""
    return _deed(
        request,
        states=(ContactState.UNKNOWN, ContactState.FAILED),
        title=_("Повторить обращения"),
        warning=_(
            "Человек мог уже получить это сообщение: повтор придёт ему второй раз. "
            "Шлюз снова проверит долг, часы и частоту."
        ),
        button=_("Повторить"),
        do=steering.repeat,
        done=lambda count: ngettext("Повторим %(count)s обращение", "Повторим %(count)s обращений", count),
        address=reverse("desk:repeat"),
    )


def _deed(
    request: Request, *, states: Any, title: str, warning: str, button: str, do: Any, done: Any, address: str
) -> HttpResponse:
    table = Contacts(membership=request.membership, query=request.GET)
    rows = table.marked(request.POST).filter(state__in=states)
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
    why = request.POST.get("why", "").strip()
    if request.POST.get("confirmed") and why:
        count = sum(1 for pk in ids[:MOST] if do(pk, request.actor, why))
        messages.success(request, done(count) % {"count": count})
        return HttpResponseRedirect(_onward(request))
    context = {
        "title": title,
        "warning": warning,
        "button": button,
        "address": address,
        "count": len(ids),
        "too_many": len(ids) > MOST,
        "most": MOST,
        "ids": ",".join(map(str, ids[:MOST])),
        "rows": rows.order_by("pk")[:10],
        "why_missing": bool(request.POST.get("confirmed")),
        "onward": _onward(request),
        "back": reverse("desk:contacts"),
    }
    return render(request, "desk/debts/contacts_deed.html", context, status=422 if context["why_missing"] else 200)


def _onward(request: Request) -> str:
    """Back to the list as it was narrowed, or to the campaign it was commanded from."""
    told = request.POST.get("campaign", "")
    if told.isdecimal() and may(request.membership, "outreach.view"):
        return reverse("desk:campaign", args=[int(told)])
    query = request.POST.get("query", "")
    return reverse("desk:contacts") + (f"?{query}" if query else "")
