"""The organisation's terms of penalties: when they are posted, from which sum, and how the law is read; seen first."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.access.models import Organisation
from okno.access.roles import may
from okno.common import clock
from okno.common.days import add_months
from okno.debts.models import Case, CaseState
from okno.law.countries import pack
from okno.law.penalty import PenaltyLaw
from okno.ledger.models import Account, Regime
from okno.ledger.penalties.accrual import accrued_of
from okno.ledger.penalties.models import PenaltyTerms, Posting
from okno.ledger.penalties.terms import OrganisationTerms, Terms, TermsRefused, change, terms_of
from okno.web.desk.accounts import scope
from okno.web.desk.debts.audience import MoneyField
from okno.web.desk.penalties.calculator import day_field
from okno.web.desk.penalties.readings import ReadingForm, in_words
from okno.web.desk.settings.sections import sections
from okno.web.gatekeeper import Request, page
from okno.web.parts import words

EXAMPLES = 3
READINGS = "s"
"""Prefix of the settings' fields."""


class TermsForm(forms.Form):
    """From which day, when a penalty becomes a bill, and from which sum."""

    posting = forms.ChoiceField(
        label=gettext_lazy("Когда пеня попадает в счёт"), choices=Posting.choices, widget=forms.RadioSelect
    )
    least = MoneyField(
        label=gettext_lazy("Наименьшая сумма"),
        required=False,
        help_text=gettext_lazy("Меньшая ждёт следующего месяца"),
    )
    since = day_field(label=gettext_lazy("Действует с"))
    reason = forms.CharField(label=gettext_lazy("Почему меняем"), max_length=200)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """An account with its penalty by the present terms and by those proposed; None: a value is missing."""

    account: Account
    before_minor: int | None
    after_minor: int | None


@page("settings.view")
def penalty_terms(request: Request) -> HttpResponse:
    """GET shows the terms of a regime; POST step=preview shows what would change, step=confirm takes it."""
    organisation = request.organisation
    today = clock.today(organisation.time_zone)
    law = pack(organisation.country).penalty
    regime = _regime(request, law)
    if regime is None:
        return render(request, "desk/settings/penalties.html", {"sections": sections(request, "desk:penalty_terms")})
    present = OrganisationTerms(organisation).on(regime, today)
    may_change = may(request.membership, "settings.penalties")
    posted = request.POST if request.method == "POST" and may_change else None
    form = TermsForm(posted, initial=_initial(present, today))
    readings = ReadingForm(law, present.settings, posted, prefix=READINGS, guesses=False)
    context: dict[str, Any] = {
        "sections": sections(request, "desk:penalty_terms"),
        "regimes": _chips(law, regime),
        "regime": regime,
        "present": present,
        "sentence": in_sentence(law, present),
        "form": form,
        "readings": readings,
        "may_change": may_change,
        "may_post": may(request.membership, "penalties.post"),
        "history": _history(law, organisation, regime),
    }
    if posted is not None and form.is_valid() and readings.is_valid():
        proposed = _proposed(law, regime, form, readings)
        if request.POST.get("step") == "confirm":
            try:
                change(request.actor, proposed, reason=form.cleaned_data["reason"])
            except TermsRefused as refused:
                form.add_error(None, str(refused))
            else:
                day = words.day_text(proposed.since)
                messages.success(request, _("Новые условия пени действуют с %(day)s") % {"day": day})
                return HttpResponseRedirect(f"{reverse('desk:penalty_terms')}?regime={regime}")
        context["proposed"] = in_sentence(law, proposed)
        context["examples"] = examples(request, law, proposed, today)
    wrong = posted is not None and bool(form.errors or readings.errors)
    return render(request, "desk/settings/penalties.html", context, status=422 if wrong else 200)


def _regime(request: Request, law: PenaltyLaw) -> str | None:
    asked = request.POST.get("regime") or request.GET.get("regime")
    if asked in law.regimes:
        return asked
    return law.regimes[0] if law.regimes else None


def _chips(law: PenaltyLaw, current: str) -> list[dict[str, Any]]:
    return [
        {"code": regime, "title": str(Regime(regime).label).capitalize(), "current": regime == current}
        for regime in law.regimes
    ]


def _initial(present: Terms, today: date) -> dict[str, Any]:
    least = present.least_minor
    return {
        "posting": present.posting,
        "least": f"{least // 100},{least % 100:02}".removesuffix(",00"),
        "since": add_months(today.replace(day=1), 1),
    }


def _proposed(law: PenaltyLaw, regime: str, form: TermsForm, readings: ReadingForm) -> Terms:
    """The terms as typed; of the settings only those that are not the law's defaults."""
    defaults = law.resolved({})
    told = form.cleaned_data
    return Terms(
        regime=regime,
        since=told["since"],
        posting=Posting(told["posting"]),
        least_minor=told["least"] or 0,
        settings={name: value for name, value in readings.settings().items() if value != defaults[name]},
    )


def in_sentence(law: PenaltyLaw, terms: Terms) -> str:
    """«Проводится раз в месяц, от 10 ₽. Чья ставка: каждого дня просрочки»."""
    told = [str(terms.posting.label).capitalize()]
    if terms.least_minor:
        told.append(_("от %(sum)s") % {"sum": words.money_text(terms.least_minor)})
    chosen = "; ".join(in_words(law, terms.settings)) or _("Закон прочитан так, как предложено программой")
    return f"{', '.join(told)}. {chosen}."


def examples(request: Request, law: PenaltyLaw, proposed: Terms, today: date) -> list[Example]:
    """The accounts in sight with the largest debts: what they cost today by the present terms and by the proposed."""
    cases = Case.objects.filter(account__in=scope.accounts(request.membership), state=CaseState.OPEN)
    largest = list(cases.order_by("-debt_minor").values_list("account_id", flat=True)[:EXAMPLES])
    accounts = {row.pk: row for row in scope.accounts(request.membership).filter(pk__in=largest)}
    found = []
    for pk, told in accrued_of(request.organisation, largest, today).items():
        one = next(regime for regime in told.regimes if regime.regime == proposed.regime)
        after = law.explain(replace(one.question, settings=proposed.settings)).total_minor
        found.append(Example(account=accounts[pk], before_minor=one.rounded_minor, after_minor=after))
    return found


def _history(law: PenaltyLaw, organisation: Organisation, regime: str) -> list[dict[str, Any]]:
    rows = PenaltyTerms.objects.filter(organisation=organisation, regime=regime).order_by("-since")[:20]
    return [{"since": row.since, "author": row.author, "sentence": in_sentence(law, terms_of(row))} for row in rows]
