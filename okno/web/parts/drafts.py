"""Unfinished words of forms: kept by the page while a person types, given back when the form opens again."""

import json
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from okno.access.models import Membership
from okno.common import clock
from okno.web.models import Draft

#: A draft that nobody came back to is forgotten.
KEPT_FOR = timedelta(days=7)
_LARGEST = 200_000


class BadDraft(Exception):
    """The page sent something that is no draft."""


def read_draft(body: bytes) -> dict[str, Any]:
    """The page's words: title, url, fields (each a list of texts). Raises BadDraft."""
    try:
        told = json.loads(body)
        fields = {str(name): [str(value) for value in values] for name, values in told["fields"].items()}
        title, url = str(told.get("title", "")), str(told.get("url", ""))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadDraft from error
    local = url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    return {"title": title[:200], "url": url if local and len(url) <= 300 else "", "fields": fields}


def forget_old(membership: Membership) -> None:
    """Delete the person's drafts older than seven days."""
    Draft.objects.filter(user=membership.user, saved_at__lt=clock.now() - KEPT_FOR).delete()


@require_http_methods(["GET", "PUT", "DELETE"])
def draft(request: HttpRequest, form: str, object: str) -> HttpResponse:
    """GET gives the draft back (204 when there is none), PUT keeps it, DELETE forgets it."""
    membership: Membership | None = getattr(request, "membership", None)
    if membership is None:
        return HttpResponse(status=403)
    own: dict[str, Any] = {
        "organisation": membership.organisation,
        "user": membership.user,
        "form": form,
        "object": object,
    }
    if request.method == "GET":
        kept = Draft.objects.filter(**own, saved_at__gte=clock.now() - KEPT_FOR).first()
        if kept is None:
            return HttpResponse(status=204)
        return JsonResponse({"fields": kept.fields, "saved_at": kept.saved_at.isoformat()})
    if request.method == "DELETE":
        Draft.objects.filter(**own).delete()
        return HttpResponse(status=204)
    if len(request.body) > _LARGEST:
        return HttpResponse(status=413)
    try:
        told = read_draft(request.body)
    except BadDraft:
        return HttpResponse(status=400)
    forget_old(membership)
    Draft.objects.update_or_create(**own, defaults={**told, "saved_at": clock.now()})
    return HttpResponse(status=204)
