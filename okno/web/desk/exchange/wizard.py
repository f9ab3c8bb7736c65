"""One import from its arrival to its receipt: what it is, what would change, posting, taking back."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from okno.access import trail
from okno.access.roles import may
from okno.common.days import NotADay, parse_month
from okno.exchange import commit, holdings, preparing, rollback
from okno.exchange.models import FileKind, Import, ImportState, QuarantineState
from okno.exchange.passing import MONEY
from okno.exchange.receiving import path_of
from okno.ledger.posting import PostingRefused
from okno.web.desk.exchange import scope, steps
from okno.web.desk.exchange.difference import Difference
from okno.web.desk.exchange.listing import money_of, state_badge, who_brought
from okno.web.gatekeeper import Request, page
from okno.web.parts import words

STEPS = (gettext_lazy("Получен"), gettext_lazy("Столбцы"), gettext_lazy("Проверка"), gettext_lazy("Проведение"))
_AT_STEP = {
    ImportState.RECEIVED: 1,
    ImportState.FAILED: 1,
    ImportState.MAPPING: 2,
    ImportState.CHECKING: 3,
    ImportState.CHECKED: 3,
    ImportState.CANCELLED: 3,
    ImportState.POSTING: 4,
    # Past the last one: all of them are done.
    ImportState.POSTED: 5,
    ImportState.ROLLED_BACK: 5,
}
WORKING = (ImportState.RECEIVED, ImportState.CHECKING, ImportState.POSTING)
ENCODINGS = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "cp1251": "Windows-1251", "cp866": "DOS (866)", "utf-16": "UTF-16"}
FORMATS: dict[str, str | Promise] = {
    "xlsx": gettext_lazy("книга Excel"),
    "xls": gettext_lazy("книга Excel 97–2003"),
    "ods": gettext_lazy("таблица OpenDocument"),
    "csv": gettext_lazy("текст с разделителями"),
    "dbf": gettext_lazy("таблица DBF"),
    "register": gettext_lazy("реестр банка"),
    "statement_1c": gettext_lazy("обмен 1С с банком"),
}


class SettingsForm(forms.Form):
    """What a person may put right before the check."""

    month = forms.CharField(
        label=gettext_lazy("За какой месяц"), required=False, help_text=gettext_lazy("Например, 10.2026")
    )
    create_missing = forms.BooleanField(
        label=gettext_lazy("Создавать недостающие счета"),
        help_text=gettext_lazy("По адресу и помещению из файла"),
        required=False,
    )

    def __init__(self, *args: Any, source: Import, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._source = source
        self.fields["month"].required = source.kind == FileKind.TURNOVER

    def clean_month(self) -> date | None:
        told = self.cleaned_data["month"].strip()
        if not told:
            return None
        try:
            return parse_month(told)
        except NotADay:
            raise forms.ValidationError(_("Напишите месяц и год: 10.2026 или октябрь 2026")) from None

    @classmethod
    def of(cls, source: Import) -> "SettingsForm":
        """With what is known of the import now."""
        month = f"{source.month:%m.%Y}" if source.month else ""
        missing = bool(source.settings.get("create_missing"))
        return cls(source=source, initial={"month": month, "create_missing": missing})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    label: str
    text: str


@page("exchange.view")
def show(request: Request, pk: int) -> HttpResponse:
    """The import at its step."""
    source = scope.source(request.membership, pk)
    return _page(request, source, again=bool(request.GET.get("again")))


def _page(request: Request, source: Import, *, status: int = 200, **more: Any) -> HttpResponse:
    state = ImportState(source.state)
    may_import = may(request.membership, "exchange.import")
    context: dict[str, Any] = {
        "source": source,
        "badge": state_badge(source),
        "steps": STEPS,
        "step": _AT_STEP[state],
        "facts": _facts(source),
        "may_import": may_import,
        "working": state in WORKING,
        "is_table": bool(source.sniffed.get("head")),
        "has_file": path_of(source).is_file() and bool(source.sniffed),
        "settings": SettingsForm.of(source) if source.kind == FileKind.TURNOVER and state in preparing.OPEN else None,
        "can_cancel": may_import and state in (ImportState.CHECKED, ImportState.MAPPING, ImportState.RECEIVED),
        "needs_month": state == ImportState.MAPPING and source.mapping.get("certain"),
        "earlier": _earlier(source),
    }
    if state in (ImportState.CHECKED, ImportState.POSTED):
        context["difference"] = Difference.of(source, shown=request.GET.get("show", ""))
        context["waiting_rows"] = source.quarantined.filter(state=QuarantineState.WAITING).count()
    if state == ImportState.POSTED:
        context["holdings"] = holdings.holdings(source)
        context["money"] = money_of(source)
        context["waiting_payments"] = source.unmatched.filter(state="waiting").count()
    return render(request, "desk/exchange/import.html", {**context, **more}, status=status)


def _facts(source: Import) -> list[Fact]:
    sniffed = source.sniffed
    found = [
        (_("Вид"), source.get_kind_display()),
        (_("Как прочитан"), source.profile_name),
        (_("Формат"), FORMATS.get(sniffed.get("kind", ""), "")),
        (_("Кодировка"), _encoding(sniffed)),
        (_("Месяц"), words.month_text(source.month) if source.month else ""),
        (_("Размер"), _size(source.file_size)),
        (_("Загрузил"), who_brought(source)),
        (_("Получен"), words.moment_text(source.received_at)),
        (_("Проведён"), words.moment_text(source.posted_at) if source.posted_at else ""),
        (_("Откачен"), words.moment_text(source.rolled_back_at) if source.rolled_back_at else ""),
    ]
    return [Fact(label=label, text=str(text)) for label, text in found if text]


def _encoding(sniffed: dict[str, Any]) -> str:
    found, claimed = sniffed.get("encoding") or "", sniffed.get("encoding_claimed") or ""
    told = ENCODINGS.get(found, found)
    if claimed and claimed != found:
        return _("%(found)s, хотя файл называет %(claimed)s") % {
            "found": told,
            "claimed": ENCODINGS.get(claimed, claimed),
        }
    return told


def _size(size: int) -> str:
    if size < 2**10:
        return _("%(size)s Б") % {"size": size}
    if size < 2**20:
        return _("%(size)s КБ") % {"size": words.number_text(round(size / 2**10))}
    return _("%(size)s МБ") % {"size": words.number_text(round(size / 2**20, 1))}


def _earlier(source: Import) -> list[Import]:
    """The same bytes that came before and were taken back or put aside."""
    rows = Import.objects.filter(organisation=source.organisation, file_hash=source.file_hash)
    return list(rows.exclude(pk=source.pk).order_by("-received_at")[:3])


@page("exchange.view")
def progress(request: Request, pk: int) -> HttpResponse:
    """How far the work has come, for the bar: done, total, text, label, finished, location."""
    source = scope.source(request.membership, pk)
    finished = source.state not in WORKING
    total = source.progress_total
    told = {
        "done": source.progress_done,
        "total": total,
        "label": source.progress_text or _("Ждём свободного работника"),
        "text": (
            _("%(done)s из %(total)s")
            % {"done": words.number_text(source.progress_done), "total": words.number_text(total)}
            if total
            else ""
        ),
        "finished": finished,
    }
    if finished:
        told["location"] = reverse("desk:import", args=[source.pk])
    return JsonResponse(told)


@require_POST
@page("exchange.import")
def check(request: Request, pk: int) -> HttpResponse:
    """Check the file (again), with what the person has put right."""
    source = scope.source(request.membership, pk)
    if source.kind == FileKind.TURNOVER and "month" in request.POST:
        form = SettingsForm(request.POST, source=source)
        if not form.is_valid():
            return _page(request, source, status=422, settings=form)
        told = form.cleaned_data
        try:
            preparing.choose(request.actor, source.pk, month=told["month"], create_missing=told["create_missing"])
        except preparing.TooLate as error:
            messages.error(request, str(error))
            return redirect("desk:import", pk=source.pk)
    steps.check_import(request.actor, source)
    return redirect("desk:import", pk=source.pk)


@require_POST
@page("exchange.import")
def post(request: Request, pk: int) -> HttpResponse:
    """Post the file, with the remarks the person has confirmed."""
    source = scope.source(request.membership, pk)
    if source.state == ImportState.POSTED:
        return redirect("desk:import", pk=source.pk)
    codes = request.POST.getlist("confirmed")
    waiting = [one for one in source.remarks if one["needs_person"] and not one["confirmed"]]
    left = [one for one in waiting if one["code"] not in codes]
    if left:
        return _page(request, source, status=422, unconfirmed=left, ticked=codes)
    commit.confirm(request.actor, source, codes)
    stopped = steps.post_import(request.actor, source)
    if stopped:
        return _page(request, scope.source(request.membership, pk), status=422, stopped=stopped)
    return redirect("desk:import", pk=source.pk)


@require_POST
@page("exchange.import")
def cancel(request: Request, pk: int) -> HttpResponse:
    """Put the file aside before it is posted."""
    source = scope.source(request.membership, pk)
    try:
        preparing.cancel(request.actor, source.pk)
    except preparing.TooLate as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, _("Импорт № %(number)s отменён, в учёте ничего не изменилось") % {"number": source.pk}
        )
    return redirect("desk:import", pk=source.pk)


@page("exchange.import")
def take_back(request: Request, pk: int) -> HttpResponse:
    """What exactly will be taken back; POST with a reason takes it."""
    source = scope.source(request.membership, pk)
    if source.state == ImportState.ROLLED_BACK:
        return redirect("desk:import", pk=source.pk)
    if source.state != ImportState.POSTED:
        raise Http404
    reason, refusal = request.POST.get("reason", ""), ""
    if request.method == "POST":
        try:
            rollback.roll_back(request.actor, source.pk, reason=reason)
        except (rollback.CannotRollBack, PostingRefused) as error:
            refusal = str(error)
        else:
            return redirect("desk:import", pk=source.pk)
    context = {
        "source": source,
        "holdings": holdings.holdings(source),
        "is_money": source.kind in MONEY,
        "mended": source.quarantined.filter(state=QuarantineState.MENDED).count(),
        "matched": source.unmatched.filter(state="matched").count(),
        "reason": reason,
        "refusal": refusal,
    }
    return render(request, "desk/exchange/take_back.html", context, status=422 if refusal else 200)


@page("exchange.import")
def raw_file(request: Request, pk: int) -> HttpResponseBase:
    """The file as it came; who took it and when stays in the trail."""
    source = scope.source(request.membership, pk)
    path = path_of(source)
    if not path.is_file():
        raise Http404
    sentence = _("Скачан исходный файл «%(name)s»") % {"name": source.file_name}
    trail.record(request.actor, "import.file_taken", sentence, subject=("import", source.pk))
    return FileResponse(path.open("rb"), as_attachment=True, filename=source.file_name)
