"""Paging by the last row seen: the hundredth page costs what the first does, and new rows shift nothing."""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, Model, Q, QuerySet


class BadCursor(Exception):
    """The address carries a place in the list that cannot be read; start from the first page."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the list is ordered by; the row's key always decides between equals."""

    field: str
    descending: bool = False
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """The last row seen: its value in the order's field and its key."""

    value: Any
    key: int


def ordered(rows: QuerySet[Any], order: Order) -> QuerySet[Any]:
    """Rows in the order, empty values last, then by the key in the same direction."""
    field, key = F(order.field), F("pk")
    last = True if order.nullable else None
    if order.descending:
        return rows.order_by(field.desc(nulls_last=last), key.desc())
    return rows.order_by(field.asc(nulls_last=last), key.asc())


def after(rows: QuerySet[Any], order: Order, place: Place) -> QuerySet[Any]:
    """Rows that come after the place."""
    step = "lt" if order.descending else "gt"
    later_key = Q(**{f"pk__{step}": place.key})
    if place.value is None:
        return rows.filter(Q(**{f"{order.field}__isnull": True}) & later_key)
    later = Q(**{f"{order.field}__{step}": place.value})
    same = Q(**{order.field: place.value}) & later_key
    if order.nullable:
        return rows.filter(later | same | Q(**{f"{order.field}__isnull": True}))
    # The outer bound is implied, but it is what lets the database walk the index.
    return rows.filter(Q(**{f"{order.field}__{step}e": place.value}) & (later | same))


def place_of(row: Model, value: Any) -> str:
    """The place of a row as a word for an address."""
    kind = type(value).__name__
    if isinstance(value, date | datetime):
        value = value.isoformat()
    elif isinstance(value, Decimal):
        value = str(value)
    packed = json.dumps([kind, value, row.pk], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


_READERS: dict[str, Callable[[Any], Any]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "Decimal": Decimal,
    "int": int,
    "str": str,
    "float": float,
    "bool": bool,
    "NoneType": lambda value: None,
}


def read_place(text: str) -> Place:
    """The place out of an address. Raises BadCursor."""
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        kind, value, key = json.loads(packed)
        return Place(_READERS[kind](value), int(key))
    except (binascii.Error, ValueError, TypeError, KeyError, ArithmeticError) as error:
        raise BadCursor(text) from error
