"""What follows from the end of a call: the contact, its next try, a number that is not there, the circuit breaker."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from okno.access.actor import process
from okno.access.models import Action
from okno.channels.base import Word
from okno.dialogs import asked
from okno.dialogs.dialler import answers, breaker, retry, team
from okno.dialogs.dialler.breaker import Seen
from okno.dialogs.dialler.hand import KEPT, OFFERED
from okno.dialogs.dialler.retry import Ended, Next
from okno.dialogs.live import signals
from okno.dialogs.models import Call, CallCampaign, CallState
from okno.jobs import signals as pages
from okno.outreach import claims, steering
from okno.outreach.claims import Settled
from okno.outreach.facts import open_cursor
from okno.outreach.models import Campaign, CampaignState, Contact, ContactState
from okno.people import wishes
from okno.people.models import Phone
from okno.telephony.leg import Kind

NOBODY_NAMED = retry.DEFAULT_PAUSES
"""A campaign that names no pauses at all has the usual ones."""

JUDGED = 60
"""The breaker looks at so many latest calls."""

SET_GOING = ("campaign.started", "campaign.resumed")
"""Lines of the trail after which a person has looked: the breaker counts anew."""

PAID = "paid"
"""What a call that was taken back while it rang says of itself when the payment came."""

STRANGERS = "wrong_number"
"""The result of a talk with somebody who does not know the person; what they said marks the number."""

ASKED_DAY, ASKED_HOUR, ASKED_MINUTES = "later_on", "later_at", "later_in"
"""The dialog's slots that hold when the person asked to be called."""


def finished(call_id: int, now: datetime) -> None:
    """Settle an ended call: the contact's state, its next try, a wrong number, the campaign's circuit breaker.

    The call's row must say how it ended (state ENDED or LOST, outcome, and for an answered one picked_up and result);
    raises ValueError while it goes on. Told twice it changes nothing the second time.
    """
    with transaction.atomic():
        call = (
            Call.objects.select_for_update(of=("self",))
            .select_related("contact", "campaign__campaign", "house", "organisation")
            .get(pk=call_id)
        )
        if call.state not in (CallState.ENDED, CallState.LOST):
            raise ValueError(f"call {call_id} is still {call.state}")
        team.let_go(call, now)
        if not _is_ours(call):
            return
        settled = _lost(call) if call.state == CallState.LOST else _settled(call, now)
        assert call.contact_id is not None
        claims.settle_call(open_cursor(), call.contact_id, settled, now)
        signals.changed(call)
        pages.send(call.organisation_id, ["contacts"])
    _look_at_campaign(call, now)


def written(call_id: int, on: date | None, now: datetime) -> None:
    """An agent has written how the talk ended, maybe long after it: who was not there, or asked for another day (`on`),
    is called again as after a robot's talk. Written twice it changes nothing the second time."""
    with transaction.atomic():
        call = (
            Call.objects.select_for_update(of=("self",))
            .select_related("contact", "campaign__campaign", "house", "organisation")
            .get(pk=call_id)
        )
        if on is not None:
            call.slots = {**call.slots, ASKED_DAY: on.isoformat()}
            call.save(update_fields=["slots"])
        contact = call.contact
        if call.state != CallState.ENDED or contact is None or contact.permit_id != call.permit_id:
            return
        settled = _settled(call, now)
        if contact.state != ContactState.DELIVERED or settled.state != ContactState.WAITING:
            return
        Contact.objects.filter(pk=contact.pk).update(
            state=settled.state, state_why=settled.why, not_before=settled.not_before, changed_at=now
        )
        finished_ones = Campaign.objects.filter(contacts=contact, state=CampaignState.FINISHED)
        finished_ones.update(state=CampaignState.RUNNING, state_why="")
        pages.send(call.organisation_id, ["contacts"])


def _is_ours(call: Call) -> bool:
    """Whether the contact is still on its way by this very call."""
    contact = call.contact
    return contact is not None and contact.state == ContactState.SENDING and contact.permit_id == call.permit_id


def _lost(call: Call) -> Settled:
    """Cut off by our fault: what the person heard nobody knows, so it never goes on by itself."""
    return Settled(state="unknown", why="lost_call", word=Word.UNKNOWN)


def _settled(call: Call, now: datetime) -> Settled:
    assert call.contact is not None
    campaign = call.campaign
    pauses = campaign.pauses if campaign is not None and campaign.pauses else NOBODY_NAMED
    ended = Ended(
        outcome=call.outcome,
        picked_up=call.picked_up,
        result=call.result,
        tries=call.contact.attempts,
        faults=_faults(call, call.contact),
        ours=is_ours(call.outcome, call.sip_status),
    )
    following = retry.after(ended, _named(pauses), campaign.tries if campaign is not None else 1)
    if call.outcome == Kind.CANCELLED and call.words == PAID:
        return Settled(state="withdrawn", why=PAID, word=Word.NOT_NOW, is_try=False)
    if call.outcome == Kind.INVALID_NUMBER:
        _mark_phone(call)
    if call.outcome == Kind.INVALID_NUMBER or call.result == STRANGERS:
        return _by_another_number(call, following, now)
    if following.state == "waiting" and campaign is not None and campaign.campaign.state == CampaignState.STOPPED:
        return Settled(state="withdrawn", why="campaign", word=_word(call))
    if call.outcome == Kind.CANCELLED and call.words in retry.NOT_RUNG:
        return Settled(state="waiting", why=OFFERED, word=Word.NOT_NOW, not_before=call.started_at + KEPT, is_try=False)
    return Settled(
        state=following.state,
        why=following.why,
        word=_word(call),
        not_before=_when(call, following, now),
        is_try=following.is_try,
    )


def _named(told: Mapping[str, int]) -> Mapping[str, int]:
    """The campaign's pauses; for what its screen does not ask about (machines, talks put off, our faults) the usual."""
    usual = {name: NOBODY_NAMED[name] for name in (retry.MACHINE, retry.LATER, Kind.FAILED)}
    return {**usual, **told}


def is_ours(outcome: str, sip_status: int | None) -> bool:
    """Whether the fault was on our side of the person's phone; see `leg.Outcome.ours`."""
    return outcome == Kind.FAILED or (outcome == Kind.UNREACHABLE and sip_status is None)


def _faults(call: Call, contact: Contact) -> int:
    """Failures of our own at this contact, one after another, this call included."""
    count = 0
    rows = Call.objects.filter(contact=contact).exclude(outcome=Kind.CANCELLED).order_by("-started_at", "-pk")
    for outcome, status in rows.values_list("outcome", "sip_status")[: retry.FAULTS]:
        if not is_ours(outcome, status):
            break
        count += 1
    return count


def _word(call: Call) -> Word:
    """The call as a message's word: what the lists of contacts show."""
    if call.outcome == Kind.ANSWERED:
        return Word.DELIVERED
    if call.outcome == Kind.INVALID_NUMBER:
        return Word.NEVER
    return Word.NOT_NOW


def _when(call: Call, following: Next, now: datetime) -> datetime | None:
    if following.again is None:
        return None
    moment = _asked(call, now)
    if following.why == "call_later" and moment is not None:
        return moment
    return answers.next_try(call, now + following.again, better=following.better_hour, now=now)


def _asked(call: Call, now: datetime) -> datetime | None:
    """When the person asked to be called, when it lies ahead."""
    zone = ZoneInfo(call.house.time_zone) if call.house is not None else UTC
    told = call.slots.get
    return asked.moment(told(ASKED_DAY), told(ASKED_HOUR), told(ASKED_MINUTES), zone, now)


def _mark_phone(call: Call) -> None:
    """There is no such number: nobody writes or calls to it any more."""
    actor = process(call.organisation, _("Окно"), _("Телефонная сеть ответила: такого номера нет"))
    for phone in _phones(call).filter(number=call.address, is_wrong=False):
        wishes.mark_phone(actor, phone.pk, is_wrong=True, do_not_call=phone.do_not_call, reason=actor.reason)


def _by_another_number(call: Call, following: Next, now: datetime) -> Settled:
    """The number is not the person's: another one of theirs is tried in its place, while tries are left."""
    assert call.contact is not None
    other = _phones(call).filter(is_wrong=False, do_not_call=False).exclude(number=call.address)
    number = other.order_by(F("is_preferred").desc(), "pk").values_list("number", flat=True).first()
    most = call.campaign.tries if call.campaign is not None else 1
    if number is None or call.contact.attempts >= most:
        return Settled(state=following.state, why=following.why, word=_word(call))
    soon = now + timedelta(minutes=1)
    return Settled(state="waiting", why="wrong_address", word=_word(call), not_before=soon, address=number)


def _phones(call: Call) -> QuerySet[Phone]:
    return Phone.objects.filter(person=call.person, organisation=call.organisation)


def _look_at_campaign(call: Call, now: datetime) -> None:
    """Stop a campaign that does harm, finish one that has nobody left."""
    campaign = call.campaign
    if campaign is None or campaign.campaign.state != CampaignState.RUNNING:
        return
    why = breaker.trip(_seen(campaign))
    if why is not None:
        steering.pause_by_itself(call.organisation_id, [campaign.campaign_id], why)
        return
    mine = Contact.objects.filter(organisation=call.organisation, campaign=campaign.campaign_id)
    states = (ContactState.WAITING, ContactState.PERMITTED, ContactState.SENDING)
    if not any(mine.filter(state=state).exists() for state in states):
        steering.finish_done(now)


def _seen(campaign: CallCampaign) -> Sequence[Seen]:
    """The campaign's latest finished calls since a person last set it going, the latest first."""
    looked = Action.objects.filter(
        organisation=campaign.campaign.organisation_id,
        subject_kind="campaign",
        subject_id=campaign.campaign_id,
        verb__in=SET_GOING,
    ).order_by("-at")
    since = looked.values_list("at", flat=True).first()
    calls = campaign.calls.filter(state=CallState.ENDED).exclude(outcome=Kind.CANCELLED)
    if since is not None:
        calls = calls.filter(started_at__gte=since)
    rows = calls.order_by("-ended_at", "-pk").values_list("outcome", "sip_status", "picked_up", "result", "words")
    return [
        Seen(
            ours=is_ours(outcome, status),
            talked=outcome == Kind.ANSWERED and who not in ("machine", "screening"),
            result=result,
            words=words,
        )
        for outcome, status, who, result, words in rows[:JUDGED]
    ]
