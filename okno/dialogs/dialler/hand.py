"""Calls that an agent makes by hand, after looking at the card first (`Mode.PREVIEW`)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from okno.dialogs.dialler.taking import channel_of, claim
from okno.dialogs.models import Agent, AgentState, Call, CallCampaign
from okno.outreach import gate, words
from okno.outreach.facts import open_cursor
from okno.outreach.models import CampaignState, Contact, ContactState

KEPT = timedelta(minutes=5)
"""For so long nobody else is offered the person."""

OFFERED, PUT_OFF = "offered", "put_off"


class NotNow(Exception):
    """This person may not be called now; the message says why in words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A contact kept for one agent until `until`; nobody else is offered it meanwhile."""

    contact: Contact
    campaign: CallCampaign
    until: datetime


def offer(agent: Agent, campaign: CallCampaign, now: datetime) -> Offer | None:
    """The next person of the campaign for this agent to look at; None when nobody is due or the campaign rests.

    Whoever was offered and neither called nor put off is due again when the time is over.
    """
    if campaign.campaign.organisation_id != agent.organisation_id or campaign.campaign.state != CampaignState.RUNNING:
        return None
    until = now + KEPT
    cursor = open_cursor()
    cursor.execute(
        "UPDATE outreach_contact SET not_before = %s, state_why = %s, changed_at = %s WHERE id = ("
        " SELECT id FROM outreach_contact WHERE organisation_id = %s AND campaign_id = %s AND state = 'waiting'"
        " AND not_before <= %s AND channel = %s ORDER BY not_before, id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id",
        (until, OFFERED, now, agent.organisation_id, campaign.campaign_id, now, channel_of(campaign)),
    )
    row = cursor.fetchone()
    if row is None:
        return None
    contact = Contact.objects.select_related("account__flat__house", "person").get(pk=row[0])
    return Offer(contact=contact, campaign=campaign, until=until)


def dial(agent: Agent, contact_id: int, operator: str, now: datetime) -> Call:
    """Let the contact through the gate and claim it for the agent. Raises NotNow with the gate's reasons.

    The call's row is in DIALLING with the agent on it; `may_still` is to be asked before the INVITE as ever.
    """
    if not Agent.objects.filter(pk=agent.pk, state=AgentState.FREE).exclude(address="").exists():
        raise NotNow(_("Сначала отметьте, что вы на месте и свободны, и укажите свой телефон"))
    campaign = (
        CallCampaign.objects.select_related("campaign__organisation")
        .filter(campaign__contacts=contact_id, campaign__organisation=agent.organisation_id)
        .first()
    )
    if campaign is None:
        raise NotNow(_("Такого обращения в кампаниях нет"))
    decisions = gate.decide(agent.organisation_id, [contact_id], now)
    if not decisions:
        raise NotNow(_("С этим человеком уже говорят или звонить ему больше не нужно"))
    if decisions[0].outcome != "allowed":
        raise NotNow(_("Сейчас звонить нельзя: %(why)s") % {"why": words.reasons(list(decisions[0].reasons))})
    call = claim(campaign, decisions[0], operator, now, agent=agent)
    if call is None:
        raise NotNow(_("Не получилось начать звонок: попробуйте ещё раз"))
    return call


def put_off(agent: Agent, contact_id: int, minutes: int, why: str, now: datetime) -> bool:
    """The agent leaves the offered person for later; False when it is no longer theirs."""
    with transaction.atomic():
        return bool(
            Contact.objects.filter(
                pk=contact_id,
                organisation=agent.organisation_id,
                state=ContactState.WAITING,
                state_why=OFFERED,
                not_before__gt=now,
            ).update(not_before=now + timedelta(minutes=minutes), state_why=why or PUT_OFF, changed_at=now)
        )
