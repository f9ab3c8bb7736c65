"""How fast money is posted with all that follows from it, beside the bare statements of the same run.

The database must be one that may be thrown away: what is posted can never be deleted.
"""

import random
import resource
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date, datetime, timedelta
from multiprocessing import get_context
from typing import Any, TypedDict
from uuid import uuid4
from zoneinfo import ZoneInfo

import psycopg
from django.db import connection, connections, transaction

from okno.access.models import Organisation
from okno.database.statistics import analyse
from okno.debts import cycle
from okno.debts.models import Case
from okno.houses.models import Flat, House
from okno.ledger import posting
from okno.ledger.accounts import NewAccount, open_accounts
from okno.ledger.rows import NewBill, NewPayment
from okno.ledger.tables import PAYMENT
from okno.ledger.verify import verify
from okno.outreach.models import Contact

DAY = date(2026, 11, 18)
NOW = datetime(2026, 11, 18, 12, tzinfo=ZoneInfo("Europe/Moscow"))
FLATS = 100
OWING = 0.3
"""The share of accounts with an open case and a contact that waits: each payment of theirs has everything to do."""

HANDS = 2
"""Processes that post at once: as many as the smallest installation has cores."""


class Row(TypedDict):
    """One printed line: our figure beside the limit of the same run."""

    name: str
    figure: float
    unit: str
    limit_name: str
    limit: float | None
    ratio: float | None
    budget: str


def memory() -> Row:
    """What this process has held at most."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Row(
        name="peak memory of the process", figure=peak, unit="MiB", limit_name="", limit=None, ratio=None, budget=""
    )


def run(accounts: int = 10_000, payments: int = 100_000, singles: int = 3_000, **_: object) -> list[Row]:
    """Measure on `accounts` accounts: `singles` payments one by one, then a register of `payments`."""
    chance = random.Random(7)
    organisation, ids = _town(accounts)
    _bill(organisation, ids, chance)
    cycle.run(organisation, DAY, NOW)
    _contacts(organisation)
    ours, pays = _singly(organisation, ids, singles, chance)
    together = _together(organisation, ids, singles, chance)
    bare = _bare_singly(organisation, ids, singles, chance)
    register = _register(organisation, ids, payments, chance)
    copied = _copy(organisation, payments)
    proved = _verify(organisation)
    return [
        _row("payment with all effects, p50", _ms(ours, 50), "ms", "INSERT + UPDATE", _ms(bare, 50), ""),
        _row("payment with all effects, p99", _ms(ours, 99), "ms", "INSERT + UPDATE", _ms(bare, 99), "≤ 5 ms"),
        _row(
            "payments one by one, one connection",
            len(ours) / pays,
            "1/s",
            "INSERT + UPDATE",
            len(bare) / sum(bare),
            "",
        ),
        _row(
            f"payments one by one, {HANDS} processes",
            together,
            "1/s",
            "INSERT + UPDATE, one connection",
            len(bare) / sum(bare),
            "≥ 500/s",
        ),
        _row(f"register of {payments} payments", register, "s", "COPY of the rows", copied, _scaled(20, payments)),
        _row("ledger counted again from history", proved, "s", "COPY of the rows", copied, ""),
        memory(),
    ]


def _scaled(seconds: float, payments: int) -> str:
    return f"≤ {seconds * payments / 100_000:g} s"


def _row(name: str, figure: float, unit: str, limit_name: str, limit: float, budget: str) -> Row:
    ratio = figure / limit if unit != "1/s" else limit / figure
    return Row(
        name=name,
        figure=round(figure, 3),
        unit=unit,
        limit_name=limit_name,
        limit=round(limit, 3),
        ratio=round(ratio, 2),
        budget=budget,
    )


def _ms(seconds: Sequence[float], percent: int) -> float:
    return 1000 * statistics.quantiles(seconds, n=100)[percent - 1]


def _town(accounts: int) -> tuple[Organisation, list[int]]:
    name = uuid4().hex[:8]
    organisation = Organisation.objects.create(
        name=f"Замер {name}",
        country="ru",
        currency="RUB",
        time_zone="Europe/Moscow",
        languages=["ru"],
        default_language="ru",
    )
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
        for number in range(1, 1 + -(-accounts // FLATS))
    )
    flats = Flat.objects.bulk_create(
        (
            Flat(organisation=organisation, house=houses[index // FLATS], number=str(index % FLATS + 1))
            for index in range(accounts)
        ),
        batch_size=5_000,
    )
    rows = (NewAccount(number=f"{index:08}", flat_id=flat.pk) for index, flat in enumerate(flats))
    return organisation, list(open_accounts(organisation, rows).values())


def _bill(organisation: Organisation, ids: Sequence[int], chance: random.Random) -> None:
    """A year of bills, paid but for the newest, not yet due, and for the last four of those who owe.

    It comes house by house, so that the journal is as long as a year's registers make it.
    """
    owing = set(chance.sample(list(ids), int(len(ids) * OWING)))
    for number in range(1, 12):
        month = date(2026, number, 1)
        due_on = date(2026, number + 1, 10)
        minor = {account: chance.randrange(1_000_00, 9_000_00) for account in ids}
        bills = [
            NewBill(account, "month", "housing", month, due_on, sum_, {"maintenance": sum_})
            for account, sum_ in minor.items()
        ]
        paid = [
            NewPayment(account, "payment", due_on, sum_, f"history:{month}:{account}")
            for account, sum_ in minor.items()
            if number < 8 or (number < 11 and account not in owing)
        ]
        for first in range(0, len(ids), FLATS):
            house = set(ids[first : first + FLATS])
            posting.post(
                organisation=organisation,
                key=f"history:{month}:{first}",
                kind="bills",
                reason="замер",
                bills=[row for row in bills if row.account_id in house],
                payments=[row for row in paid if row.account_id in house],
            )


def _contacts(organisation: Organisation) -> None:
    cases = Case.objects.filter(organisation=organisation, state="open")
    Contact.objects.bulk_create(
        (
            Contact(
                organisation=organisation,
                key=f"bench:{case.pk}",
                cause="debt",
                cause_id=case.pk,
                account_id=case.account_id,
                channel="sms",
                address="+79990000000",
                language="ru",
                not_before=NOW,
                created_at=NOW,
                changed_at=NOW,
            )
            for case in cases
        ),
        batch_size=5_000,
    )
    with connection.cursor() as cursor:
        analyse(cursor)


def _singly(
    organisation: Organisation, ids: Sequence[int], count: int, chance: random.Random
) -> tuple[list[float], float]:
    taken: list[float] = []
    began = time.perf_counter()
    for number in range(count):
        row = NewPayment(chance.choice(ids), "payment", DAY, chance.randrange(100_00, 30_000_00), f"single:{number}")
        start = time.perf_counter()
        posting.post(organisation=organisation, key=f"single:{number}", kind="payments", reason="замер", payments=[row])
        taken.append(time.perf_counter() - start)
    return taken, time.perf_counter() - began


def _bare_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE IF NOT EXISTS bare_payment (LIKE ledger_payment INCLUDING INDEXES)")


def _together(organisation: Organisation, ids: Sequence[int], count: int, chance: random.Random) -> float:
    """Payments a second when several processes post at once, as those of the desk do."""
    shares = [
        [
            NewPayment(chance.choice(ids), "payment", DAY, chance.randrange(100_00, 30_000_00), f"hand:{hand}:{number}")
            for number in range(count // HANDS)
        ]
        for hand in range(HANDS)
    ]

    connections.close_all()
    with ProcessPoolExecutor(HANDS, mp_context=get_context("fork")) as hands:
        list(hands.map(_hand, [organisation] * HANDS, [rows[:10] for rows in shares]))
        began = time.perf_counter()
        list(hands.map(_hand, [organisation] * HANDS, [rows[10:] for rows in shares]))
        return (count - 10 * HANDS) / (time.perf_counter() - began)


def _hand(organisation: Organisation, rows: Sequence[NewPayment]) -> None:
    for row in rows:
        posting.post(organisation=organisation, key=row.source_key, kind="payments", reason="замер", payments=[row])


def _bare_singly(organisation: Organisation, ids: Sequence[int], count: int, chance: random.Random) -> list[float]:
    _bare_table()
    taken: list[float] = []
    for number in range(count):
        account = chance.choice(ids)
        start = time.perf_counter()
        with transaction.atomic():
            cursor = psycopg.Cursor(connection.connection)
            cursor.execute(
                f"INSERT INTO bare_payment ({PAYMENT.columns})"
                " VALUES (%s, %s, %s, 1, 1, 'payment', %s, 100, 100, NULL, '', '', '', %s)",
                (-number, organisation.pk, account, DAY, f"bare:{number}"),
                prepare=True,
            )
            cursor.execute(
                "UPDATE ledger_balance SET posted_at = clock_timestamp() WHERE account_id = %s",
                (account,),
                prepare=True,
            )
        taken.append(time.perf_counter() - start)
    return taken


def _register(organisation: Organisation, ids: Sequence[int], count: int, chance: random.Random) -> float:
    rows = [
        NewPayment(
            chance.choice(ids),
            "payment",
            DAY - timedelta(days=number % 3),
            chance.randrange(100_00, 9_000_00),
            f"register:{number}",
            purpose="Оплата ЖКУ",
            payer="Иванов Иван Иванович",
        )
        for number in range(count)
    ]
    start = time.perf_counter()
    posting.post(organisation=organisation, key="register", kind="payments", reason="замер", payments=rows)
    return time.perf_counter() - start


def _copy(organisation: Organisation, count: int) -> float:
    """COPY in of the same rows into a table alike, without what follows."""
    _bare_table()
    with connection.cursor() as plain:
        plain.execute(
            f"SELECT {PAYMENT.columns} FROM ledger_payment"
            " WHERE organisation_id = %s AND source_key LIKE 'register:%%'",
            [organisation.pk],
        )
        rows: list[tuple[Any, ...]] = plain.fetchall()
    start = time.perf_counter()
    with transaction.atomic():
        cursor = psycopg.Cursor(connection.connection)
        with cursor.copy(f"COPY bare_payment ({PAYMENT.columns}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(list(PAYMENT.types.values()))
            for row in rows:
                copy.write_row(row)
    return time.perf_counter() - start


def _verify(organisation: Organisation) -> float:
    start = time.perf_counter()
    verified = verify(organisation)
    if not verified.is_true:
        raise RuntimeError(verified.differences[0].sentence)
    return time.perf_counter() - start
