"""The register of requests: opened once a call, numbered without a gap, moved from state to state by people.

Every change leaves a line in the trail of the request's house; the rows' history keeps before and after.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from okno.access import trail
from okno.access.actor import Actor
from okno.jobs import signals
from okno.requests import categories
from okno.requests.models import Request, RequestSource, RequestState, Urgency

OPEN = (RequestState.NEW, RequestState.TAKEN, RequestState.REOPENED)
"""States in which something is still to be done."""

PLACE_SIGNS = 200
"""The longest place that is kept."""

_NEXT: dict[str, frozenset[str]] = {
    RequestState.NEW: frozenset({RequestState.TAKEN, RequestState.DONE, RequestState.CLOSED}),
    RequestState.TAKEN: frozenset({RequestState.DONE, RequestState.CLOSED}),
    RequestState.REOPENED: frozenset({RequestState.TAKEN, RequestState.DONE, RequestState.CLOSED}),
    RequestState.DONE: frozenset({RequestState.REOPENED, RequestState.CLOSED}),
    RequestState.CLOSED: frozenset({RequestState.REOPENED}),
}


class RequestRefused(Exception):
    """The request cannot be written or moved so; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """What was asked for. `category` is a code; an empty one is told by the words. `phone` is E.164, to call back."""

    house_id: int
    text: str
    source: str
    category: str = ""
    urgency: str = ""
    flat_id: int | None = None
    account_id: int | None = None
    person_id: int | None = None
    phone: str = ""
    place: str = ""
    language: str = "ru"
    call_uid: UUID | None = None


def open_request(actor: Actor, told: NewRequest, *, now: datetime) -> Request:
    """Write a request under the organisation's next number; the same call twice is one request, the first.

    Raises `RequestRefused` (no words) and `UnknownCategory`.
    """
    assert actor.organisation is not None
    if not told.text.strip():
        raise RequestRefused(_("Напишите, что случилось: без слов заявку не выполнить"))
    understood = categories.understand(told.text, told.language)
    category = categories.get(told.category or understood.category).code
    with transaction.atomic():
        _alone(actor.organisation.pk)
        if told.call_uid is not None:
            known = Request.objects.filter(organisation=actor.organisation, call_uid=told.call_uid).first()
            if known is not None:
                return known
        request = Request.objects.create(
            organisation=actor.organisation,
            number=_next_number(actor.organisation.pk),
            house_id=told.house_id,
            flat_id=told.flat_id,
            account_id=told.account_id,
            person_id=told.person_id,
            phone=told.phone,
            place=told.place.strip()[:PLACE_SIGNS],
            category=category,
            urgency=Urgency(told.urgency or understood.urgency),
            text=told.text.strip(),
            source=RequestSource(told.source),
            call_uid=told.call_uid,
            created_at=now,
            created_by=actor.user,
        )
        _tell(actor, request, "request.opened", _("Заявка № %(number)s: %(text)s") % _named(request))
    return request


def take(actor: Actor, request_id: int, *, now: datetime) -> Request:
    """Somebody works on it. Raises `RequestRefused`."""
    return _move(actor, request_id, RequestState.TAKEN, _("Заявка № %(number)s в работе"), now=now)


def finish(actor: Actor, request_id: int, *, now: datetime, words: str = "") -> Request:
    """The work is done. Raises `RequestRefused`."""
    return _move(actor, request_id, RequestState.DONE, _("Заявка № %(number)s выполнена"), now=now, words=words)


def close(actor: Actor, request_id: int, *, now: datetime, words: str = "") -> Request:
    """Nothing more is to be done, whatever came of it. Raises `RequestRefused`."""
    return _move(actor, request_id, RequestState.CLOSED, _("Заявка № %(number)s закрыта"), now=now, words=words)


def reopen(actor: Actor, request_id: int, *, now: datetime, words: str = "") -> Request:
    """It was not done after all; one that is open stays as it is. Raises `RequestRefused`."""
    return _move(actor, request_id, RequestState.REOPENED, _("Заявка № %(number)s открыта снова"), now=now, words=words)


def add_words(actor: Actor, request_id: int, words: str) -> Request:
    """Write down what else the resident said of it; said twice it stands once. Raises `RequestRefused`."""
    with transaction.atomic():
        request = _locked(actor, request_id)
        if words.strip() and words.strip() not in request.text.splitlines():
            request.text = f"{request.text}\n{words.strip()}"
            request.save(update_fields=["text"])
            _tell(
                actor, request, "request.words", _("Заявка № %(number)s, добавлено: %(text)s") % _named(request, words)
            )
    return request


def note(actor: Actor, request: Request, sentence: str, *, words: str = "") -> None:
    """Leave a line about a request without changing it."""
    _tell(actor, request, "request.noted", sentence, words)


def _alone(organisation_id: int) -> None:
    """One new number of an organisation at a time; a transaction rolled back gives its number back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('requests.number', %s))", [organisation_id])


def _next_number(organisation_id: int) -> int:
    last = Request.objects.filter(organisation_id=organisation_id).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def _locked(actor: Actor, request_id: int) -> Request:
    request = (
        Request.objects.select_for_update(of=("self",)).filter(organisation=actor.organisation, pk=request_id).first()
    )
    if request is None:
        raise RequestRefused(_("Такой заявки в организации нет"))
    return request


def _move(
    actor: Actor, request_id: int, state: RequestState, sentence: str, *, now: datetime, words: str = ""
) -> Request:
    with transaction.atomic():
        request = _locked(actor, request_id)
        if request.state == state or (state is RequestState.REOPENED and request.state in OPEN):
            return request
        if state not in _NEXT[request.state]:
            raise RequestRefused(
                _("Заявка № %(number)s: %(state)s, так с ней поступить нельзя")
                % {"number": request.number, "state": request.get_state_display()}
            )
        request.state = state
        request.done_at = now if state is RequestState.DONE else None if state in OPEN else request.done_at or now
        request.save(update_fields=["state", "done_at"])
        _tell(actor, request, f"request.{state.value}", sentence % {"number": request.number}, words)
    return request


def _named(request: Request, words: str = "") -> dict[str, str | int]:
    return {"number": request.number, "text": words or request.text}


def _tell(actor: Actor, request: Request, verb: str, sentence: str, words: str = "") -> None:
    trail.record(
        actor, verb, sentence, subject=("request", request.pk), reason=words, detail={"house": request.house_id}
    )
    signals.send(request.organisation_id, ["requests", f"house:{request.house_id}"])
