"""The trail: one line in words after every action."""

from typing import Any

from okno.access.actor import Actor
from okno.access.models import Action
from okno.common import clock


def record(
    actor: Actor,
    verb: str,
    sentence: str,
    *,
    subject: tuple[str, int] | None = None,
    reason: str = "",
    detail: dict[str, Any] | None = None,
) -> Action:
    """Leave a line: `verb` is a code such as "import.posted", `sentence` is what a person reads later.

    `subject` is (kind, id) with kind account, house, person, import, campaign, template, settings,
    print_run, user, month, call, request, outage, scenario.
    Raises ValueError for an actor without an organisation: a line belongs to somebody's trail.
    """
    if actor.organisation is None:
        raise ValueError("a line of the trail needs an organisation")
    kind, pk = subject or ("", None)
    return Action.objects.create(
        organisation=actor.organisation,
        at=clock.now(),
        user=actor.user,
        user_name=actor.name,
        verb=verb,
        sentence=sentence,
        reason=reason or actor.reason,
        subject_kind=kind,
        subject_id=pk,
        detail=detail or {},
    )
