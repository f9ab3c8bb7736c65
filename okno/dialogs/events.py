"""Calls in the journal of an account, a house and a person: who called whom, and how it ended."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.common.journal import Event, Subject, Tone
from okno.dialogs.models import Call, CallState, Direction, Mode
from okno.telephony.leg import Kind

SOURCE = "calls"

CALLED = "call.over"
EVENT_KINDS = {CALLED: gettext_lazy("Звонки")}

_OUTCOMES = {
    Kind.NO_ANSWER: gettext_lazy("не взяли трубку"),
    Kind.BUSY: gettext_lazy("было занято"),
    Kind.REJECTED: gettext_lazy("звонок отклонили"),
    Kind.UNREACHABLE: gettext_lazy("телефон выключен или вне сети"),
    Kind.INVALID_NUMBER: gettext_lazy("такого номера нет"),
    Kind.FAILED: gettext_lazy("наша линия не сработала"),
}
_BAD: dict[str, Tone] = {"complaint": "bad", "do_not_call": "warning", "wrong_number": "warning", "promised": "good"}
_OWN = {"account": "account_id", "house": "house_id", "person": "person_id"}


def tell(subject: Subject, *, before: datetime | None, limit: int, kinds: frozenset[str] | None) -> Iterable[Event]:
    """The newest calls that are over; one taken back before it rang is not told. See `okno.common.journal.Source`."""
    if kinds is not None and kinds.isdisjoint(EVENT_KINDS):
        return ()
    return _calls(subject, before, limit)


def _calls(subject: Subject, before: datetime | None, limit: int) -> Iterator[Event]:
    earlier = Q(started_at__lt=before) if before is not None else Q()
    rows = (
        Call.objects.filter(earlier, organisation=subject.organisation_id, **{_OWN[subject.kind]: subject.id})
        .filter(state__in=[CallState.ENDED, CallState.LOST])
        .exclude(outcome=Kind.CANCELLED)
        .select_related("agent")
        .order_by("-started_at", "-pk")[:limit]
    )
    for call in rows:
        yield Event(
            at=call.started_at,
            kind=CALLED,
            title=_title(call),
            source=SOURCE,
            ref=f"call:{call.pk}",
            detail={"result": call.result, "outcome": call.outcome, "seconds": call.seconds or 0},
            actor=call.agent.name if call.agent else None,
            tone="bad" if call.state == CallState.LOST else _BAD.get(call.result, "neutral"),
        )


def _title(call: Call) -> str:
    told = {"phone": call.address, "end": _end(call)}
    if call.direction == Direction.IN:
        return _("Звонок с %(phone)s: %(end)s") % told
    if call.mode == Mode.ROBOT:
        return _("Звонок робота на %(phone)s: %(end)s") % told
    return _("Звонок сотрудника на %(phone)s: %(end)s") % told


def _end(call: Call) -> str:
    if call.state == CallState.LOST:
        return _("прерван нашим сбоем")
    if call.outcome != Kind.ANSWERED:
        return str(_OUTCOMES.get(Kind(call.outcome), call.outcome))
    if call.picked_up == "machine":
        return _("ответил автоответчик")
    seconds = call.seconds or 0
    return _("разговор %(minutes)s:%(seconds)02d") % {"minutes": seconds // 60, "seconds": seconds % 60}
