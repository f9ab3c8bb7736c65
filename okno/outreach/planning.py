"""Whom a campaign tells, by which channel and address.

Planning writes contacts and sends nothing; each contact has a key, so planning twice changes nothing. Whoever cannot
be reached is told by reason, never left out silently.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from okno.jobs import signals
from okno.outreach import causes
from okno.outreach.checks import NEVER_APPROACHED, NEVER_SERVED, PHONE_CHANNELS
from okno.outreach.facts import Cursor, open_cursor, organisation
from okno.outreach.limits import FAMILY, Limits
from okno.outreach.models import Campaign
from okno.outreach.wakening import waken
from okno.people.entitlement import entitled
from okno.people.models import Channel

AT_ONCE = 5_000
"""Accounts planned by one round of queries: bounds the memory of a campaign of any size."""


@dataclass(kw_only=True)
class Planned:
    """What planning did: `created` contacts, `known` that were there before, and accounts not reachable by reason.

    Reasons: nobody_entitled, vulnerable, no_address, no_consent, do_not_call, no_template.
    """

    created: int = 0
    known: int = 0
    by_channel: Counter[str] = field(default_factory=Counter)
    """How many would be, or were, told by each channel; those known before are counted too."""
    unreachable: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[int]] = field(default_factory=dict)
    """The first accounts of each reason."""

    def miss(self, reason: str, account_id: int) -> None:
        self.unreachable[reason] += 1
        known = self.examples.setdefault(reason, [])
        if len(known) < 20:
            known.append(account_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Address:
    text: str
    channel: str
    preferred: bool
    do_not_call: bool


@dataclass(kw_only=True)
class _Person:
    id: int
    language: str
    preferred_channel: str
    flags: frozenset[str]
    do_not_call: bool
    addresses: list[_Address] = field(default_factory=list)
    consents: dict[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Chosen:
    person_id: int
    language: str
    address: _Address


def plan(
    campaign: Campaign, day: date, now: datetime, *, progress: Callable[[int, int], None] | None = None
) -> Planned:
    """Write a waiting contact for everybody the campaign is for on `day` and who can be reached.

    The person is the first entitled one who can be reached (payers before owners), the channel their own wish if the
    campaign has it, else the first of the campaign's. `progress` is told (done, all) accounts after every piece, which
    is committed by then unless the caller has a transaction. Raises `UnknownCause` and whatever the cause refuses a
    filter by.
    """
    planned = Planned()
    audience = causes.get(campaign.cause).audience(
        organisation=campaign.organisation, filter=campaign.audience, day=day
    )
    templates = _templates(campaign)
    for start in range(0, len(audience), AT_ONCE):
        with transaction.atomic():
            _plan_piece(campaign, audience[start : start + AT_ONCE], templates, day, now, planned)
        if progress is not None:
            progress(min(start + AT_ONCE, len(audience)), len(audience))
    if planned.created:
        waken()
        signals.send(campaign.organisation_id, ["contacts"])
    return planned


def survey(campaign: Campaign, day: date, now: datetime) -> Planned:
    """What planning on `day` would do, nothing written: how many by which channel, who cannot be reached and why.

    `created` and `known` stay zero. Raises what `plan` does.
    """
    planned = Planned()
    audience = causes.get(campaign.cause).audience(
        organisation=campaign.organisation, filter=campaign.audience, day=day
    )
    templates = _templates(campaign)
    for start in range(0, len(audience), AT_ONCE):
        _rows(open_cursor(), campaign, audience[start : start + AT_ONCE], templates, day, now, planned)
    return planned


def _templates(campaign: Campaign) -> dict[str, int]:
    """Channel → template; the first by id where a campaign names two of a channel."""
    rows = campaign.templates.filter(archived=False).order_by("-id").values_list("channel", "id")
    return dict(rows)


def _plan_piece(
    campaign: Campaign,
    audience: Sequence[tuple[int, int]],
    templates: Mapping[str, int],
    day: date,
    now: datetime,
    planned: Planned,
) -> None:
    cursor = open_cursor()
    rows = _rows(cursor, campaign, audience, templates, day, now, planned)
    created = _insert(cursor, campaign, rows, now)
    planned.created += created
    planned.known += len(rows) - created


def _rows(
    cursor: Cursor,
    campaign: Campaign,
    audience: Sequence[tuple[int, int]],
    templates: Mapping[str, int],
    day: date,
    now: datetime,
    planned: Planned,
) -> list[tuple[Any, ...]]:
    """The contacts of this piece of the audience, as `_insert` writes them; whoever is missed is noted."""
    sender, limits = organisation(cursor, campaign.organisation_id, now)
    cause = causes.get(campaign.cause)
    may_hear = entitled(cursor, [account for _case, account in audience], day, cause.hears)
    people = _people(cursor, sorted({person for found in may_hear.values() for person in found}), day)
    rows: list[tuple[Any, ...]] = []
    for case, account in audience:
        candidates = [people[pk] for pk in may_hear.get(account, ())]
        chosen = _choose(candidates, campaign.channels, templates, limits, day, debt=cause.speaks_of_debt)
        if isinstance(chosen, str):
            planned.miss(chosen, account)
            continue
        address = chosen.address
        planned.by_channel[address.channel] += 1
        rows.append(
            (
                f"{campaign.cause}:{case}:campaign:{campaign.pk}", case, account, chosen.person_id, address.channel,
                address.text, chosen.language or sender.default_language, templates.get(address.channel),
            )
        )  # fmt: skip
    return rows


def _insert(cursor: Cursor, campaign: Campaign, rows: Sequence[tuple[Any, ...]], now: datetime) -> int:
    if not rows:
        return 0
    cursor.execute(
        "INSERT INTO outreach_contact (organisation_id, campaign_id, cause, key, cause_id, account_id, person_id,"
        " channel, address, language, template_id, state, state_why, not_before, attempts, created_at, changed_at)"
        " SELECT %s, %s, %s, row.*, 'waiting', '', %s, 0, %s, %s FROM unnest(%s::text[], %s::bigint[], %s::bigint[],"
        " %s::bigint[], %s::text[], %s::text[], %s::text[], %s::bigint[]) AS row"
        " ON CONFLICT (organisation_id, key) DO NOTHING",
        (
            campaign.organisation_id, campaign.pk, campaign.cause, campaign.start_after or now, now, now,
            *(list(column) for column in zip(*rows, strict=True)),
        ),
    )  # fmt: skip
    return cursor.rowcount


def _people(cursor: Cursor, ids: Sequence[int], day: date) -> dict[int, _Person]:
    cursor.execute(
        "SELECT id, language, preferred_channel, vulnerabilities, do_not_call FROM people_person WHERE id = ANY(%s)",
        (list(ids),),
    )
    people = {
        row[0]: _Person(
            id=row[0],
            language=row[1],
            preferred_channel=row[2],
            flags=frozenset(row[3]),
            do_not_call=row[4],
        )
        for row in cursor.fetchall()
    }
    cursor.execute(
        "SELECT person_id, number, is_preferred, do_not_call, is_mobile FROM people_phone"
        " WHERE person_id = ANY(%s) AND NOT is_wrong ORDER BY is_preferred DESC, id",
        (list(ids),),
    )
    for person, number, preferred, silent, mobile in cursor.fetchall():
        for channel in (Channel.SMS, Channel.CALL, Channel.ROBOT_CALL):
            if mobile or channel != Channel.SMS:
                address = _Address(text=number, channel=channel.value, preferred=preferred, do_not_call=silent)
                people[person].addresses.append(address)
    cursor.execute(
        "SELECT person_id, address, is_preferred FROM people_emailaddress"
        " WHERE person_id = ANY(%s) AND NOT is_wrong ORDER BY is_preferred DESC, id",
        (list(ids),),
    )
    for person, text, preferred in cursor.fetchall():
        address = _Address(text=text, channel=Channel.EMAIL.value, preferred=preferred, do_not_call=False)
        people[person].addresses.append(address)
    cursor.execute(
        "SELECT DISTINCT ON (person_id, channel) person_id, channel, given FROM people_consent"
        ' WHERE person_id = ANY(%s) AND "on" <= %s ORDER BY person_id, channel, "on" DESC, id DESC',
        (list(ids), day),
    )
    for person, channel, given in cursor.fetchall():
        people[person].consents[channel] = given
    return people


def _choose(
    candidates: Sequence[_Person],
    channels: Sequence[str],
    templates: Mapping[str, int],
    limits: Limits,
    day: date,
    *,
    debt: bool,
) -> _Chosen | str:
    """The first person and address that work, or the reason of the one who came nearest to it."""
    if not candidates:
        return "nobody_entitled"
    reasons: list[str] = []
    for person in candidates:
        if (NEVER_APPROACHED if debt else NEVER_SERVED).intersection(person.flags):
            reasons.append("vulnerable")
            continue
        for channel in sorted(channels, key=lambda one: one != person.preferred_channel):
            found = _address(person, channel, templates, limits, day)
            if isinstance(found, _Address):
                return _Chosen(person_id=person.id, language=person.language, address=found)
            reasons.append(found)
    return max(reasons, key=_NEARNESS.index) if reasons else "no_address"


_NEARNESS = ("vulnerable", "no_address", "do_not_call", "no_consent", "no_template")
"""How near each reason is to success: the farther to the right, the easier a person can mend it."""


def _address(person: _Person, channel: str, templates: Mapping[str, int], limits: Limits, day: date) -> _Address | str:
    address = next((one for one in person.addresses if one.channel == channel), None)
    if channel == Channel.LETTER:
        address = _Address(text="", channel=channel, preferred=False, do_not_call=False)
    if address is None:
        return "no_address"
    if channel in PHONE_CHANNELS and (person.do_not_call or address.do_not_call):
        return "do_not_call"
    given = person.consents.get(channel)
    if given is False or (given is None and limits.consent_needed(channel, day)[0]):
        return "no_consent"
    return address if channel in templates or FAMILY[channel] == "call" else "no_template"
