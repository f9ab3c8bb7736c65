"""A new request, written by the dispatcher while the resident is still speaking."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.access.models import Membership
from okno.common import clock, phones
from okno.houses.models import Flat, House
from okno.houses.visibility import visible_to
from okno.ledger.models import Account
from okno.requests import categories, outages, register
from okno.requests.models import Request as Asked
from okno.requests.models import RequestSource, Urgency
from okno.web.desk.accounts import scope
from okno.web.desk.requests import marks
from okno.web.desk.requests.register import in_sight
from okno.web.gatekeeper import Request, page
from okno.web.parts import words


class NewRequestForm(forms.Form):
    """Where, what and how to call back; the category and the urgency are told by the words when left empty."""

    house = forms.ModelChoiceField(
        label=gettext_lazy("Дом"), queryset=House.objects.none(), empty_label=gettext_lazy("выберите дом")
    )
    flat = forms.CharField(label=gettext_lazy("Квартира"), max_length=16, required=False)
    text = forms.CharField(
        label=gettext_lazy("Что случилось"),
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        max_length=4000,
        help_text=gettext_lazy("Словами жителя: «течёт стояк на кухне»"),
    )
    place = forms.CharField(
        label=gettext_lazy("Место"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Подъезд, этаж, подвал, двор"),
    )
    category = forms.ChoiceField(label=gettext_lazy("Вид"), required=False)
    urgency = forms.ChoiceField(
        label=gettext_lazy("Срочность"),
        required=False,
        choices=[("", gettext_lazy("по словам")), *Urgency.choices],
    )
    phone = forms.CharField(
        label=gettext_lazy("Телефон для связи"),
        max_length=32,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel"}),
    )
    uid = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, membership: Membership, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._membership = membership
        house, category = self.fields["house"], self.fields["category"]
        assert isinstance(house, forms.ModelChoiceField)
        assert isinstance(category, forms.ChoiceField)
        house.queryset = visible_to(membership).order_by("sort_key")
        category.choices = [("", _("по словам")), *marks.category_options()]

    def clean_phone(self) -> str:
        told = str(self.cleaned_data["phone"]).strip()
        if not told:
            return ""
        try:
            return phones.normalise(told, self._membership.organisation.country)
        except phones.NotAPhone as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        number, house = (told.get("flat") or "").strip(), told.get("house")
        told["flat_id"] = None
        if number and house is not None:
            flat = Flat.objects.filter(house=house, number__iexact=number).first()
            if flat is None:
                self.add_error("flat", _("В этом доме нет такой квартиры"))
            else:
                told["flat_id"] = flat.pk
        return told


@page("requests.write")
def new(request: Request) -> HttpResponse:
    """The form; `?account=` or `?house=` fills in the address."""
    account = _account(request)
    posted = request.POST if request.method == "POST" else None
    form = NewRequestForm(posted, membership=request.membership, initial=_initial(request, account))
    if posted is not None and form.is_valid():
        try:
            made = register.open_request(request.actor, _told(form, account), now=clock.now())
        except register.RequestRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Заявка № %(number)s принята") % {"number": made.number})
            return HttpResponseRedirect(reverse("desk:request", args=[made.pk]))
    house = form["house"].value()
    context = {"form": form, "account": account, **_beside(request, str(house or ""), form["text"].value() or "")}
    return render(request, "desk/requests/form.html", context, status=422 if form.errors else 200)


@page("requests.write")
def beside(request: Request) -> HttpResponse:
    """GET house and text: what is known of this house, and what the words tell, while they are typed."""
    return render(
        request,
        "desk/requests/beside.html",
        _beside(request, request.GET.get("house", ""), request.GET.get("text", "")),
    )


def _beside(request: Request, house: str, text: str) -> dict[str, Any]:
    """Known outages and open requests of the house, and what the words are understood as."""
    found = visible_to(request.membership).filter(pk=house).first() if house.isdecimal() else None
    understood = categories.understand(text, words.language()) if text.strip() else None
    return {
        "chosen_house": found,
        "known": outages.known(found.pk, clock.now(), words.language()) if found else (),
        "open_here": _open_here(request.membership, found) if found else [],
        "understood": marks.category_name(understood.category) if understood else "",
        "danger": understood.is_danger if understood else False,
        "urgency": marks.urgency(understood.urgency) if understood else None,
    }


def _open_here(membership: Membership, house: House) -> list[Asked]:
    rows = in_sight(membership).filter(house=house, state__in=register.OPEN).select_related("house", "flat")
    return list(rows.order_by("-created_at")[:5])


def _account(request: Request) -> Account | None:
    told = request.GET.get("account", "")
    return scope.account(request.membership, int(told)) if told.isdecimal() else None


def _initial(request: Request, account: Account | None) -> dict[str, Any]:
    told: dict[str, Any] = {"uid": uuid.uuid4(), "phone": request.GET.get("phone", "")}
    if account is not None:
        return {**told, "house": account.flat.house_id, "flat": account.flat.number}
    return {**told, "house": request.GET.get("house", "")}


def _told(form: NewRequestForm, account: Account | None) -> register.NewRequest:
    told = form.cleaned_data
    same_flat = account is not None and account.flat_id == told["flat_id"]
    return register.NewRequest(
        house_id=told["house"].pk,
        flat_id=told["flat_id"],
        account_id=account.pk if account is not None and same_flat else None,
        text=told["text"],
        place=told["place"],
        category=told["category"],
        urgency=told["urgency"],
        phone=told["phone"],
        source=RequestSource.DESK,
        language=words.language(),
        call_uid=told["uid"],
    )
