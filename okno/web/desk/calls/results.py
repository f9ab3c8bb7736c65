"""What calls brought: the funnel, results by scenario, arm, campaign and day, and what a result cost."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.access import trail
from okno.access.roles import may
from okno.common import clock, days, money
from okno.dialogs import results as counted
from okno.dialogs import scenario as scenarios
from okno.dialogs.models import Call, CallCampaign, MinutePrice
from okno.dialogs.results import By, Row
from okno.web.desk.calling import calls as campaign_calls
from okno.web.desk.calling import words as calling
from okno.web.desk.calls import funnel
from okno.web.desk.calls import words as spoken
from okno.web.desk.calls.scope import calls_of
from okno.web.desk.calls.sections import sections
from okno.web.gatekeeper import Request, page
from okno.web.parts import words

DAYS = 30
LONGEST = 366
TITLES = {
    By.SCENARIO: gettext_lazy("По сценариям"),
    By.ARM: gettext_lazy("По ветвям"),
    By.CAMPAIGN: gettext_lazy("По обзвонам"),
    By.DAY: gettext_lazy("По дням"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page was asked about."""

    since: date
    until: date
    scenario: str
    campaign: str
    by: By

    def query(self, **changes: str) -> str:
        told = {
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "scenario": self.scenario,
            "campaign": self.campaign,
            "by": self.by.value,
            **changes,
        }
        return "?" + "&".join(f"{key}={value}" for key, value in told.items() if value)


def _asked(request: Request) -> Asked:
    """The question as the address tells it; what cannot be read is the last thirty days."""
    today = clock.today(request.organisation.time_zone)
    until = _day(request.GET.get("until", "")) or today
    since = _day(request.GET.get("since", "")) or until - timedelta(days=DAYS - 1)
    since = max(min(since, until), until - timedelta(days=LONGEST))
    scenario = request.GET.get("scenario", "")
    campaign = request.GET.get("campaign", "")
    by = request.GET.get("by", "")
    return Asked(
        since=since,
        until=until,
        scenario=scenario if scenario in scenarios.names() else "",
        campaign=campaign if campaign.isdecimal() and len(campaign) < 12 else "",
        by=By(by) if by in set(By) else By.SCENARIO,
    )


def _day(text: str) -> date | None:
    try:
        return days.parse_day(text)
    except days.NotADay:
        return None


def _calls(request: Request, asked: Asked) -> QuerySet[Call]:
    zone = request.organisation.time_zone
    calls = counted.between(calls_of(request.membership), asked.since, asked.until, zone)
    if asked.scenario:
        calls = calls.filter(scenario=asked.scenario)
    return calls.filter(campaign=int(asked.campaign)) if asked.campaign else calls


@page("calls.results")
def results(request: Request) -> HttpResponse:
    asked = _asked(request)
    calls = _calls(request, asked)
    price = MinutePrice.objects.filter(organisation=request.organisation).first()
    zone = request.organisation.time_zone
    total = counted.total(calls, price)
    by_day = counted.table(calls, By.DAY, zone, price)
    rows = by_day if asked.by is By.DAY else counted.table(calls, asked.by, zone, price)
    context: dict[str, Any] = {
        "sections": sections(request, "desk:call_results"),
        "asked": asked,
        "total": total,
        "talk": spoken.length(total.talk_seconds),
        "funnel": funnel.drawn(_steps(total)),
        "days_picture": funnel.days(by_day, asked.since, asked.until),
        "readings": counted.readings(calls),
        "rows": [(row, _title(asked.by, row.key), _percents(row)) for row in rows],
        "names": _names(asked.by, rows),
        "compared": _compared(calls, zone, price),
        "price": price,
        "may_price": may(request.membership, "calls.price"),
        "scenarios": [(name, calling.scenario_title(name)) for name in scenarios.names()],
        "campaigns": campaign_calls.campaigns(),
        "tabs": [(title, asked.query(by=by.value), by is asked.by) for by, title in TITLES.items()],
        "percents": _percents(total),
        "paid_days": counted.PAID_WITHIN.days,
        "journal": reverse("desk:calls"),
    }
    if asked.by is By.CAMPAIGN:
        context["rows"] = [(row, context["names"].get(row.key, _("вне обзвонов")), _percents(row)) for row in rows]
    return render(request, "desk/calls/results.html", context)


def _steps(total: Row) -> list[funnel.Step]:
    return [
        funnel.Step(_("Набрано"), total.calls),
        funnel.Step(_("Ответили"), total.answered),
        funnel.Step(_("Говорил нужный человек"), total.right),
        funnel.Step(_("Услышал, о чём звонок"), total.told),
        funnel.Step(_("Пообещал заплатить"), total.promised),
        funnel.Step(_("Пообещал и заплатил"), total.paid),
    ]


def _percents(row: Row) -> dict[str, str]:
    shares = {
        "answered": row.answered_share,
        "good": row.good_share,
        "person": row.person_share,
        "kept": row.kept_share,
    }
    return {name: "—" if share is None else f"{round(share * 100)} %" for name, share in shares.items()}


def _title(by: By, key: Any) -> str:
    if by is By.SCENARIO:
        return calling.scenario_title(key)
    if by is By.ARM:
        name, _space, arm = str(key).rpartition(" ")
        return f"{calling.scenario_title(name)} · {arm}"
    return words.day_text(key) if by is By.DAY else str(key)


def _names(by: By, rows: list[Row]) -> dict[Any, str]:
    if by is not By.CAMPAIGN:
        return {}
    keys = [row.key for row in rows if row.key is not None]
    return dict(CallCampaign.objects.filter(pk__in=keys).values_list("pk", "campaign__name"))


def _compared(calls: QuerySet[Call], zone: str, price: MinutePrice | None) -> list[dict[str, Any]]:
    """Scenarios whose two arms both spoke in these days."""
    arms = {str(row.key): row for row in counted.table(counted.side_by_side(calls), By.ARM, zone, price)}
    told = []
    for name in scenarios.names():
        one, two = arms.get(f"{name} A"), arms.get(f"{name} B")
        compared = counted.compare(one, two) if one and two else None
        if compared is not None and one and two:
            told.append(
                {
                    "title": calling.scenario_title(name),
                    "better": compared.better,
                    "picture": funnel.ranges(compared),
                    "calls": (one.answered, two.answered),
                }
            )
    return told


class PriceForm(forms.Form):
    """Prices of a minute, as people write sums."""

    line = forms.CharField(label=gettext_lazy("Минута связи"), max_length=12)
    agent = forms.CharField(label=gettext_lazy("Минута сотрудника"), max_length=12)
    why = forms.CharField(label=gettext_lazy("Откуда цена"), max_length=200, required=False)

    def clean_line(self) -> int:
        return self._minor("line")

    def clean_agent(self) -> int:
        return self._minor("agent")

    def _minor(self, name: str) -> int:
        try:
            minor = money.parse_minor(self.cleaned_data[name])
        except money.NotAnAmount as error:
            raise forms.ValidationError(_("Напишите сумму, например 1,80")) from error
        if not 0 <= minor <= 1_000_000:
            raise forms.ValidationError(_("Такой цены минуты не бывает"))
        return minor


@page("calls.price")
def price(request: Request) -> HttpResponse:
    """What a minute costs: without it the cost of a result is not told."""
    known = MinutePrice.objects.filter(organisation=request.organisation).first()
    initial = {"line": f"{known.line_minor / 100:.2f}", "agent": f"{known.agent_minor / 100:.2f}"} if known else {}
    form = PriceForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        told = {"line_minor": form.cleaned_data["line"], "agent_minor": form.cleaned_data["agent"]}
        MinutePrice.objects.update_or_create(organisation=request.organisation, defaults=told)
        trail.record(
            request.actor,
            "calls.priced",
            _("Изменена цена минуты звонка"),
            reason=form.cleaned_data["why"],
            detail=told,
        )
        return HttpResponseRedirect(reverse("desk:call_results"))
    context = {"form": form, "sections": sections(request, "desk:call_results")}
    return render(request, "desk/calls/price.html", context, status=422 if form.is_bound else 200)
