"""The hand on a campaign and on its contacts: start, pause, resume, stop, take back, repeat. Each step is in the trail.

A campaign is moved under its lock and only from the states that allow the step. The program's own hand, which finishes
what is done and pauses what may not go on, stands here too.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from okno.access import trail
from okno.access.actor import Actor, process
from okno.access.models import Organisation
from okno.common import clock
from okno.jobs import signals
from okno.outreach.facts import open_cursor
from okno.outreach.models import Campaign, CampaignState, Contact, ContactState
from okno.outreach.wakening import waken
from okno.outreach.withdrawal import withdraw_contacts

OUTWARD_DELAY = timedelta(seconds=30)
"""Nothing leaves for so long after the start, so that a mistake can be taken back."""


class CampaignRefused(Exception):
    """The campaign cannot do this now; the message says why."""


def start(campaign: Campaign, actor: Actor, why: str, *, now: datetime, delay: timedelta = OUTWARD_DELAY) -> Campaign:
    """Let the campaign run; nothing leaves before `now + delay`. Raises CampaignRefused unless it is a draft."""
    return _move(
        campaign,
        actor,
        why,
        allowed=(CampaignState.DRAFT,),
        state=CampaignState.RUNNING,
        verb="campaign.started",
        sentence=_("Кампания «%(name)s» запущена"),
        start_after=now + delay,
    )


def pause(campaign: Campaign, actor: Actor, why: str) -> Campaign:
    """Let nothing leave until it is resumed. Raises CampaignRefused unless it runs."""
    return _move(
        campaign,
        actor,
        why,
        allowed=(CampaignState.RUNNING,),
        state=CampaignState.PAUSED,
        verb="campaign.paused",
        sentence=_("Кампания «%(name)s» приостановлена"),
    )


def resume(campaign: Campaign, actor: Actor, why: str) -> Campaign:
    """Go on after a pause; contacts that waited for it are due at once. Raises CampaignRefused unless paused."""
    with transaction.atomic():
        moved = _move(
            campaign,
            actor,
            why,
            allowed=(CampaignState.PAUSED,),
            state=CampaignState.RUNNING,
            verb="campaign.resumed",
            sentence=_("Кампания «%(name)s» продолжена"),
        )
        moved.contacts.filter(state="waiting", state_why__in=["campaign", "feed_stale"]).update(
            not_before=clock.now(), state_why=""
        )
        return moved


def stop(campaign: Campaign, actor: Actor, why: str) -> Campaign:
    """End the campaign for good and withdraw what has not left. Raises CampaignRefused when it has ended before."""
    with transaction.atomic():
        moved = _move(
            campaign,
            actor,
            why,
            allowed=(CampaignState.DRAFT, CampaignState.RUNNING, CampaignState.PAUSED),
            state=CampaignState.STOPPED,
            verb="campaign.stopped",
            sentence=_("Кампания «%(name)s» остановлена"),
        )
        _withdraw_all(moved, why)
        return moved


def withdraw_all(campaign: Campaign, actor: Actor, why: str) -> int:
    """Withdraw every contact of the campaign that has not left; say how many."""
    with transaction.atomic():
        count = _withdraw_all(campaign, why)
        trail.record(
            actor,
            "campaign.withdrawn",
            _("Отозваны обращения кампании «%(name)s»: %(count)s") % {"name": campaign.name, "count": count},
            subject=("campaign", campaign.pk),
            reason=why,
            detail={"count": count},
        )
        signals.send(campaign.organisation_id, ["contacts"])
    return count


def withdraw_one(contact_id: int, actor: Actor, why: str) -> bool:
    """Withdraw one contact; False when it has left, was refused or was withdrawn before."""
    assert actor.organisation is not None
    with transaction.atomic():
        done = withdraw_contacts(
            open_cursor(), organisation_id=actor.organisation.pk, contact_ids=[contact_id], why=why
        )
        if done:
            trail.record(
                actor,
                "contact.withdrawn",
                _("Отозвано обращение № %(number)s") % {"number": contact_id},
                reason=why,
                detail={"contact": contact_id},
            )
            signals.send(actor.organisation.pk, ["contacts"])
    return bool(done)


def repeat(contact_id: int, actor: Actor, why: str) -> bool:
    """Let a contact whose outcome nobody knows, or that failed, go to the gate again; only a person may decide so.

    False when it is in no such state. Its message stays the same one: the sender writes over it.
    """
    assert actor.organisation is not None
    now = clock.now()
    with transaction.atomic():
        cursor = open_cursor()
        cursor.execute(
            "UPDATE outreach_contact SET state = 'waiting', state_why = 'repeated', attempts = 0, not_before = %s,"
            " changed_at = %s WHERE id = %s AND organisation_id = %s AND state IN ('unknown', 'failed')",
            (now, now, contact_id, actor.organisation.pk),
        )
        if not cursor.rowcount:
            return False
        cursor.execute(
            "UPDATE outreach_campaign SET state = 'running' WHERE state = 'finished'"
            " AND id = (SELECT campaign_id FROM outreach_contact WHERE id = %s)",
            (contact_id,),
        )
        trail.record(
            actor,
            "contact.repeated",
            _("Обращение № %(number)s решено повторить") % {"number": contact_id},
            reason=why,
            detail={"contact": contact_id},
        )
        waken()
        signals.send(actor.organisation.pk, ["contacts"])
    return True


def finish_done(now: datetime) -> int:
    """Finish the running campaigns that have nothing left to send; say how many."""
    live = Contact.objects.filter(
        campaign=OuterRef("pk"), state__in=[ContactState.WAITING, ContactState.PERMITTED, ContactState.SENDING]
    )
    planned = Contact.objects.filter(campaign=OuterRef("pk"))
    done = Campaign.objects.filter(Exists(planned), ~Exists(live), state=CampaignState.RUNNING, start_after__lte=now)
    finished = 0
    for campaign in done.select_related("organisation"):
        with transaction.atomic():
            # Another sender may have been quicker.
            if not Campaign.objects.filter(pk=campaign.pk, state=CampaignState.RUNNING).update(
                state=CampaignState.FINISHED, state_why=_("всё отправлено")
            ):
                continue
            actor = process(campaign.organisation, _("Окно"))
            sentence = _("Кампания «%(name)s» завершена") % {"name": campaign.name}
            trail.record(actor, "campaign.finished", sentence, subject=("campaign", campaign.pk))
            signals.send(campaign.organisation_id, ["contacts"])
        finished += 1
    return finished


def pause_stale(organisation_id: int, campaign_ids: Sequence[int]) -> int:
    """Pause running campaigns whose payment data are too old; say how many."""
    why = _("Данные об оплате устарели: загрузите свежий реестр и продолжите кампанию")
    return pause_by_itself(organisation_id, campaign_ids, why)


def pause_by_itself(organisation_id: int, campaign_ids: Sequence[int], why: str) -> int:
    """The program pauses running campaigns, each with a line of the trail; those paused already are left alone."""
    actor = process(Organisation.objects.get(pk=organisation_id), _("Окно"))
    paused = 0
    for campaign in Campaign.objects.filter(pk__in=campaign_ids, organisation_id=organisation_id).order_by("pk"):
        try:
            pause(campaign, actor, why)
        except CampaignRefused:
            continue  # somebody else paused it this very second
        paused += 1
    return paused


def _withdraw_all(campaign: Campaign, why: str) -> int:
    ids = list(campaign.contacts.filter(state__in=["waiting", "permitted"]).values_list("pk", flat=True))
    return withdraw_contacts(open_cursor(), organisation_id=campaign.organisation_id, contact_ids=ids, why=why)


def _move(
    campaign: Campaign,
    actor: Actor,
    why: str,
    *,
    allowed: Sequence[str],
    state: str,
    verb: str,
    sentence: str,
    start_after: datetime | None = None,
) -> Campaign:
    with transaction.atomic():
        locked = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
        if locked.state not in allowed:
            raise CampaignRefused(
                _("Кампания «%(name)s»: %(state)s, так с ней поступить нельзя")
                % {"name": locked.name, "state": locked.get_state_display()}
            )
        locked.state, locked.state_why = state, why
        if start_after is not None:
            locked.start_after = start_after
        locked.save(update_fields=["state", "state_why", "start_after"])
        if state != CampaignState.RUNNING:
            locked.contacts.filter(state="permitted").update(state="waiting", changed_at=clock.now())
        trail.record(actor, verb, sentence % {"name": locked.name}, subject=("campaign", locked.pk), reason=why)
        waken()
        signals.send(locked.organisation_id, ["contacts"])
    campaign.state, campaign.state_why, campaign.start_after = locked.state, locked.state_why, locked.start_after
    return locked
