"""Where residents pay to: requisites by country, checked while they are typed, with the bill as it will look."""

from base64 import b64encode
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from okno.access.models import Organisation
from okno.access.roles import may
from okno.common import clock
from okno.exchange.paper import specimen
from okno.exchange.paper.codes.unfit import UnfitForCode
from okno.exchange.paper.details import CODES, DetailsRefused, faults, keep
from okno.exchange.paper.models import PaymentDetails, PeriodForm
from okno.exchange.paper.press import PressFailed
from okno.houses.models import House
from okno.law.dated import NotInForce
from okno.ledger.models import Regime
from okno.web.desk.settings.sections import sections
from okno.web.gatekeeper import Request, page

#: By country: the fields in the order of its forms, with their words and hints.
FIELDS: dict[str, dict[str, tuple[str, str]]] = {
    "ru": {
        "payee": (gettext_noop("Получатель"), gettext_noop("Как в договоре с банком")),
        "tax_number": (gettext_noop("ИНН"), ""),
        "reason_code": (gettext_noop("КПП"), gettext_noop("У предпринимателя его нет")),
        "account": (gettext_noop("Расчётный счёт"), gettext_noop("20 цифр")),
        "bank_name": (gettext_noop("Банк"), gettext_noop("До 45 знаков: столько вмещает QR-код")),
        "bank_code": (gettext_noop("БИК"), gettext_noop("9 цифр")),
        "correspondent_account": (gettext_noop("Корреспондентский счёт"), gettext_noop("20 цифр")),
        "code": (
            gettext_noop("QR-код"),
            gettext_noop("Спросите у банка, какой он читает"),
        ),
        "period": (gettext_noop("Месяц в коде"), gettext_noop("Как его ждёт банк")),
        "penalty_apart": (gettext_noop("Пеню писать в коде отдельной суммой"), ""),
    },
    "kz": {
        "payee": (gettext_noop("Получатель"), gettext_noop("Как в договоре с банком")),
        "tax_number": (gettext_noop("БИН или ИИН"), ""),
        "account": (gettext_noop("ИИК"), gettext_noop("KZ и 18 знаков")),
        "bank_name": (gettext_noop("Банк"), ""),
        "bank_code": (gettext_noop("БИК"), gettext_noop("8 букв и цифр")),
        "reason_code": (gettext_noop("Кбе"), gettext_noop("2 цифры")),
        "code": (
            gettext_noop("QR-код"),
            gettext_noop("Ведёт на страницу оплаты: общего кода у банков нет"),
        ),
        "link": (
            gettext_noop("Ссылка на оплату"),
            gettext_noop("Счёт встанет на место {account}, сумма — {sum}"),
        ),
    },
    "ua": {
        "payee": (gettext_noop("Получатель"), gettext_noop("Как в договоре с банком")),
        "tax_number": (gettext_noop("ЄДРПОУ или РНОКПП"), ""),
        "account": (gettext_noop("IBAN"), gettext_noop("UA и 27 цифр")),
        "bank_name": (gettext_noop("Банк"), ""),
        "code": (
            gettext_noop("QR-код"),
            gettext_noop("Новый — 003; старые приложения читают 002"),
        ),
    },
}

_FREE = ("payee", "bank_name", "link")
"""Fields whose spaces stay."""


_MAY_BE_EMPTY = ("reason_code", "link")


class DetailsForm(forms.Form):
    """Requisites of a country, since when, and for which house and regime."""

    since = forms.DateField(
        label=gettext_lazy("Действуют с"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    house = forms.ModelChoiceField(
        label=gettext_lazy("Дом"),
        queryset=House.objects.none(),
        required=False,
        empty_label=gettext_lazy("все дома"),
    )
    regime = forms.ChoiceField(label=gettext_lazy("За что"), required=False)

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._organisation = organisation
        house, regime = self.fields["house"], self.fields["regime"]
        assert isinstance(house, forms.ModelChoiceField)
        assert isinstance(regime, forms.ChoiceField)
        house.queryset = House.objects.filter(organisation=organisation).order_by("sort_key")
        regime.choices = [("", _("за всё")), *Regime.choices]
        for name, (label, hint) in FIELDS[organisation.country].items():
            self.fields[name] = self._field(name, _(label), _(hint) if hint else "")

    def _field(self, name: str, label: str, hint: str) -> forms.Field:
        if name == "penalty_apart":
            return forms.BooleanField(label=label, help_text=hint, required=False)
        if name == "code":
            choices = [(code.value, code.label) for code in CODES[self._organisation.country]]
            return forms.ChoiceField(label=label, help_text=hint, choices=choices, required=False)
        if name == "period":
            return forms.ChoiceField(label=label, help_text=hint, choices=PeriodForm.choices)
        return forms.CharField(label=label, help_text=hint, required=name not in _MAY_BE_EMPTY, max_length=300)

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        for name in FIELDS[self._organisation.country]:
            if isinstance(told.get(name), str) and name not in (*_FREE, "code", "period"):
                told[name] = "".join(told[name].split()).upper()
        for name, value in told.items():
            longest = getattr(PaymentDetails._meta.get_field(name), "max_length", None)
            if isinstance(value, str) and longest and len(value) > longest:
                self.add_error(name, _("Не больше %(count)s знаков") % {"count": longest})
        if not self.errors:
            for fault in faults(self._made(told), self._organisation.country):
                self.add_error(fault.field if fault.field in self.fields else None, fault.text)
        return told

    def details(self) -> PaymentDetails:
        """What was typed, not kept. The form must be valid."""
        return self._made(self.cleaned_data)

    def _made(self, told: dict[str, Any]) -> PaymentDetails:
        values = {name: value for name, value in told.items() if value is not None}
        return PaymentDetails(organisation=self._organisation, **values)


@page("settings.view")
def payment_details(request: Request) -> HttpResponse:
    """The details in force and before; POST shows the bill, with `keep` keeps them."""
    organisation = request.organisation
    may_change = may(request.membership, "settings.payment")
    bound = request.method == "POST" and may_change
    form = DetailsForm(request.POST if bound else None, organisation=organisation, initial=_initial(request))
    look, refused = "", ""
    if bound and form.is_valid():
        if request.POST.get("keep"):
            try:
                keep(request.actor, form.details())
            except DetailsRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Реквизиты сохранены: следующие квитанции напечатаются с ними"))
                return HttpResponseRedirect(reverse("desk:payment_details"))
        look, refused = _look(request, form.details())
    context = {
        "sections": sections(request, "desk:payment_details"),
        "form": form,
        "scope_fields": [form[name] for name in ("since", "house", "regime")],
        "own_fields": [form[name] for name in FIELDS[organisation.country]],
        "may_change": may_change,
        "look": look,
        "refused": refused,
        "kept": PaymentDetails.objects.filter(organisation=organisation)
        .select_related("house", "recorded_by")
        .order_by("house__sort_key", "regime", "-since"),
    }
    status = 422 if bound and (form.errors or refused) else 200
    return render(request, "desk/settings/payment.html", context, status=status)


def _initial(request: Request) -> dict[str, Any]:
    """The organisation's own details as they are now, to be changed from today."""
    organisation = request.organisation
    today = clock.today(organisation.time_zone)
    last = PaymentDetails.objects.filter(organisation=organisation, house=None, regime="").order_by("-since").first()
    told: dict[str, Any] = {"since": today, "payee": organisation.name, "tax_number": organisation.tax_number}
    if organisation.country == "kz":
        told["link"] = organisation.payment_url
    if last is not None:
        told |= {name: getattr(last, name) for name in FIELDS[organisation.country]}
    return told


def _look(request: Request, details: PaymentDetails) -> tuple[str, str]:
    """The specimen as a picture for the page, or why there is none."""
    try:
        picture = specimen.picture(request.organisation, details, clock.today(request.organisation.time_zone))
    except (UnfitForCode, NotInForce, PressFailed) as refusal:
        return "", str(refusal)
    return b64encode(picture).decode(), ""
