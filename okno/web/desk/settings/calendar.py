"""The working calendar: the country's days off and what the organisation set apart, taken in as a table."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from okno.access import trail, working_days
from okno.access.models import CalendarDay
from okno.access.roles import may
from okno.common import clock
from okno.law.calendar import BadOverrides
from okno.web.desk.settings.pasted import PastedForm
from okno.web.desk.settings.sections import sections
from okno.web.gatekeeper import Request, page

AHEAD = timedelta(days=120)


class TableForm(PastedForm):
    """Days that are set apart."""

    largest = 200_000
    too_large = gettext_lazy("Файл слишком велик для таблицы дней: больше 200 КБ")

    file = forms.FileField(label=gettext_lazy("Файл CSV"), required=False)
    text = forms.CharField(
        label=gettext_lazy("Или вставьте строки"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "placeholder": "31.12.2026;выходной;Указ губернатора"}),
        help_text=gettext_lazy("день;вид;источник — вид бывает рабочий, выходной или короткий"),
    )


@page("settings.view")
def calendar(request: Request) -> HttpResponse:
    may_change = may(request.membership, "settings.rules")
    bound = request.method == "POST" and may_change
    form = TableForm(request.POST if bound else None, request.FILES if bound else None)
    if bound and form.is_valid():
        try:
            count = working_days.load(request.organisation, form.cleaned_data["text"])
        except BadOverrides as bad:
            for line, text in bad.complaints[:50]:
                form.add_error("text", _("строка %(line)s: %(text)s") % {"line": line, "text": text})
        else:
            told = ngettext("Загружен %(count)s день календаря", "Загружено дней календаря: %(count)s", count)
            trail.record(
                request.actor,
                "calendar.loaded",
                told % {"count": count},
                subject=("settings", request.organisation.pk),
            )
            messages.success(request, told % {"count": count})
            return HttpResponseRedirect(reverse("desk:calendar"))
    today = clock.today(request.organisation.time_zone)
    context = {
        "sections": sections(request, "desk:calendar"),
        "form": form,
        "may_change": may_change,
        "days": CalendarDay.objects.filter(organisation=request.organisation).order_by("-day")[:200],
        "ahead": _ahead(request, today),
    }
    return render(request, "desk/settings/calendar.html", context, status=422 if bound and form.errors else 200)


def _ahead(request: Request, today: date) -> list[dict[str, Any]]:
    """Days ahead that are not what the weekday says."""
    kept = working_days.calendar_of(request.organisation)
    found = []
    for offset in range(AHEAD.days):
        day = today + timedelta(days=offset)
        off = kept.day_off(day)
        if (off is None) == (day.weekday() >= 5) or off == "holiday":
            found.append({"day": day, "off": off is not None})
    return found
