"""What a person told us that makes reminders wait: holds on an account, and promises that are not due yet.

A hold always has a last day, so that none lasts for ever by being forgotten; a person of the staff may end it sooner.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from django.db import transaction
from django.utils.translation import gettext as _

from okno.access import trail
from okno.access.actor import Actor
from okno.debts.models import CaseHold, HoldReason
from okno.jobs import signals
from okno.ledger.models import Account
from okno.outreach.holds import Held

PROMISES = "promises"
TOLD = "case_holds"
"""The names under which the gate asks (`okno.outreach.holds`)."""

LASTS: Mapping[str, timedelta] = {
    HoldReason.PAID: timedelta(days=5),
    HoldReason.DISPUTE: timedelta(days=30),
    HoldReason.HARDSHIP: timedelta(days=14),
    HoldReason.PERSON: timedelta(days=7),
}
"""How long each holds when nobody says otherwise; a bank brings a payment within three working days."""

LONGEST = timedelta(days=92)


class HoldRefused(Exception):
    """The hold cannot be put or ended so; the message says why."""


def hold(
    account_id: int, reason: str, made_by: str, now: datetime, words: str = "", until: date | None = None
) -> CaseHold:
    """Have reminders of the account wait from today until `until` (inclusive; None: as long as `LASTS` says).

    `made_by` names the one occasion ("call:<uid>", "user:<id>:<key of the form>"): the same occasion and reason twice
    is one hold. Raises `HoldRefused` for a last day that has passed or is too far.
    """
    account = Account.objects.select_related("organisation").get(pk=account_id)
    day = now.astimezone(ZoneInfo(account.organisation.time_zone)).date()
    last = until or day + LASTS[HoldReason(reason)]
    if not day <= last <= day + LONGEST:
        raise HoldRefused(
            _("Назовите день не раньше сегодняшнего и не дальше %(count)s дней") % {"count": LONGEST.days}
        )
    with transaction.atomic():
        made, is_new = CaseHold.objects.get_or_create(
            account=account,
            reason=HoldReason(reason),
            made_by=made_by,
            defaults={
                "organisation": account.organisation,
                "since": day,
                "until": last,
                "words": words.strip(),
                "made_at": now,
            },
        )
        if is_new:
            signals.send(account.organisation_id, ["debts", f"account:{account_id}"])
    return made


def end(actor: Actor, hold_id: int, why: str, *, now: datetime) -> CaseHold:
    """It was looked at: reminders go on from today. Ended twice it ended the first time.

    Raises `HoldRefused` (not ours, no reason given).
    """
    assert actor.organisation is not None
    if not why.strip():
        raise HoldRefused(_("Напишите, чем закончилось: это увидят коллеги"))
    with transaction.atomic():
        held = CaseHold.objects.select_for_update().filter(organisation=actor.organisation, pk=hold_id).first()
        if held is None:
            raise HoldRefused(_("Такой паузы в организации нет"))
        if held.ended_on is not None:
            return held
        held.ended_on = now.astimezone(ZoneInfo(actor.organisation.time_zone)).date()
        held.ended_why = why.strip()[:200]
        held.save(update_fields=["ended_on", "ended_why"])
        trail.record(
            actor,
            "debts.hold_ended",
            _("Пауза снята (%(reason)s)") % {"reason": held.get_reason_display()},
            subject=("account", held.account_id),
            reason=held.ended_why,
        )
        signals.send(held.organisation_id, ["debts", f"account:{held.account_id}"])
    return held


def promised(
    cursor: psycopg.Cursor[Any], *, organisation_id: int, account_ids: Sequence[int], day: date
) -> Mapping[int, Held]:
    """The accounts with an open promise that is not overdue: asked again on the day after it."""
    cursor.execute(
        'SELECT account_id, "on" FROM debts_promise WHERE account_id = ANY(%s) AND organisation_id = %s'
        " AND state = 'open' AND \"on\" >= %s",
        (list(account_ids), organisation_id, day),
        prepare=True,
    )
    return {
        account: Held(why=_("Обещал заплатить до %(day)s") % {"day": f"{on:%d.%m.%Y}"}, until=on + timedelta(days=1))
        for account, on in cursor.fetchall()
    }


def told(
    cursor: psycopg.Cursor[Any], *, organisation_id: int, account_ids: Sequence[int], day: date
) -> Mapping[int, Held]:
    """The accounts with a hold in force on `day`; of several the one that lasts longest answers."""
    cursor.execute(
        "SELECT DISTINCT ON (account_id) account_id, reason, until FROM debts_casehold WHERE account_id = ANY(%s)"
        " AND organisation_id = %s AND ended_on IS NULL AND since <= %s AND until >= %s"
        " ORDER BY account_id, until DESC",
        (list(account_ids), organisation_id, day, day),
        prepare=True,
    )
    return {
        account: Held(why=str(HoldReason(reason).label), until=until + timedelta(days=1))
        for account, reason, until in cursor.fetchall()
    }
