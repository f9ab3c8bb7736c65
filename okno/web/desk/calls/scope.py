"""Which calls a person sees, and the tabs above all pages of calls."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from okno.access.models import Membership
from okno.access.roles import may
from okno.dialogs.models import Call
from okno.houses.visibility import visible_to
from okno.web.gatekeeper import Request


def calls_of(membership: Membership) -> QuerySet[Call]:
    """Calls to and from the houses in sight; calls of nobody we know are for those who see all houses."""
    calls = Call.objects.filter(organisation=membership.organisation)
    if membership.all_houses:
        return calls
    houses = visible_to(membership).values("pk")
    return calls.filter(Q(house__in=houses) | Q(account__flat__house__in=houses))


def find(request: Request, pk: int) -> Call:
    """The call, or 404 for one that is out of sight."""
    rows = calls_of(request.membership).select_related(
        "organisation", "account__flat__house", "house", "person", "agent", "campaign__campaign", "version"
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One tab."""

    title: str
    url: str
    icon: str
    current: bool
    count: int | None = None


def sections(request: Request, current: str) -> list[Section]:
    """The tabs that this person may open, `current` being the address of the page shown."""
    told = (
        ("desk:calls_live", _("Сейчас"), "phone-call", "calls.view"),
        ("desk:calls", _("Журнал"), "list", "calls.view"),
        ("desk:calls_words", _("Поиск по словам"), "search", "calls.listen"),
        ("desk:listening", _("Прослушивание"), "list-checks", "calls.listen"),
        ("desk:corrections", _("Исправления"), "pencil", "calls.listen"),
        ("desk:call_results", _("Результаты"), "chart-column", "calls.results"),
        ("desk:scenarios", _("Сценарии"), "route", "scenarios.view"),
    )
    return [
        Section(title=title, url=reverse(name), icon=icon, current=name == current)
        for name, title, icon, permission in told
        if may(request.membership, permission)
    ]
