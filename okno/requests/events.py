"""Requests, their ratings and outages in the journal of an account, a house and a person."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import merge
from itertools import islice
from operator import attrgetter

from django.db.models import Q
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from okno.access.models import Action
from okno.common.journal import Event, Subject, Tone
from okno.requests import categories
from okno.requests.models import Outage, Rating, Request, Urgency
from okno.requests.outages import words_of

SOURCE = "requests"

EVENT_KINDS = {
    "request.opened": gettext_lazy("Заявки"),
    "request.moved": gettext_lazy("Что с заявкой"),
    "request.rated": gettext_lazy("Оценки"),
    "outage.begun": gettext_lazy("Отключения"),
}

_OWN = {"account": "account_id", "house": "house_id", "person": "person_id"}
_TONES: dict[str, Tone] = {Urgency.DANGER: "bad", Urgency.URGENT: "warning", Urgency.NORMAL: "neutral"}


def tell(subject: Subject, *, before: datetime | None, limit: int, kinds: frozenset[str] | None) -> Iterable[Event]:
    """The newest events of requests that name the subject; see `okno.common.journal.Source`."""
    streams = {
        "request.opened": _opened,
        "request.moved": _moved,
        "request.rated": _rated,
        "outage.begun": _outages,
    }
    asked = [stream(subject, before, limit) for kind, stream in streams.items() if kinds is None or kind in kinds]
    return islice(merge(*asked, key=attrgetter("at"), reverse=True), limit)


def _of(subject: Subject, prefix: str = "") -> Q:
    own = {f"{prefix}organisation_id": subject.organisation_id, f"{prefix}{_OWN[subject.kind]}": subject.id}
    return Q(**own)


def _earlier(field: str, before: datetime | None) -> Q:
    return Q(**{f"{field}__lt": before}) if before is not None else Q()


def category_name(code: str) -> str:
    """A category in the language of the page; a code that the file no longer has is told as it is."""
    known = categories.known().get(code)
    return known.name((get_language() or "ru")[:2]) if known else code


def _opened(subject: Subject, before: datetime | None, limit: int) -> Iterator[Event]:
    rows = Request.objects.filter(_of(subject), _earlier("created_at", before)).order_by("-created_at", "-pk")[:limit]
    for one in rows:
        yield Event(
            at=one.created_at,
            kind="request.opened",
            title=_("Заявка № %(number)s, %(category)s: %(text)s")
            % {"number": one.number, "category": category_name(one.category), "text": one.text},
            source=SOURCE,
            ref=f"request:{one.pk}",
            detail={"source": one.get_source_display(), "state": one.get_state_display()},
            tone=_TONES[one.urgency],
        )


def _moved(subject: Subject, before: datetime | None, limit: int) -> Iterator[Event]:
    ours = Request.objects.filter(_of(subject)).values("pk")
    rows = Action.objects.filter(
        _earlier("at", before), organisation_id=subject.organisation_id, subject_kind="request", subject_id__in=ours
    ).exclude(verb="request.opened")
    for row in rows.order_by("-at", "-pk")[:limit]:
        yield Event(
            at=row.at,
            kind="request.moved",
            title=row.sentence,
            source=SOURCE,
            ref=f"request:{row.subject_id}",
            detail={"reason": row.reason} if row.reason else {},
            actor=row.user_name or None,
        )


def _rated(subject: Subject, before: datetime | None, limit: int) -> Iterator[Event]:
    rows = Rating.objects.filter(_of(subject, "request__"), _earlier("created_at", before)).select_related("request")
    for one in rows.order_by("-created_at", "-pk")[:limit]:
        is_bad = one.done is False or (one.score is not None and one.score < 7)
        yield Event(
            at=one.created_at,
            kind="request.rated",
            title=_rating_in_words(one),
            source=SOURCE,
            ref=f"request:{one.request_id}",
            detail={"comment": one.comment} if one.comment else {},
            tone="warning" if is_bad else "good",
        )


def _rating_in_words(rating: Rating) -> str:
    if rating.done is False:
        return _("Заявка № %(number)s: житель говорит, что не сделано") % {"number": rating.request.number}
    if rating.score is None:
        return _("Заявка № %(number)s: житель говорит, что сделано") % {"number": rating.request.number}
    return _("Заявка № %(number)s: оценка %(score)s из 10") % {"number": rating.request.number, "score": rating.score}


def _outages(subject: Subject, before: datetime | None, limit: int) -> Iterator[Event]:
    if subject.kind == "person":
        return
    houses = {"houses": subject.id} if subject.kind == "house" else {"houses__flats__accounts": subject.id}
    rows = Outage.objects.filter(
        Q(everywhere=True) | Q(**houses), _earlier("since", before), organisation_id=subject.organisation_id
    ).select_related("organisation")
    for one in rows.distinct().order_by("-since", "-pk")[:limit]:
        language = one.organisation.default_language
        yield Event(
            at=one.since,
            kind="outage.begun",
            title=_("Отключение: %(words)s") % {"words": words_of(one, (get_language() or "ru")[:2], language)},
            source=SOURCE,
            ref=f"outage:{one.pk}",
            tone="neutral" if one.planned else "warning",
        )
