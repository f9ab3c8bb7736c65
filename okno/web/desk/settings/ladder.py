"""The steps by which a debt is brought back: the ladder in force, how many stand on each step, and a new one."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Sum
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.access.roles import may
from okno.common import clock
from okno.debts import ladder
from okno.debts.ladder import Step
from okno.debts.models import Case, CaseState, Ladder
from okno.web.desk.debts.audience import MoneyField
from okno.web.desk.settings.sections import sections
from okno.web.gatekeeper import Request, page
from okno.web.parts import words

FAMILIES = {
    "message": gettext_lazy("написать"),
    "call": gettext_lazy("позвонить"),
    "meeting": gettext_lazy("встретиться"),
}
MOST_STEPS = 12


class StepForm(forms.Form):
    """One step; without a name it is no step."""

    name = forms.CharField(label=gettext_lazy("Шаг"), max_length=ladder.LONGEST_CODE, required=False)
    days = forms.IntegerField(label=gettext_lazy("С какого дня просрочки"), min_value=1, initial=1)
    months = forms.IntegerField(label=gettext_lazy("От скольких месяцев долга"), min_value=1, initial=1)
    least = MoneyField(label=gettext_lazy("От какой суммы"), required=False)
    families = forms.MultipleChoiceField(
        label=gettext_lazy("Что сделать"),
        choices=FAMILIES.items,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    repeat_days = forms.IntegerField(
        label=gettext_lazy("Повторять, дней"),
        min_value=0,
        initial=0,
        help_text=gettext_lazy("0 — один раз"),
    )
    to_court = forms.BooleanField(
        label=gettext_lazy("Это уже суд или нотариус: не раньше, чем разрешает закон"), required=False
    )

    def step(self) -> Step | None:
        """The step that was typed. The form must be valid."""
        told = self.cleaned_data
        name = (told.get("name") or "").strip()
        if not name:
            return None
        code = next((code for code, title in ladder.TITLES.items() if str(title) == name), name)
        return Step(
            code=code,
            days=told["days"],
            months=told["months"],
            least_minor=told["least"] or 0,
            repeat_days=told["repeat_days"],
            families=tuple(told["families"]),
            to_court=told["to_court"],
        )


StepForms = forms.formset_factory(StepForm, extra=1, max_num=MOST_STEPS)


class ChangeForm(forms.Form):
    """From which day and why."""

    since = forms.DateField(
        label=gettext_lazy("Действует с"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    reason = forms.CharField(label=gettext_lazy("Почему меняем"), max_length=200, required=False)


@page("settings.view")
def steps(request: Request) -> HttpResponse:
    """GET shows; POST takes a new ladder. Sent twice it is one."""
    organisation = request.organisation
    today = clock.today(organisation.time_zone)
    may_change = may(request.membership, "settings.debt")
    present = ladder.in_force(organisation, today)
    bound = request.method == "POST" and may_change
    change = ChangeForm(request.POST if bound else None, initial={"since": today})
    # What was typed is taken as it is, whatever has come into force since the form was opened.
    shown = None if bound else [_initial(step) for step in present]
    typed = StepForms(request.POST if bound else None, initial=shown, prefix="step")
    if bound and change.is_valid() and typed.is_valid():
        wanted = [step for form in typed if (step := form.step()) is not None]
        try:
            row = ladder.change(request.actor, wanted, **change.cleaned_data)
            messages.success(request, _("Новые шаги действуют с %(day)s") % {"day": words.day_text(row.since)})
            return HttpResponseRedirect(reverse("desk:ladder"))
        except ladder.LadderRefused as refused:
            change.add_error(None, str(refused))
    context: dict[str, Any] = {
        "sections": sections(request, "desk:ladder"),
        "change": change,
        "typed": typed,
        "may_change": may_change,
        "present": _standing(request, present),
        "history": Ladder.objects.filter(organisation=organisation).order_by("-since")[:20],
    }
    wrong = bound and (change.errors or typed.total_error_count())
    return render(request, "desk/settings/ladder.html", context, status=422 if wrong else 200)


def _initial(step: Step) -> dict[str, Any]:
    least = step.least_minor
    return {
        "name": str(step),
        "days": step.days,
        "months": step.months,
        "least": f"{least // 100},{least % 100:02}".removesuffix(",00") if least else "",
        "families": list(step.families),
        "repeat_days": step.repeat_days,
        "to_court": step.to_court,
    }


def _standing(request: Request, present: tuple[Step, ...]) -> list[dict[str, Any]]:
    """The steps in words, with the cases that stand on each since the last night."""
    organisation = request.organisation
    cases = Case.objects.filter(organisation=organisation, state=CaseState.OPEN).values("step").order_by("step")
    found = cases.annotate(count=Count("pk"), minor=Sum("debt_minor")).values_list("step", "count", "minor")
    counts = {step: (count, minor) for step, count, minor in found}
    return [
        {
            "title": str(step),
            "condition": ladder.condition(step, currency=organisation.currency),
            "asks": ", ".join(str(FAMILIES[family]) for family in step.families),
            "repeat_days": step.repeat_days,
            "count": counts.get(step.code, (0, 0))[0],
            "minor": counts.get(step.code, (0, 0))[1],
            "url": f"{reverse('desk:portfolio')}?step={step.code}",
        }
        for step in present
    ]
