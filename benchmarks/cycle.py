"""The nightly cycle of a city beside COPY of what it reads and writes, and beside itself with more years of history.

The database must be one that may be thrown away: what is posted can never be deleted.
"""

import time
from collections.abc import Iterator
from datetime import timedelta

from django.db import connection

from benchmarks import child, loading
from benchmarks.city import DAY, City, build
from benchmarks.posting import Row
from okno.access.models import Organisation
from okno.debts import plan
from okno.law.contact import FAMILIES
from okno.ledger.kernel import columns
from okno.ledger.models import OpenBill

YEARS = (1, 3, 10)

READ = {
    "ledger_openbill": "account_id, regime, due_on, open_minor, kind, month",
    "ledger_lateshare": "account_id, regime, due_on, value_on, amount_minor",
    "ledger_penaltystanding": "account_id, regime, settled_whole, settled_rest, posted_minor",
    "ledger_balance": "account_id, version",
    "debts_case": "account_id, id, definition_id, earlier_debts, step, step_on",
}
"""What a night reads, table by table."""


def run(accounts: int = 1_000_000, **_: object) -> list[Row]:
    """A city of so many accounts and three years; beside it three of a twentieth of them with 1, 3 and 10 years."""
    return list(_rows(accounts, max(accounts // 20, 1)))


def _rows(accounts: int, few: int) -> Iterator[Row]:
    began = time.perf_counter()
    city, *aged = build(City(accounts=accounts), *(City(accounts=few, years=years) for years in YEARS))
    yield _plain(f"{accounts} accounts x 36 months and the cities beside loaded", time.perf_counter() - began, "s")
    with connection.cursor() as cursor:
        # The pages just written are marked as seen by all now, not by whoever reads them first.
        cursor.execute("VACUUM (ANALYZE)")
    first, _peak = _night(city, 0)
    out, in_ = _copied(city)
    nights = [_night(city, day) for day in (1, 2)]
    budget = f"≤ {max(10 * accounts / 1_000_000, 0.1):g} s"
    yield _row("the first night: every case is opened", first["seconds"], out + in_, budget)
    yield _row("a night", min(told["seconds"] for told, _ in nights), out + in_, budget)
    yield _plain("open cases", first["debtors"], "")
    began = time.perf_counter()
    asked = sum(plan.asked(city, DAY + timedelta(days=2), family).count() for family in FAMILIES)
    yield _plain("the plan of the day asked for, all families", time.perf_counter() - began, "s")
    yield _plain("contacts in the plan", asked, "")
    peak = max(peak for _, peak in nights)
    yield _plain("peak memory of the process, imports included", peak, "MiB", budget="≤ 2 500 MiB")
    for organisation, years in zip(aged, YEARS, strict=True):
        _night(organisation, 0)
        out, in_ = _copied(organisation)
        seconds = min(_night(organisation, day)[0]["seconds"] for day in (1, 2, 3))
        told = f"a night of {few} accounts, {years} years of history, {_overdue(organisation)} overdue bills"
        yield _row(told, seconds, out + in_, "")


def _overdue(organisation: Organisation) -> int:
    return OpenBill.objects.filter(organisation=organisation, due_on__lt=DAY).count()


def _night(organisation: Organisation, later: int) -> tuple[dict[str, float], float]:
    """The night so many days after the city's own; its figures and its peak memory."""
    told, peak = child.okno("cycle", "--organisation", str(organisation.pk), "--day", str(DAY + timedelta(days=later)))
    return told[0], peak


def _copied(organisation: Organisation) -> tuple[float, float]:
    """The limit: COPY out, row by row, of everything a night reads, and COPY in of what it writes."""
    whose = f"organisation_id = {organisation.pk}"
    out = child.drained(
        [
            f"SELECT {columns} FROM {table} WHERE {whose}"
            + (f" AND due_on < '{DAY}'" if "due_on" in columns else " AND state = 'open'" * (table == "debts_case"))
            for table, columns in READ.items()
        ]
    )
    return out, _copied_in(organisation)


def _copied_in(organisation: Organisation) -> float:
    cursor = loading.own_cursor()
    names = ("id", "debt_minor", "age_30_minor", "age_60_minor", "age_90_minor", "age_over_minor", "months_owed")
    found = columns.read(cursor, names, f"debts_case WHERE organisation_id = {organisation.pk} AND state = 'open'")
    cursor.execute("CREATE TABLE IF NOT EXISTS bench_case (" + ", ".join(f"{name} bigint" for name in names) + ")")
    began = time.perf_counter()
    columns.write(cursor, "bench_case", dict(zip(names, found, strict=True)))
    return time.perf_counter() - began


def _row(name: str, seconds: float, limit: float, budget: str) -> Row:
    return Row(
        name=name,
        figure=round(seconds, 3),
        unit="s",
        limit_name="COPY of the same rows out and in",
        limit=round(limit, 3),
        ratio=round(seconds / limit, 2),
        budget=budget,
    )


def _plain(name: str, figure: float, unit: str, budget: str = "") -> Row:
    return Row(name=name, figure=round(figure, 2), unit=unit, limit_name="", limit=None, ratio=None, budget=budget)
