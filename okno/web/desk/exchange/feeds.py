"""Sources of payments: how fresh each is in words, its last file, and the archive of files as they came."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from okno.access.models import Action, Membership
from okno.access.roles import may
from okno.common import clock
from okno.exchange.models import FileKind, Import, ImportState
from okno.ledger import feeds
from okno.ledger.models import PaymentFeed
from okno.outreach.models import ContactPolicy
from okno.web.desk.exchange import scope
from okno.web.desk.exchange.listing import money_of, state_badge
from okno.web.gatekeeper import Request, page
from okno.web.parts.cells import Badge

ARCHIVE = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A source with its last file; `held` tells why nothing is awaited from it."""

    feed: PaymentFeed
    state: Badge
    age: str
    last: Import | None
    amount_minor: int | None
    held: Action | None


@page("exchange.view")
def exchange(request: Request) -> HttpResponse:
    """One line a source, and the files as they came."""
    return _page(request)


def _page(request: Request, *, refused: int = 0, reason: str = "") -> HttpResponse:
    archive = list(scope.imports(request.membership).order_by("-received_at")[:ARCHIVE])
    context: dict[str, Any] = {
        "lines": _lines(request.membership),
        "archive": [(one, state_badge(one)) for one in archive],
        "more": len(archive) == ARCHIVE,
        "may_import": may(request.membership, "exchange.import"),
        "may_export": may(request.membership, "exchange.export"),
        "sees_files": scope.sees_files(request.membership),
        "refused": refused,
        "reason": reason,
    }
    return render(request, "desk/exchange/exchange.html", context, status=422 if refused else 200)


def _lines(membership: Membership) -> list[Line]:
    now, limit = clock.now(), _fresh_hours(membership)
    rows = list(scope.feeds(membership))
    last = _last_files(membership, rows)
    held: dict[int, Action] = {}
    spoken = Action.objects.filter(organisation_id=membership.organisation_id, verb="feed.not_expected")
    for action in spoken.order_by("at"):
        held[int(action.detail.get("feed", 0))] = action
    return [
        Line(
            feed=feed,
            state=_state(feed, now, limit),
            age=_age(feed.covers_until, now),
            last=last.get(feed.name),
            amount_minor=money_of(found) if (found := last.get(feed.name)) else None,
            held=None if feed.expected else held.get(feed.pk),
        )
        for feed in rows
    ]


def _last_files(membership: Membership, rows: list[PaymentFeed]) -> dict[str, Import]:
    """The last posted file of each source, by its name."""
    if not scope.sees_files(membership):
        return {}
    names = {feed.name for feed in rows}
    found = (
        scope.imports(membership)
        .filter(state=ImportState.POSTED, kind__in=[FileKind.REGISTER, FileKind.STATEMENT])
        .filter(totals__feed__0__in=list(names))
        .order_by("totals__feed__0", "-posted_at")
        .distinct("totals__feed__0")
    )
    return {one.totals["feed"][0]: one for one in found}


def _fresh_hours(membership: Membership) -> int:
    """How old the news may be before the gate stops: the organisation's own rule, else the rule of new ones."""
    told = ContactPolicy.objects.filter(organisation_id=membership.organisation_id).first()
    return (told or ContactPolicy()).feed_fresh_hours


def _state(feed: PaymentFeed, now: datetime, limit: int) -> Badge:
    if not feed.expected:
        return Badge(text=_("не ждём"), tone="idle", icon="circle-pause")
    if feed.covers_until is None:
        return Badge(text=_("ещё не приходил"), tone="warn", icon="triangle-alert")
    hours = (now - feed.covers_until).total_seconds() / 3600
    if hours > limit:
        return Badge(text=_("устарел"), tone="late", icon="octagon-alert")
    return Badge(text=_("свежий"), tone="good", icon="check")


def _age(moment: datetime | None, now: datetime) -> str:
    """How long ago the source spoke, in words."""
    if moment is None:
        return _("платежей отсюда ещё не было")
    hours = int((now - moment).total_seconds() // 3600)
    if hours < 1:
        return _("меньше часа назад")
    if hours < 48:
        return ngettext("%(count)s час назад", "%(count)s часов назад", hours) % {"count": hours}
    days = hours // 24
    return ngettext("%(count)s день назад", "%(count)s дней назад", days) % {"count": days}


@require_POST
@page("exchange.import")
def expect(request: Request, pk: int) -> HttpResponse:
    """Await files of a source, or no longer; the second needs a reason: a stale source stops reminders."""
    expected = request.POST.get("expected") == "1"
    reason = request.POST.get("reason", "").strip()[:500]
    if not expected and not reason:
        if not scope.feeds(request.membership).filter(pk=pk).exists():
            raise Http404
        return _page(request, refused=pk)
    try:
        feed = feeds.expect(request.actor, pk, expected=expected, reason=reason)
    except PaymentFeed.DoesNotExist:
        raise Http404 from None
    text = _("Файлы «%(feed)s» ждём") if expected else _("Файлы «%(feed)s» больше не ждём")
    messages.success(request, text % {"feed": feed.name})
    return redirect("desk:exchange")
