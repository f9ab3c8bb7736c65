"""Rows set aside: each with its cells and what is wrong beside them, mended in place or taken off."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from okno.access import trail
from okno.access.roles import may
from okno.exchange import quarantine
from okno.exchange.models import Import, ImportState, QuarantinedRow, QuarantineState
from okno.exchange.quarantine import EditableCell
from okno.ledger.posting import PostingRefused
from okno.web.desk.exchange import scope
from okno.web.gatekeeper import Request, page
from okno.web.parts import files

SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row on the screen. `general` are complaints about no one cell."""

    row: QuarantinedRow
    cells: list[EditableCell]
    general: list[str]
    can_open: bool
    can_mend: bool


@page("exchange.view")
def of_import(request: Request, pk: int) -> HttpResponse:
    """The rows of one import."""
    return _page(request, scope.source(request.membership, pk))


@page("exchange.view")
def everywhere(request: Request) -> HttpResponse:
    """The rows of all imports that are posted: what still misses in the books."""
    return _page(request, None)


def _page(request: Request, source: Import | None, *, mended: Row | None = None) -> HttpResponse:
    rows = scope.rows(request.membership)
    rows = rows.filter(source=source) if source is not None else rows.filter(source__state=ImportState.POSTED)
    state = request.GET.get("state", "")
    state = state if state in QuarantineState.values else QuarantineState.WAITING
    counts = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    found, more = _window(rows.filter(state=state), request.GET.get("after", ""))
    told = [_row(request, row) for row in found]
    if mended is not None:
        told = [mended if one.row.pk == mended.row.pk else one for one in told]
        if all(one.row.pk != mended.row.pk for one in told):
            told.insert(0, mended)
    context: dict[str, Any] = {
        "source": source,
        "rows": told,
        "state": state,
        "states": [(value, label, counts.get(value, 0)) for value, label in QuarantineState.choices],
        "total": counts.get(state, 0),
        "more": more,
        "may_import": may(request.membership, "exchange.import"),
        "posted": source is None or source.state == ImportState.POSTED,
    }
    template = "desk/exchange/quarantine.html"
    return render(request, template, context, status=422 if mended is not None else 200)


def _window(rows: QuerySet[QuarantinedRow], after: str) -> tuple[list[QuarantinedRow], str]:
    """The next rows, newest import first, and the place of the last one when there are more."""
    rows = rows.order_by("-source_id", "row_number")
    source_id, _dash, number = after.partition("-")
    if source_id.isdecimal() and number.isdecimal():
        later = rows.filter(source_id=int(source_id), row_number__gt=int(number))
        rows = (later | rows.filter(source_id__lt=int(source_id))).order_by("-source_id", "row_number")
    found = list(rows[: SHOWN + 1])
    more = f"{found[SHOWN - 1].source_id}-{found[SHOWN - 1].row_number}" if len(found) > SHOWN else ""
    return found[:SHOWN], more


def _row(request: Request, row: QuarantinedRow, *, cells: dict[str, str] | None = None, problems: Any = None) -> Row:
    """A row as it waits, or as it was just edited with what is still wrong."""
    if cells is not None:
        row.mended_cells = cells
    if problems is not None:
        row.problems = problems
    told = quarantine.editable(row)
    fields = {cell.field for cell in told}
    unknown = any(problem["code"] == "unknown_account" for problem in row.problems)
    placed = all((row.cells["fields"] | (row.mended_cells or {})).get(name) for name in ("address", "flat"))
    may_mend = may(request.membership, "exchange.import") and row.source.state == ImportState.POSTED
    return Row(
        row=row,
        # What must be mended stands first.
        cells=sorted((replace(cell, problems=_own(row, cell)) for cell in told), key=lambda cell: not cell.problems),
        general=[problem["message"] for problem in row.problems if problem["field"] not in fields],
        can_open=may_mend and unknown and placed and row.state == QuarantineState.WAITING,
        can_mend=may_mend and row.state == QuarantineState.WAITING,
    )


def _own(row: QuarantinedRow, cell: EditableCell) -> tuple[str, ...]:
    return tuple(problem["message"] for problem in row.problems if problem["field"] == cell.field)


@require_POST
@page("exchange.import")
def mend(request: Request, pk: int) -> HttpResponse:
    """Check the edited row and post it; what is still wrong comes back beside the cells, with what was typed."""
    row = scope.row(request.membership, pk)
    fields = row.cells["fields"]
    cells = {name: request.POST.get(f"cell-{name}", value)[:2_000] for name, value in fields.items()}
    changed = {name: value for name, value in cells.items() if value != fields[name]}
    try:
        quarantine.mend(request.actor, row.pk, changed, create_missing=request.POST.get("deed") == "open")
    except quarantine.StillBad as error:
        problems = [
            {"field": one.field, "code": one.code, "message": one.message_ru, "value": one.value}
            for one in error.problems
        ]
        return _again(request, row, changed, problems)
    except (quarantine.CannotMend, PostingRefused) as error:
        problem = {"field": "", "code": "refused", "message": str(error), "value": ""}
        return _again(request, row, changed, [*row.problems, problem])
    text = _("Строка %(row)s исправлена и проведена") % {"row": row.row_number}
    return _done(request, row, text)


@require_POST
@page("exchange.import")
def drop(request: Request, pk: int) -> HttpResponse:
    """Take the row off for ever, with the reason."""
    row = scope.row(request.membership, pk)
    try:
        quarantine.drop(request.actor, row.pk, reason=request.POST.get("reason", "")[:1_000])
    except quarantine.CannotMend as error:
        problem = {"field": "", "code": "refused", "message": str(error), "value": ""}
        return _again(request, row, {}, [*row.problems, problem])
    return _done(request, row, _("Строка %(row)s снята: она больше не ждёт") % {"row": row.row_number})


@page("exchange.view")
def errors(request: Request, pk: int) -> HttpResponseBase:
    """The bad rows as a file of the same layout with a column of comments."""
    source = scope.source(request.membership, pk)
    kind: Literal["xlsx", "csv"] = "csv" if request.GET.get("file") == "csv" else "xlsx"
    spool = files.on_disk()
    count = quarantine.write_errors(source, spool, file_format=kind)
    sentence = _("Выгружены строки с ошибками импорта № %(number)s: %(count)s") % {
        "number": source.pk,
        "count": count,
    }
    trail.record(request.actor, "import.errors_taken", sentence, subject=("import", source.pk))
    return files.attached(spool, _("ошибки импорта %(number)s") % {"number": source.pk}, kind)


def _again(request: Request, row: QuarantinedRow, cells: dict[str, str], problems: Any) -> HttpResponse:
    told = _row(request, row, cells=cells, problems=problems)
    if request.headers.get("HX-Request"):
        context = {"one": told, "may_import": True, "source": None if "all" in request.POST else row.source}
        return render(request, "desk/exchange/quarantined.html", context, status=422)
    return _page(request, None if "all" in request.POST else row.source, mended=told)


def _done(request: Request, row: QuarantinedRow, text: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return render(request, "desk/exchange/quarantined_done.html", {"row": row, "text": text})
    messages.success(request, text)
    if "all" in request.POST:
        return redirect(reverse("desk:quarantine"))
    return redirect("desk:import_rows", pk=row.source_id)
