"""The chain over permits: each link holds a hash of the link before and of a batch of permits.

Whoever changes, removes or reorders a sealed permit breaks the chain from that link on, and anyone can see it who
keeps one hash outside (`head`). Sealing follows the gate at its own pace and never holds it up.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import transaction

from okno.outreach.facts import Cursor, open_cursor

ZERO = "0" * 64
"""What the first link names as its previous."""

AT_ONCE = 2_000
"""Permits in one link at most."""

COLUMNS = (
    "id, organisation_id, contact_id, account_id, allowed, reasons, checks, debt_minor, account_version, decided_at,"
    " recorded_at, expires_at"
)


class Sealed(NamedTuple):
    """A permit as it goes into the chain."""

    id: int
    organisation_id: int
    contact_id: int
    account_id: int
    allowed: bool
    reasons: list[str]
    checks: list[dict[str, Any]]
    debt_minor: int
    account_version: int
    decided_at: datetime
    recorded_at: datetime
    expires_at: datetime

    @classmethod
    def read(cls, row: Sequence[Any]) -> "Sealed":
        """A permit out of `COLUMNS`; Django's connection hands JSON over as text."""
        checks = json.loads(row[6]) if isinstance(row[6], str) else row[6]
        return cls._make([*row[:6], checks, *row[7:]])

    def canonical(self) -> str:
        """The permit as JSON that is the same on every machine: keys sorted, no spaces, moments in UTC."""
        row = self._asdict()
        for name in ("decided_at", "recorded_at", "expires_at"):
            row[name] = row[name].astimezone(UTC).isoformat(timespec="microseconds")
        return json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """A link worth keeping outside: from it on the chain can be checked without what came before."""

    number: int
    hash: str


def link_hash(previous: str, permits: Iterable[Sealed]) -> str:
    """sha256 over the previous hash and the permits, a line each, in the order of their ids."""
    digest = hashlib.sha256(previous.encode("ascii"))
    for permit in permits:
        digest.update(b"\n")
        digest.update(permit.canonical().encode())
    return digest.hexdigest()


def seal(organisation_id: int, *, most: int | None = None) -> int:
    """Add links until every committed permit is sealed (or `most` links were made); say how many permits were.

    Several processes may call it together: one seals, the others wait for it and find nothing left.
    """
    sealed = links = 0
    while most is None or links < most:
        count = _seal_batch(organisation_id)
        sealed += count
        links += 1
        if count < AT_ONCE:
            break
    return sealed


def _seal_batch(organisation_id: int) -> int:
    with transaction.atomic():
        cursor = open_cursor()
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('outreach.seal', %s))", (organisation_id,), prepare=True
        )
        cursor.execute(
            f"SELECT {COLUMNS} FROM outreach_permit WHERE organisation_id = %s AND seal_id IS NULL"
            " ORDER BY id LIMIT %s",
            (organisation_id, AT_ONCE),
            prepare=True,
        )
        permits = [Sealed.read(row) for row in cursor.fetchall()]
        if not permits:
            return 0
        last = head(cursor, organisation_id)
        cursor.execute(
            "INSERT INTO outreach_permitseal (organisation_id, number, previous, hash, permits, sealed_at)"
            " VALUES (%s, %s, %s, %s, %s, clock_timestamp()) RETURNING id",
            (organisation_id, last.number + 1, last.hash, link_hash(last.hash, permits), len(permits)),
            prepare=True,
        )
        row = cursor.fetchone()
        assert row is not None
        cursor.execute(
            "UPDATE outreach_permit SET seal_id = %s WHERE id = ANY(%s)",
            (row[0], [permit.id for permit in permits]),
            prepare=True,
        )
        return len(permits)


def head(cursor: Cursor, organisation_id: int) -> Point:
    """The newest link; number 0 with zeros before the first. Print it, mail it: it proves everything before it."""
    cursor.execute(
        "SELECT number, hash FROM outreach_permitseal WHERE organisation_id = %s ORDER BY number DESC LIMIT 1",
        (organisation_id,),
        prepare=True,
    )
    row = cursor.fetchone()
    return Point(number=row[0], hash=row[1]) if row else Point(number=0, hash=ZERO)


def sealed_by(cursor: Cursor, seal_id: int) -> Sequence[Sealed]:
    """The permits of a link in the order they were hashed in."""
    cursor.execute(f"SELECT {COLUMNS} FROM outreach_permit WHERE seal_id = %s ORDER BY id", (seal_id,), prepare=True)
    return [Sealed.read(row) for row in cursor.fetchall()]
