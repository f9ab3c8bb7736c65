"""How the installation is: for probes, for monitoring, and in words for a person."""

import shutil
from datetime import timedelta

from django.db import OperationalError, connection
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from config import environment
from okno.access.models import Organisation
from okno.common import clock
from okno.exchange.models import Import, ImportState
from okno.ledger.models import PaymentFeed
from okno.outreach.models import CampaignState, Contact, ContactState


def livez(_request: HttpRequest) -> HttpResponse:
    """The process answers; the database is not asked."""
    return HttpResponse("ok", content_type="text/plain")


def readyz(_request: HttpRequest) -> HttpResponse:
    """200 when pages can be served: the database answers and there is room on the disk; else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError:
        return HttpResponse("database", status=503, content_type="text/plain")
    usage = shutil.disk_usage(environment.data_dir())
    if usage.free / usage.total < 0.05:
        return HttpResponse("disk", status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")


def healthz(request: HttpRequest) -> HttpResponse:
    """What is wrong, in words, for monitoring on this machine (loopback only)."""
    if request.META.get("REMOTE_ADDR") not in {"127.0.0.1", "::1"}:
        return HttpResponse(status=403)
    found = issues()
    return JsonResponse({"healthy": not found, "issues": found}, json_dumps_params={"ensure_ascii": False})


def issues(organisation: Organisation | None = None, *, feeds: bool = True, outcomes: bool = True) -> list[str]:
    """Everything that needs a person, a sentence each; empty when all is well.

    With an organisation only its own matters are told. `feeds` and `outcomes` leave out what a page tells by itself.
    """
    now = clock.now()
    own = {} if organisation is None else {"organisation": organisation}
    found: list[str] = []
    expected = PaymentFeed.objects.filter(expected=True, **own).select_related("organisation__contact_policy")
    for feed in expected if feeds else ():
        hours = getattr(getattr(feed.organisation, "contact_policy", None), "feed_fresh_hours", 36)
        if feed.covers_until is None or now - feed.covers_until > timedelta(hours=hours):
            found.append(_("Платежи «%(feed)s» не приходили дольше %(hours)s ч") % {"feed": feed.name, "hours": hours})
    waiting = (
        Contact.objects.filter(state=ContactState.WAITING, not_before__lt=now - timedelta(minutes=10), **own)
        .filter(Q(campaign=None) | Q(campaign__state=CampaignState.RUNNING))
        .count()
    )
    if waiting:
        found.append(_("Контактов ждёт отправки дольше 10 минут: %(count)s") % {"count": waiting})
    unknown = Contact.objects.filter(state=ContactState.UNKNOWN, **own).count() if outcomes else 0
    if unknown:
        found.append(_("Контактов с неизвестным исходом: %(count)s") % {"count": unknown})
    stuck = Import.objects.filter(
        state__in=[ImportState.CHECKING, ImportState.POSTING], received_at__lt=now - timedelta(hours=1), **own
    ).count()
    if stuck:
        found.append(_("Загрузок не закончено за час: %(count)s") % {"count": stuck})
    if not Organisation.objects.exists():
        found.append(_("Организация не заведена: выполните okno init"))
    return found
