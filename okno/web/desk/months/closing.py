"""Closing a month: what is left, the proof, one press; and opening it again with a reason."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.houses.models import House
from okno.ledger import verify as books
from okno.ledger.models import Account
from okno.ledger.months import checklist, proof
from okno.ledger.months import closing as months
from okno.ledger.months.proof import Proof
from okno.ledger.months.reading import MonthState
from okno.web.desk.months import checks, scope
from okno.web.desk.months.columns import Row, sheet
from okno.web.gatekeeper import Request, page
from okno.web.parts import words

AT_ONCE = 50_000
"""Accounts whose month is counted while the person waits; of more it is closed from the command line."""


class CloseForm(forms.Form):
    """The proof that was seen, and the word that a month may be closed with something left undone."""

    shown = forms.CharField(widget=forms.HiddenInput)
    anyway = forms.BooleanField(
        required=False, label=gettext_lazy("Закрыть, хотя сделано не всё: что осталось, запишем в историю месяца")
    )


@page("months.close")
def close(request: Request, month: str) -> HttpResponse:
    """GET shows the checks and the proof; POST closes what was shown."""
    state = scope.month_of(request, month)
    if not scope.sees_all(request.membership):
        raise Http404
    if state.state != "open":
        return HttpResponseRedirect(reverse("desk:month", args=[month]))
    items = checklist.made(request.organisation, state.month)
    form = CloseForm(request.POST if request.method == "POST" else None)
    refusal = ""
    if form.is_valid():
        undone = checklist.undone(items)
        if undone and not form.cleaned_data["anyway"]:
            form.add_error("anyway", _("Отметьте, что закрываете с незаконченным, или доделайте"))
        else:
            refusal = _close(request, state, form.cleaned_data["shown"], undone)
            if not refusal:
                text = _("Закрыт %(month)s") % {"month": words.month_text(state.month)}
                messages.success(request, text)
                return HttpResponseRedirect(reverse("desk:month", args=[month]))
    status = 422 if request.method == "POST" else 200
    return render(request, "desk/months/close.html", _shown(request, state, items, form, refusal), status=status)


def _close(request: Request, state: MonthState, shown: str, undone: list[dict[str, str]]) -> str:
    """Close it; why it was refused, or ""."""
    today = scope.today(request.membership)
    try:
        months.close(request.actor, state.month, today=today, shown=shown, left_undone=undone)
    except months.CannotClose as refused:
        return str(refused)
    return ""


def _shown(
    request: Request, state: MonthState, items: list[checklist.Item], form: CloseForm, refusal: str
) -> dict[str, Any]:
    large = Account.objects.filter(organisation=request.organisation).count() > AT_ONCE
    found = None if large else proof.prove(request.organisation, state.month)
    if found is not None:
        form.initial["shown"] = found.digest
    return {
        "state": state,
        "month": state.month,
        "address": scope.address(state.month),
        "items": checks.linked(request.membership, items),
        "left": sum(not item.is_clean for item in items),
        "proof": found,
        "differences": [difference.sentence for difference in found.differences] if found else [],
        "sheet": _sheet(request, found) if found else None,
        "shown": found.digest if found else "",
        "form": form,
        "refusal": refusal,
        "large": large,
    }


def _sheet(request: Request, found: Proof) -> Any:
    houses = House.objects.filter(organisation=request.organisation).order_by("sort_key", "pk")
    rows = [
        Row(house.pk, house.short_address, "", found.houses[house.pk])
        for house in houses
        if house.pk in found.houses and not found.houses[house.pk].is_empty
    ]
    return sheet(rows, first=_("Дом"), sort="", query="")


@page("months.close")
def verify(request: Request, month: str) -> HttpResponse:
    """A fragment: all balances counted anew from history and compared."""
    state = scope.month_of(request, month)
    if not scope.sees_all(request.membership):
        raise Http404
    found = books.verify(request.organisation)
    told = {
        "verified": found,
        "month": state.month,
        "differences": [difference.sentence for difference in found.differences[:10]],
    }
    return render(request, "desk/months/verified.html", told)


class ReopenForm(forms.Form):
    """Why a closed month is opened again."""

    reason = forms.CharField(
        label=gettext_lazy("Почему открываете"),
        help_text=gettext_lazy("Останется в истории месяца и в журнале действий"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=1000,
    )


@page("months.reopen")
def reopen(request: Request, month: str) -> HttpResponse:
    """GET asks for the reason; POST opens the month."""
    state = scope.month_of(request, month)
    if not scope.sees_all(request.membership) or state.closed is None:
        raise Http404
    form = ReopenForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            months.reopen(request.actor, state.month, reason=form.cleaned_data["reason"])
        except months.CannotReopen as refused:
            form.add_error(None, str(refused))
        else:
            text = _("Снова открыт %(month)s") % {"month": words.month_text(state.month)}
            messages.success(request, text)
            return HttpResponseRedirect(reverse("desk:month", args=[month]))
    context = {"state": state, "month": state.month, "address": month, "form": form}
    return render(request, "desk/months/reopen.html", context, status=422 if request.method == "POST" else 200)
