"""From a contact that is due to a call that may be made: through the gate, claimed once, asked again before INVITE.

One operator at a time takes calls of a campaign, so its lines and its pace are counted by one; others go on to the
next campaign meanwhile. What was claimed is on its way: the contact is "sending" and its call has a row, in one
transaction. A call that must not be made after all is taken back here as well.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now

from okno.channels.base import Word
from okno.common import clock
from okno.dialogs import versions
from okno.dialogs.dialler import promises, team
from okno.dialogs.live import agents, signals
from okno.dialogs.models import Agent, Call, CallCampaign, CallState, Direction, Mode
from okno.law.dated import NotInForce
from okno.outreach import causes, claims, gate, steering
from okno.outreach.causes import UnknownCause
from okno.outreach.claims import Settled
from okno.outreach.facts import CALLS, Cursor, open_cursor
from okno.outreach.gate import Decision
from okno.outreach.models import CampaignState, Contact, ContactState
from okno.people.models import Channel

IN_CALL = timedelta(minutes=3)
"""When to ask again for a person who is being called about something else."""

AGAIN_SOON = timedelta(seconds=1)
"""When to come again to a contact whose call was taken back for no fault of its own."""

ROUNDS = 4
"""So many batches go through the gate for one campaign before others have their turn."""


class _Nobody(Exception):
    """The agent the call was meant for has just gone."""


def take(operator: str, free: int, now: datetime) -> list[Call]:
    """Up to `free` calls to make at once, each with its row in DIALLING, led by `operator`.

    Every call has a permit that lives two seconds from the gate's decision; its contact is on its way ("sending").
    `now` is the clock of the trade, aware. Any number of operators may take at the same time.
    """
    if free <= 0:
        return []
    promises.plan_due(now)
    taken: list[Call] = []
    for campaign in _due(now):
        if len(taken) >= free:
            break
        try:
            taken += _take_of(campaign, operator, free - len(taken), now)
        except (NotInForce, UnknownCause) as error:
            # A value of the law that nobody has entered stops this campaign, in words, and no other.
            steering.pause_by_itself(campaign.campaign.organisation_id, [campaign.campaign_id], str(error))
    return taken


def _due(now: datetime) -> list[CallCampaign]:
    """Running campaigns with somebody to call; those that waited longest for a line come first."""
    waiting = Contact.objects.filter(
        organisation=OuterRef("campaign__organisation"),
        campaign=OuterRef("campaign"),
        state=ContactState.WAITING,
        not_before__lte=now,
        channel__in=CALLS,
    )
    begun = Call.objects.filter(campaign=OuterRef("pk")).order_by("-started_at")
    return list(
        CallCampaign.objects.filter(
            Exists(waiting),
            Q(campaign__start_after=None) | Q(campaign__start_after__lte=now),
            campaign__state=CampaignState.RUNNING,
        )
        .exclude(mode=Mode.PREVIEW)
        .select_related("campaign__organisation")
        .annotate(latest=Subquery(begun.values("started_at")[:1]))
        .order_by(F("latest").asc(nulls_first=True), "pk")
    )


def _take_of(campaign: CallCampaign, operator: str, free: int, now: datetime) -> list[Call]:
    with _alone(campaign) as mine:
        if not mine:
            return []
        room = min(free, _lines(campaign), _pace(campaign, now), team.room(campaign, now))
        taken: list[Call] = []
        for _round in range(ROUNDS):
            if len(taken) >= room:
                break
            decisions = gate.decide_due(
                campaign.campaign.organisation_id,
                campaign.campaign_id,
                channels=[channel_of(campaign)],
                now=now,
                limit=room - len(taken),
            )
            if not decisions:
                break
            calls = [claim(campaign, one, operator, now) for one in decisions if one.outcome == "allowed"]
            taken += [call for call in calls if call is not None]
        return taken


@contextmanager
def _alone(campaign: CallCampaign) -> Iterator[bool]:
    """Whether this operator alone takes calls of the campaign now; ends with the block, or with its process."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended('dialogs.take', %s))", [campaign.pk])
        (mine,) = cursor.fetchone()
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended('dialogs.take', %s))", [campaign.pk])


def channel_of(campaign: CallCampaign) -> str:
    """A robot's call wants another consent than a person's."""
    return Channel.ROBOT_CALL.value if campaign.mode == Mode.ROBOT else Channel.CALL.value


def _lines(campaign: CallCampaign) -> int:
    """The campaign's lines that are free."""
    return campaign.lines - going_on(campaign).count()


def going_on(campaign: CallCampaign) -> QuerySet[Call]:
    """The campaign's calls that are not over; few, and found by an index of their own."""
    calls = Call.objects.filter(organisation=campaign.campaign.organisation_id, campaign=campaign)
    return calls.exclude(state__in=[CallState.ENDED, CallState.LOST])


def _pace(campaign: CallCampaign, now: datetime) -> int:
    """How many calls may still begin in this second, or in the several seconds that one call has."""
    window = max(1.0, 1 / float(campaign.calls_a_second))
    begun = campaign.calls.filter(started_at__gt=now - timedelta(seconds=window)).count()
    return int(float(campaign.calls_a_second) * window + 1e-9) - begun


def claim(
    campaign: CallCampaign, decision: Decision, operator: str, now: datetime, *, agent: Agent | None = None
) -> Call | None:
    """The call of an allowed contact, its row and the contact's state written together; None when it may not be made.

    A progressive call takes an agent with it, or is not made; `agent` is the one who calls by hand.
    """
    try:
        with transaction.atomic():
            if claims.claim_call(open_cursor(), decision, now) is None:
                return None
            call = _written(campaign, decision, operator, now)
            if campaign.mode == Mode.PROGRESSIVE or agent is not None:
                _with_agent(call, agent, now)
            signals.changed(call)
    except _Nobody:
        _put_back(decision, "", now + AGAIN_SOON, now)
        return None
    except IntegrityError:
        # The database keeps it: one call to a person at a time, whatever the two calls are about.
        _put_back(decision, "in_call", now + IN_CALL, now)
        return None
    call.refresh_from_db(fields=["alive_at"])
    return call


def _written(campaign: CallCampaign, decision: Decision, operator: str, now: datetime) -> Call:
    contact = Contact.objects.select_related("account__flat").get(pk=decision.contact_id)
    chosen = versions.chosen(campaign.campaign.organisation, campaign.scenario, contact.key)
    return Call.objects.create(
        organisation_id=contact.organisation_id,
        uid=uuid4(),
        direction=Direction.OUT,
        campaign=campaign,
        contact=contact,
        permit_id=decision.permit_id,
        account=contact.account,
        person_id=contact.person_id,
        house_id=contact.account.flat.house_id,
        address=contact.address,
        language=decision.language,
        scenario=campaign.scenario,
        version=chosen.version,
        arm=chosen.arm,
        mode=campaign.mode,
        operator=operator,
        alive_at=Now(),
        state=CallState.DIALLING,
        started_at=now,
    )


def _with_agent(call: Call, wanted: Agent | None, now: datetime) -> None:
    others: tuple[int, ...] = ()
    if wanted is not None:
        everybody = Agent.objects.filter(organisation=call.organisation)
        others = tuple(everybody.exclude(pk=wanted.pk).values_list("pk", flat=True))
    found = agents.take_free(call.organisation_id, call, but=others, now=now)
    if found is None:
        raise _Nobody
    call.agent_id = found.user_id
    call.save(update_fields=["agent"])


def _put_back(decision: Decision, why: str, not_before: datetime, now: datetime) -> None:
    Contact.objects.filter(pk=decision.contact_id, state=ContactState.PERMITTED, permit=decision.permit_id).update(
        state=ContactState.WAITING, state_why=why, not_before=not_before, changed_at=now
    )


# -- right before INVITE --


@dataclass(frozen=True, slots=True)
class _Standing:
    """What stands between a claimed call and its INVITE."""

    call: str
    contact: str
    own_permit: bool
    alive: bool
    campaign: str | None
    quiet: bool
    """Since the permit somebody asked for silence, or the number turned out to be a stranger's."""


def may_still(call: Call, now: datetime | None = None) -> bool:
    """Whether the INVITE may leave this very moment: still wanted, still owed, no payment being posted.

    A permit that has run out meanwhile is asked for anew. When the answer is no the call is over: its row is ended as
    cancelled and its contact withdrawn or waiting again, so the caller has nothing to do but not to dial.
    """
    now = now or clock.now()
    with transaction.atomic():
        cursor = open_cursor()
        if call.contact is None:
            return True  # a person of the staff calls somebody back: no campaign, no gate
        standing = _standing(cursor, call)
        if standing.call not in (CallState.DIALLING, CallState.RINGING):
            return False
        if standing.contact != ContactState.SENDING or not standing.own_permit:
            return _take_back(call, "", now)
        if standing.campaign not in (None, CampaignState.RUNNING):
            return _take_back(call, "campaign", now)
        if standing.quiet:
            return _take_back(call, "do_not_call", now)
        owed = _owed(cursor, call, now)
        if owed is None:
            return _take_back(call, "busy", now)
        if not owed:
            return _take_back(call, "paid", now)
        return standing.alive or _renewed(cursor, call, now)


def _standing(cursor: Cursor, call: Call) -> _Standing:
    cursor.execute(
        "SELECT call.state, contact.state, contact.permit_id = call.permit_id, permit.expires_at > clock_timestamp(),"
        " campaign.state, coalesce(person.do_not_call, false) OR EXISTS (SELECT FROM people_phone AS phone"
        " WHERE phone.person_id = call.person_id AND phone.number = call.address"
        " AND (phone.do_not_call OR phone.is_wrong))"
        " FROM dialogs_call AS call JOIN outreach_contact AS contact ON contact.id = call.contact_id"
        " JOIN outreach_permit AS permit ON permit.id = call.permit_id"
        " LEFT JOIN outreach_campaign AS campaign ON campaign.id = contact.campaign_id"
        " LEFT JOIN people_person AS person ON person.id = call.person_id"
        " WHERE call.id = %s FOR UPDATE OF call, contact",
        (call.pk,),
    )
    row: Any = cursor.fetchone()
    return _Standing(*row)


def _owed(cursor: Cursor, call: Call, now: datetime) -> bool | None:
    """Whether it is still owed by the committed ledger; None while a posting holds the account."""
    contact = call.contact
    assert contact is not None
    cursor.execute(
        "SELECT FROM ledger_balance WHERE account_id = %s FOR SHARE SKIP LOCKED", (contact.account_id,), prepare=True
    )
    if cursor.fetchone() is None:
        return None
    day = team.day_of(call.organisation, now)
    answers = causes.get(contact.cause).owed(
        cursor, organisation_id=call.organisation_id, cause_ids=[contact.cause_id], day=day
    )
    answer = answers.get(contact.cause_id)
    return answer is not None and answer.owed


def _renewed(cursor: Cursor, call: Call, now: datetime) -> bool:
    """Preparing took longer than the permit lived: the whole gate is asked again, about this very call."""
    cursor.execute(
        "UPDATE outreach_contact SET state = 'waiting', attempts = greatest(attempts - 1, 0) WHERE id = %s",
        (call.contact_id,),
    )
    (decision,) = gate.decide(call.organisation_id, [call.contact_id or 0], now)
    if decision.outcome != "allowed":
        _end(call, decision.reasons[0], now)
        return False
    if claims.claim_call(cursor, decision, now) is None:
        _put_back(decision, "permit_expired", now + AGAIN_SOON, now)
        _end(call, "permit_expired", now)
        return False
    call.permit_id = decision.permit_id
    call.save(update_fields=["permit"])
    return True


def _take_back(call: Call, why: str, now: datetime) -> bool:
    """End the call before it began; always False."""
    assert call.contact_id is not None
    if why == "paid":
        settled = Settled(state="withdrawn", why=why, word=Word.NOT_NOW, is_try=False)
    else:
        settled = Settled(state="waiting", why=why, word=Word.NOT_NOW, not_before=now + AGAIN_SOON, is_try=False)
    claims.settle_call(open_cursor(), call.contact_id, settled, now)
    _end(call, why, now)
    return False


def _end(call: Call, why: str, now: datetime) -> None:
    call.state, call.ended_at, call.outcome, call.words = CallState.ENDED, now, "cancelled", why
    call.save(update_fields=["state", "ended_at", "outcome", "words"])
    team.let_go(call, now)
    signals.changed(call)
