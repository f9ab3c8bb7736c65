"""One request: what was asked, where it stands, what may be done next, and everything that was done."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from okno.access.models import Action
from okno.access.roles import may
from okno.common import clock
from okno.dialogs.models import Call
from okno.requests import outages, register
from okno.requests.models import Request as Asked
from okno.requests.models import RequestState
from okno.web.desk.requests import marks
from okno.web.desk.requests.register import in_sight, place
from okno.web.gatekeeper import Request, page
from okno.web.parts import words


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What may be done with a request now; `asks` for words, `main` is the one big button."""

    do: str
    title: str | Promise
    icon: str
    key: str
    main: bool = False
    asks: str | Promise = ""


TAKE = Step(do="take", title=gettext_lazy("Взять в работу"), icon="wrench", key="KeyA", main=True)
DONE = Step(
    do="done", title=gettext_lazy("Выполнена"), icon="check", key="KeyE", main=True, asks=gettext_lazy("Что сделано")
)
CLOSE = Step(do="close", title=gettext_lazy("Закрыть"), icon="lock", key="KeyC", asks=gettext_lazy("Почему закрываете"))
REOPEN = Step(
    do="reopen", title=gettext_lazy("Открыть снова"), icon="rotate-ccw", key="KeyO", asks=gettext_lazy("Что не так")
)

NEXT: dict[str, tuple[Step, ...]] = {
    RequestState.NEW: (TAKE, CLOSE),
    RequestState.REOPENED: (TAKE, CLOSE),
    RequestState.TAKEN: (DONE, CLOSE),
    RequestState.DONE: (CLOSE, REOPEN),
    RequestState.CLOSED: (REOPEN,),
}
"""The steps offered in each state, the likeliest first."""


def find(request: Request, pk: int) -> Asked:
    """The request, or 404 for one out of sight."""
    rows = in_sight(request.membership).select_related(
        "house", "flat__house", "account", "person", "created_by", "rating"
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@page("requests.view")
def card(request: Request, pk: int) -> HttpResponse:
    """The card of a request."""
    found = find(request, pk)
    call = (
        Call.objects.filter(organisation=request.organisation, uid=found.call_uid).first() if found.call_uid else None
    )
    context = {
        "asked": found,
        "place": place(found),
        "category": marks.category_name(found.category),
        "badges": [marks.state(found.state), marks.urgency(found.urgency, over=found.state not in register.OPEN)],
        "steps": NEXT[found.state] if may(request.membership, "requests.write") else (),
        "may_write": may(request.membership, "requests.write"),
        "rating": getattr(found, "rating", None),
        "history": history(found),
        "known": outages.known(found.house_id, clock.now(), words.language()) if found.state in register.OPEN else (),
        "call_url": reverse("desk:call", args=[call.pk]) if call else "",
        "is_open": found.state in register.OPEN,
    }
    return render(request, "desk/requests/card.html", context)


def history(asked: Asked) -> list[Action]:
    """The lines of the trail about it, the newest first."""
    rows = Action.objects.filter(organisation=asked.organisation_id, subject_kind="request", subject_id=asked.pk)
    return list(rows.order_by("-at", "-pk")[:50])


@require_POST
@page("requests.write")
def step(request: Request, pk: int) -> HttpResponse:
    """POST do=take|done|close|reopen|words and words: pressed twice, done once."""
    found, now = find(request, pk), clock.now()
    do, told = request.POST.get("do", ""), request.POST.get("words", "").strip()[:1000]
    try:
        if do == "take":
            register.take(request.actor, found.pk, now=now)
        elif do == "done":
            register.finish(request.actor, found.pk, now=now, words=told)
        elif do == "close":
            register.close(request.actor, found.pk, now=now, words=told)
        elif do == "reopen":
            register.reopen(request.actor, found.pk, now=now, words=told)
        elif do == "words" and told:
            register.add_words(request.actor, found.pk, told)
        else:
            messages.error(request, _("Ничего не сделано: напишите слова"))
    except register.RequestRefused as refused:
        messages.warning(request, str(refused))
    return HttpResponseRedirect(reverse("desk:request", args=[pk]))
