"""How the desk looks to a person: theme, language, single-letter keys."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from okno.access.models import User
from okno.web.parts.shell import THEMES


@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """POST theme=auto|light|dark|contrast and/or hotkeys=1|0; kept with the person who is in."""
    user = request.user if isinstance(request.user, User) else None
    if user is None:
        return HttpResponse(status=403)
    theme, hotkeys = request.POST.get("theme"), request.POST.get("hotkeys")
    if theme in THEMES:
        User.objects.filter(pk=user.pk).update(theme=theme)
    if hotkeys in {"0", "1"}:
        User.objects.filter(pk=user.pk).update(hotkeys=hotkeys == "1")
    return HttpResponse(status=204)


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """POST language and next: kept with the person who is in, and in a cookie for the sign-in page."""
    code = request.POST.get("language", "")
    onward = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(onward, allowed_hosts={request.get_host()}):
        onward = "/"
    response = HttpResponseRedirect(onward)
    if code in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, code, max_age=31_536_000, samesite="Lax")
        if isinstance(request.user, User):
            User.objects.filter(pk=request.user.pk).update(language=code)
    return response
