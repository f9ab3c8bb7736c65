"""Promises that a member of staff takes out: heard wrong, written on another account, taken back by the person."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from okno.access import trail
from okno.access.actor import Actor
from okno.debts.models import Promise, PromiseState
from okno.debts.promises import PromiseRefused
from okno.jobs import signals


def drop(actor: Actor, promise_id: int, why: str, *, now: datetime) -> Promise:
    """The promise is waited for no more, and reminders go on; dropped twice it was dropped the first time.

    Raises `PromiseRefused`: not ours, no reason given, or it has ended by itself.
    """
    assert actor.organisation is not None
    if not why.strip():
        raise PromiseRefused(_("Напишите, почему отменяете: это увидят коллеги"))
    with transaction.atomic():
        kept = (
            Promise.objects.select_for_update(of=("self",))
            .filter(organisation=actor.organisation, pk=promise_id)
            .first()
        )
        if kept is None:
            raise PromiseRefused(_("Такого обещания в организации нет"))
        if kept.state == PromiseState.DROPPED:
            return kept
        if kept.state != PromiseState.OPEN:
            raise PromiseRefused(_("Обещание уже закончилось: %(state)s") % {"state": PromiseState(kept.state).label})
        kept.state = PromiseState.DROPPED
        kept.ended_on = now.astimezone(ZoneInfo(actor.organisation.time_zone)).date()
        kept.save(update_fields=["state", "ended_on"])
        trail.record(
            actor,
            "promise.dropped",
            _("Обещание отменено"),
            subject=("account", kept.account_id),
            reason=why.strip()[:200],
            detail={"promise": kept.pk},
        )
        signals.send(kept.organisation_id, ["debts", f"account:{kept.account_id}"])
    return kept
