"""The last step before the wire and the first after it, each one statement against the database.

A message is claimed only while its contact is still permitted and its permit still lives by the database's clock; so
a posting that withdrew the contact a moment ago, or a sender that came late, finds nothing to send.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from okno.channels.base import Refused, Sent, Word
from okno.outreach.facts import CALLS, Cursor
from okno.outreach.gate import Decision
from okno.outreach.templates import Rendered

PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
"""How long a contact rests after each "not now"; after the last one it has failed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimed:
    """A message that is ours to send for `seconds` more."""

    message_id: int
    uid: str
    attempts: int
    seconds: float


_CLAIM = """
WITH moment AS MATERIALIZED (SELECT clock_timestamp() AS at),
claimed AS (
    UPDATE outreach_contact AS contact SET state = 'sending', attempts = contact.attempts + 1, changed_at = %s
    FROM outreach_permit AS permit, moment
    WHERE contact.id = %s AND contact.state = 'permitted' AND contact.permit_id = %s AND permit.id = contact.permit_id
        AND permit.allowed AND moment.at < permit.expires_at
        AND (contact.campaign_id IS NULL OR EXISTS (
            SELECT FROM outreach_campaign WHERE id = contact.campaign_id AND state = 'running'))
    RETURNING contact.id, contact.organisation_id, contact.channel, contact.address, contact.permit_id,
        contact.attempts, permit.expires_at
)
INSERT INTO outreach_message (organisation_id, contact_id, permit_id, uid, channel, address, subject, text, language,
    parts, template_version_id, claimed_at, provider_id, word, provider_code, provider_text)
SELECT organisation_id, claimed.id, permit_id, %s, channel, address, %s, %s, %s, %s, %s, moment.at, '', '', '', ''
FROM claimed, moment
ON CONFLICT (contact_id) DO UPDATE SET permit_id = excluded.permit_id, subject = excluded.subject,
    text = excluded.text, language = excluded.language, parts = excluded.parts,
    template_version_id = excluded.template_version_id, claimed_at = excluded.claimed_at, sent_at = NULL,
    provider_id = '', word = '', provider_code = '', provider_text = '', word_at = NULL
RETURNING id, uid, (SELECT attempts FROM claimed),
    extract(epoch FROM (SELECT expires_at FROM claimed) - clock_timestamp())
"""


def claim(cursor: Cursor, decision: Decision, rendered: Rendered, now: datetime) -> Claimed | None:
    """Make the message and take the contact for sending; None when it may not leave any more.

    A contact that came back ("not now", or repeated by a person) keeps its message and its uid, so that the other
    side can recognise it.
    """
    assert decision.version is not None
    words = (rendered.subject, rendered.text, decision.version.language, rendered.parts, decision.version.id)
    return _claim(cursor, decision, words, now)


def claim_call(cursor: Cursor, decision: Decision, now: datetime) -> Claimed | None:
    """The same for a call: it has no words yet, they are spoken by its scenario in `decision.language`."""
    return _claim(cursor, decision, ("", "", decision.language, 0, None), now)


def _claim(
    cursor: Cursor, decision: Decision, words: tuple[str, str, str, int, int | None], now: datetime
) -> Claimed | None:
    cursor.execute(_CLAIM, (now, decision.contact_id, decision.permit_id, uuid4(), *words), prepare=True)
    row = cursor.fetchone()
    if row is None:
        return None
    return Claimed(message_id=row[0], uid=str(row[1]), attempts=row[2], seconds=float(row[3]))


def sent(cursor: Cursor, message_id: int, receipt: Sent, now: datetime) -> None:
    """The provider took it. A receipt that was quicker than its answer is not written over."""
    cursor.execute(
        "WITH message AS (UPDATE outreach_message SET sent_at = %s, provider_id = %s, parts = %s,"
        " word_at = CASE WHEN word IN ('', 'unknown') THEN %s ELSE word_at END,"
        " word = CASE WHEN word IN ('', 'unknown') THEN 'accepted' ELSE word END WHERE id = %s RETURNING contact_id)"
        " UPDATE outreach_contact AS contact SET state = 'sent', state_why = '', changed_at = %s FROM message"
        " WHERE contact.id = message.contact_id AND contact.state IN ('sending', 'unknown')",
        (now, (receipt.provider_id or "")[:100], receipt.parts, now, message_id, now),
        prepare=True,
    )


def refused(cursor: Cursor, claimed: Claimed, refusal: Refused, now: datetime) -> str:
    """The provider did not take it, or nobody knows; returns the contact's new state."""
    state, not_before = _after(claimed, refusal, now)
    late = refusal.code == "too_late"
    cursor.execute(
        "WITH message AS (UPDATE outreach_message SET word = %s, provider_code = %s, provider_text = %s, word_at = %s"
        " WHERE id = %s RETURNING contact_id)"
        " UPDATE outreach_contact AS contact SET state = %s, state_why = %s, changed_at = %s,"
        " not_before = coalesce(%s, contact.not_before), attempts = contact.attempts - %s FROM message"
        " WHERE contact.id = message.contact_id AND contact.state IN ('sending', 'unknown')",
        (
            refusal.word.value, refusal.code[:64], refusal.message, now, claimed.message_id,
            state, refusal.word.value, now, not_before, int(late),
        ),
        prepare=True,
    )  # fmt: skip
    return state


def _after(claimed: Claimed, refusal: Refused, now: datetime) -> tuple[str, datetime | None]:
    """A message that came too late asks for a new permit at once; "not now" rests; the rest is final."""
    if refusal.code == "too_late":
        return "waiting", now
    if refusal.word is Word.NOT_NOW:
        if claimed.attempts > len(PAUSES):
            return "failed", None
        return "waiting", now + PAUSES[claimed.attempts - 1]
    return ("unknown" if refusal.word is Word.UNKNOWN else "failed"), None


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """What becomes of a contact whose call is over. `word` is of `channels.base.Word`, `why` a code of
    `outreach.words`; `address` is another number to try, "" to stay at the old one."""

    state: str
    why: str
    word: Word
    not_before: datetime | None = None
    address: str = ""
    is_try: bool = True
    """Whether the attempt counts among the tries the campaign has for one person."""


def settle_call(cursor: Cursor, contact_id: int, settled: Settled, now: datetime) -> bool:
    """Write what became of a contact on its way by a call; False when it was no longer on its way.

    The call was sent when it was claimed, by our clock: that is the moment at which the contact went on its way.
    """
    cursor.execute(
        "WITH contact AS (UPDATE outreach_contact AS contact SET state = %s, state_why = %s, changed_at = %s,"
        " not_before = coalesce(%s, contact.not_before), attempts = greatest(contact.attempts - %s, 0),"
        " address = coalesce(nullif(%s, ''), contact.address) WHERE id = %s AND state = 'sending' RETURNING id),"
        " message AS (UPDATE outreach_message AS message SET word = %s, word_at = %s,"
        " sent_at = coalesce(sent_at, earlier.changed_at) FROM outreach_contact AS earlier"
        " WHERE earlier.id = message.contact_id AND message.contact_id IN (SELECT id FROM contact))"
        " SELECT count(*) FROM contact",
        (
            settled.state, settled.why, now, settled.not_before, int(not settled.is_try), settled.address, contact_id,
            settled.word.value, now,
        ),
        prepare=True,
    )  # fmt: skip
    row = cursor.fetchone()
    return bool(row and row[0])


def unrenderable(cursor: Cursor, contact_id: int, now: datetime) -> None:
    """The words could not be filled in: a person must look at the template."""
    cursor.execute(
        "UPDATE outreach_contact SET state = 'failed', state_why = 'template', changed_at = %s"
        " WHERE id = %s AND state = 'permitted'",
        (now, contact_id),
    )


def recover(cursor: Cursor, now: datetime, stuck_after: float) -> tuple[int, int]:
    """Find what a killed or slow sender left behind: (permits that ran out, messages nobody knows about).

    Permitted contacts whose permit ran out ask the gate anew. What has been on its way for longer than `stuck_after`
    seconds may have arrived: it becomes unknown and never leaves again by itself. A call may last longer; whoever
    leads calls looks after theirs.
    """
    cursor.execute(
        "UPDATE outreach_contact AS contact SET state = 'waiting', state_why = 'permit_expired', not_before = %s,"
        " changed_at = %s WHERE id IN (SELECT late.id FROM outreach_contact AS late"
        " JOIN outreach_permit AS permit ON permit.id = late.permit_id"
        " WHERE late.state = 'permitted' AND permit.expires_at <= clock_timestamp() FOR UPDATE OF late SKIP LOCKED)",
        (now, now),
    )
    expired = cursor.rowcount
    cursor.execute(
        "WITH stuck AS (SELECT contact.id FROM outreach_contact AS contact"
        " JOIN outreach_message AS message ON message.contact_id = contact.id"
        " WHERE contact.state = 'sending' AND contact.channel <> ALL(%s)"
        " AND message.claimed_at < clock_timestamp() - make_interval(secs => %s)"
        " FOR UPDATE OF contact SKIP LOCKED),"
        " message AS (UPDATE outreach_message SET word = 'unknown', word_at = %s"
        " WHERE contact_id IN (SELECT id FROM stuck) AND word = '')"
        " UPDATE outreach_contact SET state = 'unknown', state_why = 'unknown', changed_at = %s"
        " WHERE id IN (SELECT id FROM stuck)",
        (CALLS, stuck_after, now, now),
    )
    return expired, cursor.rowcount


def due_groups(
    cursor: Cursor, channels: list[str], now: datetime, organisation_id: int | None
) -> list[tuple[int, int | None]]:
    """(organisation, campaign) of everything that has something due by these channels; contacts of no campaign too."""
    cursor.execute(
        "SELECT campaign.organisation_id, campaign.id FROM outreach_campaign AS campaign"
        " WHERE campaign.state = 'running' AND coalesce(campaign.start_after <= %(now)s, true)"
        " AND (%(org)s::bigint IS NULL OR campaign.organisation_id = %(org)s)"
        " AND EXISTS (SELECT FROM outreach_contact AS contact WHERE contact.organisation_id = campaign.organisation_id"
        " AND contact.campaign_id = campaign.id AND contact.state = 'waiting' AND contact.not_before <= %(now)s"
        " AND contact.channel = ANY(%(channels)s))"
        " UNION ALL SELECT organisation.id, NULL FROM access_organisation AS organisation"
        " WHERE (%(org)s::bigint IS NULL OR organisation.id = %(org)s)"
        " AND EXISTS (SELECT FROM outreach_contact AS contact WHERE contact.organisation_id = organisation.id"
        " AND contact.campaign_id IS NULL AND contact.state = 'waiting' AND contact.not_before <= %(now)s"
        " AND contact.channel = ANY(%(channels)s)) ORDER BY 1, 2 NULLS FIRST",
        {"now": now, "channels": channels, "org": organisation_id},
    )
    return [(row[0], row[1]) for row in cursor.fetchall()]


def next_due(cursor: Cursor, channels: list[str], organisation_id: int | None) -> datetime | None:
    """The earliest moment at which something of a running campaign, or of none, becomes due."""
    cursor.execute(
        "SELECT min(greatest(contact.not_before, campaign.start_after)) FROM outreach_contact AS contact"
        " LEFT JOIN outreach_campaign AS campaign ON campaign.id = contact.campaign_id"
        " WHERE contact.state = 'waiting' AND contact.channel = ANY(%s)"
        " AND (contact.campaign_id IS NULL OR campaign.state = 'running')"
        " AND (%s::bigint IS NULL OR contact.organisation_id = %s)",
        (channels, organisation_id, organisation_id),
    )
    row: Any = cursor.fetchone()
    found: datetime | None = row[0] if row else None
    return found
