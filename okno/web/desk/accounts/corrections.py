"""Recalculations and reversals: asked, shown to the kopeck, then done; never at one press."""

import uuid
from dataclasses import replace
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.common import days, money
from okno.law.dated import NotInForce
from okno.ledger import billing
from okno.ledger.billing import Correction
from okno.ledger.models import Account, Payment, PaymentKind, Regime, Service
from okno.ledger.posting import PostingRefused
from okno.web.desk.accounts import card, scope
from okno.web.desk.accounts.rehearsal import rehearse
from okno.web.gatekeeper import Request, page


class MoneyField(forms.CharField):
    """A sum in whole units as people write it; gives minor units above zero."""

    def clean(self, value: Any) -> int:
        text = super().clean(value)
        try:
            minor = money.parse_minor(text)
        except money.NotAnAmount as error:
            raise forms.ValidationError(str(error)) from error
        if minor <= 0:
            raise forms.ValidationError(_("Сумма должна быть больше нуля"))
        return minor


class MonthField(forms.CharField):
    """A month as «2026-11» or «11.2026»; gives its first day."""

    def clean(self, value: Any) -> date:
        text = super().clean(value)
        try:
            return days.parse_month(text)
        except days.NotADay as error:
            raise forms.ValidationError(_("Назовите месяц, например 11.2026")) from error


class RecalculationForm(forms.Form):
    """Up or down, by how much, for which month and service, and why."""

    direction = forms.ChoiceField(
        label=gettext_lazy("Что сделать"),
        choices=[("down", gettext_lazy("снять часть начисления")), ("up", gettext_lazy("доначислить"))],
        widget=forms.RadioSelect,
        initial="down",
    )
    amount = MoneyField(label=gettext_lazy("Сумма"), widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    month = MonthField(label=gettext_lazy("За какой месяц"), widget=forms.TextInput(attrs={"type": "month"}))
    service = forms.ChoiceField(label=gettext_lazy("Услуга"))
    reason = forms.CharField(
        label=gettext_lazy("Основание"),
        help_text=gettext_lazy("Документ и причина: увидит и житель"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=1000,
    )
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, services: list[Service], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.services = {service.code: service for service in services}
        self.fields["service"].choices = [  # type: ignore[attr-defined]
            (service.code, f"{service.name} — {Regime(service.regime).label}") for service in services
        ]


@page("ledger.post")
def recalculation(request: Request, pk: int) -> HttpResponse:
    """GET the form; POST shows what would change, and with `confirm` does it."""
    account = card.found(request.membership, pk)
    services = list(Service.objects.filter(organisation=request.organisation).order_by("order", "code"))
    head = {**card.head(request, account, "account_bills"), "account": account}
    if request.method != "POST":
        form = RecalculationForm(
            services=services,
            initial={"token": uuid.uuid4(), "month": f"{scope.today(request.membership):%Y-%m}"},
        )
        return render(request, "desk/accounts/recalculation.html", {**head, "form": form})
    form = RecalculationForm(request.POST, services=services)
    if not form.is_valid() or "edit" in request.POST:
        status = 422 if form.errors else 200
        return render(request, "desk/accounts/recalculation.html", {**head, "form": form}, status=status)
    try:
        correction = _correction(request, account, form)
        reason = form.cleaned_data["reason"]
        if request.POST.get("confirm"):
            billing.recalculate(request.actor, correction, reason=reason)
            messages.success(request, _("Перерасчёт проведён"))
            return redirect("desk:account_bills", pk=account.pk)
        change = rehearse(
            account,
            scope.today(request.membership),
            lambda: billing.recalculate(request.actor, correction, reason=reason),
        )
    except (PostingRefused, NotInForce) as refusal:
        form.add_error(None, str(refusal))
        return render(request, "desk/accounts/recalculation.html", {**head, "form": form}, status=422)
    shown = {
        **head,
        "form": form,
        "change": change,
        "month": correction.month,
        "delta": abs(correction.delta_minor),
        "up": correction.delta_minor > 0,
        "service": form.services[form.cleaned_data["service"]],
        "due_on": correction.due_on,
    }
    return render(request, "desk/accounts/recalculation_preview.html", shown)


def _correction(request: Request, account: Account, form: RecalculationForm) -> Correction:
    """The correction asked for; what is added is due on the law's day for the month it is charged in: this one."""
    told = form.cleaned_data
    day = scope.today(request.membership)
    regime = form.services[told["service"]].regime
    due = billing.due_on(request.organisation, account.flat.house, day.replace(day=1), regime)
    correction = Correction(
        account_id=account.pk,
        regime=regime,
        month=told["month"],
        delta_minor=told["amount"],
        service=told["service"],
        due_on=due.value,
        value_on=day,
        source_key=f"desk:{told['token']}",
    )
    return correction if told["direction"] == "up" else replace(correction, delta_minor=-told["amount"])


class ReversalForm(forms.Form):
    """Why a payment is taken back."""

    reason = forms.CharField(
        label=gettext_lazy("Причина сторно"),
        help_text=gettext_lazy("Например: банк отозвал платёж, письмо № 118 от 12.11.2026"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=1000,
    )


@page("ledger.reverse")
def payment_reversal(request: Request, pk: int) -> HttpResponse:
    """GET asks for the reason; POST shows what would change, and with `confirm` does it."""
    payment = get_object_or_404(Payment, pk=pk, account__in=scope.accounts(request.membership))
    account = card.found(request.membership, payment.account_id)
    head = {
        **card.head(request, account, "account_payments"),
        "payment": payment,
        "kind": PaymentKind(payment.kind).label,
    }
    form = ReversalForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "desk/accounts/reversal.html", {**head, "form": form}, status=status)
    reason = form.cleaned_data["reason"]
    try:
        if request.POST.get("confirm"):
            billing.reverse_payment(request.actor, payment.pk, reason)
            messages.success(request, _("Платёж сторнирован"))
            return redirect("desk:account_payments", pk=account.pk)
        change = rehearse(
            account,
            scope.today(request.membership),
            lambda: billing.reverse_payment(request.actor, payment.pk, reason),
        )
    except PostingRefused as refusal:
        form.add_error(None, str(refusal))
        return render(request, "desk/accounts/reversal.html", {**head, "form": form}, status=422)
    return render(request, "desk/accounts/reversal_preview.html", {**head, "form": form, "change": change})
