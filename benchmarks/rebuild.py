"""The whole ledger of a city counted again from its history, beside COPY of the same rows.

The database must be one that may be thrown away: what is posted can never be deleted.
"""

import time
from collections.abc import Iterator

from django.db import connection

from benchmarks import child
from benchmarks.city import City, build
from benchmarks.posting import Row

HANDS = 2
"""Connections, ours as well as those of the limit."""

READ = {
    "ledger_bill": "id, account_id, amount_minor, due_on",
    "ledger_payment": "id, account_id, amount_minor, free_minor, value_on",
    "ledger_allocation": "bill_id, payment_id, amount_minor",
}
"""What is read of the history, table by table."""

SPOILT = (
    "DELETE FROM ledger_openbill",
    "DELETE FROM ledger_penaltystanding",
    "DELETE FROM ledger_lateshare",
    "UPDATE ledger_balance SET billed_minor = 0, paid_minor = 0, open_minor = 0, advance_minor = 0",
    "ANALYZE",
)


def run(accounts: int = 1_000_000, **_: object) -> list[Row]:
    """A city of so many accounts and three years: first it is true, then it has lost everything but its history."""
    return list(_rows(accounts))


def _rows(accounts: int) -> Iterator[Row]:
    began = time.perf_counter()
    build(City(accounts=accounts))
    yield _plain(f"{accounts} accounts x 36 months loaded", time.perf_counter() - began, "s")
    _do("VACUUM (ANALYZE)")
    out = child.drained(_queries(), hands=HANDS)
    told, peak = child.okno("ledger", "rebuild")
    _be_sure(told, mended=0)
    yield _plain("rows of history", told["rows"], "")
    yield _row("everything counted again, equal to the kopeck", told["seconds"], out, f"≤ {30 * accounts / 1e6:g} s")
    yield _plain("peak memory of the process, imports included", peak, "MiB")
    for statement in SPOILT:
        _do(statement)
    told, peak = child.okno("ledger", "rebuild")
    _be_sure(told, mended=accounts)
    yield _row("everything lost but the history, made again", told["seconds"], out, "")
    _be_sure(child.okno("ledger", "rebuild")[0], mended=0)


def _queries() -> list[str]:
    """Each table in as many parts as there are connections, so that all of them read at once."""
    queries = []
    with connection.cursor() as cursor:
        for table, columns in READ.items():
            cursor.execute("SELECT pg_relation_size(%s) / 8192 / %s + 1", [table, HANDS])
            (pages,) = cursor.fetchone() or (1,)
            for hand in range(HANDS):
                until = "" if hand == HANDS - 1 else f" AND ctid < '({(hand + 1) * pages},0)'::tid"
                queries.append(f"SELECT {columns} FROM {table} WHERE ctid >= '({hand * pages},0)'::tid{until}")
    return queries


def _do(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _be_sure(told: dict[str, int], *, mended: int) -> None:
    if told["mended"] != mended or told["broken"]:
        raise RuntimeError(f"the rebuild was to mend {mended} accounts: {told}")


def _row(name: str, seconds: float, limit: float, budget: str) -> Row:
    return Row(
        name=name,
        figure=round(seconds, 2),
        unit="s",
        limit_name="COPY of the same rows out, two connections",
        limit=round(limit, 2),
        ratio=round(seconds / limit, 2),
        budget=budget,
    )


def _plain(name: str, figure: float, unit: str) -> Row:
    return Row(name=name, figure=round(figure, 1), unit=unit, limit_name="", limit=None, ratio=None, budget="")
