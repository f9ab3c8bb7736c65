"""Whom a campaign is for: a filter that reads as a sentence, counted while it is being chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from okno.access.models import Membership
from okno.common import clock, money
from okno.debts.models import Case
from okno.debts.words import AGE_LABELS
from okno.houses.models import House
from okno.houses.visibility import visible_to
from okno.ledger.ages import AGES
from okno.outreach import causes
from okno.web.gatekeeper import Request, page
from okno.web.parts import words

SAMPLES = 10

PLANS = {
    "message": gettext_lazy("кому сегодня написать"),
    "call": gettext_lazy("кому сегодня позвонить"),
    "meeting": gettext_lazy("с кем сегодня встретиться"),
}
"""What the plan of a day asks for, by family of channels."""


class MoneyField(forms.CharField):
    """A sum as people write it, in whole units; cleaned into minor units."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}), **options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            minor = money.parse_minor(text)
        except money.NotAnAmount as error:
            raise forms.ValidationError(str(error)) from error
        if minor < 0:
            raise forms.ValidationError(_("Сумма не бывает отрицательной"))
        return minor


class AudienceForm(forms.Form):
    """The conditions; `exactly` keeps the cases that were marked in the list and switches the others off."""

    least = MoneyField(label=gettext_lazy("Долг не меньше"), required=False)
    months = forms.ChoiceField(
        label=gettext_lazy("Не платят"),
        required=False,
        choices=[
            ("", gettext_lazy("сколько угодно")),
            ("1", gettext_lazy("от 1 месяца")),
            ("2", gettext_lazy("от 2 месяцев")),
            ("3", gettext_lazy("от 3 месяцев")),
            ("6", gettext_lazy("от 6 месяцев")),
            ("12", gettext_lazy("от года")),
        ],
    )
    plan = forms.ChoiceField(
        label=gettext_lazy("План дня"),
        required=False,
        choices=[("", gettext_lazy("не важно")), *PLANS.items()],
        help_text=gettext_lazy("Чей шаг просит обратиться сегодня и к кому ещё не обращались"),
    )
    ages = forms.MultipleChoiceField(
        label=gettext_lazy("Возраст долга"),
        required=False,
        choices=[(name, AGE_LABELS[name]) for name in AGES],
        widget=forms.CheckboxSelectMultiple,
    )
    houses = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Дома"),
        required=False,
        queryset=House.objects.none(),
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=gettext_lazy("Ничего не выбрано — все дома, которые вам видны"),
    )

    def __init__(self, *arguments: Any, membership: Membership, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.membership = membership
        houses: forms.ModelMultipleChoiceField = self.fields["houses"]  # type: ignore[assignment,type-arg]
        houses.queryset = visible_to(membership).order_by("sort_key")

    def filter(self) -> dict[str, Any]:
        """The conditions as the cause of debts understands them. The form must be valid."""
        told = self.cleaned_data
        found: dict[str, Any] = {}
        if told["least"]:
            found["least_minor"] = told["least"]
        if told["months"]:
            found["months"] = int(told["months"])
        if told["plan"]:
            found["plan"] = told["plan"]
        if told["ages"]:
            found["ages"] = list(told["ages"])
        houses = sorted(house.pk for house in told["houses"])
        return within_sight({**found, "houses": houses} if houses else found, self.membership)


def within_sight(conditions: Mapping[str, Any], membership: Membership) -> dict[str, Any]:
    """The same conditions, narrowed to the houses this person sees: nobody writes to a house out of sight."""
    if membership.all_houses:
        return dict(conditions)
    seen = set(visible_to(membership).values_list("pk", flat=True))
    asked = conditions.get("houses")
    return {**conditions, "houses": sorted(seen if asked is None else seen & set(asked))}


def initial(conditions: Mapping[str, Any]) -> dict[str, Any]:
    """A kept filter as the form shows it."""
    least = conditions.get("least_minor")
    return {
        "least": f"{least // 100},{least % 100:02}".removesuffix(",00") if least else "",
        "months": str(conditions.get("months", "")),
        "plan": conditions.get("plan", ""),
        "ages": conditions.get("ages", []),
        "houses": conditions.get("houses", []),
    }


def sentence(conditions: Mapping[str, Any]) -> str:
    """«Должники с долгом от 5 000 ₽, от 3 месяцев, в 2 домах»."""
    parts = []
    if "cases" in conditions:
        count = len(conditions["cases"])
        told = ngettext("ровно %(count)s отмеченный должник", "ровно %(count)s отмеченных должников", count)
        return told % {"count": words.number_text(count)}
    if conditions.get("least_minor"):
        parts.append(_("с долгом от %(sum)s") % {"sum": words.money_text(conditions["least_minor"])})
    if conditions.get("months"):
        told = ngettext("не платят от %(count)s месяца", "не платят от %(count)s месяцев", conditions["months"])
        parts.append(told % {"count": conditions["months"]})
    if conditions.get("plan"):
        parts.append(_("по плану дня, %(whom)s") % {"whom": PLANS[conditions["plan"]]})
    if conditions.get("ages"):
        parts.append(
            _("возраст долга: %(ages)s") % {"ages": ", ".join(str(AGE_LABELS[one]) for one in conditions["ages"])}
        )
    if conditions.get("houses") is not None:
        count = len(conditions["houses"])
        parts.append(ngettext("в %(count)s доме", "в %(count)s домах", count) % {"count": count})
    return _("все должники") + (": " + ", ".join(parts) if parts else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How many and how much the conditions find now, with a few of them; the largest first."""

    count: int
    debt_minor: int
    samples: QuerySet[Case]
    sentence: str


def extent(membership: Membership, conditions: Mapping[str, Any]) -> Extent:
    """Count what the conditions find today."""
    organisation = membership.organisation
    day = clock.today(organisation.time_zone)
    pairs = causes.get("debt").audience(organisation=organisation, filter=conditions, day=day)
    ids = [case for case, _account in pairs]
    total = Case.objects.filter(pk__in=ids).aggregate(total=Sum("debt_minor"))["total"] or 0
    samples = Case.objects.filter(pk__in=ids[:SAMPLES]).select_related("account__flat__house").order_by("-debt_minor")
    return Extent(count=len(ids), debt_minor=int(total), samples=samples, sentence=sentence(conditions))


@page("outreach.plan")
def counted(request: Request) -> HttpResponse:
    """GET with the form's fields: the fragment that tells how many the conditions find."""
    form = AudienceForm(request.GET, membership=request.membership)
    found = extent(request.membership, form.filter()) if form.is_valid() else None
    return render(request, "desk/debts/audience_count.html", {"extent": found, "form": form})
