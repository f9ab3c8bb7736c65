"""A city for the benchmarks, written straight into the real tables: a million accounts, years of bills and payments.

Everything the ledger keeps true by itself is true here too (`okno ledger verify` finds nothing), only it is written by
COPY without asking row by row. A block of accounts is made at a time, so memory does not grow with the city; inside a
block the rows lie in the order of time, as postings would have left them. The same seed gives the same city.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from benchmarks import loading
from benchmarks.households import Block, Moves, Rows, live
from okno.access.models import Organisation
from okno.common.days import add_months, month_of
from okno.houses.models import House
from okno.law.countries import pack
from okno.ledger.kernel import columns
from okno.ledger.kernel.columns import Cursor, Ints, day_number
from okno.ledger.kernel.costs import costs
from okno.ledger.kernel.penalties import Table
from okno.ledger.models import Entry
from okno.ledger.penalties.models import PenaltyMonth
from okno.ledger.penalties.standing import readings_of
from okno.ledger.penalties.terms import ALWAYS, OrganisationTerms, Terms

DAY = date(2026, 11, 18)
"""The day on which the city is looked at: the last bills came due two days before."""

FLATS = 100
ROWS_AT_ONCE = 4_000_000
"""Bills of one block of accounts."""
WRITTEN_AT_ONCE = 100_000
"""Rows packed for the server at a time."""

SEALED_ON = date(2026, 10, 31)
"""What was paid late by then is folded, as the month's run of penalties leaves it."""

TABLES = (
    "ledger_bill",
    "ledger_payment",
    "ledger_allocation",
    "ledger_openbill",
    "ledger_lateshare",
    "ledger_penaltystanding",
    "ledger_balance",
)
PLACES = ("houses_flat", "ledger_account")

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """How large, how old, of which country."""

    accounts: int
    years: int = 3
    country: str = "ru"
    seed: int = 7

    @property
    def months(self) -> int:
        return 12 * self.years


@dataclass(frozen=True, slots=True, kw_only=True)
class _Calendar:
    """The months of the city: their first days, due days, and the entries that posted bills and payments."""

    month: Ints
    due: Ints
    bills: Ints
    payments: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """A block of accounts on its way into the tables: who they are, how they lived, the first numbers of their rows."""

    organisation: int
    accounts: Ints
    calendar: _Calendar
    table: Table
    lived: Block
    bill: int
    payment: int

    def value_on(self, payments: Rows) -> Ints:
        """Value days of these payments; nobody has paid after the day of the city."""
        days: Ints = np.minimum(self.calendar.due[payments.month] + payments.offset, day_number(DAY))
        return days


def build(*cities: City, progress: Progress | None = None) -> list[Organisation]:
    """Write the cities and return their organisations; the keys of the tables are built once, after the last."""
    cursor, organisations = loading.own_cursor(), []
    with loading.bare((*PLACES, *TABLES)):
        for city in cities:
            organisations.append(_build(cursor, city, progress))
    return organisations


def _build(cursor: Cursor, city: City, progress: Progress | None) -> Organisation:
    organisation = _organisation(city)
    accounts = _places(cursor, organisation, city)
    calendar = _calendar(organisation, city)
    table = _sealed(organisation, calendar)
    chance = np.random.default_rng(city.seed)
    bill, payment = (
        loading.numbered(cursor, table, city.accounts * city.months) for table in ("ledger_bill", "ledger_payment")
    )
    at_once = max(1, ROWS_AT_ONCE // city.months)
    for start in range(0, city.accounts, at_once):
        mine = accounts[start : start + at_once]
        block = _Block(
            organisation=organisation.pk,
            accounts=mine,
            calendar=calendar,
            table=table,
            lived=live(chance, len(mine), city.months),
            bill=bill,
            payment=payment,
        )
        _write(cursor, block)
        bill, payment = bill + len(block.lived.bills.minor), payment + len(block.lived.payments.minor)
        if progress is not None:
            progress(start + len(mine), city.accounts)
    return organisation


def _organisation(city: City) -> Organisation:
    law = pack(city.country)
    return Organisation.objects.create(
        name=f"Город {uuid4().hex[:8]}",
        country=city.country,
        currency=law.currency.value,
        time_zone=law.time_zones[0],
        languages=["ru"],
        default_language="ru",
    )


def _places(cursor: Cursor, organisation: Organisation, city: City) -> Ints:
    """Houses, flats and accounts; the numbers of the accounts."""
    key = organisation.name
    houses = House.objects.bulk_create(
        (
            House(
                organisation=organisation,
                address=f"{key}, ул. Главная, д. {number}",
                short_address=f"Главная, {number}",
                match_key=f"{key} {number}",
                search_text=f"главная {number}",
                sort_key=f"главная {number:06}",
                time_zone=organisation.time_zone,
            )
            for number in range(1, 1 + -(-city.accounts // FLATS))
        ),
        batch_size=2_000,
    )
    place = np.arange(city.accounts, dtype=np.int64)
    flat, account = (loading.numbered(cursor, table, city.accounts) + place for table in PLACES)
    common = {"organisation_id": np.full(city.accounts, organisation.pk, np.int64)}
    _copy(
        cursor,
        "houses_flat",
        {
            **common,
            "id": flat,
            "house_id": np.array([house.pk for house in houses], np.int64)[place // FLATS],
            "kind": np.full(city.accounts, b"flat"),
            "number": digits(place % FLATS + 1, 3),
            "number_order": (place % FLATS + 1).astype(np.int32),
        },
    )
    _copy(cursor, "ledger_account", {**common, "id": account, "flat_id": flat, "number": digits(place + 1, 10)})
    return account


def _calendar(organisation: Organisation, city: City) -> _Calendar:
    law = pack(city.country)
    last = add_months(DAY.replace(day=1), -1)
    months = [add_months(last, -back) for back in reversed(range(city.months))]
    due = [law.due_day(month).value for month in months]
    return _Calendar(
        month=np.array([day_number(month) for month in months], np.int64),
        due=np.array([day_number(day) for day in due], np.int64),
        bills=_entries(organisation, "bills", [add_months(month, 1) for month in months]),
        payments=_entries(organisation, "payments", due),
    )


def _sealed(organisation: Organisation, calendar: _Calendar) -> Table:
    """The law's coefficients through the last day sealed, and that month noted as done."""
    terms = OrganisationTerms(organisation)
    due = [columns.day_of(day) for day in calendar.due if day < day_number(SEALED_ON)]
    law = pack(organisation.country).penalty.coefficients("housing", due, SEALED_ON, calendar=terms.calendar)
    PenaltyMonth.objects.create(
        organisation=organisation,
        month=month_of(SEALED_ON),
        state="posted",
        author="замер",
        began_at=datetime(2026, 11, 1, tzinfo=UTC),
        ended_at=datetime(2026, 11, 1, tzinfo=UTC),
    )
    return Table.of(law)


def _entries(organisation: Organisation, kind: str, days: list[date]) -> Ints:
    entries = Entry.objects.bulk_create(
        Entry(
            organisation=organisation,
            key=f"{kind}:{day}",
            kind=kind,
            posted_at=datetime.combine(day, time(12), UTC),
            accounted_on=day,
            reason="замер",
        )
        for day in days
    )
    return np.array([entry.pk for entry in entries], np.int64)


def _write(cursor: Cursor, block: _Block) -> None:
    lived = block.lived
    for start, bills in _sliced(lived.bills):
        _copy(cursor, "ledger_bill", _bills(block, start, Rows(*bills)))
    for start, payments in _sliced(lived.payments):
        _copy(cursor, "ledger_payment", _payments(block, start, Rows(*payments)))
    for _start, moves in _sliced(lived.moves):
        _copy(cursor, "ledger_allocation", _moves(block, Moves(*moves)))
    _copy(cursor, "ledger_openbill", _open(block))
    late = _late(block)
    sealed = late["value_on"] <= day_number(SEALED_ON)
    rows = {name: column[~sealed] for name, column in late.items()}
    first = loading.numbered(cursor, "ledger_lateshare", len(rows["value_on"]))
    _copy(cursor, "ledger_lateshare", {**rows, "id": first + np.arange(len(rows["value_on"]), dtype=np.int64)})
    _copy(cursor, "ledger_penaltystanding", _standings(cursor, block, {name: late[name][sealed] for name in late}))
    _copy(cursor, "ledger_balance", _balances(block))


def _sliced(rows: tuple[Ints, ...]) -> Iterator[tuple[int, list[Ints]]]:
    for start in range(0, len(rows[0]), WRITTEN_AT_ONCE):
        yield start, [column[start : start + WRITTEN_AT_ONCE] for column in rows]


def _copy(cursor: Cursor, table: str, rows: Mapping[str, npt.NDArray[Any]]) -> None:
    columns.write(cursor, table, rows)


def _bills(block: _Block, start: int, rows: Rows) -> dict[str, npt.NDArray[Any]]:
    count = len(rows.minor)
    return {
        "id": block.bill + start + np.arange(count, dtype=np.int64),
        **_whose(block, rows),
        "entry_id": block.calendar.bills[rows.month],
        "version": rows.version.astype(np.int32),
        "kind": np.full(count, b"month"),
        "regime": np.full(count, b"housing"),
        "month": block.calendar.month[rows.month].astype(np.int32),
        "due_on": block.calendar.due[rows.month].astype(np.int32),
        "amount_minor": rows.minor,
        "lines": _lines(rows.minor),
    }


def _payments(block: _Block, start: int, rows: Rows) -> dict[str, npt.NDArray[Any]]:
    count = len(rows.minor)
    number = block.payment + start + np.arange(count, dtype=np.int64)
    return {
        "id": number,
        **_whose(block, rows),
        "entry_id": block.calendar.payments[rows.month],
        "version": rows.version.astype(np.int32),
        "kind": np.full(count, b"payment"),
        "value_on": block.value_on(rows).astype(np.int32),
        "amount_minor": rows.minor,
        "free_minor": rows.left,
        "regime": np.full(count, b"housing"),
        "purpose": np.full(count, "ЖКУ".encode()),
        "payer": np.full(count, "Иванов И. И.".encode()),
        "source_key": digits(number, 17),
    }


def _moves(block: _Block, rows: Moves) -> dict[str, npt.NDArray[Any]]:
    """Allocations belong to the entry that made them: the payment's, or the bill's that took an advance."""
    bills, payments, by_payment = block.lived.bills, block.lived.payments, rows.by_payment == 1
    entries = block.calendar.payments[payments.month[rows.payment]], block.calendar.bills[bills.month[rows.bill]]
    return {
        "organisation_id": np.full(len(rows.minor), block.organisation, np.int64),
        "account_id": block.accounts[bills.account[rows.bill]],
        "entry_id": np.where(by_payment, *entries),
        "version": np.where(by_payment, payments.version[rows.payment], bills.version[rows.bill]).astype(np.int32),
        "payment_id": block.payment + rows.payment,
        "bill_id": block.bill + rows.bill,
        "amount_minor": rows.minor,
    }


def _open(block: _Block) -> dict[str, npt.NDArray[Any]]:
    (places,) = np.nonzero(block.lived.bills.left)
    rows = Rows(*(column[places] for column in block.lived.bills))
    return {
        "bill_id": block.bill + places.astype(np.int64),
        **_whose(block, rows),
        "kind": np.full(len(places), b"month"),
        "regime": np.full(len(places), b"housing"),
        "month": block.calendar.month[rows.month].astype(np.int32),
        "due_on": block.calendar.due[rows.month].astype(np.int32),
        "amount_minor": rows.minor,
        "open_minor": rows.left,
    }


def _late(block: _Block) -> dict[str, npt.NDArray[Any]]:
    bills, payments, moves = block.lived.bills, block.lived.payments, block.lived.moves
    due, value = block.calendar.due[bills.month[moves.bill]], block.value_on(payments)[moves.payment]
    (places,) = np.nonzero(value > due)
    bill = moves.bill[places]
    return {
        **_whose(block, Rows(*(column[bill] for column in bills))),
        "regime": np.full(len(places), b"housing"),
        "bill_id": block.bill + bill,
        "payment_id": block.payment + moves.payment[places],
        "due_on": due[places].astype(np.int32),
        "value_on": value[places].astype(np.int32),
        "amount_minor": moves.minor[places],
    }


def _standings(cursor: Cursor, block: _Block, late: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
    accounts, group = np.unique(late["account_id"], return_inverse=True)
    numerator = block.table.numerator(late["due_on"].astype(np.int64), late["value_on"].astype(np.int64))
    cost = costs(group, late["amount_minor"], numerator, denominator=block.table.denominator, groups=len(accounts))
    (places,) = np.nonzero((cost.whole > 0) | (cost.rest > 0))
    count = len(places)
    return {
        "id": loading.numbered(cursor, "ledger_penaltystanding", count) + np.arange(count, dtype=np.int64),
        "organisation_id": np.full(count, block.organisation, np.int64),
        "account_id": accounts[places],
        "regime": np.full(count, b"housing"),
        "sealed_on": np.full(count, day_number(SEALED_ON), np.int32),
        "settled_whole": cost.whole[places],
        "settled_rest": cost.rest[places],
        "denominator": np.full(count, block.table.denominator, np.int64),
        "readings": np.full(count, readings_of(Terms(regime="housing", since=ALWAYS)).encode()),
        "posted_minor": np.zeros(count, np.int64),
    }


def _balances(block: _Block) -> dict[str, npt.NDArray[Any]]:
    bills, payments, count = block.lived.bills, block.lived.payments, len(block.accounts)

    def total(rows: Rows, minor: Ints) -> Ints:
        # Whole numbers below 2⁵³: a float holds them exactly.
        return np.bincount(rows.account, weights=minor, minlength=count).astype(np.int64)

    return {
        "account_id": block.accounts,
        "organisation_id": np.full(count, block.organisation, np.int64),
        "version": block.lived.versions.astype(np.int32),
        "billed_minor": total(bills, bills.minor),
        "paid_minor": total(payments, payments.minor),
        "open_minor": total(bills, bills.left),
        "advance_minor": total(payments, payments.left),
    }


def _whose(block: _Block, rows: Rows) -> dict[str, npt.NDArray[Any]]:
    return {
        "organisation_id": np.full(len(rows.account), block.organisation, np.int64),
        "account_id": block.accounts[rows.account],
    }


def digits(numbers: Ints, width: int, lead: int = ord("0")) -> npt.NDArray[Any]:
    """The numbers as texts of `width` digits, with `lead` before them."""
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    letters = (numbers[:, None] // powers % 10 + ord("0")).astype(np.uint8)
    letters[:, :-1][numbers[:, None] < powers[:-1]] = lead
    return letters.view(f"S{width}")[:, 0]


_LINES = b'\x01{"maintenance":%s,"heating":%s}' % (b" " * 12, b" " * 12)
"""A JSON of service lines as COPY BINARY takes it, with room for the sums."""


def _lines(minor: Ints) -> npt.NDArray[Any]:
    heating = minor // 3
    letters = np.tile(np.frombuffer(_LINES, np.uint8), (len(minor), 1))
    for sums, before in ((minor - heating, b"maintenance"), (heating, b"heating")):
        at = _LINES.index(before) + len(before) + 2
        letters[:, at : at + 12] = digits(sums, 12, ord(" ")).view(np.uint8).reshape(len(minor), 12)
    return letters.view(f"S{len(_LINES)}")[:, 0]
