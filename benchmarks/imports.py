"""How fast files become posted money, beside the reading of the same workbook and the COPY of the same rows.

The database must be one that may be thrown away: what is posted can never be deleted.
"""

import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from uuid import uuid4

import python_calamine
from django.conf import settings
from django.db import connection

from benchmarks.posting import Row, memory
from okno.access.actor import Actor, process
from okno.access.models import Organisation
from okno.common.addresses import match_key, parse
from okno.common.money import plain_minor
from okno.database.statistics import analyse
from okno.exchange import receiving
from okno.exchange.checking import check
from okno.exchange.commit import commit, confirm
from okno.exchange.formats.writing import Column, Money, OutCell, write_xlsx
from okno.exchange.models import Import
from okno.houses.models import House
from okno.ledger.tables import PAYMENT

ADDRESS = "г Тула, ул Лесная, д 5"
FLATS, AT_ONCE = 100, 20_000
MONTH, DAY = date(2026, 9, 1), date(2026, 10, 5)


def run(accounts: int = 100_000, payments: int = 100_000, **_: object) -> list[Row]:
    """A workbook of `accounts` rows to posted bills, then a register of `payments` to posted payments."""
    with _files() as folder:
        actor = _town(accounts)
        return [*_spreadsheet(actor, folder, accounts), _register(actor, folder, accounts, payments)]


def spreadsheet(accounts: int = 500_000, **_: object) -> list[Row]:
    """A workbook of `accounts` rows to posted bills."""
    with _files() as folder:
        return _spreadsheet(_town(accounts), folder, accounts)


def register(accounts: int = 100_000, **_: object) -> list[Row]:
    """A register of as many payments as there are accounts, at most 100,000; every account has a bill before."""
    with _files() as folder:
        actor = _town(accounts)
        _spreadsheet(actor, folder, accounts)
        return [_register(actor, folder, accounts, min(accounts, 100_000)), memory()]


@contextmanager
def _files() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="okno-bench-") as name:
        settings.MEDIA_ROOT = Path(name) / "files"
        yield Path(name)


def _spreadsheet(actor: Actor, folder: Path, accounts: int) -> list[Row]:
    sheet = _sheet(folder / "sheet.xlsx", accounts, random.Random(7))
    reading = _read_alone(sheet)
    checked, posted = _import(actor, sheet)
    whole = f"spreadsheet of {accounts} rows to posted bills"
    beside = "calamine alone"
    return [
        _row("spreadsheet: read and checked", checked, "s", beside, reading, ""),
        _row("spreadsheet: posted", posted, "s", beside, reading, ""),
        _row(whole, checked + posted, "s", beside, reading, f"≤ {30 * accounts / 500_000:g} s"),
        _row("spreadsheet rows a second", accounts / (checked + posted), "1/s", beside, accounts / reading, ""),
        memory(),
    ]


def _register(actor: Actor, folder: Path, accounts: int, payments: int) -> Row:
    told = _register_file(folder / "register.txt", accounts, payments, random.Random(8))
    copying = _copy_alone(actor, payments)
    seconds = sum(_import(actor, told))
    name = f"register of {payments} payments, with all effects"
    return _row(name, seconds, "s", "COPY of the rows", copying, f"≤ {20 * payments / 100_000:g} s")


def _row(name: str, figure: float, unit: str, limit_name: str, limit: float, budget: str) -> Row:
    return Row(
        name=name, figure=figure, unit=unit, limit_name=limit_name, limit=limit, ratio=figure / limit, budget=budget
    )


def _town(accounts: int) -> Actor:
    """An organisation with houses of a hundred flats; the accounts are numbered 1000000001 and on."""
    organisation = Organisation.objects.create(
        name=f"Замер {uuid4()}",
        country="ru",
        currency="RUB",
        time_zone="Europe/Moscow",
        languages=["ru"],
        default_language="ru",
    )
    _fill(organisation, accounts)
    return process(organisation, "okno bench")


def _fill(organisation: Organisation, accounts: int) -> None:
    houses = House.objects.bulk_create(
        House(
            organisation=organisation,
            address=f"{ADDRESS}, к {number}",
            short_address=f"{ADDRESS}, к {number}",
            match_key=match_key(parse(f"{ADDRESS}, к {number}")),
            search_text="лесная",
            sort_key="лесная",
            time_zone="Europe/Moscow",
        )
        for number in range(1, 1 + -(-accounts // FLATS))
    )
    with connection.cursor() as cursor:
        for start in range(0, accounts, AT_ONCE):
            cursor.execute(
                "INSERT INTO houses_flat (organisation_id, house_id, kind, number, number_order)"
                " SELECT %s, (%s::bigint[])[1 + n / %s], 'flat', n::text, n + 1"
                " FROM generate_series(%s, %s) AS n",
                [organisation.pk, [house.pk for house in houses], FLATS, start, min(start + AT_ONCE, accounts) - 1],
            )
        cursor.execute(
            "INSERT INTO ledger_account (organisation_id, flat_id, number)"
            " SELECT organisation_id, id, (1000000000 + number_order)::text FROM houses_flat"
            " WHERE organisation_id = %s",
            [organisation.pk],
        )
        cursor.execute(
            "INSERT INTO ledger_balance"
            " (account_id, organisation_id, version, billed_minor, paid_minor, open_minor, advance_minor)"
            " SELECT id, organisation_id, 0, 0, 0, 0, 0 FROM ledger_account WHERE organisation_id = %s",
            [organisation.pk],
        )
        analyse(cursor)


def _sheet(path: Path, accounts: int, chance: random.Random) -> Path:
    headers = ["Лицевой счет", "Сальдо на начало", "Содержание жилья", "Начислено", "Оплачено", "Сальдо на конец"]

    def rows() -> Iterator[list[OutCell]]:
        for number in range(1, accounts + 1):
            charged = Money(chance.randrange(100_000, 600_000))
            yield [str(1_000_000_000 + number), Money(0), charged, charged, Money(0), charged]

    write_xlsx(path, [Column(header) for header in headers], rows())
    return path


def _register_file(path: Path, accounts: int, payments: int, chance: random.Random) -> Path:
    total, lines = 0, []
    for number in range(payments):
        amount = chance.randrange(50_000, 700_000)
        total += amount
        account = 1_000_000_000 + chance.randrange(1, accounts + 1)
        lines.append(
            f"{DAY:%d.%m.%Y};12:00:00;{number};{account};Иванов И. И.;{ADDRESS};{MONTH:%m.%Y};{plain_minor(amount)};ЖКУ"
        )
    head = ["#BANK;Замер", f"#DATE;{DAY:%d.%m.%Y}", f"#COUNT;{payments}", f"#SUM;{plain_minor(total)}"]
    path.write_text("\r\n".join([*head, *lines, f"={payments};{plain_minor(total)}"]), encoding="cp1251")
    return path


def _read_alone(path: Path) -> float:
    started = time.perf_counter()
    book = python_calamine.CalamineWorkbook.from_path(path)
    for _row in book.get_sheet_by_index(0).iter_rows():
        pass
    return time.perf_counter() - started


def _copy_alone(actor: Actor, payments: int) -> float:
    """The same number of payments into a table like the ledger's, with its indexes and nothing that follows."""
    assert actor.organisation is not None
    organisation = actor.organisation.pk
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bare_payment (LIKE ledger_payment INCLUDING ALL)")
        started = time.perf_counter()
        with cursor.copy(f"COPY bare_payment ({PAYMENT.columns}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(list(PAYMENT.types.values()))
            for number in range(1, payments + 1):
                told = (MONTH, "", "ЖКУ", "Иванов И. И.", f"Замер|{number}|{DAY}")
                copy.write_row((number, organisation, number, 1, 1, "payment", DAY, 100_000, 0, *told))
        return time.perf_counter() - started


def _import(actor: Actor, path: Path) -> tuple[float, float]:
    """Seconds to read and check, and to post."""
    started = time.perf_counter()
    (receipt,) = receiving.receive(actor, path.name, path)
    if not receipt.source.month and path.suffix == ".xlsx":
        Import.objects.filter(pk=receipt.source.pk).update(month=MONTH)
    source = check(actor, receipt.source.pk)
    checked = time.perf_counter()
    confirm(actor, source)
    source = commit(actor, source.pk)
    assert source.state == "posted"
    return checked - started, time.perf_counter() - checked
