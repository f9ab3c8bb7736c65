"""How fresh the news about payments is: the gate asks before it lets anybody be reminded."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import psycopg
from django.db import connection, transaction
from django.utils.translation import gettext as _

from okno.access import trail
from okno.access.actor import Actor
from okno.access.models import Organisation
from okno.ledger.models import PaymentFeed


class Freshness(NamedTuple):
    """One feed: whether files are awaited from it, until which moment its payments are posted, when it last came."""

    name: str
    expected: bool
    covers_until: datetime | None
    received_at: datetime | None


def received(organisation: Organisation, name: str, covers_until: datetime, received_at: datetime) -> None:
    """Note that the payments of the feed `name` up to `covers_until` are posted; called in the posting's transaction.

    Both moments are aware. A feed not heard of before is expected from now on. An older file that comes late never
    makes the feed look staler than it is.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_paymentfeed AS feed (organisation_id, name, expected, covers_until, received_at)"
            " VALUES (%s, %s, true, %s, %s) ON CONFLICT (organisation_id, name) DO UPDATE SET"
            " covers_until = greatest(feed.covers_until, excluded.covers_until),"
            " received_at = greatest(feed.received_at, excluded.received_at)",
            [organisation.pk, name, covers_until, received_at],
        )


def freshness(cursor: psycopg.Cursor[Any], organisation_id: int) -> Sequence[Freshness]:
    """Every feed of the organisation by name, as the caller's transaction sees it."""
    cursor.execute(
        "SELECT name, expected, covers_until, received_at FROM ledger_paymentfeed"
        " WHERE organisation_id = %s ORDER BY name",
        (organisation_id,),
        prepare=True,
    )
    return [Freshness(*row) for row in cursor.fetchall()]


def expect(actor: Actor, feed_id: int, *, expected: bool, reason: str) -> PaymentFeed:
    """Await files of this source, or no longer: a source that is not awaited stops no campaign.

    The trail keeps the reason. Raises PaymentFeed.DoesNotExist for a source of another organisation.
    """
    with transaction.atomic():
        feed = PaymentFeed.objects.select_for_update().get(organisation=actor.organisation, pk=feed_id)
        if feed.expected == expected:
            return feed
        feed.expected = expected
        feed.save(update_fields=["expected"])
        text = _("Файлы «%(feed)s» снова ждём") if expected else _("Файлы «%(feed)s» больше не ждём")
        verb = "feed.expected" if expected else "feed.not_expected"
        trail.record(
            actor,
            verb,
            text % {"feed": feed.name},
            subject=("settings", feed.pk),
            reason=reason,
            detail={"feed": feed.pk},
        )
    return feed
