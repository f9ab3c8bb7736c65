"""The second call: on the day of a promise that is not paid yet."""

import time as monotonic
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef

from okno.access.models import Organisation
from okno.debts.models import Promise, PromiseState
from okno.dialogs.dialler.causes import PROMISE
from okno.dialogs.models import Call
from okno.outreach.facts import open_cursor
from okno.outreach.models import Campaign, CampaignState, Contact, ContactState
from okno.outreach.wakening import waken
from okno.people.entitlement import entitled

NOT_BEFORE = time(12)
"""By the house's clock: half of the promised day is left for the money to come by itself."""

LOOK_EVERY = 300.0
"""Seconds between looks of one process."""

BY_CALL = "call:"
"""How a promise names the call that it was made in (`Promise.made_by`)."""

_looked: list[float] = []


def plan_due(now: datetime) -> int:
    """Plan the reminders of today in every organisation that has any; once in a while in each process."""
    if _looked and monotonic.monotonic() - _looked[-1] < LOOK_EVERY:
        return 0
    _looked[:] = [monotonic.monotonic()]
    near = [now.date() + timedelta(days=days) for days in (-1, 0, 1)]
    open_ones = Promise.objects.filter(organisation=OuterRef("pk"), state=PromiseState.OPEN, on__in=near)
    planned = 0
    for organisation in Organisation.objects.filter(Exists(open_ones)):
        planned += plan_reminders(organisation, now.astimezone(ZoneInfo(organisation.time_zone)).date(), now)
    return planned


def forget() -> None:
    """Look at once when asked next."""
    _looked.clear()


def plan_reminders(organisation: Organisation, day: date, now: datetime) -> int:
    """Write a contact for every open promise of `day` into the campaign that got it; say how many are new.

    Left out are promises made on that day itself, those made elsewhere than in a call of a campaign, and campaigns
    that were stopped. Planned twice it is planned once; a campaign that had finished runs again.
    """
    promises = Promise.objects.filter(
        organisation=organisation, state=PromiseState.OPEN, on=day, made_by__startswith=BY_CALL, case__isnull=False
    )
    planned = 0
    for promise in promises.select_related("account__flat__house").order_by("pk"):
        zone = ZoneInfo(promise.account.flat.house.time_zone)
        call = _call_of(promise)
        if promise.made_at.astimezone(zone).date() >= day or call is None or call.contact is None:
            continue
        planned += _remind(promise, call, datetime.combine(day, NOT_BEFORE, zone), now)
    if planned:
        waken()
    return planned


def _call_of(promise: Promise) -> Call | None:
    uid = promise.made_by.removeprefix(BY_CALL).partition(":")[0]
    calls = Call.objects.filter(uid=uid, organisation=promise.organisation, campaign__isnull=False)
    return calls.select_related("contact").first()


def _remind(promise: Promise, call: Call, not_before: datetime, now: datetime) -> bool:
    first = call.contact
    assert first is not None
    assert first.campaign_id is not None
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update(of=("self",)).get(pk=first.campaign_id)
        if campaign.state not in (CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.FINISHED):
            return False
        heard = entitled(open_cursor(), [promise.account_id], promise.on).get(promise.account_id, [])
        if first.person_id not in heard:
            return False
        _contact, made = Contact.objects.get_or_create(
            organisation=promise.organisation,
            key=f"{PROMISE}:{promise.pk}:campaign:{campaign.pk}",
            defaults={
                "campaign": campaign,
                "cause": PROMISE,
                "cause_id": promise.pk,
                "account": promise.account,
                "person_id": first.person_id,
                "channel": first.channel,
                "address": call.address,
                "language": call.language,
                "state": ContactState.WAITING,
                "not_before": max(not_before, now),
                "created_at": now,
                "changed_at": now,
            },
        )
        if made and campaign.state == CampaignState.FINISHED:
            campaign.state, campaign.state_why = CampaignState.RUNNING, ""
            campaign.save(update_fields=["state", "state_why"])
    return made
