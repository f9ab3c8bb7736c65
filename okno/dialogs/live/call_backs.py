"""Call-backs that the robot owes: who, about what, and until when by the organisation's clock."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from okno.access import trail
from okno.access.actor import Actor
from okno.access.models import Organisation
from okno.access.working_days import calendar_of
from okno.dialogs.live import signals
from okno.dialogs.models import Call, CallBack, Direction
from okno.law.countries import pack
from okno.outreach import policies
from okno.outreach.limits import Limits
from okno.outreach.models import ContactPolicy

FOR_A_CALLER = timedelta(minutes=10)
"""Who called us and reached nobody is called back at any hour (Правила управления МКД, ПП РФ 416, п. 13; the same
yardstick is kept in the other countries)."""
FOR_THE_CALLED = timedelta(hours=1)
"""Whom we called and who wished for a person: within the hours of the organisation's policy."""


@transaction.atomic
def owe(call: Call, now: datetime, *, words: str = "") -> CallBack:
    """Write down that this person is to be called back; told twice, owed once."""
    kept, made = CallBack.objects.get_or_create(
        call=call,
        defaults={
            "organisation_id": call.organisation_id,
            "phone": call.address,
            "person_id": call.person_id,
            "account_id": call.account_id,
            "words": words,
            "created_at": now,
            "due_at": due_at(call.organisation, now, came_to_us=call.direction == Direction.IN),
        },
    )
    if made:
        signals.call_backs(call.organisation_id)
    return kept


def due_at(organisation: Organisation, now: datetime, *, came_to_us: bool) -> datetime:
    """Until when a call-back asked for at `now` must be made."""
    if came_to_us:
        return now + FOR_A_CALLER
    limits, zone = _limits(organisation, now), organisation.time_zone
    due = limits.open_from(now, zone, None) + FOR_THE_CALLED
    opens = limits.open_from(due, zone, None)
    return due if opens <= due else opens + FOR_THE_CALLED


def _limits(organisation: Organisation, now: datetime) -> Limits:
    columns = policies.COLUMNS.replace(" ", "").split(",")
    row = ContactPolicy.objects.filter(organisation=organisation).values_list(*columns).first()
    policy = policies.from_row(row) if row else policies.by_default(organisation.country, now.date())
    return Limits(pack=pack(organisation.country), policy=policy, calendar=calendar_of(organisation))


def done(actor: Actor, call_back_id: int, result: str, now: datetime) -> bool:
    """The person was called back; False when it was done before. Raises `CallBack.DoesNotExist`."""
    with transaction.atomic():
        kept = CallBack.objects.select_for_update().get(organisation=actor.organisation, pk=call_back_id)
        if kept.done_at is not None:
            return False
        kept.done_at, kept.done_by, kept.result = now, actor.user, result.strip()[:200]
        kept.save(update_fields=["done_at", "done_by", "result"])
        trail.record(
            actor,
            "call_back.done",
            _("Перезвонили по номеру %(phone)s") % {"phone": kept.phone},
            subject=("account", kept.account_id) if kept.account_id else None,
            reason=kept.result,
        )
        signals.call_backs(kept.organisation_id)
    return True
