"""Puts the membership and the actor beside every request."""

from collections.abc import Callable

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from okno.access import norms
from okno.access.actor import Actor, acting
from okno.access.models import Membership, User
from okno.common import clock

SESSION_ORGANISATION = "organisation"


def membership_of(user: User, organisation_id: int | None) -> Membership | None:
    """The membership in force today: in the chosen organisation, else the first one."""
    today = clock.now().date()
    rows = (
        Membership.objects.select_related("organisation", "user")
        .filter(user=user)
        .filter(Q(since__isnull=True) | Q(since__lte=today), Q(until__isnull=True) | Q(until__gte=today))
        .order_by("id")
    )
    chosen = [row for row in rows if row.organisation_id == organisation_id] or list(rows)
    return chosen[0] if chosen else None


class ActorMiddleware:
    """request.membership, request.organisation, request.actor; the person's language; history of what is written."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user if isinstance(request.user, User) else None
        membership = membership_of(user, request.session.get(SESSION_ORGANISATION)) if user is not None else None
        request.membership = membership  # type: ignore[attr-defined]
        request.organisation = membership.organisation if membership else None  # type: ignore[attr-defined]
        actor = Actor(
            organisation=membership.organisation if membership else None,
            user=user,
            membership=membership,
            name=str(user) if user else "",
        )
        request.actor = actor  # type: ignore[attr-defined]
        if user is None:
            return self.get_response(request)
        norms.refresh()
        with acting(actor, source=request.path), translation.override(user.language):
            request.LANGUAGE_CODE = user.language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", user.language)
        return response
