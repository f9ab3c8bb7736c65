"""Giving up a penalty, pausing it for a dispute, and taking either back: asked, shown to the kopeck, then done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.ledger.models import Regime
from okno.ledger.penalties import pauses
from okno.ledger.penalties import waiver as waivers
from okno.ledger.penalties.accrual import Accrued, accrued
from okno.ledger.penalties.models import PauseCause, PenaltyPause, PenaltyWaiver
from okno.ledger.penalties.pauses import PauseRefused, Rest
from okno.ledger.penalties.waiver import Grant, WaiverRefused
from okno.web.desk.accounts import scope
from okno.web.desk.debts.audience import MoneyField
from okno.web.desk.penalties import account as accounts
from okno.web.desk.penalties.calculator import day_field
from okno.web.gatekeeper import Request, page

Deed = Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The account's penalty before a deed and after it."""

    before: Accrued
    after: Accrued

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Regimes whose figures the deed changes."""
        told = []
        for one, other in zip(self.before.regimes, self.after.regimes, strict=True):
            if (one.due_minor, one.waived_minor) != (other.due_minor, other.waived_minor):
                told.append({"title": Regime(one.regime).label, "before": one.due_minor, "after": other.due_minor})
        return told

    @property
    def total(self) -> dict[str, int] | None:
        """The rows together, where there are several and each has its figures."""
        before = [row["before"] for row in self.rows]
        after = [row["after"] for row in self.rows]
        if len(before) < 2 or None in (*before, *after):
            return None
        return {"before": sum(before), "after": sum(after)}


def rehearsed(account: Any, day: date, deed: Deed) -> Effect:
    """Do the deed, look, and undo it: nothing stays. Raises what the deed raises."""
    with transaction.atomic():
        before = accrued(account, day)
        deed()
        after = accrued(account, day)
        transaction.set_rollback(True)
    return Effect(before=before, after=after)


class ReasonForm(forms.Form):
    """Why: it stays with the account and the resident may read it."""

    reason = forms.CharField(
        label=gettext_lazy("Причина"),
        help_text=gettext_lazy("Документ и причина: увидит и житель"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=1000,
    )


class WaiverForm(ReasonForm):
    """What is given up, how much of it, and on which condition."""

    regime = forms.ChoiceField(label=gettext_lazy("По каким начислениям"))
    until = day_field(
        label=gettext_lazy("Начисленное по день"),
        help_text=gettext_lazy("Включительно. Дальше пеня считается как обычно"),
    )
    amount = forms.ChoiceField(
        label=gettext_lazy("Сколько"),
        choices=[("all", gettext_lazy("всю пеню")), ("part", gettext_lazy("часть"))],
        widget=forms.RadioSelect,
        initial="all",
    )
    sum = MoneyField(label=gettext_lazy("Сумма"), required=False)
    pay_by = day_field(
        label=gettext_lazy("Если долг оплачен до"),
        required=False,
        help_text=gettext_lazy("Пусто: без условия, сразу"),
    )
    field_order = ("regime", "until", "amount", "sum", "pay_by", "reason")

    def __init__(self, regimes: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["regime"].choices = regimes  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if told.get("amount") == "part" and "sum" not in self.errors and not told.get("sum"):
            self.add_error("sum", _("Назовите сумму, которую прощаем"))
        return told

    def grant(self, account_id: int) -> Grant:
        """What is asked for. The form must be valid."""
        told = self.cleaned_data
        return Grant(
            account_id=account_id,
            regime=told["regime"],
            until=told["until"],
            sum_minor=told["sum"] if told["amount"] == "part" else None,
            pay_by=told["pay_by"],
        )


@page("penalties.waive")
def waiver(request: Request, pk: int) -> HttpResponse:
    """GET the form; POST shows what would change, and with `confirm` does it."""
    account = accounts.found(request, pk)
    today = scope.today(request.membership)
    regimes = [(one.regime, str(Regime(one.regime).label)) for one in accrued(account, today).regimes]
    form = WaiverForm(regimes, request.POST or None, initial={"until": today})
    shown = {**accounts.frame(request, account), "form": form}
    if not form.is_valid() or "edit" in request.POST:
        return _form(request, "waiver.html", shown, form)
    grant, reason = form.grant(pk), form.cleaned_data["reason"]
    try:
        if request.POST.get("confirm"):
            waivers.give(request.actor, grant, reason=reason, today=today)
            messages.success(request, _("Обещание простить записано") if grant.pay_by else _("Прощение записано"))
            return redirect("desk:account_penalties", pk=pk)
        if grant.pay_by is not None:
            # What it comes to when the condition is met; that it can be met at all is checked by the same rehearsal.
            rehearsed(account, today, lambda: waivers.give(request.actor, grant, reason=reason, today=today))
        at_once = Grant(account_id=pk, regime=grant.regime, until=grant.until, sum_minor=grant.sum_minor)
        effect = rehearsed(account, today, lambda: waivers.give(request.actor, at_once, reason=reason, today=today))
    except WaiverRefused as refusal:
        form.add_error(None, str(refusal))
        return _form(request, "waiver.html", shown, form)
    return render(request, "desk/penalties/waiver_preview.html", {**shown, "grant": grant, "effect": effect})


class PauseForm(ReasonForm):
    """Which days rest, of which bill, and what for."""

    cause = forms.ChoiceField(label=gettext_lazy("Повод"), choices=PauseCause.choices)
    bill = forms.ChoiceField(label=gettext_lazy("Что не считать"), required=False)
    since = day_field(label=gettext_lazy("С какого дня"))
    until = day_field(
        label=gettext_lazy("По какой день"), required=False, help_text=gettext_lazy("Пусто: пока не возобновят")
    )
    field_order = ("cause", "bill", "since", "until", "reason")

    def __init__(self, bills: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bill"].choices = [("", _("весь лицевой счёт")), *bills]  # type: ignore[attr-defined]

    def rest(self, account_id: int) -> Rest:
        """What is asked for. The form must be valid."""
        told = self.cleaned_data
        return Rest(
            account_id=account_id,
            since=told["since"],
            until=told["until"],
            cause=PauseCause(told["cause"]),
            bill_id=int(told["bill"]) if told["bill"] else None,
        )


@page("penalties.pause")
def pause(request: Request, pk: int) -> HttpResponse:
    """GET the form; POST shows what would change, and with `confirm` does it."""
    account = accounts.found(request, pk)
    today = scope.today(request.membership)
    titles = accounts.bill_titles(account)
    late = {arrear.ref for one in accrued(account, today).regimes for arrear in one.question.arrears}
    form = PauseForm(
        [(ref, titles[ref].title) for ref in sorted(late, key=int)], request.POST or None, initial={"since": today}
    )
    shown = {**accounts.frame(request, account), "form": form}
    if not form.is_valid() or "edit" in request.POST:
        return _form(request, "pause.html", shown, form)
    rest, reason = form.rest(pk), form.cleaned_data["reason"]
    try:
        if request.POST.get("confirm"):
            pauses.begin(request.actor, rest, reason=reason, today=today)
            messages.success(request, _("Пеня приостановлена"))
            return redirect("desk:account_penalties", pk=pk)
        effect = rehearsed(account, today, lambda: pauses.begin(request.actor, rest, reason=reason, today=today))
    except PauseRefused as refusal:
        form.add_error(None, str(refusal))
        return _form(request, "pause.html", shown, form)
    bill = titles[str(rest.bill_id)].title if rest.bill_id else ""
    return render(request, "desk/penalties/pause_preview.html", {**shown, "rest": rest, "bill": bill, "effect": effect})


@page("penalties.waive")
def waiver_back(request: Request, pk: int) -> HttpResponse:
    """A waiver is taken back: what it took off is asked for again."""
    kept = get_object_or_404(PenaltyWaiver, pk=pk, account__in=scope.accounts(request.membership))
    today = scope.today(request.membership)
    form = ReasonForm(request.POST or None)
    return _undo(
        request,
        kept.account_id,
        form,
        deed=lambda reason: waivers.take_back(request.actor, pk, reason=reason, today=today),
        refusal=WaiverRefused,
        told={"title": _("Отменить прощение"), "verb": _("Отменить прощение"), "done": _("Прощение отменено")},
    )


class EndForm(ReasonForm):
    """Through which day the pause lasts, and why it ends."""

    until = day_field(label=gettext_lazy("Последний день приостановки"))
    field_order = ("until", "reason")


@page("penalties.pause")
def pause_end(request: Request, pk: int) -> HttpResponse:
    """A pause is ended: the days after it count again."""
    kept = get_object_or_404(PenaltyPause, pk=pk, account__in=scope.accounts(request.membership))
    today = scope.today(request.membership)
    form = EndForm(request.POST or None, initial={"until": today})
    return _undo(
        request,
        kept.account_id,
        form,
        deed=lambda reason: pauses.end(request.actor, pk, until=form.cleaned_data["until"], reason=reason, today=today),
        refusal=PauseRefused,
        told={"title": _("Возобновить пеню"), "verb": _("Возобновить"), "done": _("Пеня снова считается")},
    )


def _undo(
    request: Request,
    account_id: int,
    form: ReasonForm,
    *,
    deed: Callable[[str], object],
    refusal: type[Exception],
    told: dict[str, str],
) -> HttpResponse:
    account = accounts.found(request, account_id)
    shown = {**accounts.frame(request, account), "form": form, "told": told}
    if not form.is_valid():
        return _form(request, "undo.html", shown, form)
    reason = form.cleaned_data["reason"]
    try:
        if request.POST.get("confirm"):
            deed(reason)
            messages.success(request, told["done"])
            return redirect("desk:account_penalties", pk=account_id)
        effect = rehearsed(account, scope.today(request.membership), lambda: deed(reason))
    except refusal as why:
        form.add_error(None, str(why))
        return _form(request, "undo.html", shown, form)
    return render(request, "desk/penalties/undo_preview.html", {**shown, "effect": effect})


def _form(request: Request, template: str, shown: dict[str, Any], form: forms.Form) -> HttpResponse:
    return render(request, f"desk/penalties/{template}", shown, status=422 if form.is_bound and form.errors else 200)
