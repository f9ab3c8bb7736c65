"""The text of a scenario: edited with faults told by line, kept as a draft, compared, tried and put to work."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from okno.access.roles import may
from okno.common import clock
from okno.dialogs import expected_turns, versions
from okno.dialogs.checking import Fault, blocking, check
from okno.dialogs.models import ScenarioState, ScenarioVersion
from okno.dialogs.versions import LONGEST, VersionRefused
from okno.web.desk.calls.sections import sections
from okno.web.desk.scenarios import scope
from okno.web.gatekeeper import Request, page

AROUND = 3
"""Unchanged lines shown beside what changed."""


@page("scenarios.view")
def edit(request: Request, name: str) -> HttpResponse:
    """The editor; POST keeps the draft, faults and all: it is not spoken before it is published."""
    now = scope.shown(request, name)
    may_change = may(request.membership, "scenarios.change")
    if "version" not in request.GET:
        draft = _draft(request, name)
        now = scope.Shown(name, now.title, draft.source, draft, scope.label(draft)) if draft else now
    refused = ""
    if request.method == "POST" and may_change:
        try:
            kept = versions.save_draft(
                request.actor, name, request.POST.get("source", ""), request.POST.get("note", ""), clock.now()
            )
        except VersionRefused as error:
            refused = str(error)
        else:
            return _kept(request, kept)
    source = request.POST.get("source", "") if refused else now.source
    context = {
        "sections": sections(request, "desk:scenarios"),
        "now": now,
        "source": source.replace("\r\n", "\n"),
        "lines": _numbers(source),
        "faults": check(source, name) if len(source) <= LONGEST else (),
        "refused": refused,
        "may_change": may_change,
        "draft": now.version if now.version and now.version.state == ScenarioState.DRAFT else None,
        "note": request.POST.get("note", now.version.note if now.version else ""),
        "line": request.GET.get("line", ""),
    }
    return render(request, "desk/scenarios/edit.html", context, status=422 if refused else 200)


def _kept(request: Request, kept: ScenarioVersion) -> HttpResponse:
    faults = blocking(check(kept.source, kept.name))
    if faults:
        messages.warning(request, _("Черновик сохранён. Ошибок: %(count)s") % {"count": len(faults)})
        return HttpResponseRedirect(reverse("desk:scenario_edit", args=[kept.name]))
    messages.success(request, _("Черновик сохранён, ошибок нет"))
    page = "desk:scenario_publish" if request.POST.get("then") == "publish" else "desk:scenario_edit"
    return HttpResponseRedirect(reverse(page, args=[kept.name]))


def _draft(request: Request, name: str) -> ScenarioVersion | None:
    rows = ScenarioVersion.objects.filter(organisation=request.organisation, name=name, state=ScenarioState.DRAFT)
    return rows.order_by("-number").first()


def _numbers(source: str) -> str:
    return "\n".join(str(number) for number in range(1, source.count("\n") + 2))


@require_POST
@page("scenarios.change")
def checked(request: Request, name: str) -> HttpResponse:
    """POST the text: its faults by line, nothing kept."""
    scope.check_name(name)
    source = request.POST.get("source", "").replace("\r\n", "\n")
    faults: tuple[Fault, ...] = check(source, name) if len(source) <= LONGEST else ()
    return render(request, "desk/scenarios/faults.html", {"faults": faults, "lines": _numbers(source)})


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a comparison: its number before and after, and add, drop, same or skip."""

    before: int | None
    after: int | None
    kind: str
    text: str


def compared(one: str, other: str) -> list[Row]:
    """What changed from one text to the other, with a few lines around; empty when nothing did."""
    return list(_rows(one.splitlines(), other.splitlines()))


def _rows(one: list[str], other: list[str]) -> Iterator[Row]:
    matcher = difflib.SequenceMatcher(a=one, b=other, autojunk=False)
    for group in matcher.get_grouped_opcodes(AROUND):
        _tag, first, _end, second, _last = group[0]
        if first or second:
            yield Row(None, None, "skip", "⋯")
        for tag, since, until, start, end in group:
            if tag == "equal":
                for place in range(until - since):
                    yield Row(since + place + 1, start + place + 1, "same", one[since + place])
                continue
            for place in range(since, until):
                yield Row(place + 1, None, "drop", one[place])
            for place in range(start, end):
                yield Row(None, place + 1, "add", other[place])


@page("scenarios.change")
def publish(request: Request, name: str) -> HttpResponse:
    """What changes, whether the expected dialogs still go well, and the button that puts it to work."""
    scope.check_name(name)
    version = scope.find(request, name, request.GET["version"]) if "version" in request.GET else _draft(request, name)
    if version is None:
        messages.info(request, _("Публиковать нечего: сначала сохраните черновик"))
        return HttpResponseRedirect(reverse("desk:scenario_edit", args=[name]))
    faults = blocking(check(version.source, name))
    ran = [] if faults else expected_turns.run(versions.parsed(version.source, name))
    missed = [one for one in ran if not one.passed]
    refused = ""
    if request.method == "POST":
        refused = _published(request, version, bool(missed))
        if not refused:
            return HttpResponseRedirect(reverse("desk:scenarios"))
    live = versions.source_of(request.organisation, name)
    context: dict[str, Any] = {
        "sections": sections(request, "desk:scenarios"),
        "now": scope.Shown(name, scope.shown(request, name).title, version.source, version, scope.label(version)),
        "version": version,
        "faults": faults,
        "ran": ran,
        "missed": missed,
        "passed": len(ran) - len(missed),
        "diff": compared(live, version.source),
        "refused": refused,
        "share": request.POST.get("share", "50"),
        "arm": request.POST.get("arm", "A"),
    }
    return render(request, "desk/scenarios/publish.html", context, status=422 if refused else 200)


def _published(request: Request, version: ScenarioVersion, missed: bool) -> str:
    """Publish as the form tells; why not, in words, else ""."""
    if missed and request.POST.get("anyway") != "1":
        return _("Не все ожидаемые разговоры прошли. Отметьте, что публикуете с этим, или исправьте текст.")
    why = request.POST.get("why", "").strip()
    if not why:
        return _("Напишите, зачем меняете: это останется в журнале действий.")
    arm, share = request.POST.get("arm", "A"), request.POST.get("share", "50")
    try:
        versions.publish(
            request.actor,
            version,
            arm=arm,
            share=int(share) if share.isdecimal() and len(share) < 4 else 0,
            why=why,
            now=clock.now(),
        )
    except VersionRefused as error:
        return str(error)
    if arm == "B":
        messages.success(
            request, _("Опубликовано второй ветвью: по ней пойдёт %(share)s %% звонков") % {"share": share}
        )
    else:
        messages.success(request, _("Опубликовано: следующий звонок говорит по этой версии"))
    return ""


@require_POST
@page("scenarios.change")
def archive(request: Request, name: str) -> HttpResponse:
    """POST version and why: the version goes out of use."""
    scope.check_name(name)
    version = scope.find(request, name, request.POST.get("version", ""))
    why = request.POST.get("why", "").strip()
    if not why:
        messages.error(request, _("Напишите причину: она останется в журнале"))
    else:
        versions.archive(request.actor, version, why=why)
        messages.success(request, _("Версия убрана в архив"))
    return HttpResponseRedirect(reverse("desk:scenarios"))
