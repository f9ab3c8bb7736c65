"""The contact policy: hours, frequency, freshness of payments, consents, each beside the law or its yardstick."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.access.roles import may
from okno.common import clock
from okno.outreach import policies
from okno.outreach.models import ContactPolicy
from okno.outreach.policy_changes import PolicyRefused, Yardstick, change, wider, yardsticks
from okno.people.models import Channel
from okno.web.desk.settings.sections import sections
from okno.web.gatekeeper import Request, page


def _clock() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """The policy's own fields and why they are changed."""

    reason = forms.CharField(label=gettext_lazy("Почему меняем"), max_length=200, required=False)
    needs_consent = forms.MultipleChoiceField(
        label=gettext_lazy("Только с согласия"),
        required=False,
        choices=Channel.choices,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = ContactPolicy
        exclude = ("organisation",)
        help_texts = {"feed_fresh_hours": ""}
        widgets = {
            "workday_since": _clock(),
            "workday_until": _clock(),
            "day_off_since": _clock(),
            "day_off_until": _clock(),
        }

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        for since, until in (("workday_since", "workday_until"), ("day_off_since", "day_off_until")):
            if told.get(since) and told.get(until) and told[since] >= told[until]:
                self.add_error(until, _("Конец часов раньше начала"))
        if (told.get("day_off_since") is None) != (told.get("day_off_until") is None):
            self.add_error("day_off_until", _("Укажите оба времени или ни одного: тогда в выходные никого не тревожим"))
        if told.get("feed_fresh_hours") == 0:
            self.add_error("feed_fresh_hours", _("Хотя бы час: иначе не уйдёт ничего"))
        return told

    def told(self) -> dict[str, Any]:
        """The values to keep. The form must be valid."""
        return {name: value for name, value in self.cleaned_data.items() if name != "reason"}


GROUPS = (
    (gettext_lazy("Часы по времени дома"), ("workday_since", "workday_until", "day_off_since", "day_off_until")),
    (gettext_lazy("Сообщения одному человеку"), ("messages_a_day", "messages_a_week", "messages_a_month")),
    (gettext_lazy("Звонки одному человеку"), ("calls_a_day", "calls_a_week", "calls_a_month")),
    (gettext_lazy("Данные об оплате"), ("feed_fresh_hours",)),
    (gettext_lazy("Согласия"), ("needs_consent",)),
)


@page("settings.view")
def policy(request: Request) -> HttpResponse:
    day = clock.today(request.organisation.time_zone)
    kept = ContactPolicy.objects.filter(organisation=request.organisation).first() or _by_default(request, day)
    limits = yardsticks(request.organisation.country, day)
    may_change = may(request.membership, "settings.rules")
    bound = request.method == "POST" and may_change
    form = PolicyForm(request.POST if bound else None, instance=kept)
    if bound and form.is_valid():
        try:
            change(request.actor, form.told(), day=day, reason=form.cleaned_data["reason"])
        except PolicyRefused as refused:
            for field, text in refused.faults:
                form.add_error(field if field in form.fields else None, text)
        else:
            messages.success(request, _("Порядок обращений сохранён"))
            return HttpResponseRedirect(reverse("desk:policy"))
    present = {name: getattr(kept, name) for name in limits}
    context = {
        "sections": sections(request, "desk:policy"),
        "form": form,
        "groups": [(title, [_row(form, name, limits.get(name)) for name in names]) for title, names in GROUPS],
        "beyond": {field for field, _limit in wider(present, limits)},
        "may_change": may_change,
    }
    return render(request, "desk/settings/policy.html", context, status=422 if bound and form.errors else 200)


def _row(form: PolicyForm, name: str, limit: Yardstick | None) -> dict[str, Any]:
    return {"field": form[name], "limit": limit, "allowed": _allowed(limit) if limit else ""}


def _allowed(limit: Yardstick) -> str:
    if isinstance(limit.allowed, bool):
        return _("звонок робота — только с согласия") if limit.allowed else _("согласие не требуется")
    if limit.allowed is None:
        return _("без ограничения") if "caps" in str(limit.value) else "—"
    return f"{limit.allowed:%H:%M}" if hasattr(limit.allowed, "hour") else str(limit.allowed)


def _by_default(request: Request, day: Any) -> ContactPolicy:
    """The country's yardstick as an unsaved policy: what holds while nobody has written one."""
    told = policies.by_default(request.organisation.country, day)
    since, until = told.day_off or (None, None)
    return ContactPolicy(
        organisation=request.organisation,
        workday_since=told.workday[0],
        workday_until=told.workday[1],
        day_off_since=since,
        day_off_until=until,
        messages_a_day=told.message[0],
        messages_a_week=told.message[1],
        messages_a_month=told.message[2],
        calls_a_day=told.call[0],
        calls_a_week=told.call[1],
        calls_a_month=told.call[2],
        feed_fresh_hours=told.feed_fresh_hours,
        needs_consent=sorted(told.needs_consent),
    )
