"""Pages of refusals and failures, with a short code that support finds in the log."""

import logging
import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import loader

_log = logging.getLogger("okno.web")


def incident() -> str:
    """A short code such as «K7F3-9Q2X»: no letters that look alike, easy to say by phone."""
    letters = "23456789ACDEFGHKMNPQRTUVWXYZ"
    word = "".join(secrets.choice(letters) for _place in range(8))
    return f"{word[:4]}-{word[4:]}"


def _page(request: HttpRequest, status: int, code: str) -> HttpResponse:
    body = loader.render_to_string(f"{status}.html", {"incident": code}, request)
    return HttpResponse(body, status=status, headers={"X-Incident": code} if code else {})


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 400, "")


def forbidden(request: HttpRequest, exception: Exception | None = None, **_told: Any) -> HttpResponse:
    return _page(request, 403, "")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 404, "")


def failed(request: HttpRequest) -> HttpResponse:
    """The page of an unforeseen error. It must not ask the database: that may be what failed."""
    code = incident()
    _log.error("incident %s at %s", code, request.path, exc_info=True)
    body = loader.render_to_string("500.html", {"incident": code})
    return HttpResponse(body, status=500, headers={"X-Incident": code})
