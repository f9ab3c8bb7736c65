"""Which column is which: shown with values of the file, told once and remembered under a name."""

import hashlib
from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from okno.common.days import NotADay, parse_month
from okno.common.folding import fold
from okno.exchange import mapping, preparing
from okno.exchange.formats.profiles import shipped_profiles
from okno.exchange.models import FileKind, Import
from okno.ledger.models import Regime, Service
from okno.web.desk.exchange import scope, steps
from okno.web.gatekeeper import Request, page

NEW_SERVICE = "new"
TABLES = tuple(kind for kind in FileKind if kind != FileKind.STATEMENT)
"""Kinds that are read by columns; statements, and registers that are no tables, are told by their shape."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    value: str
    title: str | Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    title: str | Promise
    options: list[Option]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRow:
    """A column of the file: its header, a few values, what it is taken for and how surely (percent)."""

    place: int
    letter: str
    header: str
    samples: list[str]
    chosen: str
    confidence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the page was asked to show: kind, header row, month, name of the profile, column → choice."""

    kind: str
    header_row: int
    month: str
    name: str
    chosen: dict[int, str]


@page("exchange.import")
def columns(request: Request, pk: int) -> HttpResponse:
    """The columns of a table; POST remembers them and checks the file."""
    source = scope.source(request.membership, pk)
    if source.state not in preparing.OPEN or not source.sniffed.get("head"):
        raise Http404
    asked = _asked(source, request.POST if request.method == "POST" else request.GET)
    refusal = ""
    if request.method == "POST" and request.POST.get("deed") == "remember":
        try:
            _remember(request, source, asked)
        except mapping.MappingRefused as error:
            refusal = str(error)
        else:
            steps.check_import(request.actor, source)
            return redirect("desk:import", pk=source.pk)
    context = {
        "source": source,
        "asked": asked,
        "kinds": [Option(value=kind.value, title=kind.label) for kind in TABLES],
        "heads": [(number, " · ".join(filter(None, cells))[:90]) for number, cells in source.sniffed["head"]],
        "rows": _rows(source, asked),
        "groups": _groups(source, asked.kind),
        "wants_month": asked.kind == FileKind.TURNOVER,
        "refusal": refusal,
    }
    return render(request, "desk/exchange/columns.html", context, status=422 if refusal else 200)


def _asked(source: Import, told: QueryDict) -> Asked:
    kind = told.get("kind") or source.kind or FileKind.TURNOVER
    heads = dict(source.sniffed["head"])
    row = told.get("header_row", "")
    header_row = int(row) if row.isdecimal() and int(row) in heads else _likely_header(source)
    chosen = {
        int(name.removeprefix("column-")): str(value)
        for name, value in told.items()
        if name.startswith("column-") and name.removeprefix("column-").isdecimal()
    }
    month = f"{source.month:%m.%Y}" if source.month else ""
    return Asked(
        kind=kind if kind in TABLES else FileKind.TURNOVER,
        header_row=header_row,
        month=str(told.get("month", month)),
        name=str(told.get("name", source.profile_name or source.file_name))[:100],
        chosen=chosen,
    )


def _likely_header(source: Import) -> int:
    """The row recognised, else the first of the fullest ones."""
    known = source.mapping.get("header_row")
    if known is not None:
        return int(known)
    fullest = max(source.sniffed["head"], key=lambda row: sum(bool(cell) for cell in row[1]))
    return int(fullest[0])


def _rows(source: Import, asked: Asked) -> list[ColumnRow]:
    heads = dict(source.sniffed["head"])
    header = heads[asked.header_row]
    below = [cells for number, cells in source.sniffed["head"] if number > asked.header_row]
    width = max(len(header), *(len(cells) for cells in below), 0) if below else len(header)
    guessed = _guesses(source, asked)
    rows = []
    for place in range(width):
        values = [cells[place] for cells in below if place < len(cells) and cells[place]]
        guess, confidence = guessed.get(place, ("", 0))
        chosen = asked.chosen.get(place, guess)
        rows.append(
            ColumnRow(
                place=place,
                letter=_letter(place),
                header=header[place] if place < len(header) else "",
                samples=values[: mapping.SAMPLES],
                chosen=chosen,
                confidence=confidence if chosen == guess and guess else 0,
            )
        )
    return rows


def _guesses(source: Import, asked: Asked) -> dict[int, tuple[str, int]]:
    """What the recogniser thinks of each column, if it was asked about this kind and this row."""
    if asked.kind != source.kind or asked.header_row != source.mapping.get("header_row"):
        return {}
    found = {}
    for guess in source.mapping.get("guesses", ()):
        if guess["service"]:
            value = "service:" + ":".join(guess["service"])
        elif guess["field"]:
            value = f"field:{guess['field']}"
        else:
            continue
        found[guess["column"]] = (value, round(guess["confidence"] * 100))
    return found


def _groups(source: Import, kind: str) -> list[Group]:
    fields = [Option(value=f"field:{name}", title=words) for name, words in mapping.fields_of(kind).items()]
    groups = [Group(title=_("Поля"), options=fields)]
    if kind != FileKind.TURNOVER:
        return groups
    known = {one.code: (one.name, one.regime) for one in Service.objects.filter(organisation=source.organisation)}
    for profile in shipped_profiles().values():
        if profile.kind == kind and profile.country in (None, source.organisation.country):
            for service in profile.services:
                known.setdefault(service.code, (service.headers[0], service.regime))
    lines = {"recalculation", "opening", "charges"}
    services = [
        Option(value=f"service:{code}:{regime}", title=name)
        for code, (name, regime) in sorted(known.items(), key=lambda pair: pair[1])
        if code not in lines
    ]
    fresh = [
        Option(
            value=f"service:{NEW_SERVICE}:{regime.value}",
            title=_("новая услуга: %(regime)s") % {"regime": regime.label},
        )
        for regime in Regime
    ]
    return [*groups, Group(title=_("Услуги"), options=services), Group(title=_("Новая услуга"), options=fresh)]


def _remember(request: Request, source: Import, asked: Asked) -> None:
    fields: dict[str, int] = {}
    services: list[tuple[int, str, str]] = []
    headers = dict(source.sniffed["head"])[asked.header_row]
    for place, value in sorted(asked.chosen.items()):
        sort, _colon, rest = value.partition(":")
        if sort == "field":
            if rest in fields:
                text = _("Поле «%(field)s» выбрано для двух столбцов")
                raise mapping.MappingRefused(text % {"field": mapping.fields_of(asked.kind).get(rest, rest)})
            fields[rest] = place
        elif sort == "service":
            code, _colon, regime = rest.partition(":")
            if regime not in Regime.values:
                continue
            header = headers[place] if place < len(headers) else ""
            services.append((place, _new_code(header) if code == NEW_SERVICE else code[:32], regime))
    mapping.remember(
        request.actor,
        source,
        kind=asked.kind,
        fields=fields,
        services=services,
        header_row=asked.header_row,
        month=_month(asked) if asked.kind == FileKind.TURNOVER else None,
        name=asked.name,
    )


def _month(asked: Asked) -> date | None:
    try:
        return parse_month(asked.month)
    except NotADay:
        raise mapping.MappingRefused(_("Напишите, за какой месяц файл: 10.2026 или октябрь 2026")) from None


def _new_code(header: str) -> str:
    """A code for a service nobody named before: the same header always gets the same one."""
    return "own_" + hashlib.sha256(fold(header).encode()).hexdigest()[:12]


def _letter(place: int) -> str:
    """The column as spreadsheets call it: A, B … Z, AA."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
