"""Lists out as files: accounts, debts, payments, money that waits; narrowed to what the person may see."""

from datetime import date
from typing import Literal, cast, get_args

from django.http import Http404, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from okno.access import trail
from okno.common import clock
from okno.common.days import NotADay, parse_day
from okno.exchange.export import What, export
from okno.exchange.formats.writing import TooManyRows
from okno.houses.visibility import visible_to
from okno.web.gatekeeper import Request, page
from okno.web.parts import files


@page("exchange.export")
def download(request: Request, what: str) -> HttpResponseBase:
    """GET ?file=csv|xlsx and, for payments, ?since=…&until=… (both days inclusive)."""
    if what not in get_args(What):
        raise Http404
    kind: Literal["xlsx", "csv"] = "csv" if request.GET.get("file") == "csv" else "xlsx"
    membership = request.membership
    names = {
        "accounts": _("Лицевые счета"),
        "debts": _("Долги"),
        "payments": _("Платежи"),
        "unmatched": _("Платежи без счёта"),
    }
    spool = files.on_disk()
    try:
        count = export(
            request.organisation,
            cast(What, what),
            spool,
            houses=None if membership.all_houses else visible_to(membership),
            since=_day(request.GET.get("since", "")),
            until=_day(request.GET.get("until", "")),
            file_format=kind,
        )
    except TooManyRows as error:
        return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
    sentence = _("Выгружен список «%(name)s»: строк %(count)s") % {"name": names[what], "count": count}
    trail.record(request.actor, "list.exported", sentence)
    return files.attached(spool, f"{names[what]} {clock.today(request.organisation.time_zone):%Y-%m-%d}", kind)


def _day(text: str) -> date | None:
    try:
        return parse_day(text) if text.strip() else None
    except NotADay:
        return None
