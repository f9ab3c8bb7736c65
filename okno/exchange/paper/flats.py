"""Whose pages they are: addresses, people, areas, meters of many accounts at once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import psycopg
from django.db import connection

from okno.exchange.paper.contents import Flat, MeterLine
from okno.exchange.paper.wording import Wording
from okno.houses.models import House
from okno.people.entitlement import entitled
from okno.people.models import Person

#: A verification so near is told in bold: a resident needs time to call a fitter.
VERIFY_SOON = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dwelling:
    """A flat of an account as its page needs it."""

    flat: Flat
    flat_id: int
    house: House


def dwellings(words: Wording, accounts: Sequence[int], day: date) -> dict[int, Dwelling]:
    """Account → its flat, with those who are entitled to hear of its debt on `day`."""
    connection.ensure_connection()
    people = entitled(psycopg.Cursor(connection.connection), accounts, day)
    persons = {pk for found in people.values() for pk in found}
    names = dict(Person.objects.filter(pk__in=persons).values_list("pk", "full_name"))
    rows = _rows(_FLATS, accounts)
    houses = House.objects.in_bulk({row[3] for row in rows})
    return {
        account: Dwelling(
            flat=Flat(
                account=number,
                address=_address(words, houses[house_id].address, kind, flat),
                people=tuple(names[pk] for pk in people.get(account, ())),
                area=area,
                residents=residents,
            ),
            flat_id=flat_id,
            house=houses[house_id],
        )
        for account, number, flat_id, house_id, kind, flat, area, residents in rows
    }


def _address(words: Wording, house: str, kind: str, number: str) -> str:
    if not house.strip():
        return ""
    # The address is written in the language of the files it came from: Russian, where there are two.
    return f"{house}, {words.words[f'flat_{kind}'][-1]} {number}"


def meters(words: Wording, flats: Sequence[int], day: date) -> dict[int, tuple[MeterLine, ...]]:
    """Flat → its meters in use, each with its last reading."""
    found: dict[int, list[MeterLine]] = defaultdict(list)
    for flat, kind, number, value, taken_on, verify_by in _rows(_METERS, flats):
        found[flat].append(
            MeterLine(
                kind=words.say(f"meter_{kind}"),
                number=number,
                reading=value if value is None else Decimal(value),
                taken_on=taken_on,
                verify_by=verify_by,
                verify_soon=verify_by is not None and verify_by <= day + VERIFY_SOON,
            )
        )
    return {flat: tuple(lines) for flat, lines in found.items()}


def _rows(query: str, ids: Sequence[int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, [list(ids)])
        return list(cursor.fetchall())


_FLATS = """
SELECT account.id, account.number, flat.id, flat.house_id, flat.kind, flat.number, flat.area, flat.residents
FROM ledger_account AS account JOIN houses_flat AS flat ON flat.id = account.flat_id
WHERE account.id = ANY(%s)
"""

_METERS = """
SELECT meter.flat_id, meter.kind, meter.number, last.value, last.taken_on, meter.next_verification_on
FROM houses_meter AS meter
LEFT JOIN LATERAL (
    SELECT value, taken_on FROM houses_meterreading WHERE meter_id = meter.id AND tariff = 1
    ORDER BY taken_on DESC, id DESC LIMIT 1
) AS last ON true
WHERE meter.flat_id = ANY(%s) AND meter.removed_on IS NULL
ORDER BY meter.flat_id, meter.kind, meter.number
"""
