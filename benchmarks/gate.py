"""How fast the gate decides, one contact at a time and in batches, beside one SELECT of the same rows in the same run.

The database must be one that may be thrown away: a permit can never be deleted.
"""

import random
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import psycopg
from django.db import connection

from benchmarks.posting import Row, memory
from okno.access.actor import process
from okno.access.models import Organisation
from okno.database.statistics import analyse
from okno.debts import cycle
from okno.houses.models import Flat, House
from okno.ledger import feeds, posting
from okno.ledger.accounts import NewAccount, open_accounts
from okno.ledger.rows import NewBill
from okno.outreach import gate, permits, planning
from okno.outreach.models import Campaign, Contact, Template
from okno.outreach.replay import replay
from okno.outreach.templates import install_defaults
from okno.people.models import EmailAddress, Occupancy, Person, Phone

NOW = datetime(2026, 11, 18, 12, tzinfo=ZoneInfo("Europe/Moscow"))
DAY = NOW.date()
FLATS = 100
AT_ONCE = 5_000
BATCH = 100
SUM = 4_000_00

SELECT = (
    "SELECT contact.id, contact.state, balance.version, balance.open_minor, person.full_name, person.vulnerabilities,"
    " phone.number, house.time_zone, debt.debt_minor FROM outreach_contact AS contact"
    " JOIN ledger_balance AS balance ON balance.account_id = contact.account_id"
    " JOIN ledger_account AS account ON account.id = contact.account_id"
    " JOIN houses_flat AS flat ON flat.id = account.flat_id JOIN houses_house AS house ON house.id = flat.house_id"
    " JOIN people_person AS person ON person.id = contact.person_id"
    " JOIN people_phone AS phone ON phone.person_id = person.id"
    " JOIN debts_case AS debt ON debt.id = contact.cause_id WHERE contact.id = ANY(%s)"
)
"""The limit: everything about the same contacts that one statement can read, and no decision made of it."""


def run(accounts: int = 10_000, singles: int = 1_000, **_: object) -> list[Row]:
    """Measure on `accounts` accounts that all owe: `singles` decisions one by one, the rest in batches of 100."""
    organisation = _town(accounts)
    ids = list(Contact.objects.filter(organisation=organisation).order_by("id").values_list("id", flat=True))
    random.Random(7).shuffle(ids)
    singly = [[pk] for pk in ids[: min(singles, accounts // 2)]]
    batches = [ids[start : start + BATCH] for start in range(len(singly), len(ids), BATCH)]
    _decide(organisation, [singly.pop()])
    bare_singles, bare_batches = _timed(_select, singly), _timed(_select, batches)
    ours_singles = _timed(lambda piece: _decide(organisation, [piece]), singly)
    ours_batches = _timed(lambda piece: _decide(organisation, [piece]), batches)
    sealed, sealing = _counted(lambda: permits.seal(organisation.pk))
    looked, replaying = _counted(lambda: _replay(organisation))
    decided = sum(len(piece) for piece in batches)
    return [
        _row("decision, p50", _ms(ours_singles, 50), "ms", _ms(bare_singles, 50), ""),
        _row("decision, p99", _ms(ours_singles, 99), "ms", _ms(bare_singles, 99), "≤ 5 ms"),
        _row("in batches of 100", decided / sum(ours_batches), "1/s", decided / sum(bare_batches), "≥ 2,000/s"),
        _row("batch of 100, p99", _ms(ours_batches, 99), "ms", _ms(bare_batches, 99), ""),
        _row("permits sealed", sealed / sealing, "1/s", decided / sum(bare_batches), ""),
        _row("permits replayed", looked / replaying, "1/s", decided / sum(bare_batches), ""),
        memory(),
    ]


def _row(name: str, figure: float, unit: str, limit: float, budget: str) -> Row:
    return Row(
        name=name,
        figure=round(figure, 3),
        unit=unit,
        limit_name="one SELECT of the same rows",
        limit=round(limit, 3),
        ratio=round(figure / limit if unit != "1/s" else limit / figure, 2),
        budget=budget,
    )


def _ms(seconds: Sequence[float], percent: int) -> float:
    return 1000 * statistics.quantiles(seconds, n=100)[percent - 1]


def _timed(act: Callable[[list[int]], None], pieces: Sequence[list[int]]) -> list[float]:
    taken = []
    for piece in pieces:
        start = time.perf_counter()
        act(piece)
        taken.append(time.perf_counter() - start)
    return taken


def _counted(act: Callable[[], int]) -> tuple[int, float]:
    start = time.perf_counter()
    return act(), time.perf_counter() - start


def _select(ids: list[int]) -> None:
    connection.ensure_connection()
    cursor = psycopg.Cursor(connection.connection)
    found = cursor.execute(SELECT, (ids,), prepare=True).fetchall()
    if len(found) != len(ids):
        raise RuntimeError("the SELECT does not find every contact")


def _decide(organisation: Organisation, pieces: Sequence[list[int]]) -> None:
    for piece in pieces:
        decisions = gate.decide(organisation.pk, piece, NOW)
        if [one.reasons for one in decisions if one.outcome != "allowed"] or len(decisions) != len(piece):
            raise RuntimeError("every contact of this town should be allowed")


def _replay(organisation: Organisation) -> int:
    found = replay(organisation, DAY)
    if found.violations:
        raise RuntimeError(found.violations[0].text)
    return found.permits


def _town(accounts: int) -> Organisation:
    """Everybody owes since the spring, has an owner with a phone and a mailbox, and one contact that waits."""
    name = uuid4().hex[:8]
    organisation = Organisation.objects.create(
        name=f"Замер {name}",
        country="ru",
        currency="RUB",
        time_zone="Europe/Moscow",
        languages=["ru"],
        default_language="ru",
        residents_phone="+7 495 000-00-00",
        payment_url="https://pay.example.org/",
    )
    flats = _flats(organisation, name, accounts)
    numbers = (NewAccount(number=f"{index:08}", flat_id=flat.pk) for index, flat in enumerate(flats))
    ids = list(open_accounts(organisation, numbers).values())
    _people(organisation, flats)
    for month in range(1, 11):
        posting.post(
            organisation=organisation,
            key=f"bills:{month}",
            kind="bills",
            reason="замер",
            bills=[_bill(account, month) for account in ids],
        )
    install_defaults(organisation, process(organisation, "замер"))
    feeds.received(organisation, "Банк", NOW, NOW)
    cycle.run(organisation, DAY, NOW)
    campaign = Campaign.objects.create(
        organisation=organisation, name="Замер", cause="debt", channels=["sms"], state="running", created_at=NOW
    )
    campaign.templates.set(Template.objects.filter(organisation=organisation))
    planning.plan(campaign, DAY, NOW - timedelta(minutes=1))
    with connection.cursor() as cursor:
        analyse(cursor)
    return organisation


def _bill(account: int, month: int) -> NewBill:
    return NewBill(
        account,
        "month",
        "housing",
        date(2026, month, 1),
        date(2026, month + 1, 10),
        4_000_00,
        {"maintenance": 4_000_00},
    )


def _flats(organisation: Organisation, name: str, count: int) -> list[Flat]:
    houses = House.objects.bulk_create(
        House(
            organisation=organisation,
            address=f"г. Замер, ул. {name}, д. {number}",
            short_address=f"{name}, {number}",
            match_key=f"{name} {number}",
            search_text=f"{name} {number}",
            sort_key=f"{name} {number:05}",
            time_zone="Europe/Moscow",
        )
        for number in range(1, 1 + -(-count // FLATS))
    )
    return Flat.objects.bulk_create(
        (
            Flat(organisation=organisation, house=houses[index // FLATS], number=str(index % FLATS + 1))
            for index in range(count)
        ),
        batch_size=AT_ONCE,
    )


def _people(organisation: Organisation, flats: Sequence[Flat]) -> None:
    people = Person.objects.bulk_create(
        (
            Person(organisation=organisation, full_name=f"Жильцов {flat.pk}", first_name="Пётр", search_text="жильцов")
            for flat in flats
        ),
        batch_size=AT_ONCE,
    )
    pairs = list(zip(people, flats, strict=True))
    Occupancy.objects.bulk_create(
        (Occupancy(organisation=organisation, person=person, flat=flat, role="owner") for person, flat in pairs),
        batch_size=AT_ONCE,
    )
    Phone.objects.bulk_create(
        (Phone(organisation=organisation, person=person, number=f"+79{person.pk:09}") for person in people),
        batch_size=AT_ONCE,
    )
    EmailAddress.objects.bulk_create(
        (
            EmailAddress(organisation=organisation, person=person, address=f"flat{person.pk}@example.org")
            for person in people
        ),
        batch_size=AT_ONCE,
    )
