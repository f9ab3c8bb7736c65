"""A month as a file: the sheet and the payments that our importer reads back, and the tables of the page."""

from typing import cast, get_args

from django.http import Http404, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from okno.access import trail
from okno.exchange.export import CannotExport, FileFormat
from okno.exchange.formats.writing import TooManyRows
from okno.exchange.month_export import What, export_month
from okno.web.desk.months import scope
from okno.web.gatekeeper import Request, page
from okno.web.parts import files, words


@page("exchange.export")
def download(request: Request, month: str, what: str) -> HttpResponseBase:
    """GET ?file=csv|xlsx of what is in sight: turnover, payments, houses, services or accounts."""
    state = scope.month_of(request, month)
    if what not in get_args(What):
        raise Http404
    kind: FileFormat = "csv" if request.GET.get("file") == "csv" else "xlsx"
    names = {
        "turnover": _("Оборотно-сальдовая ведомость"),
        "payments": _("Платежи"),
        "houses": _("Обороты по домам"),
        "services": _("Обороты по услугам"),
        "accounts": _("Обороты по лицевым счетам"),
    }
    spool = files.on_disk()
    try:
        count = export_month(
            request.organisation,
            cast(What, what),
            state.month,
            spool,
            houses=scope.ids(request.membership),
            file_format=kind,
        )
    except (TooManyRows, CannotExport) as error:
        return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
    sentence = _("Выгружено: «%(name)s» за %(month)s, строк %(count)s")
    values = {"name": names[what], "month": words.month_text(state.month), "count": count}
    trail.record(request.actor, "month.exported", sentence % values)
    return files.attached(spool, f"{names[what]} {scope.address(state.month)}", kind)
