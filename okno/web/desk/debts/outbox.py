"""What left: every message as it was sent, what the provider said, and the permit that let it go."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy

from okno.common.folding import fold
from okno.houses.visibility import visible_to
from okno.outreach import words
from okno.outreach.models import Message, Permit
from okno.people.models import Channel
from okno.web.desk.debts import contacts, links, marks, permits
from okno.web.desk.debts.sections import sections
from okno.web.gatekeeper import Request, page
from okno.web.parts.responses import list_page
from okno.web.parts.tables import Choice, Column, DayRange, Flag, Kind, Table

_WORDS = ("accepted", "delivered", "not_now", "never", "rejected_by_us", "expired", "unknown")


def _left_at(message: Message) -> Any:
    """When it left, by the trade's clock."""
    return message.sent_at or message.permit.decided_at


class Outbox(Table[Message]):
    """Messages to the houses in sight."""

    address = "desk:outbox"
    title = gettext_lazy("Отправленное")
    columns = (
        Column(key="at", title=gettext_lazy("Когда"), kind=Kind.MOMENT, value=_left_at, sort="claimed_at"),
        Column(
            key="channel", title=gettext_lazy("Канал"), kind=Kind.BADGE, value=lambda row: marks.channel(row.channel)
        ),
        Column(key="person", title=gettext_lazy("Кому"), value="contact.person.full_name", clip=True),
        Column(key="address", title=gettext_lazy("Адрес"), value=lambda row: marks.hidden(row.address), clip=True),
        Column(
            key="account",
            title=gettext_lazy("Лицевой счёт"),
            value="contact.account.number",
            link=lambda row: links.account(row.contact.account_id),
        ),
        Column(
            key="text", title=gettext_lazy("Текст"), value=lambda row: row.subject or row.text, clip=True, width="grow"
        ),
        Column(key="parts", title=gettext_lazy("Частей"), kind=Kind.NUMBER, sort="parts", hidden=True),
        Column(key="word", title=gettext_lazy("Ответ"), kind=Kind.BADGE, value=lambda row: marks.word(row.word)),
        Column(
            key="word_at",
            title=gettext_lazy("О доставке"),
            kind=Kind.MOMENT,
            value="word_at",
            sort="word_at",
            nullable=True,
        ),
        Column(key="campaign", title=gettext_lazy("Рассылка"), value="contact.campaign.name", clip=True, hidden=True),
    )
    filters = (
        Choice(key="channel", title=gettext_lazy("Канал"), options=Channel.choices),
        Choice(key="word", title=gettext_lazy("Ответ"), options=[(code, words.REASONS[code]) for code in _WORDS]),
        Choice(
            key="campaign", title=gettext_lazy("Рассылка"), options=contacts.campaigns, field="contact__campaign_id"
        ),
        Flag(
            key="silent", title=gettext_lazy("Без вести о доставке"), condition=Q(word__in=["", "accepted", "unknown"])
        ),
        DayRange(key="on", title=gettext_lazy("Когда"), field="permit__decided_at__date"),
    )
    sort = "-at"

    def rows(self) -> QuerySet[Message]:
        return Message.objects.filter(
            organisation=self.membership.organisation,
            contact__account__flat__house__in=visible_to(self.membership).values("pk"),
        ).select_related("contact__person", "contact__account", "contact__campaign", "permit")

    def search(self, rows: QuerySet[Message], text: str) -> QuerySet[Message]:
        return rows.filter(
            Q(contact__account__number__icontains=text)
            | Q(contact__person__search_text__contains=fold(text))
            | Q(address__icontains=text)
            | Q(text__icontains=text)
        )

    def row_url(self, row: Message) -> str:
        return reverse("desk:message", args=[row.pk])


@page("outreach.view")
def outbox(request: Request) -> HttpResponseBase:
    table = Outbox(membership=request.membership, query=request.GET)
    return list_page(
        request, table, template="desk/debts/outbox.html", context={"sections": sections(request, "desk:outbox")}
    )


@page("outreach.view")
def message(request: Request, pk: int) -> HttpResponse:
    """One message as it was sent, with its permit."""
    table = Outbox(membership=request.membership, query=request.GET)
    found = (
        table.rows()
        .select_related("contact__account__flat__house", "template_version__template", "permit__seal")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise Http404
    context = {
        "message": found,
        "contact": found.contact,
        "address": found.contact.account.flat.short_address,
        "account_url": links.account(found.contact.account_id),
        "channel": marks.channel(found.channel),
        "word": marks.word(found.word),
        "left_at": _left_at(found),
        "permit": found.permit,
        "checks": permits.told(found.permit),
        "others": Permit.objects.filter(contact=found.contact).exclude(pk=found.permit_id).order_by("-pk")[:10],
    }
    return render(request, "desk/debts/message.html", context)
