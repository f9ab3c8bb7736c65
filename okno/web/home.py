"""The first page after signing in: the first screen of the person's menu."""

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from okno.access.models import Membership
from okno.web.parts import menu


def home(request: HttpRequest) -> HttpResponse:
    """Where this role works; a person without a membership is told whom to ask."""
    if not request.user.is_authenticated:
        return redirect_to_login("/", settings.LOGIN_URL)
    membership: Membership | None = getattr(request, "membership", None)
    links = menu.links(membership, path="", counted=False) if membership else []
    if not links:
        return render(request, "nowhere.html", status=403)
    return redirect(links[0].url)
