"""Who may open a page: signed in, a member, and carrying the permission the page names."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from okno.access import roles
from okno.access.actor import Actor
from okno.access.models import Membership, Organisation


class Request(HttpRequest):
    """A request of a member: what the middleware has put beside it."""

    membership: Membership
    organisation: Organisation
    actor: Actor


P = ParamSpec("P")
View = Callable[Concatenate[Request, P], HttpResponseBase]


def page(permission: str) -> Callable[[View[P]], View[P]]:
    """Open the page to members with this permission; others are sent to sign in, or refused in words.

    The permission's name stands on the view (`view.permission`), so that a test can walk every address as every role.
    """

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
            if not roles.may(request.membership, permission):
                raise PermissionDenied(permission)
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return guard
