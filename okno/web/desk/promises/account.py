"""What an account promised and why its reminders wait: the tab of its card, and the deeds of the staff."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from okno.access import trail
from okno.access.roles import may
from okno.common import clock
from okno.debts import dropped_promises, holding
from okno.debts.holding import HoldRefused
from okno.debts.models import CaseHold, HoldReason, Promise, PromiseState
from okno.debts.promises import PromiseRefused, promise
from okno.web.desk.accounts import card, scope
from okno.web.desk.calling import words as calling
from okno.web.desk.debts.audience import MoneyField
from okno.web.desk.promises import marks
from okno.web.desk.promises.listing import holds_in_sight, in_sight, made_by
from okno.web.gatekeeper import Request, page

DAY = {"type": "date"}


class PromiseForm(forms.Form):
    """A promise as it was said."""

    person = forms.ChoiceField(label=gettext_lazy("Кто обещал"), required=False)
    on = forms.DateField(label=gettext_lazy("Заплатит до"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"))
    minor = MoneyField(label=gettext_lazy("Сумма"))
    words = forms.CharField(label=gettext_lazy("Слова жителя"), required=False, max_length=1000)
    uid = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, people: list[card.Neighbour], **options: Any) -> None:
        super().__init__(*arguments, **{"auto_id": "promise_%s", **options})
        person = self.fields["person"]
        assert isinstance(person, forms.ChoiceField)
        person.choices = [("", _("не назвался")), *((str(one.person.pk), one.person.full_name) for one in people)]

    def clean_minor(self) -> int:
        minor: int | None = self.cleaned_data["minor"]
        if not minor:
            raise forms.ValidationError(_("Обещать можно только сумму больше нуля"))
        return minor


class HoldForm(forms.Form):
    """Why reminders should wait and until when."""

    reason = forms.ChoiceField(label=gettext_lazy("Почему"), choices=HoldReason.choices)
    until = forms.DateField(
        label=gettext_lazy("По какой день"),
        required=False,
        widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
        help_text=gettext_lazy("Пусто — как обычно: оплатил — 5 дней, спор — 30, трудно платить — 14, звонок — 7"),
    )
    words = forms.CharField(label=gettext_lazy("Слова жителя"), required=False, max_length=1000)
    uid = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{"auto_id": "hold_%s", **options})


@page("promises.view")
def account_promises(request: Request, pk: int) -> HttpResponse:
    """The tab: what holds now, what was before."""
    return _show(request, pk)


def _show(request: Request, pk: int, promised: PromiseForm | None = None, held: HoldForm | None = None) -> HttpResponse:
    found = card.found(request.membership, pk)
    head = card.head(request, found, "account_promises")
    day, overdue = head["today"], head["standing"].summary.overdue_minor
    sum_told = calling.whole_units(overdue) if overdue else ""
    likeliest = str(head["people"][0].person.pk) if head["people"] else ""
    initial = {"uid": uuid.uuid4(), "minor": sum_told, "person": likeliest}
    rows = list(Promise.objects.filter(account=found).select_related("person").order_by("-made_at", "-pk")[:50])
    holds = list(CaseHold.objects.filter(account=found).order_by("-made_at", "-pk")[:50])
    wrong = (promised is not None and promised.errors) or (held is not None and held.errors)
    context = {
        **head,
        "open_promise": next((one for one in rows if one.state == PromiseState.OPEN), None),
        "promises": [(one, marks.state(one), made_by(one.made_by)) for one in rows],
        "in_force": [(one, marks.hold(one.reason)) for one in holds if one.ended_on is None and one.until >= day],
        "over": [(one, marks.hold(one.reason)) for one in holds if one.ended_on is not None or one.until < day],
        "may_record": may(request.membership, "promises.record"),
        "promise_form": promised or PromiseForm(people=head["people"], initial=initial),
        "hold_form": held or HoldForm(initial={"uid": uuid.uuid4()}),
    }
    return render(request, "desk/promises/account.html", context, status=422 if wrong else 200)


def _back(pk: int) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("desk:account_promises", args=[pk]))


@require_POST
@page("promises.record")
def record(request: Request, pk: int) -> HttpResponse:
    """POST a promise; the same form twice is one promise."""
    account = scope.account(request.membership, pk)
    people = card.neighbours(account, scope.today(request.membership))
    form = PromiseForm(request.POST, people=people)
    if not form.is_valid():
        return _show(request, pk, promised=form)
    told = form.cleaned_data
    try:
        made = promise(
            account.pk,
            int(told["person"]) if told["person"] else None,
            told["on"],
            told["minor"],
            _occasion(request, told["uid"]),
            clock.now(),
            told["words"],
        )
    except PromiseRefused as refused:
        form.add_error("on", str(refused))
        return _show(request, pk, promised=form)
    _tell(request, account.pk, "promise.recorded", _("Записано обещание заплатить"), told["words"])
    if made.state == PromiseState.VOID:
        messages.info(request, _("Записано, но долга на счёте уже нет"))
    else:
        messages.success(request, _("Обещание записано: напоминания подождут этого дня"))
    return _back(pk)


@require_POST
@page("promises.record")
def hold(request: Request, pk: int) -> HttpResponse:
    """POST a hold; the same form twice is one hold."""
    account = scope.account(request.membership, pk)
    form = HoldForm(request.POST)
    if not form.is_valid():
        return _show(request, pk, held=form)
    told = form.cleaned_data
    try:
        holding.hold(
            account.pk, told["reason"], _occasion(request, told["uid"]), clock.now(), told["words"], told["until"]
        )
    except HoldRefused as refused:
        form.add_error("until", str(refused))
        return _show(request, pk, held=form)
    _tell(request, account.pk, "debts.held", _("Напоминания приостановлены"), told["words"])
    messages.success(request, _("Напоминания по этому счёту подождут"))
    return _back(pk)


def _occasion(request: Request, uid: uuid.UUID) -> str:
    return f"user:{request.user.pk}:{uid.hex}"


def _tell(request: Request, account_id: int, verb: str, sentence: str, words: str) -> None:
    trail.record(request.actor, verb, sentence, subject=("account", account_id), reason=words[:200])


@require_POST
@page("promises.record")
def drop(request: Request, pk: int) -> HttpResponse:
    """POST why: the promise is taken back."""
    found = in_sight(request.membership).filter(pk=pk).first()
    if found is None:
        raise Http404
    try:
        dropped_promises.drop(request.actor, found.pk, request.POST.get("why", ""), now=clock.now())
    except PromiseRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Обещание отменено, напоминания пойдут своим чередом"))
    return _back(found.account_id)


@require_POST
@page("promises.record")
def end(request: Request, pk: int) -> HttpResponse:
    """POST why: the hold is ended."""
    found = holds_in_sight(request.membership).filter(pk=pk).first()
    if found is None:
        raise Http404
    try:
        holding.end(request.actor, found.pk, request.POST.get("why", ""), now=clock.now())
    except HoldRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Пауза снята, напоминания пойдут своим чередом"))
    return _back(found.account_id)
