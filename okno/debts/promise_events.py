"""Promises and holds in the journal of an account and of the person who gave them."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from heapq import merge
from itertools import islice
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.access.models import Organisation
from okno.common.journal import Event, Subject, Tone
from okno.common.money import Currency, format_minor
from okno.debts.models import CaseHold, Promise, PromiseState

SOURCE = "promises"

EVENT_KINDS = {
    "promise.made": gettext_lazy("Обещания"),
    "promise.ended": gettext_lazy("Чем кончились обещания"),
    "hold.made": gettext_lazy("Паузы в напоминаниях"),
}

_ENDED: dict[str, tuple[Any, Tone]] = {
    PromiseState.KEPT: (gettext_lazy("Обещание выполнено: %(minor)s"), "good"),
    PromiseState.BROKEN: (gettext_lazy("Обещание не выполнено: %(minor)s до %(day)s"), "bad"),
    PromiseState.REPLACED: (gettext_lazy("Обещание заменено новым: было %(minor)s до %(day)s"), "neutral"),
    PromiseState.VOID: (gettext_lazy("Обещание больше не нужно, долга нет: %(minor)s"), "neutral"),
    PromiseState.DROPPED: (gettext_lazy("Обещание отменено: %(minor)s до %(day)s"), "neutral"),
}


def tell(subject: Subject, *, before: datetime | None, limit: int, kinds: frozenset[str] | None) -> Iterable[Event]:
    """The newest events; see `okno.common.journal.Source`. Houses have none of their own."""
    if subject.kind == "house":
        return ()
    streams = {"promise.ended": _ended, "promise.made": _made, "hold.made": _holds}
    asked = [stream(subject, before, limit) for kind, stream in streams.items() if kinds is None or kind in kinds]
    return islice(merge(*asked, key=attrgetter("at"), reverse=True), limit)


def _of(subject: Subject, before: datetime | None) -> Q:
    wanted = Q(**{"organisation_id": subject.organisation_id, f"{subject.kind}_id": subject.id})
    return wanted & Q(made_at__lt=before) if before is not None else wanted


def _in_words(one: Promise) -> dict[str, str]:
    currency = Currency(one.organisation.currency)
    return {"minor": format_minor(one.minor, currency, "ru"), "day": f"{one.on:%d.%m.%Y}"}


def _made(subject: Subject, before: datetime | None, limit: int) -> Iterator[Event]:
    rows = Promise.objects.filter(_of(subject, before)).select_related("organisation", "person")
    for one in rows.order_by("-made_at", "-pk")[:limit]:
        yield Event(
            at=one.made_at,
            kind="promise.made",
            title=_("Обещал заплатить %(minor)s до %(day)s") % _in_words(one),
            source=SOURCE,
            ref=f"promise:{one.pk}",
            detail={"words": one.words} if one.words else {},
            actor=one.person.full_name if one.person else None,
            amount_minor=one.minor,
        )


def _ended(subject: Subject, before: datetime | None, limit: int) -> Iterator[Event]:
    rows = Promise.objects.filter(_of(subject, None), ended_on__isnull=False).select_related("organisation")
    if before is not None:
        rows = rows.filter(ended_on__lte=before.date())
    events = []
    for one in rows.order_by("-ended_on", "-pk")[: limit + 1]:
        title, tone = _ENDED[one.state]
        at = max(one.made_at, _noon(one.ended_on, one.organisation))
        if before is None or at < before:
            events.append(
                Event(
                    at=at,
                    kind="promise.ended",
                    title=title % _in_words(one),
                    source=SOURCE,
                    ref=f"promise:{one.pk}",
                    amount_minor=one.minor,
                    tone=tone,
                )
            )
    yield from sorted(events, key=attrgetter("at"), reverse=True)[:limit]


def _noon(day: date | None, organisation: Organisation) -> datetime:
    assert day is not None
    return datetime.combine(day, time(12), ZoneInfo(organisation.time_zone))


def _holds(subject: Subject, before: datetime | None, limit: int) -> Iterator[Event]:
    if subject.kind != "account":
        return
    for one in CaseHold.objects.filter(_of(subject, before)).order_by("-made_at", "-pk")[:limit]:
        yield Event(
            at=one.made_at,
            kind="hold.made",
            title=_("Напоминания ждут до %(day)s: %(reason)s")
            % {"day": f"{one.until:%d.%m.%Y}", "reason": one.get_reason_display()},
            source=SOURCE,
            ref=f"hold:{one.pk}",
            detail={"words": one.words} if one.words else {},
            tone="warning",
        )
