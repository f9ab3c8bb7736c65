"""Campaigns before they run: a draft is written and rewritten freely, and the launch plans it and starts its clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from okno.access import trail
from okno.access.actor import Actor
from okno.common import clock
from okno.outreach import causes, planning, steering
from okno.outreach.models import Campaign, CampaignState, Template
from okno.outreach.planning import Planned
from okno.outreach.steering import OUTWARD_DELAY, CampaignRefused

SAME_WITHIN = timedelta(minutes=10)
"""A draft like one the same person made so lately is the same form sent twice."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """What a person says of a campaign: `audience` is a filter of the cause, `templates` at most one a channel."""

    name: str
    cause: str
    channels: Sequence[str]
    templates: Sequence[Template] = ()
    audience: Mapping[str, Any] = field(default_factory=dict)


def draft(actor: Actor, told: Draft) -> Campaign:
    """Keep a new draft; told twice in a row it is one draft. Raises `UnknownCause`."""
    assert actor.organisation is not None
    causes.get(told.cause)
    now = clock.now()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended('outreach.draft', %s))", [actor.organisation.pk]
            )
        known = Campaign.objects.filter(
            organisation=actor.organisation,
            created_by=actor.user,
            created_at__gte=now - SAME_WITHIN,
            state=CampaignState.DRAFT,
            name=told.name,
            audience=dict(told.audience),
            channels=list(told.channels),
        ).first()
        if known is not None:
            return known
        campaign = Campaign.objects.create(
            organisation=actor.organisation,
            name=told.name,
            cause=told.cause,
            channels=list(told.channels),
            audience=dict(told.audience),
            created_at=now,
            created_by=actor.user,
        )
        campaign.templates.set(told.templates)
        trail.record(
            actor,
            "campaign.drafted",
            _("Подготовлена кампания «%(name)s»") % {"name": told.name},
            subject=("campaign", campaign.pk),
        )
    return campaign


def rewrite(campaign: Campaign, actor: Actor, told: Draft) -> Campaign:
    """Put other words, channels or people into a draft. Raises CampaignRefused once it was started."""
    with transaction.atomic():
        locked = _locked_draft(campaign)
        locked.name, locked.channels, locked.audience = told.name, list(told.channels), dict(told.audience)
        locked.save(update_fields=["name", "channels", "audience"])
        locked.templates.set(told.templates)
        trail.record(
            actor,
            "campaign.rewritten",
            _("Изменена кампания «%(name)s»") % {"name": told.name},
            subject=("campaign", locked.pk),
        )
    return locked


def launch(campaign: Campaign, actor: Actor, why: str, *, now: datetime, delay: timedelta = OUTWARD_DELAY) -> Planned:
    """Plan everybody the draft is for on today's day and start its clock. Raises CampaignRefused unless it is a draft.

    A launch cut short leaves a draft; launching again plans the rest and doubles nothing.
    """
    with transaction.atomic():
        locked = _locked_draft(campaign)
        planned = planning.plan(locked, clock.today(locked.organisation.time_zone), now)
        steering.start(locked, actor, why, now=now, delay=delay)
    return planned


def _locked_draft(campaign: Campaign) -> Campaign:
    locked = Campaign.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=campaign.pk)
    if locked.state != CampaignState.DRAFT:
        raise CampaignRefused(
            _("Кампания «%(name)s» уже запущена: её можно приостановить или остановить, но не изменить")
            % {"name": locked.name}
        )
    return locked
