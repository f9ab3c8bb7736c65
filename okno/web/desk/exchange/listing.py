"""The list of imports and the door for new files."""

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from okno.access.roles import may
from okno.common import clock
from okno.exchange.models import FileKind, Import, ImportState, QuarantineState, UnmatchedState
from okno.exchange.receiving import Receipt, receive
from okno.web.desk.exchange import samples, scope, steps
from okno.web.gatekeeper import Request, page
from okno.web.parts import words
from okno.web.parts.cells import Badge, Column, Kind
from okno.web.parts.filters import Choice
from okno.web.parts.responses import list_page
from okno.web.parts.tables import Table

_TONES = {
    ImportState.RECEIVED: ("note", "hourglass"),
    ImportState.MAPPING: ("warn", "columns-3"),
    ImportState.CHECKING: ("note", "hourglass"),
    ImportState.CHECKED: ("plan", "clipboard-check"),
    ImportState.POSTING: ("note", "hourglass"),
    ImportState.POSTED: ("good", "check"),
    ImportState.FAILED: ("late", "octagon-alert"),
    ImportState.CANCELLED: ("idle", "ban"),
    ImportState.ROLLED_BACK: ("idle", "undo-2"),
}


def state_badge(source: Import) -> Badge:
    """The state of an import with its hue and drawing."""
    tone, icon = _TONES[ImportState(source.state)]
    text = _("нужны столбцы") if source.state == ImportState.MAPPING else source.get_state_display()
    return Badge(text=text, tone=tone, icon=icon)


def who_brought(source: Import) -> str:
    """Whose file it is; one that no person brought came by a command or by a program that asks for files."""
    return source.user.name if source.user else _("программа")


def money_of(source: Import) -> int | None:
    """The sum a file of money brings: what is charged, or what is paid; minor units."""
    name = {FileKind.TURNOVER: "billed", FileKind.REGISTER: "paid", FileKind.STATEMENT: "paid"}.get(
        FileKind(source.kind) if source.kind else FileKind.HOUSES
    )
    found = source.totals.get("file", {}).get(name) if name else None
    return found if isinstance(found, int) else None


def _content(source: Import) -> str:
    """What is in the file, with its month. The words in brackets are for choosing; a list is narrow."""
    kind = source.get_kind_display().partition(" (")[0]
    return f"{kind}, {words.month_text(source.month)}" if source.month else kind


class Imports(Table[Import]):
    """Every file that came, newest first."""

    address = "desk:imports"
    title = gettext_lazy("Импорт")
    sort = "-received"
    columns = (
        Column(key="file", title=gettext_lazy("Файл"), value="file_name", clip=True, width="lg"),
        Column(key="state", title=gettext_lazy("Состояние"), kind=Kind.BADGE, value=state_badge, sort="state"),
        Column(
            key="kind",
            title=gettext_lazy("Что в нём"),
            value=_content,
            sort="kind",
            clip=True,
        ),
        Column(key="month", title=gettext_lazy("Месяц"), kind=Kind.MONTH, sort="month", nullable=True, hidden=True),
        Column(key="rows", title=gettext_lazy("Строк"), kind=Kind.NUMBER, value="counts.rows"),
        Column(key="money", title=gettext_lazy("Сумма"), kind=Kind.MONEY, value=money_of),
        Column(
            key="bad",
            title=gettext_lazy("Карантин"),
            kind=Kind.NUMBER,
            value=lambda row: row.waiting_rows or None,
        ),
        Column(
            key="unmatched",
            title=gettext_lazy("Без счёта"),
            kind=Kind.NUMBER,
            value=lambda row: row.waiting_payments or None,
        ),
        Column(
            key="received", title=gettext_lazy("Загружен"), kind=Kind.MOMENT, value="received_at", sort="received_at"
        ),
        Column(key="user", title=gettext_lazy("Кто"), value=who_brought, clip=True),
        Column(key="number", title=gettext_lazy("№"), kind=Kind.NUMBER, value="pk", hidden=True),
    )
    filters = (
        Choice(key="state", title=gettext_lazy("Состояние"), options=tuple(ImportState.choices)),
        Choice(key="kind", title=gettext_lazy("Вид"), options=tuple(FileKind.choices)),
    )

    def rows(self) -> QuerySet[Import]:
        return scope.imports(self.membership).annotate(
            waiting_rows=Count("quarantined", distinct=True, filter=Q(quarantined__state=QuarantineState.WAITING)),
            waiting_payments=Count("unmatched", distinct=True, filter=Q(unmatched__state=UnmatchedState.WAITING)),
        )

    def search(self, rows: QuerySet[Import], text: str) -> QuerySet[Import]:
        if text.isdecimal() and len(text) < 10:
            return rows.filter(Q(pk=int(text)) | Q(file_name__icontains=text))
        return rows.filter(Q(file_name__icontains=text) | Q(profile_name__icontains=text))

    def row_url(self, row: Import) -> str:
        return reverse("desk:import", args=[row.pk])


@page("exchange.view")
def imports(request: Request) -> HttpResponseBase:
    """Files that came, and the place to drop new ones."""
    table = Imports(membership=request.membership, query=request.GET)
    context: dict[str, Any] = {
        "kinds": samples.KINDS,
        "may_import": may(request.membership, "exchange.import"),
        "sees_files": scope.sees_files(request.membership),
        "may_print": may(request.membership, "bills.print"),
        "waiting_rows": scope.rows(request.membership)
        .filter(state=QuarantineState.WAITING, source__state=ImportState.POSTED)
        .count(),
    }
    return list_page(request, table, template="desk/exchange/imports.html", context=context)


@require_POST
@page("exchange.import")
def upload(request: Request) -> HttpResponse:
    """Take files in. Small ones are checked at once; a big one goes to a worker and shows how far it has come."""
    if not scope.sees_files(request.membership):
        raise Http404
    files = request.FILES.getlist("files")
    if not files:
        messages.error(request, _("Выберите файл: в запросе его нет."))
        return _away(request, reverse("desk:imports"))
    at_once = sum(file.size or 0 for file in files) <= steps.AT_ONCE_BYTES
    receipts = [receipt for file in files for receipt in _receive(request, file)]
    for receipt in receipts:
        if not receipt.repeated and receipt.source.state == ImportState.RECEIVED:
            steps.check_import(request.actor, receipt.source, at_once=at_once)
    if len(receipts) == 1:
        # What the file was before is told on its page, where it can be looked at.
        again = "?again=1" if receipts[0].repeated else ""
        return _away(request, reverse("desk:import", args=[receipts[0].source.pk]) + again)
    _tell(request, receipts)
    return _away(request, reverse("desk:imports"))


@page("exchange.view")
def sample(request: Request, kind: str) -> HttpResponse:
    """A file of this kind to try with, or to see which columns are understood."""
    organisation = request.organisation
    found = next((one for one in samples.KINDS if one.kind == kind), None)
    if found is None:
        raise Http404
    content = samples.sample(kind, country=organisation.country, today=clock.today(organisation.time_zone))
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="sample-{kind}.{found.suffix}"'
    return response


def _receive(request: Request, file: "UploadedFile[bytes]") -> list[Receipt]:
    name = "".join(letter for letter in file.name or "" if letter.isprintable()).strip()
    return receive(request.actor, name or _("без имени"), file)


def _tell(request: Request, receipts: list[Receipt]) -> None:
    repeated = [receipt for receipt in receipts if receipt.repeated]
    fresh = len(receipts) - len(repeated)
    if fresh:
        text = ngettext("Получен %(count)s файл", "Получено файлов: %(count)s", fresh) % {"count": fresh}
        messages.success(request, text)
    for receipt in repeated[:5]:
        messages.warning(request, f"«{receipt.source.file_name}»: {receipt.message}")


def _away(request: Request, url: str) -> HttpResponse:
    """To the page, whoever asked: the browser itself or htmx."""
    if not request.headers.get("HX-Request"):
        return redirect(url)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = url
    return response
