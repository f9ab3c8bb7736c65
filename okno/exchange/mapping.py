"""Which column is which: what the wizard shows, and what it remembers so that it never asks twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from okno.access import trail
from okno.access.actor import Actor
from okno.access.models import Organisation
from okno.common import clock
from okno.exchange.formats import profiles as shipped
from okno.exchange.formats.cells import shown
from okno.exchange.formats.headers import Columns, Layout, fingerprint_of, fold, month_in_title, recognise
from okno.exchange.formats.profiles import shipped_profiles
from okno.exchange.formats.tables import Row
from okno.exchange.models import FileKind, Import, ImportState, Profile
from okno.exchange.receiving import is_table
from okno.exchange.turnover_rows import OPENING, RECALCULATION
from okno.ledger.models import Service

SAMPLES = 5


class MappingRefused(Exception):
    """The columns cannot be read as the person chose; the message says what is missing."""


@dataclass(frozen=True, kw_only=True)
class Understanding:
    """How the head of a table was understood.

    `certain` means that the rows may be read without asking. `guesses` are for the wizard: column, header, field or
    service, confidence from 0 to 1, a few values.
    """

    columns: Columns
    header_row: int
    month: date | None
    fingerprint: str
    certain: bool
    profile_name: str
    profile: Profile | None
    guesses: tuple[dict[str, Any], ...]


def understand(organisation: Organisation, head: Sequence[Row]) -> Understanding | None:
    """Understand a table by its first rows: by what people taught first, then by the shipped profiles.

    None when no row looks like a header.
    """
    layout = recognise(head, profiles=_profiles(organisation), country=organisation.country)
    for row in head:
        learned = _learned(organisation, row)
        if learned is not None:
            columns = Columns.from_json(learned.mapping)
            return Understanding(
                columns=columns,
                header_row=row.number,
                month=month_in_title(above for above in head if above.number < row.number),
                fingerprint=learned.fingerprint,
                certain=True,
                profile_name=learned.name,
                profile=learned,
                guesses=_guesses_of_columns(columns, row, head),
            )
    if layout is None:
        return None
    return Understanding(
        columns=layout.columns,
        header_row=layout.header_row,
        month=layout.month,
        fingerprint=layout.fingerprint,
        certain=layout.certain,
        profile_name=layout.profile.title,
        profile=None,
        guesses=_guesses_of_layout(layout, head),
    )


def _profiles(organisation: Organisation) -> list[shipped.Profile]:
    """The shipped profiles; those of charges know the organisation's own services by the names it prints."""
    own = list(Service.objects.filter(organisation=organisation).order_by("order", "code"))
    return [_with_services(profile, own) for profile in shipped_profiles().values()]


def _with_services(profile: shipped.Profile, own: Sequence[Service]) -> shipped.Profile:
    if profile.kind != "turnover":
        return profile
    words = {fold(word) for field in profile.fields.values() for word in field.headers}
    words |= {fold(word) for service in profile.services for word in service.headers}
    codes = {service.code for service in profile.services} | {RECALCULATION, OPENING}
    added = tuple(
        shipped.ServiceHeaders((service.name, f"{service.name} ({service.code})"), service.code, service.regime)  # type: ignore[arg-type]
        for service in own
        if service.code not in codes and fold(service.name) not in words
    )
    return replace(profile, services=profile.services + added)


def note(source: Import, understanding: Understanding | None, head: Sequence[Row]) -> None:
    """Write into the import (not saved) what was understood and the head itself, for the wizard."""
    source.sniffed["head"] = [[row.number, [shown(cell) for cell in row.cells]] for row in head]
    if understanding is None:
        source.mapping = {}
        return
    source.kind = understanding.columns.kind
    source.profile_name = understanding.profile_name
    source.profile = understanding.profile
    source.month = source.month or understanding.month
    source.mapping = {
        "columns": understanding.columns.as_json(),
        "header_row": understanding.header_row,
        "fingerprint": understanding.fingerprint,
        "certain": understanding.certain,
        "guesses": list(understanding.guesses),
    }


def is_ready(source: Import) -> bool:
    """Whether the import can be read without asking anything more."""
    if not is_table(source):
        return True
    return bool(source.mapping.get("certain")) and (source.kind != FileKind.TURNOVER or source.month is not None)


def fields_of(kind: str) -> dict[str, str]:
    """The fields a table of this kind may have, with the words a person knows them by."""
    words: dict[str, str] = {}
    for profile in shipped_profiles().values():
        if profile.kind == kind:
            for name, headers in profile.fields.items():
                words.setdefault(name, headers.headers[0])
    return words


def remember(
    actor: Actor,
    source: Import,
    *,
    kind: str,
    fields: Mapping[str, int],
    services: Sequence[tuple[int, str, str]] = (),
    header_row: int | None = None,
    month: date | None = None,
    name: str = "",
) -> Profile:
    """Read this import, and from now on every file with the same header, as the person chose.

    `fields` is field → column (from 0), `services` are (column, code, regime); `month` is for a turnover whose title
    names none. The import then waits to be checked. Raises MappingRefused.
    """
    head = [Row(number, tuple(cells)) for number, cells in source.sniffed.get("head", [])]
    row = next((row for row in head if row.number == (header_row or source.mapping.get("header_row"))), None)
    if row is None:
        raise MappingRefused(_("Укажите строку с названиями столбцов"))
    _refuse_incomplete(kind, fields)
    model = next(profile for profile in shipped_profiles().values() if profile.kind == kind)
    columns = Columns(
        kind=FileKind(kind).value,  # type: ignore[arg-type]
        fields=tuple(fields.items()),
        services=tuple(services),
        total_words=model.total_words,
        constants=tuple(model.constants.items()),
    )
    with transaction.atomic():
        profile, _created = Profile.objects.update_or_create(
            organisation=source.organisation,
            kind=kind,
            fingerprint=fingerprint_of(row.cells),
            defaults={
                "name": (name or source.file_name)[:100],
                "mapping": columns.as_json(),
                "created_at": clock.now(),
                "created_by": actor.user,
            },
        )
        source.kind, source.profile, source.profile_name = kind, profile, profile.name
        source.month = month.replace(day=1) if month else source.month
        source.mapping = {
            "columns": columns.as_json(),
            "header_row": row.number,
            "fingerprint": profile.fingerprint,
            "certain": True,
            "guesses": list(_guesses_of_columns(columns, row, head)),
        }
        source.state = ImportState.RECEIVED
        source.save()
        sentence = _("Столбцы файла «%(name)s» сопоставлены") % {"name": source.file_name}
        trail.record(actor, "import.mapped", sentence, subject=("import", source.pk))
    return profile


def _refuse_incomplete(kind: str, fields: Mapping[str, int]) -> None:
    required: set[str] | None = None
    for profile in shipped_profiles().values():
        if profile.kind == kind and profile.format == "table":
            required = {name for name, field in profile.fields.items() if field.required}
    if required is None:
        raise MappingRefused(_("Файлы этого вида читаются без сопоставления столбцов"))
    missing = [fields_of(kind)[name] for name in sorted(required - set(fields))]
    if missing:
        raise MappingRefused(_("Не указаны столбцы: %(columns)s") % {"columns": ", ".join(missing)})
    if len(set(fields.values())) != len(fields):
        raise MappingRefused(_("Один столбец выбран дважды"))


def _learned(organisation: Organisation, row: Row) -> Profile | None:
    return Profile.objects.filter(organisation=organisation, fingerprint=fingerprint_of(row.cells)).first()


def _guesses_of_layout(layout: Layout, head: Sequence[Row]) -> tuple[dict[str, Any], ...]:
    return tuple(
        {
            "column": match.column,
            "header": match.header,
            "field": match.field,
            "service": list(match.service) if match.service else None,
            "confidence": match.confidence,
            "samples": _samples(head, layout.header_row, match.column),
        }
        for match in layout.matches
    )


def _guesses_of_columns(columns: Columns, header: Row, head: Sequence[Row]) -> tuple[dict[str, Any], ...]:
    fields = {column: name for name, column in columns.fields}
    services = {column: [code, regime] for column, code, regime in columns.services}
    return tuple(
        {
            "column": column,
            "header": shown(cell),
            "field": fields.get(column),
            "service": services.get(column),
            "confidence": 1.0 if column in fields or column in services else 0.0,
            "samples": _samples(head, header.number, column),
        }
        for column, cell in enumerate(header.cells)
    )


def _samples(head: Sequence[Row], header_row: int, column: int) -> list[str]:
    values = (row.cells[column] for row in head if row.number > header_row and column < len(row.cells))
    return [shown(value) for value in values if value is not None][:SAMPLES]
