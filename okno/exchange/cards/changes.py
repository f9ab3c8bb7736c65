"""Rows made and rows changed, each remembered with what it was before."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import Model

from okno.exchange.models import ImportChange
from okno.exchange.run import Run

Row = TypeVar("Row", bound=Model)
AT_ONCE = 2_000


def make(run: Run, rows: Sequence[Row]) -> Sequence[Row]:
    """Insert new rows of one table and remember them."""
    if not rows:
        return rows
    model = type(rows[0])
    model._default_manager.bulk_create(rows, batch_size=AT_ONCE)
    remember_made(run, rows)
    return rows


def remember_made(run: Run, rows: Sequence[Model]) -> None:
    """Remember rows that somebody else inserted for this import."""
    source = run.source
    run.keep(
        [
            ImportChange(source=source, table=row._meta.db_table, object_id=row.pk, before=None, after=columns_of(row))
            for row in rows
        ]
    )


def differing(row: Model, values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the values that are told and differ from the row's; an empty one tells nothing."""
    return {name: value for name, value in values.items() if value not in (None, "") and getattr(row, name) != value}


def change(run: Run, rows: Sequence[tuple[Row, Mapping[str, Any]]]) -> None:
    """Set new values of rows of one table and remember the old ones."""
    changes = []
    together: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row, values in rows:
        before = {name: as_json(getattr(row, name)) for name in values}
        for name, value in values.items():
            setattr(row, name, value)
        after = {name: as_json(value) for name, value in values.items()}
        table = row._meta.db_table
        changes.append(ImportChange(source=run.source, table=table, object_id=row.pk, before=before, after=after))
        together[tuple(sorted(values))].append(row)
    for names, same in together.items():
        type(same[0])._default_manager.bulk_update(same, names, batch_size=AT_ONCE)
    run.keep(changes)


def columns_of(row: Model) -> dict[str, Any]:
    """Every column of a row by its attribute, as JSON keeps it."""
    return {field.attname: as_json(getattr(row, field.attname)) for field in row._meta.concrete_fields}


def as_json(value: Any) -> Any:
    """A column's value as JSON keeps it; two values are equal when these are."""
    if isinstance(value, Model):
        return value.pk
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    return str(value) if isinstance(value, str) else value
