"""The trail in the journal: notes and actions about an account, a house or a person."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from okno.access.models import Action
from okno.common.journal import Event, Subject

SOURCE = "trail"
NOTE = "note.added"

EVENT_KINDS = {NOTE: gettext_lazy("Записи"), "action.done": gettext_lazy("Действия")}

_TOLD_ELSEWHERE = ("ledger.",)
"""Verbs whose events another room tells with their sums."""


def tell(subject: Subject, *, before: datetime | None, limit: int, kinds: frozenset[str] | None) -> Iterable[Event]:
    """Lines of the trail about this subject, the newest first."""
    if kinds is not None and kinds.isdisjoint(EVENT_KINDS):
        return ()
    rows = Action.objects.filter(
        organisation_id=subject.organisation_id, subject_kind=subject.kind, subject_id=subject.id
    )
    for prefix in _TOLD_ELSEWHERE:
        rows = rows.exclude(verb__startswith=prefix)
    return action_events(rows, before=before, limit=limit)


def action_events(rows: QuerySet[Action], *, before: datetime | None, limit: int) -> Iterator[Event]:
    """Lines of the trail as events, the newest first."""
    if before is not None:
        rows = rows.filter(at__lt=before)
    for row in rows.order_by("-at", "-pk")[:limit]:
        yield Event(
            at=row.at,
            kind=NOTE if row.verb.endswith(".note") else "action.done",
            title=row.sentence,
            source=SOURCE,
            ref=f"action:{row.pk}",
            detail={"reason": row.reason} if row.reason else {},
            actor=row.user_name or None,
        )
