"""How the installation is, for the person who looks after it."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from procrastinate.contrib.django.models import ProcrastinateJob

from config import environment
from okno.common import clock
from okno.ledger.models import PaymentFeed
from okno.outreach.models import CampaignState, Contact, Permit
from okno.web import health, telephony
from okno.web.desk.debts import results
from okno.web.desk.settings.sections import sections
from okno.web.gatekeeper import Request, page

JOB_WORDS = {
    "todo": gettext_lazy("ждут"),
    "doing": gettext_lazy("идут"),
    "failed": gettext_lazy("не получились"),
    "succeeded": gettext_lazy("сделаны"),
    "cancelled": gettext_lazy("отменены"),
    "aborted": gettext_lazy("прерваны"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A copy of the database in the data folder."""

    path: Path
    made_at: datetime
    size: int


@page("access.view_trail")
def condition(request: Request) -> HttpResponse:
    usage = shutil.disk_usage(environment.data_dir())
    stale = {feed.name for feed in results.stale_feeds(request.organisation, clock.now())}
    feeds = PaymentFeed.objects.filter(organisation=request.organisation).order_by("name")
    context = {
        "sections": sections(request, "desk:health"),
        "issues": health.issues(request.organisation),
        "operators": telephony.living(),
        "notes": telephony.notes(),
        "feeds": [{"feed": feed, "stale": feed.name in stale} for feed in feeds],
        "jobs": _jobs(),
        "waiting": Contact.objects.filter(organisation=request.organisation, state="waiting")
        .exclude(campaign__state=CampaignState.DRAFT)
        .count(),
        "unsealed": Permit.objects.filter(organisation=request.organisation, seal=None).count(),
        "database": _database_size(),
        "free": usage.free,
        "total": usage.total,
        "disk_part": 1 - usage.free / usage.total,
        "copy": last_copy(),
        "server": _server(),
    }
    return render(request, "desk/settings/health.html", context)


def _jobs() -> list[tuple[str, int]]:
    counted = ProcrastinateJob.objects.values_list("status").annotate(count=Count("id")).order_by("status")
    return [(str(JOB_WORDS.get(status, status)), count) for status, count in counted]


def _database_size() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _server() -> str:
    version = connection.pg_version  # type: ignore[attr-defined]
    return f"PostgreSQL {version // 10_000}.{version % 10_000}"


def last_copy() -> Copy | None:
    """The newest copy in the folder `backups` of the data folder; copies kept elsewhere are not seen from here."""
    found = sorted((environment.data_dir() / "backups").glob("*.okno"), key=lambda path: path.stat().st_mtime)
    if not found:
        return None
    told = found[-1].stat()
    return Copy(path=found[-1], made_at=datetime.fromtimestamp(told.st_mtime, UTC) + clock.offset(), size=told.st_size)
