"""One norm: its picture through time, every value with its source, and the forms by which people enter another."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from okno.access.norms import CannotEnter, Standing, standing, withdraw
from okno.access.roles import may
from okno.common import clock
from okno.law import dated
from okno.law.countries import pack
from okno.law.dated import Parameter, Rule
from okno.web.desk.settings.entering import ListForm, ValueForm, WithdrawalForm
from okno.web.desk.settings.law import told
from okno.web.gatekeeper import Request, page
from okno.web.parts import norms, values
from okno.web.parts.values import Step

LATEST = 10
"""Editions shown at once; the rest stand behind a press."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A value that people entered: as the page tells it, and the form that would withdraw it."""

    row: Standing
    text: str
    form: WithdrawalForm


@dataclass(slots=True, kw_only=True)
class Forms:
    """What may be filled in on the page, and what became of it."""

    value: ValueForm | None = None
    rows: ListForm | None = None
    withdrawal: WithdrawalForm | None = None
    refused: list[str] = field(default_factory=list)
    done: bool = False

    @property
    def wrong(self) -> bool:
        return any(form is not None and form.errors for form in (self.value, self.rows, self.withdrawal))


@page("settings.view")
def norm(request: Request, name: str) -> HttpResponse:
    """GET shows; POST with `deed` enters a value, takes a list over, or withdraws what was entered."""
    one = find(request, name)
    today = clock.today(request.organisation.time_zone)
    filled = _forms(request, one)
    if filled.done:
        return redirect(reverse("desk:norm", args=[name]) + "#entered")
    shown = told(one, today)
    context: dict[str, Any] = {
        "norm": shown,
        "latest": shown.editions[:LATEST],
        "older": shown.editions[LATEST:],
        "picture": picture(one, today),
        "forms": filled,
        "entered": _entered(one, filled.withdrawal) if isinstance(one, Parameter) else [],
        "today": today,
    }
    return render(request, "desk/settings/norm.html", context, status=422 if filled.wrong or filled.refused else 200)


def find(request: Request, name: str) -> Parameter | Rule[..., Any]:
    """A norm of the organisation's own country; 404 for any other."""
    country = request.organisation.country
    pack(country)
    found = {one.name: one for one in dated.listed() if one.name.startswith(f"{country}.")}.get(name)
    if found is None:
        raise Http404
    return found


def _forms(request: Request, one: Parameter | Rule[..., Any]) -> Forms:
    allowed = may(request.membership, "settings.norms")
    if request.method == "POST" and not (allowed and isinstance(one, Parameter)):
        raise PermissionDenied("settings.norms")
    if not allowed or not isinstance(one, Parameter):
        return Forms()
    deed = request.POST.get("deed", "") if request.method == "POST" else ""
    filled = Forms(
        value=ValueForm(one, request.POST if deed == "enter" else None, initial={"since": request.GET.get("since")}),
        rows=ListForm(one, *((request.POST, request.FILES) if deed == "import" else ())),
    )
    match deed:
        case "enter":
            filled.done = _enter(request, filled.value)
        case "import":
            _import(request, filled)
        case "withdraw":
            filled.withdrawal = WithdrawalForm(request.POST)
            _withdraw(request, filled, filled.withdrawal)
    return filled


def _enter(request: Request, form: ValueForm | None) -> bool:
    if form is None or not form.is_valid() or not form.enter(request.actor):
        return False
    messages.success(request, _("Значение введено: по нему уже считается"))
    return True


def _import(request: Request, filled: Forms) -> None:
    form = filled.rows
    taken = form.enter(request.actor) if form is not None and form.is_valid() else None
    if taken is None:
        return
    if taken.entered:
        told_count = ngettext("Введено %(count)s значение", "Введено значений: %(count)s", taken.entered)
        messages.success(request, told_count % {"count": taken.entered})
    filled.refused = [_refusal(line.number, line.reason) for line in taken.refused[:50]]
    filled.done = not filled.refused
    if filled.done and not taken.entered:
        messages.info(request, _("Нового в списке нет: все значения уже введены"))


def _refusal(number: int, reason: str) -> str:
    return _("строка %(line)s: %(text)s") % {"line": number, "text": reason}


def _withdraw(request: Request, filled: Forms, form: WithdrawalForm) -> None:
    if not form.is_valid():
        return
    try:
        withdraw(form.cleaned_data["number"], form.cleaned_data["reason"], request.actor)
    except CannotEnter as refusal:
        filled.refused = [str(refusal)]
        return
    messages.success(request, _("Значение отозвано"))
    filled.done = True


def _entered(one: Parameter, bound: WithdrawalForm | None) -> list[Entered]:
    """What people entered for the norm; the form that came back with faults stands with its own value."""
    found = []
    for own in standing():
        if own.row.name != one.name:
            continue
        asked = bound if bound is not None and bound.data.get("number") == str(own.row.pk) else None
        found.append(
            Entered(
                row=own,
                text=norms.value_text(own.row.value, one.unit),
                form=asked or WithdrawalForm(initial={"number": own.row.pk}, auto_id=f"id_{own.row.pk}_%s"),
            )
        )
    return found


def picture(one: Parameter | Rule[..., Any], today: date) -> SafeString:
    """The values as steps; nothing for a norm that is no number or that never changed."""
    if not isinstance(one, Parameter) or one.unit not in norms.DRAWN:
        return SafeString("")
    entries = [
        Step(
            since=value.since,
            until=value.until,
            number=float(value.value),
            text=norms.value_text(value.value, one.unit),
        )
        for value in sorted(_latest_known(one), key=lambda value: value.since)
    ]
    title = one.title.get("ru", one.name)
    return values.steps(entries, title=_("Как менялось: %(title)s") % {"title": title}, today=today)


def _latest_known(one: Parameter) -> list[dated.Value]:
    """Of values with the same first day, the one known last."""
    kept: dict[date, dated.Value] = {}
    for value in sorted(one.values, key=lambda value: (value.since, value.known_since or value.since)):
        if not value.key:
            kept[value.since] = value
    return list(kept.values())
