"""At which hours people have answered us: read from the calls, for `hours`."""

import time as monotonic
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from okno.dialogs.dialler.hours import Habits, Slot, Tally, best
from okno.dialogs.models import Call, CallCampaign
from okno.outreach.facts import open_cursor, organisation
from okno.outreach.limits import Limits

REMEMBERED = timedelta(days=180)
"""Older calls say nothing of how people live now."""

AHEAD = timedelta(hours=30)
"""A better hour is looked for so far ahead: the same hour of the next day is within it."""

KEEP = 1800.0
"""Seconds for which everybody's habits are not counted anew: they change slowly, and there are many calls."""

KNOWN_BY = 3
"""So many calls of a person's own before the first try of a campaign waits for their hour."""

_kept: dict[int, tuple[float, Habits]] = {}

_SLOTS = """
SELECT extract(hour FROM call.started_at AT TIME ZONE house.time_zone)::int,
    extract(isodow FROM call.started_at AT TIME ZONE house.time_zone) > 5,
    count(*), count(*) FILTER (WHERE call.outcome = 'answered' AND call.picked_up NOT IN ('machine', 'screening'))
FROM dialogs_call AS call JOIN houses_house AS house ON house.id = call.house_id
WHERE call.organisation_id = %s AND call.direction = 'out' AND call.started_at >= %s
    AND call.outcome IN ('answered', 'no_answer', 'rejected', 'unreachable') {who}
GROUP BY 1, 2
"""
_OF_CAMPAIGN = """
WITH waiting AS (
    SELECT contact.id, contact.person_id, house.time_zone FROM outreach_contact AS contact
    JOIN ledger_account AS account ON account.id = contact.account_id
    JOIN houses_flat AS flat ON flat.id = account.flat_id JOIN houses_house AS house ON house.id = flat.house_id
    WHERE contact.organisation_id = %(organisation)s AND contact.campaign_id = %(campaign)s
        AND contact.state = 'waiting' AND contact.attempts = 0 AND contact.person_id IS NOT NULL
),
called AS (
    SELECT waiting.id, waiting.time_zone,
        extract(hour FROM call.started_at AT TIME ZONE waiting.time_zone)::int AS hour,
        extract(isodow FROM call.started_at AT TIME ZONE waiting.time_zone) > 5 AS day_off, count(*) AS calls,
        count(*) FILTER (WHERE call.outcome = 'answered' AND call.picked_up NOT IN ('machine', 'screening')) AS answers
    FROM waiting JOIN dialogs_call AS call ON call.person_id = waiting.person_id AND call.direction = 'out'
        AND call.started_at >= %(since)s AND call.outcome IN ('answered', 'no_answer', 'rejected', 'unreachable')
    GROUP BY 1, 2, 3, 4
)
SELECT * FROM called WHERE id IN (SELECT id FROM called GROUP BY id HAVING sum(calls) >= %(least)s) ORDER BY id
"""
"""A busy line says that somebody is at home, a fault of ours says nothing: neither is counted in the two above."""


def next_try(call: Call, earliest: datetime, *, better: bool, now: datetime) -> datetime:
    """When to call this person again, not before `earliest`: at an hour at which they answer, when `better` is asked.

    Only moments inside the lawful hours and the campaign's own; `earliest` itself when there is none.
    """
    if not better or call.person_id is None or call.house is None:
        return earliest
    _sender, limits = organisation(open_cursor(), call.organisation_id, now)
    moments = list(_moments(call, limits, earliest))
    if not moments:
        return earliest
    return best(of_person(call.person_id, call.organisation_id, now), of_everybody(call.organisation_id, now), moments)


def _moments(call: Call, limits: Limits, earliest: datetime) -> Iterator[tuple[datetime, Slot]]:
    """The earliest moment and the beginnings of the hours after it."""
    assert call.house is not None
    return _ahead(call.house.time_zone, _hours(call.campaign), limits, earliest)


def _ahead(
    zone: str, own: tuple[time, time] | None, limits: Limits, earliest: datetime
) -> Iterator[tuple[datetime, Slot]]:
    moment = limits.open_from(earliest, zone, own)
    while moment < earliest + AHEAD:
        local = moment.astimezone(ZoneInfo(zone))
        yield moment, Slot(local.hour, local.isoweekday() > 5)
        following = (local + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
        moment = limits.open_from(following, zone, own)


def arrange(campaign: CallCampaign, now: datetime) -> int:
    """Let those of a campaign who are known to answer at other hours wait for theirs; say how many do.

    Only people with some calls of their own: an hour that is good for everybody would leave all lines idle before it.
    """
    organisation_id = campaign.campaign.organisation_id
    _sender, limits = organisation(open_cursor(), organisation_id, now)
    everybody = of_everybody(organisation_id, now)
    earliest = max(campaign.campaign.start_after or now, now)
    moments: dict[str, list[tuple[datetime, Slot]]] = {}
    contacts: list[int] = []
    later: list[datetime] = []
    for contact, zone, own in _known(campaign, now):
        if zone not in moments:
            moments[zone] = list(_ahead(zone, _hours(campaign), limits, earliest))
        if not moments[zone]:
            continue
        chosen = best(own, everybody, moments[zone])
        if chosen > moments[zone][0][0]:
            contacts.append(contact)
            later.append(chosen)
    if contacts:
        open_cursor().execute(
            "UPDATE outreach_contact AS contact SET not_before = told.at FROM unnest(%s::bigint[], %s::timestamptz[])"
            " AS told(id, at) WHERE contact.id = told.id AND contact.state = 'waiting' AND contact.attempts = 0",
            (contacts, later),
        )
    return len(contacts)


def _known(campaign: CallCampaign, now: datetime) -> Iterator[tuple[int, str, Habits]]:
    """The campaign's contacts not called yet whose person has calls of their own: contact, the house's zone, habits."""
    cursor = open_cursor()
    cursor.execute(
        _OF_CAMPAIGN,
        {
            "organisation": campaign.campaign.organisation_id,
            "campaign": campaign.campaign_id,
            "since": now - REMEMBERED,
            "least": KNOWN_BY,
        },
    )
    habits: dict[tuple[int, str], dict[Slot, Tally]] = defaultdict(dict)
    for contact, zone, hour, day_off, calls, answers in cursor.fetchall():
        habits[contact, zone][Slot(hour, day_off)] = Tally(calls, answers)
    for (contact, zone), by_slot in habits.items():
        yield contact, zone, Habits(by_slot)


def _hours(campaign: CallCampaign | None) -> tuple[time, time] | None:
    if campaign is None or campaign.since is None or campaign.until is None:
        return None
    return campaign.since, campaign.until


def of_person(person_id: int, organisation_id: int, now: datetime) -> Habits:
    """When this person answered us."""
    return _read(organisation_id, now, "AND call.person_id = %s", (person_id,))


def of_everybody(organisation_id: int, now: datetime) -> Habits:
    """When the organisation's people answered us; counted once in half an hour."""
    kept = _kept.get(organisation_id)
    if kept is not None and monotonic.monotonic() - kept[0] < KEEP:
        return kept[1]
    found = _read(organisation_id, now, "", ())
    _kept[organisation_id] = (monotonic.monotonic(), found)
    return found


def forget() -> None:
    """Count everybody's habits anew when asked next."""
    _kept.clear()


def _read(organisation_id: int, now: datetime, who: str, more: tuple[int, ...]) -> Habits:
    cursor = open_cursor()
    cursor.execute(_SLOTS.format(who=who), (organisation_id, now - REMEMBERED, *more))
    tallies: dict[Slot, Tally] = defaultdict(Tally)
    for hour, day_off, calls, answers in cursor.fetchall():
        tallies[Slot(hour, day_off)] = Tally(calls, answers)
    return Habits(dict(tallies))
