"""Which calls a person sees."""

from django.db.models import Q, QuerySet
from django.http import Http404

from okno.access.models import Membership
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
