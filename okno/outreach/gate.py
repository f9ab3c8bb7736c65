"""The gate: permits or refuses contacts at the very last moment, from the ledger's committed state.

One transaction a batch. The contacts, their people and the balances of their accounts are locked, everything is read,
every check is made, and the permits are written with the database's own clock while the balances are still locked. A
posting locks the same balances, so each permit stands wholly before or wholly after it: nothing is permitted once the
payment that closed the debt is posted. A permit lives two seconds.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from django.db import transaction

from okno.access import norms
from okno.outreach import causes, holds
from okno.outreach.calling import Script
from okno.outreach.causes import Cause, Owed
from okno.outreach.checks import Addressee, Reach, Situation, Verdict, judge
from okno.outreach.facts import (
    Cursor,
    Facts,
    Left,
    Person,
    Version,
    Waiting,
    gather,
    lock_contacts,
    lock_due,
    lock_people_and_balances,
    open_cursor,
)
from okno.outreach.holds import Held
from okno.outreach.limits import FAMILY
from okno.outreach.models import Campaign, CampaignState
from okno.outreach.placeholders import Told
from okno.outreach.steering import pause_stale
from okno.people.entitlement import entitled
from okno.people.models import Channel

LIFE = timedelta(seconds=2)
"""How long a permit may be used."""

BUSY_RETRY = timedelta(seconds=1)
"""When to come again to an account or a person that somebody else holds this second."""

MOST = 500
"""Contacts in one batch: more would keep postings waiting for too long."""

Outcome = Literal["allowed", "refused", "later", "busy"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What the gate decided about one contact.

    `later` contacts wait until `not_before`; `busy` ones were not looked at because a posting or another gate held
    the account or the person, and have no permit row. For an allowed one `told` and `version` are what the message is
    made of, read in the same transaction (a call has no `version`), and `expires_at` is by the database's clock.
    `language` is the one to write or to speak in.
    """

    contact_id: int
    outcome: Outcome
    reasons: tuple[str, ...] = ()
    not_before: datetime | None = None
    permit_id: int | None = None
    expires_at: datetime | None = None
    channel: str = ""
    address: str = ""
    told: Told | None = None
    version: Version | None = None
    language: str = ""


@dataclass(kw_only=True)
class _Batch:
    """One batch on its way through the gate."""

    organisation_id: int
    now: datetime
    contacts: list[Waiting]
    people: dict[int, Person]
    versions: dict[int, int]
    busy: list[Waiting] = field(default_factory=list)
    ready: list[Waiting] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Judged:
    contact: Waiting
    verdict: Verdict
    owed: Owed | None
    version: Version | None
    language: str
    told: Told


def decide(organisation_id: int, contact_ids: Sequence[int], now: datetime) -> list[Decision]:
    """Decide on these contacts, at most `MOST` at once; those that no longer wait are left out of the answer.

    `now` is the trade's clock, aware. Raises ValueError for too many, `UnknownCause`, `NotInForce`.
    """
    if len(contact_ids) > MOST:
        raise ValueError(f"не больше {MOST} обращений за раз")
    norms.refresh()
    with transaction.atomic():
        cursor = open_cursor()
        decisions = _decide(cursor, organisation_id, lock_contacts(cursor, organisation_id, contact_ids), now)
    _stop_stale(organisation_id, decisions)
    return decisions


def decide_due(
    organisation_id: int, campaign_id: int | None, *, channels: Sequence[str], now: datetime, limit: int
) -> list[Decision]:
    """Claim up to `limit` due contacts of a campaign (None: those of no campaign) and decide on them at once.

    Several processes may do so together; each takes others.
    """
    norms.refresh()
    with transaction.atomic():
        cursor = open_cursor()
        contacts = lock_due(cursor, organisation_id, campaign_id, channels, now, min(limit, MOST))
        decisions = _decide(cursor, organisation_id, contacts, now)
    _stop_stale(organisation_id, decisions)
    return decisions


def _decide(cursor: Cursor, organisation_id: int, contacts: list[Waiting], now: datetime) -> list[Decision]:
    if not contacts:
        return []
    people, versions = lock_people_and_balances(
        cursor,
        list({row.person_id for row in contacts if row.person_id is not None}),
        list({row.account_id for row in contacts}),
    )
    batch = _Batch(organisation_id=organisation_id, now=now, contacts=contacts, people=people, versions=versions)
    for contact in contacts:
        free = contact.account_id in batch.versions and (contact.person_id is None or contact.person_id in batch.people)
        (batch.ready if free else batch.busy).append(contact)
    decisions = _postpone(cursor, batch)
    if batch.ready:
        decisions += _write(cursor, batch, _judge(cursor, batch))
    return decisions


def _judge(cursor: Cursor, batch: _Batch) -> list[_Judged]:
    facts = gather(cursor, batch.organisation_id, batch.ready, batch.now)
    accounts = sorted({row.account_id for row in batch.ready})
    may_hear: dict[str, dict[int, list[int]]] = {}
    held: dict[str, dict[int, Held]] = {}
    owed: dict[tuple[str, int], Owed] = {}
    pauses: dict[tuple[str, int], tuple[str, str]] = {}
    for name in sorted({row.cause for row in batch.ready}):
        cause = causes.get(name)
        may_hear[name] = entitled(cursor, accounts, facts.day, cause.hears)
        held[name] = _held(cursor, batch, cause, accounts, facts.day)
        ids = sorted({row.cause_id for row in batch.ready if row.cause == name})
        answers = cause.owed(cursor, organisation_id=batch.organisation_id, cause_ids=ids, day=facts.day)
        resting = cause.pauses(cursor, organisation_id=batch.organisation_id, cause_ids=ids, day=facts.day)
        owed |= {(name, pk): answer for pk, answer in answers.items()}
        pauses |= {(name, pk): pause for pk, pause in resting.items()}
    judged = []
    for contact in batch.ready:
        key = (contact.cause, contact.cause_id)
        kind = (FAMILY[contact.channel], causes.get(contact.cause).speaks_of_debt)
        situation = Situation(
            now=batch.now,
            zone=contact.zone,
            channel=contact.channel,
            limits=facts.limits,
            owed=owed.get(key),
            debt=causes.get(contact.cause).speaks_of_debt,
            pause=pauses.get(key),
            held=held[contact.cause].get(contact.account_id),
            campaign_state=contact.campaign_state,
            start_after=contact.start_after,
            feeds=facts.feeds,
            person=_addressee(batch, facts, contact, may_hear[contact.cause].get(contact.account_id, [])),
            reach=_reach(facts, contact),
            language=contact.language,
            template_languages=tuple(facts.versions.get(contact.template_id or 0, {})),
            default_language=facts.sender.default_language,
            script=_script(facts, contact),
            left_to_person=_days(facts.left_to_person.get((contact.person_id or 0, *kind)), contact),
            left_on_account=_days(facts.left_on_account.get((contact.account_id, *kind)), contact),
        )
        verdict = judge(situation)
        if verdict.allowed:
            facts.count(Left(contact.account_id, contact.person_id, kind, batch.now))
        judged.append(
            _Judged(
                contact=contact,
                verdict=verdict,
                owed=situation.owed,
                version=_version(facts, contact),
                language=_language(situation),
                told=_told(batch, facts, contact, situation),
            )
        )
    return judged


def _held(cursor: Cursor, batch: _Batch, cause: Cause, accounts: Sequence[int], day: date) -> dict[int, Held]:
    """Open matters hold a debt back; nothing holds a service back."""
    if not cause.speaks_of_debt:
        return {}
    return holds.held(
        cursor, organisation_id=batch.organisation_id, account_ids=accounts, day=day, passes=cause.passes_holds
    )


def _addressee(batch: _Batch, facts: Facts, contact: Waiting, may_hear: Sequence[int]) -> Addressee | None:
    if contact.person_id is None:
        return None
    person = batch.people[contact.person_id]
    own = (person.hours_since, person.hours_until)
    return Addressee(
        id=person.id,
        entitled=person.id in may_hear,
        vulnerabilities=tuple(person.vulnerabilities),
        do_not_call=person.do_not_call,
        own_hours=(own[0], own[1]) if own[0] is not None and own[1] is not None else None,
        consent=facts.consents.get((person.id, contact.channel)),
    )


def _reach(facts: Facts, contact: Waiting) -> Reach:
    """A letter goes to the flat itself; every other address must still be the person's own."""
    if contact.channel == Channel.LETTER:
        return Reach(known=True)
    known = facts.addresses.get((contact.person_id or 0, contact.address))
    if known is None:
        return Reach(known=False)
    return Reach(known=True, wrong=known.is_wrong, do_not_call=known.do_not_call)


def _days(left: Sequence[datetime] | None, contact: Waiting) -> tuple[date, ...]:
    zone = ZoneInfo(contact.zone)
    return tuple(at.astimezone(zone).date() for at in left or ())


def _script(facts: Facts, contact: Waiting) -> Script | None:
    if FAMILY[contact.channel] != "call" or contact.campaign_id is None:
        return None
    return facts.scripts.get(contact.campaign_id)


def _language(situation: Situation) -> str:
    """The person's language where there are words in it, else the organisation's."""
    return situation.language if situation.language in situation.languages else situation.default_language


def _version(facts: Facts, contact: Waiting) -> Version | None:
    languages = facts.versions.get(contact.template_id or 0, {})
    return languages.get(contact.language) or languages.get(facts.sender.default_language)


def _told(batch: _Batch, facts: Facts, contact: Waiting, situation: Situation) -> Told:
    owed = situation.owed
    values = owed.values if owed else {}
    since = values.get("overdue_since")
    return Told(
        name=batch.people[contact.person_id].polite_name if contact.person_id is not None else "",
        house=contact.house,
        flat=contact.flat,
        flat_kind=contact.flat_kind,
        account=contact.account,
        organisation=facts.sender.name,
        currency=facts.sender.currency,
        phone=facts.sender.phone,
        email=facts.sender.email,
        pay_url=facts.sender.pay_url,
        debt_minor=owed.debt_minor if owed else 0,
        months_owed=int(values.get("months_owed", 0)),
        overdue_since=date.fromisoformat(since) if isinstance(since, str) and since else None,
        on=situation.local.date(),
    )


_PERMITS = """
WITH moment AS MATERIALIZED (SELECT clock_timestamp() AS at),
decided AS (
    SELECT * FROM ROWS FROM (
        unnest(%s::bigint[], %s::bigint[], %s::bool[], %s::text[], %s::bigint[], %s::int[], %s::text[], %s::text[],
            %s::timestamptz[]),
        jsonb_array_elements(%s::jsonb)
    ) AS decided(contact_id, account_id, allowed, reasons, debt_minor, version, state, why, not_before, checks)
),
made AS (
    INSERT INTO outreach_permit (organisation_id, contact_id, account_id, allowed, reasons, checks, debt_minor,
        account_version, decided_at, recorded_at, expires_at)
    SELECT %s, contact_id, account_id, allowed, string_to_array(reasons, ','), checks, debt_minor, version,
        %s, moment.at, moment.at + %s
    FROM decided, moment
    RETURNING id, contact_id, expires_at
)
UPDATE outreach_contact AS contact SET permit_id = made.id, state = decided.state, state_why = decided.why,
    not_before = coalesce(decided.not_before, contact.not_before), changed_at = %s
FROM made JOIN decided ON decided.contact_id = made.contact_id WHERE contact.id = made.contact_id
RETURNING contact.id, made.id, made.expires_at
"""


def _write(cursor: Cursor, batch: _Batch, judged: list[_Judged]) -> list[Decision]:
    """The permits with their reasons, and the contacts' new states, by one statement."""
    verdicts = [one.verdict for one in judged]
    cursor.execute(
        _PERMITS,
        (
            [one.contact.id for one in judged],
            [one.contact.account_id for one in judged],
            [verdict.allowed for verdict in verdicts],
            [",".join(verdict.reasons) for verdict in verdicts],
            [one.owed.debt_minor if one.owed else 0 for one in judged],
            [batch.versions[one.contact.account_id] for one in judged],
            [_state(verdict) for verdict in verdicts],
            [verdict.reasons[0] if verdict.reasons else "" for verdict in verdicts],
            [verdict.not_before for verdict in verdicts],
            # One document for all: an array of texts full of quotes takes longer to escape than the whole decision.
            json.dumps([[check.row() for check in verdict.checks] for verdict in verdicts], ensure_ascii=False),
            batch.organisation_id,
            batch.now,
            LIFE,
            batch.now,
        ),
        prepare=True,
    )
    written = {row[0]: (row[1], row[2]) for row in cursor.fetchall()}
    return [_decision(one, *written[one.contact.id]) for one in judged]


def _state(verdict: Verdict) -> str:
    if verdict.allowed:
        return "permitted"
    return "refused" if verdict.not_before is None else "waiting"


def _decision(one: _Judged, permit_id: int, expires_at: datetime) -> Decision:
    allowed = one.verdict.allowed
    return Decision(
        contact_id=one.contact.id,
        outcome="allowed" if allowed else "refused" if one.verdict.not_before is None else "later",
        reasons=one.verdict.reasons,
        not_before=one.verdict.not_before,
        permit_id=permit_id,
        expires_at=expires_at if allowed else None,
        channel=one.contact.channel,
        address=one.contact.address,
        told=one.told if allowed else None,
        version=one.version if allowed else None,
        language=one.language,
    )


def _postpone(cursor: Cursor, batch: _Batch) -> list[Decision]:
    """Those somebody holds wait a second; nothing was read about them, so nothing is recorded as a decision."""
    if not batch.busy:
        return []
    later = batch.now + BUSY_RETRY
    cursor.execute(
        "UPDATE outreach_contact SET not_before = %s, state_why = 'busy', changed_at = %s WHERE id = ANY(%s)",
        (later, batch.now, [row.id for row in batch.busy]),
        prepare=True,
    )
    return [Decision(contact_id=row.id, outcome="busy", reasons=("busy",), not_before=later) for row in batch.busy]


def _stop_stale(organisation_id: int, decisions: Sequence[Decision]) -> None:
    """Pause the campaigns that met a stale feed. In a transaction of its own: the gate never waits for a campaign."""
    stale = [decision.contact_id for decision in decisions if "feed_stale" in decision.reasons]
    if not stale:
        return
    running = Campaign.objects.filter(contacts__in=stale, state=CampaignState.RUNNING).distinct()
    pause_stale(organisation_id, list(running.values_list("pk", flat=True)))
