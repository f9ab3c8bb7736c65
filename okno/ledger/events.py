"""The ledger in the journal of an account: bills, payments, recalculations and reversals, in words.

A row stands at the moment it was posted (told by the trade's clock). History that was brought in long after its day
stands on its own day instead, or three years of an account would all be "today"; the posting's moment is in the detail.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import connection

from okno.common import clock
from okno.common.journal import Event, Subject, Tone
from okno.ledger.rows import WAIVER
from okno.ledger.words import EVENT_KINDS, bill_title, payment_title, reversed_title

SOURCE = "ledger"

_SPECIAL = {
    "recalculation": "recalculation.posted",
    "penalty": "penalty.posted",
    "opening": "opening.posted",
    "waiver": "penalty.waived",
}


def tell(subject: Subject, *, before: datetime | None, limit: int, kinds: frozenset[str] | None) -> Iterable[Event]:
    """The events of an account, the newest first; other subjects have none of their own here."""
    if subject.kind != "account" or (kinds is not None and kinds.isdisjoint(EVENT_KINDS)):
        return ()
    with connection.cursor() as cursor:
        cursor.execute(
            _EVENTS,
            {
                "account": subject.id,
                "organisation": subject.organisation_id,
                "shift": clock.offset().total_seconds(),
                "before": before,
                "limit": limit,
                "kinds": None if kinds is None else sorted(kinds),
            },
        )
        columns = [column.name for column in cursor.description]
        rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    return _told(rows)


def _told(rows: Iterable[dict[str, Any]]) -> Iterator[Event]:
    for row in rows:
        yield Event(
            at=row["at"],
            kind=row["event"],
            title=_title(row),
            source=SOURCE,
            ref=f"{row['side']}:{row['id']}",
            detail={
                "reason": row["reason"],
                "posted_at": row["told_at"],
                "entry": row["entry_id"],
                "purpose": row["purpose"],
                "open_minor": row["rest"],
            },
            actor=row["actor"],
            amount_minor=row["amount_minor"],
            tone=_tone(row["event"]),
        )


def _title(row: dict[str, Any]) -> str:
    title = (
        bill_title(row["kind"], row["regime"], row["month"])
        if row["side"] == "bill"
        else payment_title(row["kind"], row["day"], row["month"])
    )
    return reversed_title(title) if row["event"].endswith(".reversed") else title


def _tone(event: str) -> Tone:
    if event == "payment.posted":
        return "good"
    return "warning" if event.endswith(".reversed") else "neutral"


_KIND = "CASE kind " + " ".join(f"WHEN '{kind}' THEN '{event}'" for kind, event in _SPECIAL.items())

_PAYMENTS = f"""
SELECT id, entry_id, reversed_by_id, regime, stated_month, value_on, amount_minor, free_minor, purpose,
       CASE WHEN source_key LIKE '{WAIVER}%%' THEN 'waiver' ELSE kind END AS kind
FROM ledger_payment WHERE account_id = %(account)s AND organisation_id = %(organisation)s
"""

_EVENTS = f"""
WITH row AS (
    SELECT 'bill' AS side, id, entry_id, reversed_by_id, kind, {_KIND} ELSE 'bill.posted' END AS event, regime, month,
           (month + interval '1 month')::date AS day, amount_minor,
           coalesce((SELECT open_minor FROM ledger_openbill WHERE bill_id = ledger_bill.id), 0) AS rest, '' AS purpose
    FROM ledger_bill WHERE account_id = %(account)s AND organisation_id = %(organisation)s
    UNION ALL
    SELECT 'payment', id, entry_id, reversed_by_id, kind, {_KIND} ELSE 'payment.posted' END, regime, stated_month,
           value_on, amount_minor, free_minor, purpose
    FROM ({_PAYMENTS}) AS payment
),
event AS (
    SELECT row.*, entry.posted_at + make_interval(secs => %(shift)s) AS told_at, entry.reason, entry.user_id
    FROM row JOIN ledger_entry AS entry ON entry.id = row.entry_id
    UNION ALL
    SELECT side, row.id, undone.id, reversed_by_id, row.kind, side || '.reversed', regime, month, day, amount_minor,
           rest, purpose, undone.posted_at + make_interval(secs => %(shift)s), undone.reason, undone.user_id
    FROM row JOIN ledger_entry AS undone ON undone.id = row.reversed_by_id
),
placed AS (
    SELECT event.*, CASE
        WHEN event NOT LIKE '%%.reversed' AND told_at > (day + interval '31 days') AT TIME ZONE 'UTC'
        THEN (day + interval '12 hours') AT TIME ZONE 'UTC' ELSE told_at END AS at
    FROM event
)
SELECT placed.*, who.name AS actor FROM placed LEFT JOIN access_user AS who ON who.id = placed.user_id
WHERE (%(before)s::timestamptz IS NULL OR at < %(before)s)
  AND (%(kinds)s::text[] IS NULL OR event = ANY(%(kinds)s))
ORDER BY at DESC, side DESC, id DESC LIMIT %(limit)s
"""
