"""Recalculations and reversals: asked, shown to the kopeck, then done; never at one press."""

import uuid
from collections.abc import Callable
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
from okno.exchange import misplaced
from okno.law.dated import NotInForce
from okno.ledger import billing
from okno.ledger.billing import Correction
from okno.ledger.models import Account, Payment, PaymentKind, Regime, Service
from okno.ledger.months.closed import first_open_day
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
    """Why a payment is taken back, and what becomes of its money."""

    money = forms.ChoiceField(
        label=gettext_lazy("Что с деньгами"),
        choices=[
            ("gone", gettext_lazy("их нет: банк отозвал платёж, или он загружен дважды")),
            ("waits", gettext_lazy("они за другой счёт: отправить в разнесение")),
        ],
        widget=forms.RadioSelect,
        initial="gone",
    )
    reason = forms.CharField(
        label=gettext_lazy("Причина сторно"),
        help_text=gettext_lazy("Например: банк отозвал платёж, письмо № 118 от 12.11.2026"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=1000,
    )

    def __init__(self, *args: Any, may_wait: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_wait:
            del self.fields["money"]

    @property
    def waits(self) -> bool:
        """Whether the money waits for another account. The form must be valid."""
        return bool(self.cleaned_data.get("money") == "waits")


class RestoringForm(forms.Form):
    """Why a reversed payment stands again."""

    reason = forms.CharField(
        label=gettext_lazy("Почему сторно было ошибкой"), widget=forms.Textarea(attrs={"rows": 2}), max_length=1000
    )


@page("ledger.reverse")
def payment_reversal(request: Request, pk: int) -> HttpResponse:
    """GET asks for the reason; POST shows what would change, and with `confirm` does it."""
    payment = _payment(request, pk)
    form = ReversalForm(
        request.POST if request.method == "POST" else None,
        may_wait=misplaced.may_wait(payment),
        initial={"money": "gone"},
    )

    def deed(reason: str) -> object:
        if form.waits:
            return misplaced.set_waiting(request.actor, payment.pk, reason=reason)
        return billing.reverse_payment(request.actor, payment.pk, reason)

    return _asked(request, payment, form, "reversal", deed, lambda: _reversed_words(form.waits))


def _reversed_words(waits: bool) -> str:
    return _("Платёж сторнирован и ждёт разнесения") if waits else _("Платёж сторнирован")


@page("ledger.reverse")
def payment_restoring(request: Request, pk: int) -> HttpResponse:
    """The same for a payment that was reversed by mistake: it stands again."""
    payment = _payment(request, pk)
    if payment.pk not in misplaced.returnable([payment.pk]):
        messages.error(request, _("Этот платёж вернуть нельзя: его деньги уже учтены иначе."))
        return redirect("desk:account_payments", pk=payment.account_id)
    form = RestoringForm(request.POST if request.method == "POST" else None)
    return _asked(
        request,
        payment,
        form,
        "payment_restoring",
        lambda reason: misplaced.give_back(request.actor, payment.pk, reason=reason),
        lambda: _("Платёж возвращён: он снова считается"),
    )


def _payment(request: Request, pk: int) -> Payment:
    rows = Payment.objects.select_related("entry").filter(account__in=scope.accounts(request.membership))
    return get_object_or_404(rows, pk=pk)


def _asked(
    request: Request,
    payment: Payment,
    form: forms.Form,
    template: str,
    deed: Callable[[str], object],
    done: Callable[[], str],
) -> HttpResponse:
    """Ask for the reason, then show what the deed would change, then do it."""
    account = card.found(request.membership, payment.account_id)
    head = {
        **card.head(request, account, "account_payments"),
        "payment": payment,
        "kind": PaymentKind(payment.kind).label,
        "form": form,
    }
    if not form.is_valid() or "edit" in request.POST:
        status = 422 if form.errors else 200
        return render(request, f"desk/accounts/{template}.html", head, status=status)
    reason = form.cleaned_data["reason"]
    try:
        if request.POST.get("confirm"):
            deed(reason)
            messages.success(request, done())
            return redirect("desk:account_payments", pk=account.pk)
        change = rehearse(account, scope.today(request.membership), lambda: deed(reason))
    except PostingRefused as refusal:
        form.add_error(None, str(refusal))
        return render(request, f"desk/accounts/{template}.html", head, status=422)
    open_day = first_open_day(request.organisation)
    own_day = payment.entry.accounted_on
    shown = {
        **head,
        "change": change,
        "reason": reason,
        "closed_month": own_day if open_day and own_day < open_day else None,
        "open_day": open_day,
        "waits": form.cleaned_data.get("money") == "waits",
    }
    return render(request, f"desk/accounts/{template}_preview.html", shown)
