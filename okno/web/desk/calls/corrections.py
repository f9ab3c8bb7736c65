"""Misheard words put right, as a list and as a test set of the recogniser."""

from django.db.models import QuerySet
from django.http import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from okno.access import trail
from okno.access.models import Language
from okno.dialogs.models import Correction
from okno.web.desk.calls import opening, words
from okno.web.desk.calls.scope import calls_of
from okno.web.desk.calls.sections import sections
from okno.web.gatekeeper import Request, page
from okno.web.parts import files
from okno.web.parts.responses import list_page
from okno.web.parts.tables import Choice, Column, Kind, Table


class Corrections(Table[Correction]):
    """Corrections of calls in sight, the newest first; as a file, with where the sound of each stands."""

    address = "desk:corrections"
    title = _("Исправления расслышанного")
    columns = (
        Column(key="at", title=_("Когда"), kind=Kind.MOMENT, value="created_at", sort="created_at"),
        Column(key="heard", title=_("Расслышал"), value="turn.heard", width="md", clip=True),
        Column(key="text", title=_("Сказано на самом деле"), value="text", width="grow", clip=True),
        Column(key="expected", title=_("Ждал"), value=lambda row: words.expected(row.turn.expected)),
        Column(key="language", title=_("Язык"), value="turn.call.get_language_display"),
        Column(key="author", title=_("Исправил"), value="author", clip=True),
        Column(key="recording", title=_("Запись"), value="turn.call.recording", hidden=True),
        Column(key="since", title=_("С, мс"), kind=Kind.NUMBER, value="turn.at_ms", hidden=True),
        Column(key="until", title=_("До, мс"), kind=Kind.NUMBER, value="turn.until_ms", hidden=True),
        Column(key="kind", title=_("Ждал, код"), value="turn.expected", hidden=True),
        Column(key="code", title=_("Язык, код"), value="turn.call.language", hidden=True),
    )
    filters = (Choice(key="language", title=_("Язык"), options=Language.choices, field="turn__call__language"),)
    sort = "-at"

    def rows(self) -> QuerySet[Correction]:
        rows = Correction.objects.filter(turn__call__in=calls_of(self.membership))
        return rows.select_related("turn__call", "author")

    def row_url(self, row: Correction) -> str:
        return reverse("desk:call", args=[row.turn.call_id])


SET_COLUMNS = "heard,text,recording,since,until,kind,code"
"""What a test set needs: what was heard, what was said, and where the sound is."""


@page("calls.listen")
def corrections(request: Request) -> HttpResponseBase:
    """The words of residents: for a reason, as a call's own are; their file leaves a line in the trail besides.

    POST reason: the list opens for half an hour.
    """
    form = opening.ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        opening.allow_corrections(request, form.cleaned_data["reason"])
        return HttpResponseRedirect(reverse("desk:corrections"))
    reason = opening.reason_for_corrections(request)
    if not reason:
        closed = {"sections": sections(request, "desk:corrections"), "form": form}
        status = 422 if form.is_bound else 409 if "file" in request.GET else 200
        return render(request, "desk/calls/corrections_closed.html", closed, status=status)
    table = Corrections(membership=request.membership, query=request.GET)
    if request.GET.get("file") in files.KINDS:
        trail.record(
            request.actor, "corrections.exported", gettext("Выгружены исправления расслышанного"), reason=reason
        )
    context = {
        "sections": sections(request, "desk:corrections"),
        "set_url": f"{reverse('desk:corrections')}?file=csv&columns={SET_COLUMNS}",
    }
    return list_page(request, table, template="desk/calls/corrections.html", context=context)
