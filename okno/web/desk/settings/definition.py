"""What this organisation calls a debt: the sentence in force, and a new one seen before it is taken."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.access.roles import may
from okno.common import clock
from okno.debts import definition
from okno.debts.models import DebtDefinition
from okno.ledger.models import Regime
from okno.web.desk.debts.audience import MoneyField
from okno.web.desk.settings.sections import sections
from okno.web.gatekeeper import Request, page
from okno.web.parts import words


class DefinitionForm(forms.Form):
    """The terms of a definition and its first day."""

    regimes = forms.MultipleChoiceField(
        label=gettext_lazy("Что входит в долг"), choices=Regime.choices, widget=forms.CheckboxSelectMultiple
    )
    days_allowed = forms.IntegerField(
        label=gettext_lazy("Сколько дней после срока ещё не долг"),
        min_value=0,
        max_value=365,
        help_text=gettext_lazy("0 — долг со следующего дня после срока оплаты"),
    )
    least = MoneyField(label=gettext_lazy("Наименьшая сумма"), help_text=gettext_lazy("Меньшие остатки не тревожат"))
    since = forms.DateField(
        label=gettext_lazy("Действует с"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    reason = forms.CharField(label=gettext_lazy("Почему меняем"), max_length=200, required=False)

    def terms(self) -> definition.Terms:
        """The terms. The form must be valid."""
        told = self.cleaned_data
        return definition.Terms(
            regimes=tuple(told["regimes"]), days_allowed=told["days_allowed"], least_minor=told["least"] or 0
        )


@page("settings.view")
def rules(request: Request) -> HttpResponse:
    """GET shows; POST step=preview shows what would change; POST step=confirm takes it."""
    organisation = request.organisation
    today = clock.today(organisation.time_zone)
    may_change = may(request.membership, "settings.debt")
    present = definition.in_force(organisation, today)
    bound = request.method == "POST" and may_change
    form = DefinitionForm(request.POST if bound else None, initial=_initial(request, present, today))
    preview = None
    if bound and form.is_valid():
        terms = form.terms()
        try:
            if request.POST.get("step") == "confirm":
                _take(request, form, terms)
                return HttpResponseRedirect(reverse("desk:rules"))
            preview = definition.preview(organisation, terms, day=today)
        except definition.DefinitionRefused as refused:
            form.add_error(None, str(refused))
    context: dict[str, Any] = {
        "sections": sections(request, "desk:rules"),
        "form": form,
        "may_change": may_change,
        "present": present,
        "sentence": definition.sentence(definition.terms_of(present), currency=organisation.currency),
        "preview": preview,
        "proposed": definition.sentence(form.terms(), currency=organisation.currency) if preview else "",
        "history": _history(request),
        "today": today,
    }
    return render(request, "desk/settings/rules.html", context, status=422 if bound and form.errors else 200)


def _take(request: Request, form: DefinitionForm, terms: definition.Terms) -> None:
    since = form.cleaned_data["since"]
    before = definition.in_force(request.organisation, since)
    if before.since == since and definition.terms_of(before) == terms:
        return  # the same form came twice
    definition.change(request.actor, terms, since=since, reason=form.cleaned_data["reason"])
    messages.success(request, _("Новое определение действует с %(day)s") % {"day": words.day_text(since)})


def _initial(request: Request, present: DebtDefinition, today: Any) -> dict[str, Any]:
    least = present.least_minor
    return {
        "regimes": present.regimes,
        "days_allowed": present.days_allowed,
        "least": f"{least // 100},{least % 100:02}".removesuffix(",00"),
        "since": today.replace(day=1).replace(month=today.month % 12 + 1, year=today.year + today.month // 12),
    }


def _history(request: Request) -> list[dict[str, Any]]:
    rows = DebtDefinition.objects.filter(organisation=request.organisation).order_by("-since")[:20]
    currency = request.organisation.currency
    return [
        {
            "since": row.since if row.since > definition.FIRST_DAY else None,
            "sentence": definition.sentence(definition.terms_of(row), currency=currency),
            "author": row.author,
        }
        for row in rows
    ]
