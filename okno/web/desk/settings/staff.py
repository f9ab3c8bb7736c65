"""People and roles: taking in, changing, letting go; and everybody's own profile."""

from typing import Any

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from okno.access import staffing, trail
from okno.access.models import Language, Membership, Role, User
from okno.access.roles import PERMISSIONS
from okno.common import clock
from okno.houses.models import House, HouseScope
from okno.web.desk.settings.sections import sections
from okno.web.gatekeeper import Request, page

ISSUED = "issued_password"
"""Under this name a fresh password waits in the session of the one who made it, to be shown once."""

MEANINGS = {
    "debts.view": gettext_lazy("видит долги"),
    "ledger.view": gettext_lazy("видит лицевые счета"),
    "people.view": gettext_lazy("видит жителей"),
    "outreach.plan": gettext_lazy("запускает рассылки"),
    "exchange.import": gettext_lazy("загружает файлы"),
    "ledger.post": gettext_lazy("проводит деньги"),
    "penalties.pause": gettext_lazy("приостанавливает пеню"),
    "penalties.waive": gettext_lazy("прощает пеню"),
    "settings.norms": gettext_lazy("вводит значения закона"),
    "settings.rules": gettext_lazy("меняет правила"),
    "settings.templates": gettext_lazy("меняет шаблоны"),
    "access.manage": gettext_lazy("управляет доступом"),
}


def rights(role: str) -> list[str]:
    """What a role may do, in words."""
    return [str(told) for name, told in MEANINGS.items() if role in PERMISSIONS[name]]


class ScopeForm(forms.Form):
    """A role and the houses it works in."""

    role = forms.ChoiceField(
        label=gettext_lazy("Роль"), choices=[(role.value, role.label) for role in staffing.STAFF_ROLES]
    )
    all_houses = forms.BooleanField(label=gettext_lazy("Все дома"), required=False, initial=True)
    houses = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Только эти дома"),
        queryset=House.objects.none(),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=gettext_lazy("Действует, если «Все дома» не отмечено"),
    )

    def __init__(self, *arguments: Any, request: Request, **options: Any) -> None:
        super().__init__(*arguments, **options)
        houses: forms.ModelMultipleChoiceField = self.fields["houses"]  # type: ignore[assignment,type-arg]
        houses.queryset = House.objects.filter(organisation=request.organisation).order_by("sort_key")

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if not told.get("all_houses") and not told.get("houses"):
            self.add_error("houses", _("Выберите дома или отметьте «Все дома»"))
        return told


class InviteForm(ScopeForm):
    """The same with a name and an address."""

    name = forms.CharField(label=gettext_lazy("Имя и фамилия"), max_length=200)
    email = forms.EmailField(label=gettext_lazy("Почта, с которой будет входить"))
    field_order = ("name", "email", "role", "all_houses", "houses")


@page("access.manage")
def staff(request: Request) -> HttpResponse:
    """Everybody of the organisation; POST takes a person in and shows the password once."""
    form = InviteForm(request.POST if request.method == "POST" else None, request=request)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            with transaction.atomic():
                invited = staffing.invite(
                    request.actor,
                    email=told["email"],
                    name=told["name"],
                    role=told["role"],
                    all_houses=told["all_houses"],
                )
                _scope(invited.membership, told)
        except staffing.StaffRefused as refused:
            form.add_error(None, str(refused))
        else:
            if invited.password:
                request.session[ISSUED] = {"email": invited.membership.user.email, "password": invited.password}
            elif invited.new:
                messages.success(request, _("Доступ дан: человек входит своим паролем"))
            return HttpResponseRedirect(reverse("desk:staff"))
    rows = (
        Membership.objects.filter(organisation=request.organisation)
        .exclude(role__in=[Role.RESIDENT, Role.PARTNER])
        .select_related("user")
        .prefetch_related("houses__house")
        .order_by("user__name")
    )
    today = clock.now().date()
    protected = set(Authenticator.objects.filter(user__memberships__in=rows).values_list("user_id", flat=True))
    context = {
        "sections": sections(request, "desk:staff"),
        "form": form,
        "issued": request.session.pop(ISSUED, None),
        "rows": [
            {
                "membership": row,
                "rights": rights(row.role),
                "gone": row.until is not None and row.until < today,
                "protected": row.user_id in protected,
                "houses": [scope.house for scope in row.houses.all()],
            }
            for row in rows
        ],
    }
    bad = request.method == "POST" and form.errors
    return render(request, "desk/settings/staff.html", context, status=422 if bad else 200)


def find(request: Request, pk: int) -> Membership:
    """A membership of this organisation's staff, or 404."""
    found = (
        Membership.objects.select_related("user")
        .filter(organisation=request.organisation, pk=pk, role__in=staffing.STAFF_ROLES)
        .first()
    )
    if found is None:
        raise Http404
    return found


@page("access.manage")
def person(request: Request, pk: int) -> HttpResponse:
    """One person: role, houses, access."""
    found = find(request, pk)
    initial = {
        "role": found.role,
        "all_houses": found.all_houses,
        "houses": list(found.houses.values_list("house_id", flat=True)),
    }
    form = ScopeForm(request.POST if request.method == "POST" else None, request=request, initial=initial)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            with transaction.atomic():
                changed = staffing.change(request.actor, found, role=told["role"], all_houses=told["all_houses"])
                _scope(changed, told)
        except staffing.StaffRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Сохранено"))
            return HttpResponseRedirect(reverse("desk:person-access", args=[pk]))
    context = {
        "sections": sections(request, "desk:staff"),
        "member": found,
        "form": form,
        "rights": rights(found.role),
        "gone": found.until is not None and found.until < clock.now().date(),
        "own": found.pk == request.membership.pk,
        "issued": request.session.pop(ISSUED, None),
    }
    bad = request.method == "POST" and form.errors
    return render(request, "desk/settings/staff_person.html", context, status=422 if bad else 200)


def _scope(membership: Membership, told: dict[str, Any]) -> None:
    """The houses of a narrowed sight, exactly these."""
    wanted = set() if told["all_houses"] else {house.pk for house in told["houses"]}
    HouseScope.objects.filter(membership=membership).exclude(house__in=wanted).delete()
    HouseScope.objects.bulk_create(
        [HouseScope(membership=membership, house_id=pk) for pk in sorted(wanted)], ignore_conflicts=True
    )


@require_POST
@page("access.manage")
def access(request: Request, pk: int) -> HttpResponse:
    """POST do=close|open|password: off-boarding, its undoing, a new password to hand over."""
    found = find(request, pk)
    deed = request.POST.get("do", "")
    try:
        if deed == "close":
            staffing.let_go(request.actor, found, request.POST.get("why", "").strip())
            messages.success(request, _("Доступ закрыт: открытые страницы больше не работают"))
        elif deed == "open":
            staffing.take_back(request.actor, found)
        elif deed == "password":
            password = staffing.renew_password(request.actor, found)
            request.session[ISSUED] = {"email": found.user.email, "password": password}
    except staffing.StaffRefused as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect(reverse("desk:person-access", args=[pk]))


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a person changes about themselves."""

    class Meta:
        model = User
        fields = ("name", "language", "theme", "hotkeys")


@page("houses.view")
def profile(request: Request) -> HttpResponse:
    """One's own name, language and look; the doors to the password and the second factor."""
    user = User.objects.get(pk=request.membership.user_id)
    form = ProfileForm(request.POST if request.method == "POST" else None, instance=user)
    form.fields["language"].choices = [  # type: ignore[attr-defined]
        (code, Language(code).label) for code in Language.values
    ]
    if request.method == "POST" and form.is_valid():
        form.save()
        trail.record(request.actor, "profile.changed", _("Изменён свой профиль"), subject=("user", user.pk))
        messages.success(request, _("Сохранено"))
        return HttpResponseRedirect(reverse("desk:profile"))
    context = {
        "form": form,
        "factors": list(Authenticator.objects.filter(user=user).values_list("type", flat=True)),
        "rights": rights(request.membership.role),
    }
    bad = request.method == "POST" and form.errors
    return render(request, "desk/settings/profile.html", context, status=422 if bad else 200)
