"""Calls whose operator died in the middle."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from okno.channels.base import Word
from okno.dialogs.dialler import team
from okno.dialogs.live import call_backs, signals
from okno.dialogs.models import Call, CallState, Direction
from okno.jobs import signals as pages
from okno.outreach import causes, claims
from okno.outreach.claims import Settled
from okno.outreach.facts import CALLS, open_cursor
from okno.outreach.models import ContactState
from okno.telephony.leg import By, Kind

DEAD_AFTER = 20.0
"""Seconds without a sign of life after which an operator's calls are lost; the operator beats every few seconds."""

AGAIN = timedelta(minutes=10)
"""When a service is called about again that nobody had answered yet."""

NEVER_LED = timedelta(minutes=2)
"""A call that no operator has taken up by then is nobody's."""

AT_ONCE = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Recovered:
    """What was found: `lost` calls, of them `unknown` contacts that stay as they are and `again` that wait anew."""

    lost: int = 0
    unknown: int = 0
    again: int = 0


def recover(now: datetime) -> Recovered:
    """Write off the calls that nobody leads any more. Safe to run by any operator at any time.

    What a person heard of a debt nobody knows: that contact is unknown and goes on only when somebody decides so, and
    never on the same day (`room.lost_today`). A service that nobody had answered yet is tried again, and so is whoever
    was not rung at all, as only the agent's own phone was. Whoever called us, or was told of a service and cut off, is
    owed a call-back.
    """
    lost = unknown = again = 0
    with transaction.atomic():
        _permits_that_ran_out(now)
        for call in _dead(now):
            lost += 1
            rung = call.state != CallState.TO_AGENT
            _write_off(call, now, rung=rung)
            if _is_owed(call):
                call_backs.owe(call, now, words=call.words)
            if call.contact is None or call.contact.state != ContactState.SENDING:
                continue
            settled = _settled(call, now, rung=rung)
            if call.contact.permit_id == call.permit_id and claims.settle_call(
                open_cursor(), call.contact.pk, settled, now
            ):
                unknown += settled.state == ContactState.UNKNOWN
                again += settled.state == ContactState.WAITING
                pages.send(call.organisation_id, ["contacts"])
    return Recovered(lost=lost, unknown=unknown, again=again)


def _dead(now: datetime) -> list[Call]:
    silent = Q(alive_at__lt=Now() - timedelta(seconds=DEAD_AFTER)) | Q(alive_at=None, started_at__lt=now - NEVER_LED)
    rows = (
        Call.objects.filter(silent)
        .exclude(state__in=[CallState.ENDED, CallState.LOST])
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("contact", "organisation")
    )
    return list(rows.order_by("pk")[:AT_ONCE])


def _write_off(call: Call, now: datetime, *, rung: bool) -> None:
    """`rung` is whether the person's phone may have rung: a call that only rang the agent's is as good as not made."""
    call.state, call.ended_at, call.ended_by = CallState.LOST if rung else CallState.ENDED, now, By.FAULT.value
    broken = Kind.FAILED if rung else Kind.CANCELLED
    call.outcome = call.outcome or (Kind.ANSWERED.value if call.answered_at else broken.value)
    call.words = _("Программа, которая вела разговор, прервалась")
    if call.answered_at is not None:
        call.seconds = max(int((now - call.answered_at).total_seconds()), 0)
    call.save(update_fields=["state", "ended_at", "ended_by", "outcome", "words", "seconds"])
    team.let_go(call, now)
    signals.changed(call)


def _is_owed(call: Call) -> bool:
    """Whether somebody of the staff calls: never after a call about a debt, that would be its second one today."""
    return call.direction == Direction.IN or (call.answered_at is not None and not _speaks_of_debt(call))


def _speaks_of_debt(call: Call) -> bool:
    return call.scenario == "debt_notice" or (
        call.contact is not None and causes.get(call.contact.cause).speaks_of_debt
    )


def _settled(call: Call, now: datetime, *, rung: bool) -> Settled:
    assert call.contact is not None
    if not rung:
        return Settled(state="waiting", why="cancelled", word=Word.NOT_NOW, not_before=now, is_try=False)
    if _speaks_of_debt(call) or call.answered_at is not None or call.direction != Direction.OUT:
        return Settled(state="unknown", why="lost_call", word=Word.UNKNOWN)
    return Settled(state="waiting", why="lost_call", word=Word.NOT_NOW, not_before=now + AGAIN, is_try=False)


def _permits_that_ran_out(now: datetime) -> None:
    """Contacts that were permitted and whose operator died before the claim ask the gate anew."""
    open_cursor().execute(
        "UPDATE outreach_contact AS contact SET state = 'waiting', state_why = 'permit_expired', not_before = %s,"
        " changed_at = %s WHERE id IN (SELECT late.id FROM outreach_contact AS late"
        " JOIN outreach_permit AS permit ON permit.id = late.permit_id WHERE late.state = 'permitted'"
        " AND late.channel = ANY(%s) AND permit.expires_at <= clock_timestamp() FOR UPDATE OF late SKIP LOCKED)",
        (now, now, CALLS),
    )
