"""How fast a month's bills become one PDF file for the printer, beside typst alone on the same pages.

The database must be one that may be thrown away: what is posted can never be deleted.
"""

import random
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from okno.access.actor import Actor, process
from okno.access.models import Organisation
from okno.common import clock
from okno.common.days import add_months
from okno.database.statistics import analyse
from okno.exchange.paper import runs
from okno.exchange.paper.contents import PrintedBill
from okno.exchange.paper.gathering import Gatherer
from okno.exchange.paper.layout import Page, bill_page
from okno.exchange.paper.models import PaymentDetails
from okno.exchange.paper.press import PAGES_AT_ONCE, Press
from okno.exchange.paper.printing import HANDS, TEMPLATE, print_run
from okno.houses.models import Flat, House, Meter, MeterReading
from okno.ledger import posting, services
from okno.ledger.accounts import NewAccount, open_accounts
from okno.ledger.models import Account
from okno.ledger.rows import NewBill, NewPayment
from okno.people.models import Occupancy, Person

FLATS, MONTHS, AT_ONCE = 100, 3, 10_000
#: Bills are printed by the fifth of the month after the billed one.
NOW = datetime(2026, 11, 5, 12, tzinfo=ZoneInfo("Europe/Moscow"))
MONTH = date(2026, 10, 1)
#: Of all accounts: how many pay a month's bill.
PAYING = 0.85
#: Pages that typst sets alone: enough for its pace.
ALONE = 1_000
LINES = ("maintenance", "heating", "cold_water", "hot_water", "sewerage", "waste", "common_power", "capital_repair")


def run(accounts: int = 10_000, **_: object) -> list[dict[str, Any]]:
    """Bills of so many accounts, eight services each, with a code, in one file."""
    with tempfile.TemporaryDirectory(prefix="okno-bench-") as folder:
        settings.MEDIA_ROOT = Path(folder) / "files"
        clock.shift_to(NOW)
        actor = _town(accounts)
        started = time.perf_counter()
        done = print_run(runs.begin(actor, MONTH, title="Замер").pk)
        seconds = time.perf_counter() - started
        assert done.printed == accounts
        size = sum(one["bytes"] for one in done.files)
        alone = _typst_alone(actor, done.accounts[:ALONE], Path(folder)) * accounts / min(ALONE, accounts)
    main, hand = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return [
        _row(f"{accounts} bills with a code in one PDF", seconds, "s", alone, f"≤ {60 * accounts / 10_000:g} s"),
        _row("a bill", 1000 * seconds / accounts, "ms", 1000 * alone / accounts, ""),
        _figure("peak memory: the one that reads the ledger", main, "MiB"),
        _figure(f"peak memory: each of {HANDS} that set type", hand, "MiB"),
        _figure("a page in the file", size / accounts / 1024, "KiB"),
    ]


def _row(name: str, figure: float, unit: str, limit: float, budget: str) -> dict[str, Any]:
    beside = {"limit_name": "typst alone, no codes, no ledger", "limit": limit, "ratio": figure / limit}
    return {"name": name, "figure": figure, "unit": unit, **beside, "budget": budget}


def _figure(name: str, figure: float, unit: str) -> dict[str, Any]:
    return {"name": name, "figure": figure, "unit": unit}


def _typst_alone(actor: Actor, accounts: Sequence[int], folder: Path) -> float:
    """Seconds to set these pages that are ready and bear no codes, by the same press."""
    assert actor.organisation is not None
    found = Gatherer(actor.organisation, MONTH, NOW.date()).bills(accounts)
    pages = [_without_codes(bill_page(bill)) for bill in found if isinstance(bill, PrintedBill)]
    with Press(hands=HANDS) as press:
        # The processes are started before the clock is.
        _set(press, pages[:HANDS], folder, at_once=1)
        started = time.perf_counter()
        _set(press, pages, folder, at_once=PAGES_AT_ONCE)
        return time.perf_counter() - started


def _set(press: Press, pages: list[Page], folder: Path, *, at_once: int) -> None:
    orders = [
        press.pages(TEMPLATE, pages[at : at + at_once], folder / f"{at}.pdf", title="", author="", language="ru")
        for at in range(0, len(pages), at_once)
    ]
    for order in orders:
        order.result()


def _without_codes(page: Page) -> Page:
    for part in page["pay"]["parts"]:
        part["code"]["payload"] = None
    return page


def _town(accounts: int) -> Actor:
    """An organisation with houses of a hundred flats, three months billed and mostly paid."""
    organisation = Organisation.objects.create(
        name="ООО «УК Замер»",
        country="ru",
        currency="RUB",
        time_zone="Europe/Moscow",
        languages=["ru"],
        default_language="ru",
        tax_number="7707083893",
        residents_phone="+7 495 000-00-00",
        residents_email="dom@example.org",
    )
    services.install_defaults(organisation)
    PaymentDetails.objects.create(
        organisation=organisation,
        since=date(2020, 1, 1),
        payee=organisation.name,
        bank_name="АО «Приречный Банк» г. Приречный",
        bank_code="049900714",
        account="40702810800000001234",
        correspondent_account="30101810400000000714",
        tax_number="7707083893",
        reason_code="770701001",
        code="ST00011",
        recorded_at=clock.now(),
    )
    ids = _accounts(organisation, accounts)
    _people(organisation)
    _months(organisation, ids)
    with connection.cursor() as cursor:
        analyse(cursor)
    return process(organisation, "okno bench")


def _accounts(organisation: Organisation, accounts: int) -> list[int]:
    houses = House.objects.bulk_create(
        House(
            organisation=organisation,
            address=f"г Приречный, ул Лесная, д {number}",
            short_address=f"ул. Лесная, {number}",
            match_key=f"лесная {number} {uuid4()}",
            search_text="лесная",
            sort_key=f"лесная {number:09}",
            time_zone="Europe/Moscow",
        )
        for number in range(1, 1 + -(-accounts // FLATS))
    )
    flats = Flat.objects.bulk_create(
        (
            Flat(
                organisation=organisation,
                house=houses[place // FLATS],
                number=str(place % FLATS + 1),
                number_order=place % FLATS + 1,
                floor=place % FLATS // 4 + 1,
                area="54.30",
                residents=2,
            )
            for place in range(accounts)
        ),
        batch_size=AT_ONCE,
    )
    opened = open_accounts(
        organisation, [NewAccount(number=f"{5 * 10**9 + flat.pk}", flat_id=flat.pk) for flat in flats]
    )
    return list(opened.values())


def _people(organisation: Organisation) -> None:
    """An owner and a meter with a reading in every flat."""
    flats = list(Account.objects.filter(organisation=organisation).values_list("flat_id", flat=True))
    persons = Person.objects.bulk_create(
        (
            Person(organisation=organisation, full_name=f"Смирнова Елена {flat}", search_text="смирнова")
            for flat in flats
        ),
        batch_size=AT_ONCE,
    )
    Occupancy.objects.bulk_create(
        (
            Occupancy(organisation=organisation, person=person, flat_id=flat, role="owner")
            for person, flat in zip(persons, flats, strict=True)
        ),
        batch_size=AT_ONCE,
    )
    meters = Meter.objects.bulk_create(
        (Meter(organisation=organisation, flat_id=flat, kind="cold_water", number=f"18-{flat}") for flat in flats),
        batch_size=AT_ONCE,
    )
    MeterReading.objects.bulk_create(
        (
            MeterReading(meter=meter, taken_on=date(2026, 1, 20), tariff=1, value="345.1", source="file")
            for meter in meters
        ),
        batch_size=AT_ONCE,
    )


def _months(organisation: Organisation, accounts: list[int]) -> None:
    chance = random.Random(7)
    for back in reversed(range(MONTHS)):
        month = add_months(MONTH, -back)
        due_on = add_months(month, 1) + timedelta(days=14)
        rows = [row for account in accounts for row in _bills(account, month, due_on, chance)]
        posting.post(
            organisation=organisation, key=f"bills:{month}", kind="bills", reason="Начисления за месяц", bills=rows
        )
        posting.post(
            organisation=organisation,
            key=f"payments:{month}",
            kind="payments",
            reason="Реестр банка",
            payments=list(_payments(rows, due_on - timedelta(days=4), chance)) if back else [],
        )


def _bills(account: int, month: date, due_on: date, chance: random.Random) -> Iterator[NewBill]:
    lines = {code: chance.randrange(10_000, 200_000) for code in LINES}
    repair = lines.pop("capital_repair")
    yield NewBill(account, "month", "housing", month, due_on, sum(lines.values()), lines)
    yield NewBill(account, "month", "capital_repair", month, due_on, repair, {"capital_repair": repair})


def _payments(bills: Sequence[NewBill], on: date, chance: random.Random) -> Iterator[NewPayment]:
    owed: dict[int, int] = {}
    for bill in bills:
        owed[bill.account_id] = owed.get(bill.account_id, 0) + bill.amount_minor
    for account, minor in owed.items():
        if chance.random() < PAYING:
            yield NewPayment(account, "payment", on, minor, f"bench:{account}:{on}")
