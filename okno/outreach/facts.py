"""What the gate reads for a batch, in few set-based queries, each under the locks that make it true.

The order is always: contacts, people, balances. Nothing here ever waits for a lock: whoever is busy is passed over and
asked again a moment later, so the gate can never be a part of a deadlock.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import psycopg
from django.db import connection

from okno.ledger.feeds import freshness
from okno.outreach import calling, causes, policies
from okno.outreach.calling import Script
from okno.outreach.checks import MONTH_DAYS, Feed
from okno.outreach.limits import FAMILY, Limits

Cursor = psycopg.Cursor[Any]

DID_NOT_LEAVE = ["not_now", "never", "rejected_by_us"]
"""Words of a message that surely reached nobody: it does not count as a contact."""


CALLS = [channel for channel, family in FAMILY.items() if family == "call"]


class Waiting(NamedTuple):
    """A contact locked for a decision, with its place."""

    id: int
    cause: str
    cause_id: int
    account_id: int
    person_id: int | None
    channel: str
    address: str
    language: str
    template_id: int | None
    campaign_id: int | None
    campaign_state: str | None
    start_after: datetime | None
    zone: str
    house: str
    flat: str
    flat_kind: str
    account: str


class Person(NamedTuple):
    """A person locked for a decision: two gates never count the same person's contacts at once."""

    id: int
    full_name: str
    first_name: str
    patronymic: str
    vulnerabilities: list[str]
    do_not_call: bool
    hours_since: time | None
    hours_until: time | None

    @property
    def polite_name(self) -> str:
        """First name and patronymic, as people are addressed; the whole name of an organisation."""
        return " ".join(filter(None, (self.first_name, self.patronymic))) or self.full_name


class Sender(NamedTuple):
    """The organisation on whose behalf the contact is."""

    name: str
    country: str
    currency: str
    time_zone: str
    default_language: str
    phone: str
    email: str
    pay_url: str


class Version(NamedTuple):
    """The newest words of a template in one language."""

    id: int
    template_id: int
    language: str
    subject: str
    text: str


class Known(NamedTuple):
    """One address of a person and what is known against it."""

    is_wrong: bool
    do_not_call: bool


class Left(NamedTuple):
    """Something that left or may have left: when it was permitted, by the trade's clock."""

    account_id: int
    person_id: int | None
    kind: tuple[str, bool]
    """The family of its channel, and whether it spoke of a debt."""
    at: datetime


@dataclass(kw_only=True)
class Facts:
    """Everything read for one batch; `day` is the organisation's calendar day."""

    sender: Sender
    limits: Limits
    day: date
    feeds: tuple[Feed, ...]
    addresses: Mapping[tuple[int, str], Known]
    consents: Mapping[tuple[int, str], bool]
    versions: Mapping[int, Mapping[str, Version]]
    scripts: Mapping[int, Script]
    left_to_person: dict[tuple[int, str, bool], list[datetime]] = field(default_factory=lambda: defaultdict(list))
    left_on_account: dict[tuple[int, str, bool], list[datetime]] = field(default_factory=lambda: defaultdict(list))

    def count(self, left: Left) -> None:
        """Add one that left, or is leaving in this very batch. Debts and services are counted apart."""
        self.left_on_account[left.account_id, *left.kind].append(left.at)
        if left.person_id is not None:
            self.left_to_person[left.person_id, *left.kind].append(left.at)


def open_cursor() -> Cursor:
    """A cursor that binds on the server, inside Django's transaction."""
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)


_CONTACTS = """
WITH due AS MATERIALIZED (
    SELECT id, cause, cause_id, account_id, person_id, channel, address, language, template_id, campaign_id
    FROM outreach_contact WHERE organisation_id = %s AND state = 'waiting' AND {which} FOR UPDATE SKIP LOCKED
)
SELECT due.*, campaign.state, campaign.start_after, house.time_zone, house.short_address, flat.number, flat.kind,
    account.number
FROM due JOIN ledger_account AS account ON account.id = due.account_id
JOIN houses_flat AS flat ON flat.id = account.flat_id JOIN houses_house AS house ON house.id = flat.house_id
LEFT JOIN outreach_campaign AS campaign ON campaign.id = due.campaign_id
ORDER BY due.id
"""
_NAMED = _CONTACTS.format(which="id = ANY(%s)")
_DUE = _CONTACTS.format(
    which="campaign_id IS NOT DISTINCT FROM %s AND not_before <= %s AND channel = ANY(%s)"
    " ORDER BY not_before, id LIMIT %s"
)
_DUE_IN_CAMPAIGN = _DUE.replace("IS NOT DISTINCT FROM", "=")
_DUE_ALONE = _DUE.replace("campaign_id IS NOT DISTINCT FROM %s", "campaign_id IS NULL")


def lock_contacts(cursor: Cursor, organisation_id: int, contact_ids: Sequence[int]) -> list[Waiting]:
    """Lock those of the contacts that still wait and that nobody else is deciding on."""
    cursor.execute(_NAMED, (organisation_id, list(contact_ids)), prepare=True)
    return [Waiting(*row) for row in cursor.fetchall()]


def lock_due(
    cursor: Cursor, organisation_id: int, campaign_id: int | None, channels: Sequence[str], now: datetime, limit: int
) -> list[Waiting]:
    """Lock up to `limit` contacts of a campaign (or of none) that are due by these channels."""
    if campaign_id is None:
        cursor.execute(_DUE_ALONE, (organisation_id, now, list(channels), limit), prepare=True)
    else:
        cursor.execute(_DUE_IN_CAMPAIGN, (organisation_id, campaign_id, now, list(channels), limit), prepare=True)
    return [Waiting(*row) for row in cursor.fetchall()]


def lock_people_and_balances(
    cursor: Cursor, person_ids: Sequence[int], account_ids: Sequence[int]
) -> tuple[dict[int, Person], dict[int, int]]:
    """Lock the people nobody else is deciding on, then the balances no posting holds: people, and versions by account.

    From here on the sums stand still. Stronger than FOR SHARE on purpose: two gates that share an account would both
    count the same contacts against its cap and both allow the last one. Foreign keys to a person stay free.
    """
    with cursor.connection.pipeline():
        people = _ask(
            cursor,
            "SELECT id, full_name, first_name, patronymic, vulnerabilities, do_not_call, hours_since, hours_until"
            " FROM people_person WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED",
            (sorted(person_ids),),
        )
        balances = _ask(
            cursor,
            "SELECT account_id, version FROM ledger_balance WHERE account_id = ANY(%s)"
            " ORDER BY account_id FOR NO KEY UPDATE SKIP LOCKED",
            (sorted(account_ids),),
        )
        return {row[0]: Person(*row) for row in people.fetchall()}, dict(balances.fetchall())


def _ask(cursor: Cursor, query: str, parameters: tuple[Any, ...]) -> Cursor:
    """A question of its own cursor: inside a pipeline several travel together, and the answers are read afterwards."""
    asked = type(cursor)(cursor.connection)
    asked.execute(query, parameters, prepare=True)
    return asked


def gather(cursor: Cursor, organisation_id: int, waiting: Sequence[Waiting], now: datetime) -> Facts:
    """Everything else, read after the locks were taken."""
    people = sorted({row.person_id for row in waiting if row.person_id is not None})
    accounts = sorted({row.account_id for row in waiting})
    with cursor.connection.pipeline():
        asked = (
            _ask_organisation(cursor, organisation_id),
            _ask_addresses(cursor, people),
            _ask_consents(cursor, people, now),
            _ask_versions(cursor, sorted({row.template_id for row in waiting if row.template_id})),
            _ask_left(cursor, accounts, people, now - timedelta(days=MONTH_DAYS + 1)),
        )
        feeds = freshness(cursor, organisation_id)
        organisation_, addresses, consents, versions, left = asked
        sender, limits = _organisation(organisation_, organisation_id, now)
        facts = Facts(
            sender=sender,
            limits=limits,
            day=now.astimezone(ZoneInfo(sender.time_zone)).date(),
            feeds=tuple(Feed(name=feed.name, covers_until=feed.covers_until) for feed in feeds if feed.expected),
            addresses={(row[0], row[1]): Known(row[2], row[3]) for row in addresses.fetchall()},
            consents={(row[0], row[1]): row[2] for row in consents.fetchall()},
            versions=_versions(versions),
            scripts={},
        )
        for row in left.fetchall():
            facts.count(Left(row[0], row[1], (FAMILY[row[2]], causes.get(row[3]).speaks_of_debt), row[4]))
    if any(FAMILY[row.channel] == "call" for row in waiting):
        _calls(cursor, facts, waiting, accounts, people, now)
    return facts


def _calls(
    cursor: Cursor,
    facts: Facts,
    waiting: Sequence[Waiting],
    accounts: Sequence[int],
    people: Sequence[int],
    now: datetime,
) -> None:
    """What only the room that makes calls knows, see `okno.outreach.calling`."""
    facts.scripts = calling.scripts(cursor, sorted({row.campaign_id for row in waiting if row.campaign_id}))
    since = now - timedelta(days=MONTH_DAYS + 1)
    for one in calling.reached(cursor, account_ids=accounts, person_ids=people, since=since):
        kind = (FAMILY[one.channel], causes.get(one.cause).speaks_of_debt)
        facts.count(Left(one.account_id or 0, one.person_id, kind, one.at))


def organisation(cursor: Cursor, organisation_id: int, now: datetime) -> tuple[Sender, Limits]:
    """The organisation and the limits it is bound by; without a policy of its own, the country's yardstick."""
    return _organisation(_ask_organisation(cursor, organisation_id), organisation_id, now)


def _ask_organisation(cursor: Cursor, organisation_id: int) -> Cursor:
    policy = ", ".join(f"policy.{name.strip()}" for name in policies.COLUMNS.split(","))
    return _ask(
        cursor,
        "SELECT name, country, currency, time_zone, default_language, residents_phone, residents_email, payment_url,"
        " (SELECT coalesce(array_agg(day || ' ' || kind ORDER BY day), '{}') FROM access_calendarday AS set_apart"
        "   WHERE set_apart.organisation_id = organisation.id),"
        f" {policy} FROM access_organisation AS organisation"
        " LEFT JOIN outreach_contactpolicy AS policy ON policy.organisation_id = organisation.id"
        " WHERE organisation.id = %s",
        (organisation_id,),
    )


def _organisation(asked: Cursor, organisation_id: int, now: datetime) -> tuple[Sender, Limits]:
    row = asked.fetchone()
    if row is None:
        raise LookupError(f"Организации {organisation_id} нет")
    sender = Sender(*row[:8])
    chosen = policies.from_row(row[9:]) if row[9] is not None else policies.by_default(sender.country, now.date())
    return sender, policies.limits(sender.country, chosen, tuple(row[8]))


def _ask_addresses(cursor: Cursor, people: Sequence[int]) -> Cursor:
    return _ask(
        cursor,
        "SELECT person_id, number, is_wrong, do_not_call FROM people_phone WHERE person_id = ANY(%s)"
        " UNION ALL SELECT person_id, address, is_wrong, false FROM people_emailaddress WHERE person_id = ANY(%s)",
        (people, people),
    )


def _ask_consents(cursor: Cursor, people: Sequence[int], now: datetime) -> Cursor:
    """The latest word of each person about each channel, as of the day it is for the person's organisation."""
    return _ask(
        cursor,
        "SELECT DISTINCT ON (consent.person_id, channel) consent.person_id, channel, given"
        " FROM people_consent AS consent"
        " JOIN access_organisation AS organisation ON organisation.id = consent.organisation_id"
        ' WHERE consent.person_id = ANY(%s) AND consent."on" <= (%s AT TIME ZONE organisation.time_zone)::date'
        ' ORDER BY consent.person_id, channel, consent."on" DESC, consent.id DESC',
        (people, now),
    )


def newest_versions(cursor: Cursor, template_ids: Sequence[int]) -> dict[int, dict[str, Version]]:
    """Template → language → its newest words."""
    return _versions(_ask_versions(cursor, template_ids))


def _ask_versions(cursor: Cursor, template_ids: Sequence[int]) -> Cursor:
    return _ask(
        cursor,
        "SELECT DISTINCT ON (template_id, language) id, template_id, language, subject, text"
        " FROM outreach_templateversion WHERE template_id = ANY(%s) ORDER BY template_id, language, number DESC",
        (list(template_ids),),
    )


def _versions(asked: Cursor) -> dict[int, dict[str, Version]]:
    found: dict[int, dict[str, Version]] = defaultdict(dict)
    for row in asked.fetchall():
        version = Version(*row)
        found[version.template_id][version.language] = version
    return dict(found)


def _ask_left(cursor: Cursor, account_ids: Sequence[int], person_ids: Sequence[int], since: datetime) -> Cursor:
    """What left or may have left for these people or accounts: messages that were not surely kept back, and permits
    still alive that another sender may be using this second. Calls that were made are asked of `calling`."""
    return _ask(
        cursor,
        "SELECT contact.account_id, contact.person_id, contact.channel, contact.cause, permit.decided_at"
        " FROM outreach_contact AS contact JOIN outreach_message AS message ON message.contact_id = contact.id"
        " JOIN outreach_permit AS permit ON permit.id = message.permit_id"
        " WHERE (contact.account_id = ANY(%s) OR contact.person_id = ANY(%s)) AND contact.changed_at >= %s"
        " AND message.word <> ALL(%s) AND contact.channel <> ALL(%s)"
        " UNION ALL SELECT contact.account_id, contact.person_id, contact.channel, contact.cause, permit.decided_at"
        " FROM outreach_contact AS contact JOIN outreach_permit AS permit ON permit.id = contact.permit_id"
        " WHERE (contact.account_id = ANY(%s) OR contact.person_id = ANY(%s)) AND contact.changed_at >= %s"
        " AND contact.state = 'permitted' AND permit.expires_at > clock_timestamp()",
        (account_ids, person_ids, since, DID_NOT_LEAVE, CALLS, account_ids, person_ids, since),
    )
