"""People of an account, a person's own page, and what is changed about them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.access.models import Language
from okno.access.roles import may
from okno.common.journal import Subject
from okno.houses.visibility import visible_to
from okno.people import wishes
from okno.people.models import Channel, Consent, Occupancy, Person, Phone, Vulnerability
from okno.web.desk.accounts import card, journal, scope
from okno.web.gatekeeper import Request, page


class WishesForm(forms.Form):
    """How a person wants to be reached."""

    language = forms.ChoiceField(
        label=gettext_lazy("Язык"), choices=[("", gettext_lazy("как у организации")), *Language.choices], required=False
    )
    preferred_channel = forms.ChoiceField(
        label=gettext_lazy("Удобный канал"), choices=[("", gettext_lazy("любой")), *Channel.choices], required=False
    )
    hours_since = forms.TimeField(
        label=gettext_lazy("Писать и звонить с"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    hours_until = forms.TimeField(
        label=gettext_lazy("до"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    do_not_call = forms.BooleanField(
        label=gettext_lazy("Не звонить"), help_text=gettext_lazy("Ни звонков, ни СМС; письма можно"), required=False
    )
    vulnerabilities = forms.MultipleChoiceField(
        label=gettext_lazy("Особые отметки"),
        choices=Vulnerability.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(label=gettext_lazy("Откуда известно"), required=False, max_length=500)


class ConsentForm(forms.Form):
    """A consent given or withdrawn."""

    channel = forms.ChoiceField(label=gettext_lazy("Канал"), choices=Channel.choices)
    given = forms.ChoiceField(
        label=gettext_lazy("Что сказал"),
        choices=[("yes", gettext_lazy("согласен")), ("no", gettext_lazy("отозвал согласие"))],
    )
    on = forms.DateField(label=gettext_lazy("Когда"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    source = forms.CharField(
        label=gettext_lazy("Источник"),
        help_text=gettext_lazy("Анкета, заявление № 12, звонок диспетчеру"),
        max_length=200,
    )


def known(person: Person) -> dict[str, Any]:
    """A person with consents and the forms for what may be changed."""
    consents = list(Consent.objects.filter(person=person).order_by("-on", "-pk"))
    return {
        "person": person,
        "badges": card.person_badges(person),
        "phones": list(person.phones.order_by("-is_preferred", "pk")),
        "emails": list(person.emails.order_by("-is_preferred", "pk")),
        "consents": consents,
        "wishes": wishes_form(person),
    }


def wishes_form(person: Person) -> WishesForm:
    """The form with what is known now."""
    return WishesForm(
        auto_id=f"person-{person.pk}-%s",
        initial={
            "language": person.language,
            "preferred_channel": person.preferred_channel,
            "hours_since": person.hours_since,
            "hours_until": person.hours_until,
            "do_not_call": person.do_not_call,
            "vulnerabilities": person.vulnerabilities,
        },
    )


def _consent_form(request: Request, person: Person) -> ConsentForm:
    return ConsentForm(auto_id=f"consent-{person.pk}-%s", initial={"on": scope.today(request.membership)})


@page("people.view")
def account_people(request: Request, pk: int) -> HttpResponse:
    """Everybody of the flat, now and before."""
    account = card.found(request.membership, pk)
    day = scope.today(request.membership)
    head = card.head(request, account, "account_people")
    return render(
        request,
        "desk/accounts/card_people.html",
        {
            **head,
            "known": [
                {**known(one.person), "roles": one.roles, "consent": _consent_form(request, one.person)}
                for one in head["people"]
            ],
            "former": card.neighbours(account, day, former=True),
            "back": request.path,
        },
    )


@page("people.view")
def person(request: Request, pk: int) -> HttpResponse:
    """A person: flats and accounts, how to reach them, consents with dates and sources, the journal."""
    found = scope.person(request.membership, pk)
    day = scope.today(request.membership)
    visible = scope.accounts(request.membership)
    told = (
        Occupancy.objects.filter(person=found, flat__house__in=visible_to(request.membership))
        .select_related("flat__house")
        .order_by("until", "since")
    )
    accounts: dict[int, list[Any]] = {}
    for account in visible.filter(flat__in=[row.flat_id for row in told]).select_related("balance"):
        accounts.setdefault(account.flat_id, []).append(account)
    subject = Subject(kind="person", organisation_id=found.organisation_id, id=found.pk)
    return render(
        request,
        "desk/accounts/person.html",
        {
            **known(found),
            "consent": _consent_form(request, found),
            "flats": [
                {
                    "row": row,
                    "accounts": accounts.get(row.flat_id, []),
                    "now": (row.since is None or row.since <= day) and (row.until is None or row.until >= day),
                }
                for row in told
            ],
            "may_change": may(request.membership, "people.change"),
            "sees_ledger": may(request.membership, "ledger.view"),
            "back": request.path,
            "journal": journal.page(
                request.membership,
                subject,
                journal.Asked.read(request.GET),
                url=request.path,
                more_url=reverse("desk:person_journal", args=[found.pk]),
            ),
        },
    )


@page("people.view")
def person_journal(request: Request, pk: int) -> HttpResponse:
    """More of the person's journal."""
    found = scope.person(request.membership, pk)
    told = journal.page(
        request.membership,
        Subject(kind="person", organisation_id=found.organisation_id, id=found.pk),
        journal.Asked.read(request.GET),
        url=reverse("desk:person", args=[found.pk]),
        more_url=request.path,
    )
    return render(request, "desk/accounts/journal_lines.html", {"journal": told})


@page("people.change")
def person_wishes(request: Request, pk: int) -> HttpResponse:
    """POST the person's wishes and marks."""
    found = scope.person(request.membership, pk)
    form = WishesForm(request.POST)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        reason = told.pop("reason")
        try:
            wishes.change(request.actor, found.pk, wishes.Wishes(**told), reason=reason)
        except wishes.WishRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Записано: %(person)s") % {"person": found.full_name})
    elif request.method == "POST":
        messages.error(request, _first_error(form))
    return _back(request, found)


@page("people.change")
def person_consent(request: Request, pk: int) -> HttpResponse:
    """POST a consent given or withdrawn."""
    found = scope.person(request.membership, pk)
    form = ConsentForm(request.POST)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            wishes.record_consent(
                request.actor,
                found.pk,
                channel=told["channel"],
                given=told["given"] == "yes",
                on=told["on"],
                source=told["source"],
            )
        except wishes.WishRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Согласие записано"))
    elif request.method == "POST":
        messages.error(request, _first_error(form))
    return _back(request, found)


@page("people.change")
def phone_marks(request: Request, pk: int) -> HttpResponse:
    """POST what is known of a number: a stranger's, not to be rung."""
    phone = get_object_or_404(Phone, pk=pk, person__in=scope.people(request.membership))
    if request.method == "POST":
        wishes.mark_phone(
            request.actor,
            phone.pk,
            is_wrong=request.POST.get("is_wrong") == "1",
            do_not_call=request.POST.get("do_not_call") == "1",
            reason=request.POST.get("reason", "").strip()[:500],
        )
        messages.success(request, _("Отметки номера записаны"))
    return _back(request, phone.person)


def _first_error(form: forms.Form) -> str:
    name, errors = next(iter(form.errors.items()))
    label = form.fields[name].label if name in form.fields else ""
    return f"{label}: {errors[0]}" if label else str(errors[0])


def _back(request: Request, found: Person) -> HttpResponse:
    """Where the form stood, if that is a page of ours."""
    back = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/"):
        return redirect(back)
    return redirect("desk:person", pk=found.pk)
