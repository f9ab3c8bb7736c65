"""The rows of a penalty as people read them: what is alike stands in one row, and nothing of the figure changes.

A bill paid in parts has the same days in a row of every part. Where rate, share and reasons are the same, the parts
stand together: the base of a row is then what was still owed, as the resident remembers it.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from okno.law.explained import Reading
from okno.law.penalty import PenaltyRow

ONE_DAY = timedelta(days=1)


def digest(rows: Iterable[PenaltyRow]) -> tuple[PenaltyRow, ...]:
    """The rows with those alike put together, bill by bill in the order given, each bill by days.

    For every bill and line the exact amounts sum up to the same. Rows that cannot be divided by days (an index of
    prices) stand as they are.
    """
    by_bill: dict[tuple[str, str], list[PenaltyRow]] = {}
    for row in rows:
        by_bill.setdefault((row.bill, row.line), []).append(row)
    return tuple(row for own in by_bill.values() for row in _of_bill(own))


def _of_bill(rows: Sequence[PenaltyRow]) -> list[PenaltyRow]:
    divisible = [row for row in rows if _is_daily(row)]
    whole = [row for row in rows if not _is_daily(row)]
    joined = map(_with_own_days, _through_time(_side_by_side(_cut(divisible))))
    return sorted([*joined, *whole], key=lambda row: (row.since, row.until))


def _is_daily(row: PenaltyRow) -> bool:
    return row.exact == row.base_minor * row.rate * row.share * row.days


def _cut(rows: Sequence[PenaltyRow]) -> Iterator[PenaltyRow]:
    """The rows cut where any of them begins or has ended."""
    begins = sorted({day for row in rows for day in (row.since, row.until + ONE_DAY)})
    for row in rows:
        inside = [row.since, *(day for day in begins if row.since < day <= row.until)]
        for since, until in zip(inside, [*(day - ONE_DAY for day in inside[1:]), row.until], strict=True):
            yield _piece(row, since, until)


def _piece(row: PenaltyRow, since: date, until: date) -> PenaltyRow:
    days = (until - since).days + 1
    return replace(row, since=since, until=until, days=days, exact=row.base_minor * row.rate * row.share * days)


def _side_by_side(pieces: Iterable[PenaltyRow]) -> list[PenaltyRow]:
    """Parts of the same days that are alike, with their bases summed up; in order of days."""
    found: dict[Hashable, PenaltyRow] = {}
    for piece in pieces:
        key = (piece.since, piece.until, _likeness(piece))
        known = found.get(key)
        found[key] = piece if known is None else _with(known, piece)
    return sorted(found.values(), key=lambda row: row.since)


def _with(one: PenaltyRow, other: PenaltyRow) -> PenaltyRow:
    return replace(one, base_minor=one.base_minor + other.base_minor, exact=one.exact + other.exact)


def _through_time(rows: Iterable[PenaltyRow]) -> Iterator[PenaltyRow]:
    """A row that goes on where one alike has ended becomes its continuation."""
    going: dict[Hashable, PenaltyRow] = {}
    for row in rows:
        key = (row.base_minor, _likeness(row))
        earlier = going.pop(key, None)
        if earlier is not None and earlier.until + ONE_DAY == row.since:
            row = replace(row, since=earlier.since, days=earlier.days + row.days, exact=earlier.exact + row.exact)
        elif earlier is not None:
            yield earlier
        going[key] = row
    yield from going.values()


def _with_own_days(row: PenaltyRow) -> PenaltyRow:
    readings = (replace(reading, since=row.since, until=row.until) for reading in row.readings)
    return replace(row, readings=tuple(readings))


def _likeness(row: PenaltyRow) -> Hashable:
    return row.rate, row.share, tuple(_reason(reading) for reading in row.readings)


def _reason(reading: Reading) -> Hashable:
    return (
        reading.why,
        tuple(sorted((name, str(value)) for name, value in reading.params.items())),
        reading.norm,
        reading.edition,
        reading.verified,
    )
