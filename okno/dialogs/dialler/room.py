"""What the gate asks of calls: the scripts of campaigns, whom calls have reached, and who must rest after our fault."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from okno.dialogs import scenario as scenarios
from okno.dialogs import versions
from okno.dialogs.models import CallCampaign, ScenarioState, ScenarioVersion
from okno.dialogs.scenario import BadScenario
from okno.outreach import causes
from okno.outreach.calling import Reached, Script
from okno.outreach.facts import Cursor
from okno.outreach.holds import Held
from okno.people.entitlement import ENTITLED

LOST_CALL = "lost_call"
"""The name of the hold: an account waits for tomorrow when a call about its debt was lost by our fault today."""

_REACHED = """
SELECT call.account_id, call.person_id, contact.cause, contact.channel, call.started_at
FROM dialogs_call AS call JOIN outreach_contact AS contact ON contact.id = call.contact_id
WHERE call.direction = 'out' AND (call.account_id = ANY(%s) OR call.person_id = ANY(%s)) AND call.started_at >= %s
    AND (call.outcome IN ('', 'answered', 'rejected') OR call.state = 'lost')
    AND NOT (call.state = 'dialling' AND contact.state <> 'sending')
"""
"""A call counts when it was answered, by whomever, or declined, when it is going on, and when nobody knows. One that
found a busy line or nobody was no talk. A call that asks for its permit anew is not counted against itself."""


_LOST = """
WITH lost AS (
    SELECT call.account_id, call.person_id FROM dialogs_call AS call
    JOIN outreach_contact AS contact ON contact.id = call.contact_id
    JOIN access_organisation AS organisation ON organisation.id = call.organisation_id
    WHERE call.organisation_id = %s AND call.state = 'lost' AND call.direction = 'out'
        AND call.started_at >= %s::date::timestamp AT TIME ZONE organisation.time_zone
        AND call.started_at < (%s::date + 1)::timestamp AT TIME ZONE organisation.time_zone
        AND contact.cause = ANY(%s)
)
SELECT account_id FROM lost WHERE account_id = ANY(%s)
UNION
SELECT account.id FROM lost
JOIN people_occupancy AS occupancy ON occupancy.person_id = lost.person_id AND occupancy.role = ANY(%s)
JOIN ledger_account AS account ON account.flat_id = occupancy.flat_id
WHERE account.id = ANY(%s)
"""


class Calls:
    """Answers for `okno.outreach.calling`."""

    def scripts(self, cursor: Cursor, campaign_ids: Sequence[int]) -> Mapping[int, Script]:
        rows = CallCampaign.objects.filter(campaign__in=campaign_ids).select_related("campaign")
        return {
            row.campaign_id: Script(
                languages=languages(row.campaign.organisation_id, row.scenario), since=row.since, until=row.until
            )
            for row in rows
        }

    def reached(
        self, cursor: Cursor, *, account_ids: Sequence[int], person_ids: Sequence[int], since: datetime
    ) -> Iterator[Reached]:
        cursor.execute(_REACHED, (list(account_ids), list(person_ids), since), prepare=True)
        for account, person, cause, channel, at in cursor.fetchall():
            yield Reached(account_id=account, person_id=person, cause=cause, channel=channel, at=at)


def languages(organisation_id: int, name: str) -> tuple[str, ...]:
    """The languages that whatever the organisation speaks of this scenario has in common, in the shipped order."""
    try:
        spoken = scenarios.shipped(name).languages
    except BadScenario:
        return ()
    live = ScenarioVersion.objects.filter(organisation=organisation_id, name=name, state=ScenarioState.LIVE)
    for source in live.values_list("source", flat=True):
        try:
            own = versions.parsed(source, name).languages
        except BadScenario:
            continue  # a broken version is not spoken
        spoken = tuple(code for code in spoken if code in own)
    return spoken


def lost_today(cursor: Cursor, *, organisation_id: int, account_ids: Sequence[int], day: date) -> Mapping[int, Held]:
    """The accounts whose person, or themselves, had a call about a debt on `day` that our fault cut off."""
    debts = [name for name, cause in causes.known().items() if cause.speaks_of_debt]
    asked = list(account_ids)
    cursor.execute(_LOST, (organisation_id, day, day, debts, asked, list(ENTITLED), asked), prepare=True)
    why = _("Сегодня разговор прервал наш сбой: позвоним не раньше завтра")
    return {row[0]: Held(why=why, until=day + timedelta(days=1)) for row in cursor.fetchall()}
