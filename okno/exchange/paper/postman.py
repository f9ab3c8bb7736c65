"""The postman's round: accounts in the order in which their bills are dropped into the letterboxes."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection

from okno.common.days import last_day


def in_order(organisation_id: int, month: date, *, houses: Sequence[int] | None = None) -> list[int]:
    """The accounts that lived in `month`: street, house, entrance, floor, flat. `houses` None: all of them."""
    narrowed = "" if houses is None else " AND flat.house_id = ANY(%(houses)s)"
    return _ids(
        f"account.organisation_id = %(organisation)s{narrowed}"
        " AND (account.closed_on IS NULL OR account.closed_on >= %(first)s)"
        " AND (account.opened_on IS NULL OR account.opened_on <= %(last)s)",
        {"organisation": organisation_id, "houses": houses, "first": month, "last": last_day(month)},
    )


def put_in_order(organisation_id: int, accounts: Sequence[int]) -> list[int]:
    """These accounts of the organisation in that order; others are left out."""
    return _ids(
        "account.organisation_id = %(organisation)s AND account.id = ANY(%(accounts)s)",
        {"organisation": organisation_id, "accounts": list(accounts)},
    )


def _ids(condition: str, asked: dict[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_ROUND} WHERE {condition} ORDER BY {_ORDER}", asked)
        return [row[0] for row in cursor.fetchall()]


_ROUND = """
SELECT account.id FROM ledger_account AS account
JOIN houses_flat AS flat ON flat.id = account.flat_id
JOIN houses_house AS house ON house.id = flat.house_id
LEFT JOIN houses_entrance AS entrance ON entrance.id = flat.entrance_id
"""

# A house whose entrances or floors nobody has entered is walked by the numbers of its flats.
_ORDER = (
    "house.sort_key, house.id, entrance.number NULLS LAST, flat.floor NULLS LAST,"
    " flat.number_order, flat.number, account.number"
)
