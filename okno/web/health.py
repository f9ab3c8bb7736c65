"""How the installation is: for probes, for monitoring, and in words for a person."""

import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, connection
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from config import environment
from okno.access.models import Organisation
from okno.common import clock
from okno.exchange.models import Import, ImportState
from okno.ledger.models import PaymentFeed
from okno.outreach.models import CampaignState, Contact, ContactState
from okno.outreach.policies import FEED_FRESH_HOURS
from okno.web import telephony


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
    return JsonResponse(report(), json_dumps_params={"ensure_ascii": False})


def report() -> dict[str, Any]:
    """What `/healthz` and `okno doctor --json` tell; the operators' figures only where a line is set up."""
    wrong = issues()
    answer: dict[str, Any] = {"healthy": not wrong, "issues": wrong}
    if telephony.is_set_up():
        answer |= {"notes": telephony.notes(), "operators": [asdict(one) for one in telephony.living()]}
    return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One thing that needs a person. `code` is feed, waiting, unknown, imports, telephony or organisation."""

    code: str
    text: str


def issues(organisation: Organisation | None = None) -> list[str]:
    """Everything that needs a person, a sentence each; empty when all is well."""
    return [issue.text for issue in found(organisation)]


def found(organisation: Organisation | None = None) -> list[Issue]:
    """The same with codes; with an organisation only its own matters are told, and the telephone, which is
    everybody's. Four queries, five where a line is set up."""
    now = clock.now()
    own = {} if organisation is None else {"organisation": organisation}
    told = [Issue(code="feed", text=text) for text in _stale(now, own)]
    contacts = Contact.objects.filter(
        Q(state=ContactState.UNKNOWN) | Q(state=ContactState.WAITING, not_before__lt=now - timedelta(minutes=10)), **own
    )
    running = Q(campaign=None) | Q(campaign__state=CampaignState.RUNNING)
    counts = contacts.aggregate(
        waiting=Count("pk", filter=Q(state=ContactState.WAITING) & running),
        unknown=Count("pk", filter=Q(state=ContactState.UNKNOWN)),
    )
    if counts["waiting"]:
        text = _("Контактов ждёт отправки дольше 10 минут: %(count)s") % {"count": counts["waiting"]}
        told.append(Issue(code="waiting", text=text))
    if counts["unknown"]:
        text = _("Контактов с неизвестным исходом: %(count)s") % {"count": counts["unknown"]}
        told.append(Issue(code="unknown", text=text))
    stuck = Import.objects.filter(
        state__in=[ImportState.CHECKING, ImportState.POSTING], received_at__lt=now - timedelta(hours=1), **own
    ).count()
    if stuck:
        told.append(Issue(code="imports", text=_("Загрузок не закончено за час: %(count)s") % {"count": stuck}))
    told += [Issue(code="telephony", text=text) for text in telephony.troubles()]
    if organisation is None and not Organisation.objects.exists():
        told.append(Issue(code="organisation", text=_("Организация не заведена: выполните okno init")))
    return told


def _stale(now: datetime, own: dict[str, Organisation]) -> Iterator[str]:
    for feed in PaymentFeed.objects.filter(expected=True, **own).select_related("organisation__contact_policy"):
        hours = getattr(getattr(feed.organisation, "contact_policy", None), "feed_fresh_hours", FEED_FRESH_HOURS)
        if feed.covers_until is None or now - feed.covers_until > timedelta(hours=hours):
            yield _("Платежи «%(feed)s» не приходили дольше %(hours)s ч") % {"feed": feed.name, "hours": hours}
