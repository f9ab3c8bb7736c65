"""The words and the sound of calls are opened for a reason that is typed, for a while, and the trail keeps it."""

from typing import Any

from django import forms
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from okno.access import trail
from okno.common import clock
from okno.dialogs.models import Call
from okno.web.desk.calls.scope import find
from okno.web.gatekeeper import Request, page

OPEN_SECONDS = 30 * 60
"""For so long a reason holds."""
_KEY = "opened_calls"
_SEARCH, _LIVE, _CORRECTIONS = "search", "live", "corrections"
_LEAST_LETTERS = 5


_TOO_LITTLE = gettext_lazy("Напишите понятнее, хотя бы несколько слов")


class ReasonForm(forms.Form):
    """Why this person opens what was said."""

    reason = forms.CharField(
        label=gettext_lazy("Зачем открываете"),
        min_length=5,
        max_length=200,
        help_text=gettext_lazy("Останется в журнале действий рядом с вашим именем"),
        error_messages={"min_length": _TOO_LITTLE},
    )

    def clean_reason(self) -> str:
        """Dots and dashes are no reason."""
        told = str(self.cleaned_data["reason"])
        if sum(map(str.isalpha, told)) < _LEAST_LETTERS:
            raise forms.ValidationError(_TOO_LITTLE)
        return told


def _opened(request: Request) -> dict[str, Any]:
    told: dict[str, Any] = request.session.get(_KEY, {})
    now = clock.now().timestamp()
    return {key: one for key, one in told.items() if one["until"] > now}


def _for_all(request: Request, what: str) -> str:
    """The key of a reason that opens more than one call: in one organisation it opens nothing of another's."""
    return f"{what}:{request.organisation.pk}"


def _open(request: Request, key: str, reason: str) -> None:
    until = clock.now().timestamp() + OPEN_SECONDS
    request.session[_KEY] = {**_opened(request), key: {"until": until, "reason": reason}}


def reason_for(request: Request, call: Call) -> str:
    """The reason for which this person has the call open now; "" when it is closed to them."""
    return str(_opened(request).get(str(call.pk), {}).get("reason", ""))


def reason_for_search(request: Request) -> str:
    """The reason for which this person searches what was said; "" when they may not now."""
    return str(_opened(request).get(_for_all(request, _SEARCH), {}).get("reason", ""))


def allow_search(request: Request, reason: str) -> None:
    """Let this person search for a while."""
    _open(request, _for_all(request, _SEARCH), reason)
    trail.record(request.actor, "calls.search_opened", _("Открыт поиск по словам разговоров"), reason=reason)


def reason_for_live(request: Request) -> str:
    """The reason for which this person reads what is being said now; "" when they may not."""
    return str(_opened(request).get(_for_all(request, _LIVE), {}).get("reason", ""))


def allow_live(request: Request, reason: str) -> None:
    """Let this person read the last words of the calls that go on, for a while."""
    _open(request, _for_all(request, _LIVE), reason)
    trail.record(request.actor, "calls.live_opened", _("Открыты слова идущих звонков"), reason=reason)


def reason_for_corrections(request: Request) -> str:
    """The reason for which this person reads what was misheard; "" when they may not."""
    return str(_opened(request).get(_for_all(request, _CORRECTIONS), {}).get("reason", ""))


def allow_corrections(request: Request, reason: str) -> None:
    """Let this person read and take away misheard words for a while."""
    _open(request, _for_all(request, _CORRECTIONS), reason)
    trail.record(request.actor, "corrections.opened", _("Открыты исправления расслышанного"), reason=reason)


def open_call(request: Request, call: Call, reason: str) -> None:
    """Open the call for a while: its words and its sound."""
    _open(request, str(call.pk), reason)
    trail.record(
        request.actor,
        "call.opened",
        _("Открыты слова и запись звонка № %(number)s") % {"number": call.pk},
        subject=("call", call.pk),
        reason=reason,
    )


def listened(request: Request, call: Call, first: int) -> None:
    """The sound was asked for from this byte on: a line in the trail, each time it begins and at the first part."""
    told = _opened(request)
    mine = told.get(str(call.pk), {})
    if first and mine.get("heard"):
        return
    request.session[_KEY] = {**told, str(call.pk): {**mine, "heard": True}}
    trail.record(
        request.actor,
        "call.listened",
        _("Прослушана запись звонка № %(number)s") % {"number": call.pk},
        subject=("call", call.pk),
        reason=reason_for(request, call),
    )


@require_POST
@page("calls.listen")
def opened(request: Request, pk: int) -> HttpResponseRedirect:
    """POST reason: the call opens for half an hour."""
    call = find(request, pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        open_call(request, call, form.cleaned_data["reason"])
        return HttpResponseRedirect(reverse("desk:call", args=[pk]))
    return HttpResponseRedirect(reverse("desk:call", args=[pk]) + "?reason=missing")
