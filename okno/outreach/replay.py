"""Looking at a day again: the chain from its first link, and every permit against the ledger of its own moment.

Anybody may run it on any day. It trusts nothing that the gate wrote about itself: the debt is counted anew from the
account as it stood, the order of postings and permits is read from the database's clock, hours and caps are made
again from the country's sheet and from what left.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils.translation import gettext as _

from okno.access.models import Organisation
from okno.law.countries import pack
from okno.outreach import causes, permits
from okno.outreach.checks import MONTH_DAYS, WEEK_DAYS, window
from okno.outreach.facts import DID_NOT_LEAVE, Cursor, open_cursor
from okno.outreach.limits import FAMILY
from okno.outreach.permits import Point, Sealed

AT_ONCE = 2_000
"""Permits looked at together."""

IN_FLIGHT = "('permitted', 'sending', 'sent', 'delivered', 'failed', 'unknown')"


@dataclass(frozen=True, kw_only=True, slots=True)
class Violation:
    """One thing that must not be: a code, the rows it speaks of, and a sentence for people."""

    code: str
    text: str
    permit_id: int | None = None
    contact_id: int | None = None
    account_id: int | None = None


@dataclass(kw_only=True)
class Replay:
    """What a day looked like. `unsealed` permits are not in the chain yet; `head` is worth keeping outside."""

    day: date
    permits: int = 0
    refusals: int = 0
    messages: int = 0
    seals: int = 0
    unsealed: int = 0
    head: Point = field(default_factory=lambda: Point(number=0, hash=permits.ZERO))
    violations: list[Violation] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    """What the contact of a permit says: its cause, person, channel and the house's clock."""

    cause: str
    cause_id: int
    person_id: int | None
    channel: str
    zone: str


def replay(organisation: Organisation, day: date, *, since: Point | None = None) -> Replay:
    """Look at `day` (by the organisation's clock) again and tell every violation; there must be none.

    The chain is checked from its first link, or from `since`, a point that somebody kept outside.
    """
    found = Replay(day=day)
    with transaction.atomic():
        cursor = open_cursor()
        _stand_still(cursor)
        found.violations += _chain(cursor, organisation.pk, since, found)
        zone = ZoneInfo(organisation.time_zone)
        begin = datetime.combine(day, time(), zone)
        end = datetime.combine(day + timedelta(days=1), time(), zone)
        for batch in _permits_of(cursor, organisation.pk, begin, end):
            _look_at(cursor, organisation, batch, found)
        found.violations += _messages(cursor, organisation.pk, begin, end, found)
        found.violations += _orphans(cursor, organisation.pk)
    return found


def _stand_still(cursor: Cursor) -> None:
    """Read everything as of one moment, so that senders at work do not look like violations.

    Inside somebody else's transaction the isolation is theirs and stays as it is.
    """
    if not connection.savepoint_ids:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


# -- the chain --


def _chain(cursor: Cursor, organisation_id: int, since: Point | None, found: Replay) -> Iterator[Violation]:
    cursor.execute(
        "SELECT id, number, previous, hash, permits FROM outreach_permitseal WHERE organisation_id = %s"
        " AND number >= %s ORDER BY number",
        (organisation_id, since.number if since else 1),
    )
    links = cursor.fetchall()
    previous, expected = permits.ZERO, 1
    if since is not None:
        if not links or (links[0][1], links[0][3]) != (since.number, since.hash):
            yield Violation(
                code="point_lost",
                text=_("Звена № %(number)s с сохранённым отпечатком в цепочке нет") % {"number": since.number},
            )
            return
        previous, expected = since.hash, since.number + 1
        links = links[1:]
    for seal_id, number, told_previous, told_hash, count in links:
        found.seals += 1
        yield from _link(cursor, seal_id, (number, expected), (told_previous, previous), told_hash, count)
        previous, expected = told_hash, number + 1
    found.head = Point(number=expected - 1, hash=previous)
    cursor.execute(
        "SELECT count(*) FROM outreach_permit WHERE organisation_id = %s AND seal_id IS NULL", (organisation_id,)
    )
    row = cursor.fetchone()
    found.unsealed = row[0] if row else 0


def _link(
    cursor: Cursor,
    seal_id: int,
    numbers: tuple[int, int],
    previous: tuple[str, str],
    told_hash: str,
    count: int,
) -> Iterator[Violation]:
    number, expected = numbers
    rows = permits.sealed_by(cursor, seal_id)
    if number != expected:
        told = {"number": number, "expected": expected}
        yield Violation(code="link_missing", text=_("После звена № %(expected)s пропуск: дальше № %(number)s") % told)
    if previous[0] != previous[1]:
        yield Violation(code="chain_broken", text=_("Звено № %(number)s не продолжает предыдущее") % {"number": number})
    if len(rows) != count:
        told = {"number": number, "count": count, "found": len(rows)}
        yield Violation(
            code="permits_missing",
            text=_("В звене № %(number)s запечатано решений: %(count)s, а найдено %(found)s") % told,
        )
    if permits.link_hash(previous[0], rows) != told_hash:
        yield Violation(
            code="seal_broken",
            text=_("Отпечаток звена № %(number)s не сходится: решения изменены, переставлены или удалены")
            % {"number": number},
        )


# -- permits --


def _permits_of(
    cursor: Cursor, organisation_id: int, begin: datetime, end: datetime
) -> Iterator[list[tuple[Sealed, _Place | None]]]:
    """The day's permits with their places, in the order of ids, in batches."""
    columns = ", ".join(f"permit.{name.strip()}" for name in permits.COLUMNS.split(","))
    last = 0
    while True:
        cursor.execute(
            f"SELECT {columns}, contact.cause, contact.cause_id, contact.person_id, contact.channel, house.time_zone"
            " FROM outreach_permit AS permit LEFT JOIN outreach_contact AS contact ON contact.id = permit.contact_id"
            " LEFT JOIN ledger_account AS account ON account.id = permit.account_id"
            " LEFT JOIN houses_flat AS flat ON flat.id = account.flat_id"
            " LEFT JOIN houses_house AS house ON house.id = flat.house_id"
            " WHERE permit.organisation_id = %s AND permit.decided_at >= %s AND permit.decided_at < %s"
            " AND permit.id > %s ORDER BY permit.id LIMIT %s",
            (organisation_id, begin, end, last, AT_ONCE),
        )
        rows = cursor.fetchall()
        if not rows:
            return
        yield [(Sealed.read(row[:12]), _place(row[12:])) for row in rows]
        last = rows[-1][0]


def _place(row: Sequence[Any]) -> _Place | None:
    if row[0] is None or row[4] is None:
        return None
    return _Place(cause=row[0], cause_id=row[1], person_id=row[2], channel=row[3], zone=row[4])


def _look_at(
    cursor: Cursor, organisation: Organisation, batch: list[tuple[Sealed, _Place | None]], found: Replay
) -> None:
    allowed = [(permit, place) for permit, place in batch if permit.allowed]
    found.permits += len(allowed)
    found.refusals += len(batch) - len(allowed)
    found.violations += _order(cursor, [permit for permit, _place in batch])
    left = _left_around(cursor, allowed)
    for permit, place in allowed:
        if place is None:
            found.violations.append(_about(permit, "contact_missing", _("Обращения, на которое выдано решение, нет")))
            continue
        found.violations += _checks(permit)
        found.violations += _ledger(cursor, organisation, permit, place)
        found.violations += _hours(organisation, permit, place)
        found.violations += _caps(permit, place, left)
    for permit, _elsewhere in batch:
        if not permit.allowed and all(check["passed"] for check in permit.checks):
            found.violations.append(_about(permit, "refusal_without_reason", _("Отказ, хотя все проверки пройдены")))


def _about(permit: Sealed, code: str, text: str) -> Violation:
    sentence = _("Решение № %(number)s: %(text)s") % {"number": permit.id, "text": text}
    return Violation(
        code=code, text=sentence, permit_id=permit.id, contact_id=permit.contact_id, account_id=permit.account_id
    )


def _checks(permit: Sealed) -> Iterator[Violation]:
    failed = [check["code"] for check in permit.checks if not check["passed"]]
    if failed or not permit.checks:
        yield _about(permit, "checks_failed", _("разрешено, хотя проверки не пройдены: %s") % ", ".join(failed))
    if permit.expires_at <= permit.recorded_at or permit.expires_at - permit.recorded_at > timedelta(seconds=2):
        yield _about(permit, "life", _("срок действия не две секунды"))


def _order(cursor: Cursor, rows: list[Sealed]) -> Iterator[Violation]:
    """Postings the permit's version counts were made before it, those it does not count after it."""
    cursor.execute(
        "WITH permit AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::int[], %s::timestamptz[])"
        " AS permit(id, account_id, version, recorded_at)),"
        " posted AS (SELECT DISTINCT side.account_id, side.version, entry.posted_at FROM ("
        " SELECT account_id, version, entry_id FROM ledger_bill WHERE account_id = ANY(%s) UNION ALL"
        " SELECT account_id, version, entry_id FROM ledger_payment WHERE account_id = ANY(%s) UNION ALL"
        " SELECT account_id, version, entry_id FROM ledger_allocation WHERE account_id = ANY(%s)) AS side"
        " JOIN ledger_entry AS entry ON entry.id = side.entry_id)"
        " SELECT permit.id, posted.version > permit.version FROM permit"
        " JOIN posted ON posted.account_id = permit.account_id"
        " WHERE (posted.version > permit.version) = (posted.posted_at < permit.recorded_at)",
        (
            [row.id for row in rows],
            [row.account_id for row in rows],
            [row.account_version for row in rows],
            [row.recorded_at for row in rows],
            *[list({row.account_id for row in rows})] * 3,
        ),
    )
    by_id = {row.id: row for row in rows}
    for permit_id, unseen in cursor.fetchall():
        if unseen:
            text = _("проводка сделана до решения, но решение её не видело")
            yield _about(by_id[permit_id], "posting_unseen", text)
        else:
            text = _("решение учло проводку, которой в ту минуту ещё не было")
            yield _about(by_id[permit_id], "posting_foreseen", text)


def _ledger(cursor: Cursor, organisation: Organisation, permit: Sealed, place: _Place) -> Iterator[Violation]:
    """Still owed, and as much as was told, from the account as it stood."""
    day = permit.decided_at.astimezone(ZoneInfo(organisation.time_zone)).date()
    owed = causes.get(place.cause).owed_at_version(
        cursor,
        organisation_id=organisation.pk,
        cause_id=place.cause_id,
        account_id=permit.account_id,
        account_version=permit.account_version,
        day=day,
    )
    if not owed.owed:
        yield _about(permit, "nothing_owed", _("по счёту в ту минуту долга не было, а обращение разрешено"))
    elif owed.debt_minor != permit.debt_minor:
        told = {"told": permit.debt_minor, "counted": owed.debt_minor}
        yield _about(permit, "other_debt", _("долг записан %(told)s, а по книге %(counted)s (в копейках)") % told)


def _hours(organisation: Organisation, permit: Sealed, place: _Place) -> Iterator[Violation]:
    """The hours the permit itself names, and the country's where the law gives them, by the house's clock."""
    local = permit.decided_at.astimezone(ZoneInfo(place.zone))
    check = next((check for check in permit.checks if check["code"] == "hours"), None)
    opens, closes = (check["input"].get("opens"), check["input"].get("closes")) if check else (None, None)
    inside = opens and closes and time.fromisoformat(opens) <= local.time() < time.fromisoformat(closes)
    law = pack(organisation.country).contact_hours(local.date()).value
    if not inside or (law.basis == "law" and not law.allow(local.time())):
        yield _about(permit, "hours", _("разрешено в %s по часам дома, вне часов обращений") % f"{local:%H:%M}")


# -- caps --

_Left = Mapping[tuple[str, int, str, bool], list[tuple[int, datetime]]]


def _left_around(cursor: Cursor, allowed: list[tuple[Sealed, _Place | None]]) -> _Left:
    """What left for the people and accounts of these permits in the month up to them, by family and
    whether it spoke of a debt: (permit, moment)."""
    places = [(permit, place) for permit, place in allowed if place is not None]
    if not places:
        return {}
    moments = [permit.decided_at for permit, _place in places]
    cursor.execute(
        "SELECT permit.id, permit.decided_at, contact.account_id, contact.person_id, contact.channel, contact.cause"
        " FROM outreach_message AS message JOIN outreach_permit AS permit ON permit.id = message.permit_id"
        " JOIN outreach_contact AS contact ON contact.id = message.contact_id"
        " WHERE (contact.account_id = ANY(%s) OR contact.person_id = ANY(%s)) AND message.word <> ALL(%s)"
        " AND permit.decided_at BETWEEN %s AND %s",
        (
            list({permit.account_id for permit, _place in places}),
            list({place.person_id for _permit, place in places if place.person_id is not None}),
            DID_NOT_LEAVE,
            min(moments) - timedelta(days=MONTH_DAYS + 1),
            max(moments),
        ),
    )
    left: dict[tuple[str, int, str, bool], list[tuple[int, datetime]]] = defaultdict(list)
    for permit_id, at, account, person, channel, cause in cursor.fetchall():
        kind = (FAMILY[channel], causes.get(cause).speaks_of_debt)
        left["cap_account", account, *kind].append((permit_id, at))
        if person is not None:
            left["cap_person", person, *kind].append((permit_id, at))
    return left


def _caps(permit: Sealed, place: _Place, left: _Left) -> Iterator[Violation]:
    """Counted again from what left: everything before this permit must leave room for one more."""
    kind = (FAMILY[place.channel], causes.get(place.cause).speaks_of_debt)
    today = permit.decided_at.astimezone(ZoneInfo(place.zone)).date()
    told = {check["code"]: check["input"] for check in permit.checks}
    for code, subject in (("cap_person", place.person_id), ("cap_account", permit.account_id)):
        before = [
            at.astimezone(ZoneInfo(place.zone)).date()
            for number, at in left.get((code, subject or 0, *kind), ())
            if number < permit.id
        ]
        for name, length in (("day", 1), ("week", WEEK_DAYS), ("month", MONTH_DAYS)):
            cap = told.get(code, {}).get(name, [0, None])[1]
            count, free_on = window(before, today, length, cap)
            if free_on > today:
                sentence = _("до него уже ушло %(count)s при пределе %(cap)s") % {"count": count, "cap": cap}
                yield _about(permit, code, sentence)


# -- messages --


def _messages(
    cursor: Cursor, organisation_id: int, begin: datetime, end: datetime, found: Replay
) -> Iterator[Violation]:
    """Every message of the day's permits: its permit allowed it, was its contact's own, and still lived."""
    cursor.execute(
        "SELECT message.id, message.contact_id, permit.id, permit.allowed, permit.contact_id = message.contact_id,"
        " message.claimed_at BETWEEN permit.recorded_at AND permit.expires_at, permit.account_id, message.claimed_at"
        " FROM outreach_message AS message LEFT JOIN outreach_permit AS permit ON permit.id = message.permit_id"
        " WHERE message.organisation_id = %s"
        " AND (permit.id IS NULL OR (permit.decided_at >= %s AND permit.decided_at < %s))",
        (organisation_id, begin, end),
    )
    for message, contact, permit, allowed, own, in_time, account, claimed_at in cursor.fetchall():
        found.messages += 1
        at = claimed_at.astimezone(UTC).isoformat(timespec="milliseconds")
        told = {"message": message, "permit": permit, "at": at}
        rows = {"permit_id": permit, "contact_id": contact, "account_id": account}
        if permit is None or not allowed or not own:
            yield Violation(
                code="message_without_permit", text=_("Сообщение № %(message)s ушло без разрешения") % told, **rows
            )
        elif not in_time:
            yield Violation(
                code="message_late",
                text=_("Сообщение № %(message)s взято в %(at)s, вне срока решения № %(permit)s") % told,
                **rows,
            )


def _orphans(cursor: Cursor, organisation_id: int) -> Iterator[Violation]:
    """Contacts on their way, or gone, whose permit is not there, refused, or another's."""
    cursor.execute(
        "SELECT contact.id, contact.permit_id, contact.account_id FROM outreach_contact AS contact"
        " LEFT JOIN outreach_permit AS permit ON permit.id = contact.permit_id"
        f" WHERE contact.organisation_id = %s AND contact.state IN {IN_FLIGHT}"
        " AND (permit.id IS NULL OR NOT permit.allowed OR permit.contact_id <> contact.id)",
        (organisation_id,),
    )
    for contact, permit, account in cursor.fetchall():
        yield Violation(
            code="contact_without_permit",
            text=_("Обращение № %(number)s отправлено, а разрешающего решения на него нет") % {"number": contact},
            permit_id=permit,
            contact_id=contact,
            account_id=account,
        )
