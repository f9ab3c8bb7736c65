"""Values of the law that the operator enters: kept in a table, put beside the sheets of `okno.law` in every process.

They belong to the installation, not to an organisation: the law is the same for all of a country. Every process looks
now and then whether something was entered (`refresh`), and sees all of it or nothing of it. A value that no longer
fits, because a newer sheet speaks of its days itself, is set aside and told by `okno law check`.
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog
from django.db import connection, transaction
from psycopg import errors

from okno.access import trail
from okno.access.actor import Actor
from okno.access.exact_json import ExactEncoder
from okno.access.models import EnteredValue, Organisation
from okno.common import clock
from okno.law import countries, dated
from okno.law.dated import Parameter, Value
from okno.law.entering import Line, checked
from okno.law.sheets import complaint
from okno.law.unit_words import NEEDED

log = structlog.get_logger(__name__)

#: How long a process may work by what it read, in seconds.
LOOK_EVERY = 3.0

_VERSION = "SELECT count(*), count(withdrawn_at), coalesce(max(id), 0) FROM access_enteredvalue"
_lock = threading.Lock()


class CannotEnter(ValueError):
    """The value cannot be entered or withdrawn; the message says why, for the person at the keyboard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An entered value that was not withdrawn. `aside` tells why it is not used; empty when it is."""

    row: EnteredValue
    aside: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a file: values entered, lines that were there already, and lines that could not be taken."""

    entered: int
    repeated: int
    refused: tuple[Line, ...]


def enter(name: str, value: Value, actor: Actor) -> EnteredValue:
    """Put a value beside the sheet's. Raises `CannotEnter`."""
    _know_the_law()
    try:
        value = checked(_parameter(name, value), value)
    except (ValueError, LookupError) as refusal:
        raise CannotEnter(str(refusal)) from refusal
    rows, taken = _take([Line(number=1, name=name, value=value, fields={})], actor)
    if taken.refused:
        raise CannotEnter(taken.refused[0].reason)
    if taken.repeated:
        raise CannotEnter(f"{name}: это значение уже введено.")
    return rows[0]


def enter_lines(lines: Sequence[Line], actor: Actor) -> Taken:
    """Put the values of a file beside the sheets'; lines that do not fit are refused, the others go in."""
    _know_the_law()
    return _take(lines, actor)[1]


@transaction.atomic
def withdraw(number: int, reason: str, actor: Actor) -> EnteredValue:
    """Take an entered value out of use for good, with the reason. Raises `CannotEnter`."""
    _one_at_a_time()
    row = EnteredValue.objects.filter(pk=number).first()
    if row is None:
        raise CannotEnter(f"Введённого значения {number} нет. Все: okno law list --entered")
    if row.withdrawn_at is not None:
        raise CannotEnter(f"Значение {number} уже отозвано: {row.withdrawn_reason}")
    if not reason.strip():
        raise CannotEnter("Укажите причину: её увидят все, кто считал по этому значению.")
    row.withdrawn_at = clock.now()
    row.withdrawn_by, row.withdrawn_by_name = actor.user, _named(actor)
    row.withdrawn_reason = reason.strip()
    row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_by_name", "withdrawn_reason"])
    _tell(actor, row.name, "norm.withdrawn", f"Отозвано значение закона {row}", reason.strip())
    transaction.on_commit(lambda: refresh(at_once=True))
    return row


def standing() -> list[Standing]:
    """Every value that was not withdrawn, by name and day, and whether it is in use."""
    _know_the_law()
    rows = list(EnteredValue.objects.filter(withdrawn_at__isnull=True).order_by("name", "key", "since", "id"))
    _, aside = _fitting(rows)
    return [Standing(row=row, aside=aside.get(row.pk, "")) for row in rows]


@dataclass(slots=True)
class _Seen:
    """What this process has read, and when it last looked."""

    version: tuple[int, ...] = (0, 0, 0)
    looked_at: float = float("-inf")


_seen = _Seen()


def refresh(*, at_once: bool = False) -> None:
    """Put beside the sheets what stands in the table now, if it has changed; looks once in `LOOK_EVERY` seconds."""
    if not at_once and time.monotonic() - _seen.looked_at < LOOK_EVERY:
        return
    with _lock:
        _seen.looked_at = time.monotonic()
        version = _version()
        if version == _seen.version:
            return
        used: Mapping[str, Sequence[Value]] = {}
        if version[0] > version[1]:
            _know_the_law()
            rows = list(EnteredValue.objects.filter(withdrawn_at__isnull=True).order_by("id"))
            used, aside = _fitting(rows)
            for row in rows:
                if row.pk in aside:
                    log.warning("an entered value is set aside", name=row.name, number=row.pk, why=aside[row.pk])
        dated.supplement(used)
        _seen.version = version


def _version() -> tuple[int, ...]:
    """The state of the table. Asked beside Django's own log of queries: it is nothing the page has asked for."""
    connection.ensure_connection()
    try:
        found = connection.connection.execute(_VERSION).fetchone()
    except errors.UndefinedTable:
        # The tables of this version are not there yet: `okno migrate` is about to make them.
        return (0, 0, 0)
    return tuple(found)


def _take(lines: Sequence[Line], actor: Actor) -> tuple[list[EnteredValue], Taken]:
    read = [(line, line.value) for line in lines if line.value is not None]
    with transaction.atomic():
        _one_at_a_time()
        fitting, repeated, clashing = _sorted_out(read)
        rows = EnteredValue.objects.bulk_create([_row(line.name, value, actor) for line, value in fitting])
        for name, count in Counter(line.name for line, _ in fitting).items():
            _tell(actor, name, "norm.entered", f"Введено значений закона {name}: {count}")
        transaction.on_commit(lambda: refresh(at_once=True))
    unread = [line for line in lines if line.value is None]
    refused = tuple(sorted((*unread, *clashing), key=lambda line: line.number))
    return rows, Taken(entered=len(rows), repeated=repeated, refused=refused)


def _sorted_out(read: Sequence[tuple[Line, Value]]) -> tuple[list[tuple[Line, Value]], int, list[Line]]:
    """Lines whose value fits beside what stands, how many stand there already, and lines that clash."""
    names = {line.name for line, _ in read}
    rows = list(EnteredValue.objects.filter(withdrawn_at__isnull=True, name__in=names).order_by("id"))
    stand = {(row.name, _days(_value(row))) for row in rows}
    beside = {name: list(values) for name, values in _fitting(rows)[0].items()}
    fitting: list[tuple[Line, Value]] = []
    clashing: list[Line] = []
    repeated = 0
    # The latest first: of a rate's values only the last is asked up to which day it is known.
    for line, value in sorted(read, key=lambda pair: pair[1].since, reverse=True):
        own = beside.setdefault(line.name, [])
        if (line.name, _days(value)) in stand:
            repeated += 1
            continue
        try:
            _parameter(line.name, value).joined_with([*own, value])
        except (ValueError, LookupError) as clash:
            clashing.append(replace(line, value=None, reason=str(clash)))
            continue
        own.append(value)
        fitting.append((line, value))
    return fitting[::-1], repeated, clashing


def _fitting(rows: Sequence[EnteredValue]) -> tuple[dict[str, list[Value]], dict[int, str]]:
    """The values by names that fit beside the sheets, and why the others do not, by number."""
    by_name: dict[str, list[EnteredValue]] = {}
    for row in rows:
        by_name.setdefault(row.name, []).append(row)
    used: dict[str, list[Value]] = {}
    aside: dict[int, str] = {}
    for name, own in by_name.items():
        kept = used.setdefault(name, [])
        for row in sorted(own, key=lambda row: row.since, reverse=True):
            value = _value(row)
            try:
                _parameter(name, value).joined_with([*kept, value])
            except (ValueError, LookupError) as clash:
                aside[row.pk] = str(clash)
            else:
                kept.append(value)
    return {name: kept for name, kept in used.items() if kept}, aside


def _parameter(name: str, value: Value) -> Parameter:
    """The parameter a value is for. Raises `UnknownNorm`, and `CannotEnter` for a value of another unit."""
    found = dated.parameter(name)
    if complaint(found.unit, value.value) is not None:
        raise CannotEnter(f"{name}: {NEEDED[found.unit]}.")
    return found


def _days(value: Value) -> tuple[Hashable, ...]:
    """What makes two entered values the same."""
    told = json.dumps(value.value, cls=ExactEncoder, sort_keys=True)
    return value.key, value.since, value.until, value.known_since, told


def _value(row: EnteredValue) -> Value:
    return Value(
        since=row.since,
        until=row.until,
        known_since=row.known_since,
        value=row.value,
        key=row.key,
        source=row.source,
        verified=row.verified,
        note=row.note,
        entered=True,
    )


def _row(name: str, value: Value, actor: Actor) -> EnteredValue:
    return EnteredValue(
        name=name,
        key=value.key,
        since=value.since,
        until=value.until,
        known_since=value.known_since,
        value=value.value,
        source=value.source,
        verified=value.verified,
        note=value.note,
        entered_at=clock.now(),
        entered_by=actor.user,
        entered_by_name=_named(actor),
    )


def _named(actor: Actor) -> str:
    return actor.name or "оператор"


def _tell(actor: Actor, name: str, verb: str, sentence: str, reason: str = "") -> None:
    """Leave a line in the trail of every organisation whose figures may change with the value."""
    for organisation in Organisation.objects.filter(country=name.partition(".")[0]).order_by("id"):
        trail.record(replace(actor, organisation=organisation), verb, sentence, reason=reason)


def _one_at_a_time() -> None:
    """Two values may clash only with one another: the second waits for the first."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE access_enteredvalue IN SHARE ROW EXCLUSIVE MODE")


def _know_the_law() -> None:
    """Have every sheet read: parameters are known once their country is."""
    for country in ("ru", "kz", "ua"):
        countries.pack(country)
