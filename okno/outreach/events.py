"""Contacts in the journal: what was refused and why, what left, what became of it, what was taken back.

Calls that were made are told by the room that makes them.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import merge
from itertools import islice
from operator import attrgetter

from django.db.models import Q
from django.utils.translation import gettext as _

from okno.common.journal import Event, Subject, Tone
from okno.outreach.facts import CALLS
from okno.outreach.models import Contact, ContactState, Message, Permit
from okno.outreach.words import reason, reasons
from okno.people.models import Channel

SOURCE = "outreach"

_PATHS = {"account": "account_id", "person": "person_id", "house": "account__flat__house_id"}

_TONES: dict[str, Tone] = {"delivered": "good", "never": "bad", "rejected_by_us": "bad", "expired": "warning"}


def read(subject: Subject, *, before: datetime | None, limit: int, kinds: frozenset[str] | None) -> Iterable[Event]:
    """The newest events of an account, a person or a house; see `okno.common.journal.Source`."""
    streams = {
        "contact.refused": _refusals,
        "message.sent": _messages,
        "message.word": _words,
        "contact.withdrawn": _withdrawn,
    }
    asked = [stream(subject, before, limit) for kind, stream in streams.items() if kinds is None or kind in kinds]
    return islice(merge(*asked, key=attrgetter("at"), reverse=True), limit)


def _of(subject: Subject, prefix: str = "") -> Q:
    """The subject's rows; `prefix` leads from the table to its contact."""
    path = _PATHS[subject.kind]
    return Q(**{f"{prefix}organisation_id": subject.organisation_id, f"{prefix}{path}": subject.id})


def _earlier(field: str, before: datetime | None) -> Q:
    return Q(**{f"{field}__lt": before}) if before is not None else Q(**{f"{field}__isnull": False})


def _channel(name: str) -> str:
    return str(Channel(name).label)


def _refusals(subject: Subject, before: datetime | None, limit: int) -> Iterator[Event]:
    rows = (
        Permit.objects.filter(_of(subject, "contact__"), _earlier("decided_at", before), allowed=False)
        .select_related("contact")
        .order_by("-decided_at", "-id")[:limit]
    )
    for permit in rows:
        told = {"channel": _channel(permit.contact.channel), "why": reasons(permit.reasons)}
        yield Event(
            at=permit.decided_at,
            kind="contact.refused",
            title=_("Обращение не разрешено (%(channel)s): %(why)s") % told,
            source=SOURCE,
            ref=f"permit:{permit.pk}",
            detail={"reasons": permit.reasons, "contact": permit.contact_id},
            amount_minor=permit.debt_minor or None,
            tone="neutral",
        )


def _messages(subject: Subject, before: datetime | None, limit: int) -> Iterator[Event]:
    rows = (
        Message.objects.filter(_of(subject, "contact__"), _earlier("sent_at", before))
        .exclude(channel__in=CALLS)
        .select_related("contact", "permit")
        .order_by("-sent_at", "-id")[:limit]
    )
    for message in rows:
        assert message.sent_at is not None
        told = {"channel": _channel(message.channel), "address": message.address}
        yield Event(
            at=message.sent_at,
            kind="message.sent",
            title=_("Отправлено напоминание (%(channel)s, %(address)s)") % told,
            source=SOURCE,
            ref=f"message:{message.pk}",
            detail={"text": message.text, "subject": message.subject, "parts": message.parts},
            amount_minor=message.permit.debt_minor or None,
        )


def _words(subject: Subject, before: datetime | None, limit: int) -> Iterator[Event]:
    rows = (
        Message.objects.filter(_of(subject, "contact__"), _earlier("word_at", before))
        .exclude(word__in=["", "accepted"])
        .exclude(channel__in=CALLS)
        .order_by("-word_at", "-id")[:limit]
    )
    for message in rows:
        assert message.word_at is not None
        told = {"channel": _channel(message.channel), "word": reason(message.word)}
        yield Event(
            at=message.word_at,
            kind="message.word",
            title=_("Что стало с сообщением (%(channel)s): %(word)s") % told,
            source=SOURCE,
            ref=f"message:{message.pk}",
            detail={"code": message.provider_code, "text": message.provider_text},
            tone=_TONES.get(message.word, "warning"),
        )


def _withdrawn(subject: Subject, before: datetime | None, limit: int) -> Iterator[Event]:
    rows = Contact.objects.filter(_of(subject), _earlier("changed_at", before), state=ContactState.WITHDRAWN).order_by(
        "-changed_at", "-id"
    )[:limit]
    for contact in rows:
        told = {"channel": _channel(contact.channel), "why": reason(contact.state_why)}
        yield Event(
            at=contact.changed_at,
            kind="contact.withdrawn",
            title=_("Обращение отозвано (%(channel)s): %(why)s") % told,
            source=SOURCE,
            ref=f"contact:{contact.pk}",
            tone="good",
        )
