"""The calculator: bills and payments typed in, the penalty explained, other readings beside it. Nothing is kept."""

from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.access.models import Organisation
from okno.access.roles import may
from okno.access.working_days import calendar_of
from okno.common import clock
from okno.law.countries import pack
from okno.law.dated import NotInForce
from okno.law.penalty import NO_SETTINGS, PenaltyQuestion
from okno.law.penalty_bills import Billed, Payment, settle
from okno.ledger.models import Regime
from okno.ledger.penalties.terms import OrganisationTerms
from okno.web.desk.penalties import what_if
from okno.web.desk.penalties.typed import Line, LinesField
from okno.web.gatekeeper import Request, page
from okno.web.parts.penalties import BillTold


def day_field(**options: Any) -> forms.DateField:
    """A calendar day as the browser asks for it."""
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


class CalculatorForm(forms.Form):
    """What was billed, what was paid, of which sort, and until when."""

    bills = LinesField(
        months=True,
        label=gettext_lazy("Начислено"),
        help_text=gettext_lazy("Срок оплаты и сумма, каждое начисление с новой строки. Вместо срока можно месяц."),
        placeholder="10.06.2025  10 000,00\n07.2025  8 540,10",
    )
    payments = LinesField(
        label=gettext_lazy("Оплачено"),
        required=False,
        help_text=gettext_lazy(
            "День и сумма. Платёж гасит самое старое начисление, а те, что за сроком давности, последними."
        ),
        placeholder="01.08.2025  4 000,00",
    )
    regime = forms.ChoiceField(label=gettext_lazy("Вид начислений"))
    as_of = day_field(label=gettext_lazy("Посчитать по день"), help_text=gettext_lazy("Включительно"))
    known = day_field(
        label=gettext_lazy("Как закон был известен на"),
        required=False,
        help_text=gettext_lazy("Пусто: как известен сейчас"),
    )

    def __init__(self, organisation: Organisation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._organisation = organisation
        self._calendar = calendar_of(organisation)
        regimes = pack(organisation.country).penalty.regimes
        self.fields["regime"].choices = [(code, Regime(code).label) for code in regimes]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                told["bills"] = [self._with_due_day(line, told["regime"]) for line in told["bills"]]
            except NotInForce as refusal:
                self.add_error("bills", str(refusal))
        return told

    def _with_due_day(self, line: Line, regime: str) -> Line:
        if not line.is_month:
            return line
        due = pack(self._organisation.country).due_day(line.day, regime=regime, calendar=self._calendar)
        return replace(line, day=due.value)

    def sum(self) -> "Sum":
        """What was asked. The form must be valid."""
        told = self.cleaned_data
        settled = settle(
            [Billed(amount_minor=line.amount_minor, due_on=line.day) for line in told["bills"]],
            [Payment(amount_minor=line.amount_minor, on=line.day) for line in told["payments"]],
            told["regime"],
            pack(self._organisation.country).limitation,
        )
        question = PenaltyQuestion(
            arrears=settled.arrears, as_of=told["as_of"], known_as_of=told["known"], calendar=self._calendar
        )
        return Sum(question=question, advance_minor=settled.advance_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """A question for the law, and what was paid above all bills."""

    question: PenaltyQuestion
    advance_minor: int

    def titles(self) -> dict[str, BillTold]:
        """The bills by their numbers: «№ 1»."""
        return {
            arrear.ref: BillTold(title=_("№ %(number)s") % {"number": arrear.ref}) for arrear in self.question.arrears
        }


@page("ledger.view")
def calculator(request: Request) -> HttpResponse:
    """GET with nothing asks; with bills it answers. Everything stands in the address, so an answer can be sent on."""
    organisation = request.organisation
    today = clock.today(organisation.time_zone)
    law = pack(organisation.country).penalty
    asked = "bills" in request.GET
    form = CalculatorForm(organisation, request.GET if asked else None, initial={"as_of": today})
    context: dict[str, Any] = {
        "form": form,
        "asked": asked,
        "today": today,
        "may_enter": may(request.membership, "settings.norms"),
    }
    if asked and form.is_valid():
        counted = form.sum()
        told = form.cleaned_data
        standing = OrganisationTerms(organisation).on(told["regime"], told["as_of"]).settings
        context |= what_if.answer(request, law, counted.question, standing, counted.titles())
        context["advance_minor"] = counted.advance_minor
    else:
        context |= what_if.asked(request, law, NO_SETTINGS)
    wrong = asked and (bool(form.errors) or context["readings"].faults)
    return render(request, "desk/penalties/calculator.html", context, status=422 if wrong else 200)
