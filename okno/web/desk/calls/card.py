"""One call: its time line, and, opened for a reason, its words, its sound, its corrections and its marks."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Prefetch
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from okno.access import trail
from okno.access.roles import may
from okno.common import clock
from okno.dialogs import listening, versions
from okno.dialogs.live import recordings, transcripts
from okno.dialogs.models import Call, CallAction, CallState, CallTurn, Correction, Listening, Speaker
from okno.web.desk.calls import opening, sound, words
from okno.web.desk.calls.scope import find
from okno.web.gatekeeper import Request, page

ICONS = {Speaker.ROBOT: "bot", Speaker.PERSON: "user", Speaker.AGENT: "phone-forwarded", Speaker.LINE: "activity"}
MARKS = (("1", gettext_lazy("да")), ("0", gettext_lazy("нет")), ("", gettext_lazy("не было")))


@dataclass(frozen=True, slots=True)
class Line:
    """A turn as the time line shows it; words are empty while the call is closed."""

    turn: CallTurn
    icon: str
    at: str
    seek: str
    words: str
    understood: str
    expected: str
    unsure: bool
    sure_text: str
    reply: str
    slow: bool
    cut: bool
    corrections: list[Correction]
    may_correct: bool


SLOW_MS = 1500
"""A reply that took longer is told to have been slow."""


def line(turn: CallTurn, currency: str, titles: words.Titles, *, opened: bool) -> Line:
    heard = turn.who == Speaker.PERSON
    told = turn.heard if heard else turn.text
    confidence = turn.confidence
    return Line(
        turn=turn,
        icon=ICONS[Speaker(turn.who)],
        at=words.length(turn.at_ms / 1000),
        seek=f"{turn.at_ms / 1000:.2f}",
        words=told if opened or turn.who == Speaker.LINE else "",
        understood=words.understood(turn.value, turn.expected, currency, titles) if heard and opened else "",
        expected=words.expected(turn.expected) if heard and turn.expected else "",
        unsure=confidence is not None and confidence < listening.UNSURE,
        sure_text=f"{round(confidence * 100)} %" if confidence is not None else "",
        reply=words.delay(turn.reply_ms),
        slow=(turn.reply_ms or 0) > SLOW_MS,
        cut=isinstance(turn.value, dict) and bool(turn.value.get("cut")),
        corrections=list(turn.corrections.all()),
        may_correct=heard and opened and not turn.by_keys,
    )


def _turns(call: Call) -> list[CallTurn]:
    corrected = Prefetch("corrections", Correction.objects.select_related("author").order_by("pk"))
    return list(CallTurn.objects.filter(call=call).order_by("number").prefetch_related(corrected))


@page("calls.view")
def call(request: Request, pk: int) -> HttpResponse:
    """The card. Words and sound are there only after a reason was typed by somebody whose role may."""
    found = find(request, pk)
    reason = opening.reason_for(request, found) if may(request.membership, "calls.listen") else ""
    context = _context(request, found, opened=bool(reason))
    if reason:
        drawn, seconds = sound.picture(found)
        marks = Listening.objects.filter(call=found).select_related("listener").first()
        context |= {
            "wave": drawn,
            "seconds": seconds,
            "length": words.length(seconds),
            "listening": marks,
            "checklist": _checklist(marks),
            "score": listening.score_text(marks.marks) if marks and marks.listened_at else "",
            "why": listening.WHY.get(marks.drawn_why, marks.drawn_why) if marks else "",
        }
    context |= {
        "reason": reason,
        "form": opening.ReasonForm(),
        "reason_missing": request.GET.get("reason") == "missing",
        "retention": _retention(found),
        "words_kept": _words_kept(found),
        "account_url": _account_url(found),
    }
    return render(request, "desk/calls/call.html", context)


@page("calls.view")
def going(request: Request, pk: int) -> HttpResponse:
    """The part of the card that a call changes while it goes on."""
    found = find(request, pk)
    opened = may(request.membership, "calls.listen") and bool(opening.reason_for(request, found))
    return render(request, "desk/calls/course.html", _context(request, found, opened=opened))


def _context(request: Request, found: Call, *, opened: bool) -> dict[str, Any]:
    titles = versions.titles(found.scenario, found.version)
    has_words = opened and found.transcript_deleted_at is None
    lines = [line(turn, request.organisation.currency, titles, opened=has_words) for turn in _turns(found)]
    actions = CallAction.objects.filter(call=found).order_by("number")
    ended = found.state in (CallState.ENDED, CallState.LOST)
    return {
        "call": found,
        "badge": words.state(found),
        "direction": words.direction(found),
        "result": words.result(found),
        "who": words.who(found),
        "where": words.where(found),
        "scenario": words.scenario(found),
        "talk": words.length(found.seconds),
        "picked_up": words.picked_up(found),
        "ended_by": words.ended_by(found),
        "line_said": words.line_said(found),
        "rang": words.length((found.answered_at - found.started_at).total_seconds()) if found.answered_at else "",
        "lines": lines,
        "deeds": [(one, words.action(one.kind), _made(one)) for one in actions],
        "ended": ended,
        "opened": opened,
        "hears": may(request.membership, "calls.listen"),
        "has_recording": sound.file_of(found) is not None,
    }


def _made(action: CallAction) -> str:
    """Where the thing stands that the action made."""
    kind, _colon, pk = action.made.partition(":")
    pages = {"request": "desk:request"}
    if kind not in pages or not pk.isdigit():
        return ""
    return reverse(pages[kind], args=[int(pk)])


def _account_url(found: Call) -> str:
    return reverse("desk:account", args=[found.account_id]) if found.account_id else ""


def _retention(found: Call) -> str:
    """Until when the recording is kept, or what became of it."""
    if found.recording_deleted_at is not None:
        return _("удалена %(day)s: срок хранения вышел") % {"day": f"{found.recording_deleted_at:%d.%m.%Y}"}
    if not found.recording:
        return _("разговор не записывали") if found.answered_at else ""
    until = found.started_at + timedelta(days=recordings.days_kept())
    return _("хранится до %(day)s") % {"day": f"{until:%d.%m.%Y}"}


def _words_kept(found: Call) -> str:
    """Until when the words are kept, or that they are gone."""
    if found.transcript_deleted_at is not None:
        return _("Слова удалены %(day)s: срок хранения вышел.") % {"day": f"{found.transcript_deleted_at:%d.%m.%Y}"}
    until = found.started_at + timedelta(days=transcripts.days_kept())
    return _("Слова хранятся до %(day)s.") % {"day": f"{until:%d.%m.%Y}"}


def _checklist(marks: Listening | None) -> list[dict[str, Any]]:
    told = marks.marks if marks else {}
    rows = []
    for item, title in listening.CHECKLIST.items():
        value = told.get(item)
        chosen = "" if value is None else str(value)
        asked = marks is not None and marks.listened_at is not None
        rows.append(
            {
                "item": item,
                "title": title,
                "options": [(code, label, asked and code == chosen) for code, label in MARKS],
            }
        )
    return rows


class CorrectionForm(forms.Form):
    """What was really said."""

    text = forms.CharField(label=gettext_lazy("Что сказано на самом деле"), max_length=500)


@require_POST
@page("calls.listen")
def correct(request: Request, pk: int, turn: int) -> HttpResponse:
    """POST text: what was really said in the turn; the test set of the recogniser grows by it."""
    found = find(request, pk)
    if not opening.reason_for(request, found):
        raise Http404
    row = CallTurn.objects.filter(call=found, pk=turn, who=Speaker.PERSON, by_keys=False).first()
    if row is None or found.transcript_deleted_at is not None:
        raise Http404
    form = CorrectionForm(request.POST)
    if form.is_valid():
        Correction.objects.create(
            turn=row, text=form.cleaned_data["text"].strip(), author=request.membership.user, created_at=clock.now()
        )
        trail.record(
            request.actor,
            "call.corrected",
            _("Исправлено расслышанное в звонке № %(number)s") % {"number": found.pk},
            subject=("call", found.pk),
        )
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(reverse("desk:call", args=[pk]))
    row = next(one for one in _turns(found) if one.pk == turn)
    titles = versions.titles(found.scenario, found.version)
    context = {"line": line(row, request.organisation.currency, titles, opened=True), "call": found, "opened": True}
    return render(request, "desk/calls/line.html", context, status=422 if form.errors else 200)


@require_POST
@page("calls.listen")
def marks(request: Request, pk: int) -> HttpResponseRedirect:
    """POST the marks of the checklist: kept once the call was opened for a reason."""
    found = find(request, pk)
    if not opening.reason_for(request, found):
        raise Http404
    told = {item: request.POST.get(f"mark-{item}", "") for item in listening.CHECKLIST}
    values = {item: int(one) if one in {"0", "1"} else None for item, one in told.items()}
    listening.mark(request.actor, found, values, request.POST.get("comment", "")[:2000], clock.now())
    following = (
        Listening.objects.filter(call__organisation=request.organisation, listened_at=None).order_by("drawn_at").first()
    )
    if following is not None and request.POST.get("next"):
        return HttpResponseRedirect(reverse("desk:call", args=[following.call_id]))
    return HttpResponseRedirect(reverse("desk:call", args=[pk]))
